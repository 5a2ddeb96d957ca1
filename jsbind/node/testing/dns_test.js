// Names that need no server: what asks one is tested in io/resolver_test.cc.

import dns, * as names from "node:dns";
import promises from "node:dns/promises";
import { promisify } from "node:util";
import { deepEqual, equal, ok, rejects, test, throws } from "../../web/testing/harness.js";

const withCallback = (start) => new Promise((resolve) => start((...results) => resolve(results)));

test("lookup() gives numeric addresses back, in a later turn", async () => {
  let isLater = false;
  const found = withCallback((callback) =>
    dns.lookup("127.0.0.1", (...results) => {
      ok(isLater);
      callback(...results);
    }),
  );
  isLater = true;
  deepEqual(await found, [null, "127.0.0.1", 4]);
  deepEqual(await withCallback((callback) => dns.lookup("::1", 0, callback)), [null, "::1", 6]);
  deepEqual(await promises.lookup("::1"), { address: "::1", family: 6 });
  deepEqual(await promises.lookup("192.0.2.1", { all: true }), [{ address: "192.0.2.1", family: 4 }]);
  deepEqual(await promisify(dns.lookup)("192.0.2.1"), { address: "192.0.2.1", family: 4 });
});

test("localhost is found in the family that is asked for", async () => {
  deepEqual(await promises.lookup("localhost", 4), { address: "127.0.0.1", family: 4 });
  const all = await promises.lookup("x.localhost", { all: true, order: "ipv6first" });
  deepEqual(all, [
    { address: "::1", family: 6 },
    { address: "127.0.0.1", family: 4 },
  ]);
  dns.setDefaultResultOrder("ipv4first");
  equal(dns.getDefaultResultOrder(), "ipv4first");
  equal((await promises.lookup("x.localhost")).family, 4);
});

test("a name that does not exist is ENOTFOUND, as Node has it", async () => {
  const error = await promises.lookup("nosuch.onion").then(
    () => null,
    (reason) => reason,
  );
  const { message, code, errno, syscall, hostname } = error;
  deepEqual(
    { message, code, errno, syscall, hostname },
    {
      message: "getaddrinfo ENOTFOUND nosuch.onion",
      code: "ENOTFOUND",
      errno: -3008,
      syscall: "getaddrinfo",
      hostname: "nosuch.onion",
    },
  );
});

test("no name is no error", async () => {
  deepEqual(await withCallback((callback) => dns.lookup("", callback)), [null, null, 4]);
  deepEqual(await promises.lookup("", { all: true }), []);
});

test("wrong arguments are refused at once", () => {
  throws(() => dns.lookup("a"), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => dns.lookup(5, () => {}), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => dns.lookup("a", { family: 5 }, () => {}), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => dns.lookup("a", { order: "any" }, () => {}), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => dns.resolve("a", "NONE", () => {}), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => dns.setServers(["name"]), { code: "ERR_INVALID_IP_ADDRESS" });
});

test("servers are read back, and a resolver's questions end when it is cancelled", async () => {
  const resolver = new dns.promises.Resolver({ timeout: 100_000 });
  resolver.setServers(["192.0.2.1", "[2001:db8::1]:54", "2001:db8::2"]);
  deepEqual(resolver.getServers(), ["192.0.2.1", "[2001:db8::1]:54", "2001:db8::2"]);
  const answer = resolver.resolve4("example.test");
  resolver.cancel();
  await rejects(answer, { code: "ECANCELLED" });
});

test("the module has the codes and the functions by name", () => {
  equal(names.NOTFOUND, "ENOTFOUND");
  equal(names.lookup, dns.lookup);
  equal(dns.promises, promises);
  equal(typeof dns.resolveMx, "function");
});
