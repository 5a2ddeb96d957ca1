import { deepEqual, equal, ok, rejects, test, throws } from "./harness.js";

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const utf8 = (text) => new TextEncoder().encode(text);

test("crypto.getRandomValues fills arrays of integers", () => {
  const array = new Uint8Array(65_536);
  equal(crypto.getRandomValues(array), array);
  // Each value is missing with a probability of e^-256.
  equal(new Set(array).size, 256);
  const part = new Uint32Array(4);
  crypto.getRandomValues(part.subarray(1, 3));
  deepEqual([part[0], part[3]], [0, 0]);
  ok(crypto.getRandomValues(new BigInt64Array(2))[0] !== 0n);
  equal(crypto.getRandomValues(new Int8Array()).length, 0);
});

test("crypto.getRandomValues refuses other arrays", () => {
  throws(() => crypto.getRandomValues(new Float32Array(1)), { name: "TypeMismatchError" });
  throws(() => crypto.getRandomValues(new Float16Array(1)), { name: "TypeMismatchError" });
  throws(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1))), { name: "TypeMismatchError" });
  throws(() => crypto.getRandomValues(new Uint8Array(65_537)), { name: "QuotaExceededError" });
  throws(() => crypto.getRandomValues([1]), TypeError);
  throws(() => crypto.getRandomValues(), TypeError);
  throws(() => crypto.getRandomValues.call({}, new Uint8Array(1)), { code: "ERR_INVALID_THIS" });
  throws(() => new Crypto(), TypeError);
});

test("crypto.randomUUID", () => {
  const uuids = Array.from({ length: 1000 }, () => crypto.randomUUID());
  for (const uuid of uuids) ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid));
  equal(new Set(uuids).size, 1000);
  // The variant's free bits are random too.
  equal(new Set(uuids.map((uuid) => uuid[19])).size, 4);
});

test("crypto.subtle.digest", async () => {
  // From FIPS 180-4's examples.
  const digest = async (name, data) => hex(await crypto.subtle.digest(name, data));
  equal(await digest("SHA-1", utf8("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  equal(
    await digest("sha-256", utf8("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  equal((await digest({ name: "SHA-384" }, new ArrayBuffer(0))).length, 96);
  equal(
    await digest("SHA-512", new DataView(utf8("xabc").buffer, 1)),
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  );
  ok((await crypto.subtle.digest("SHA-1", utf8(""))) instanceof ArrayBuffer);
});

test("crypto.subtle.digest of much does not block, and takes the bytes at once", async () => {
  const data = new Uint8Array(4 << 20).fill(1);
  const hash = crypto.subtle.digest("SHA-256", data);
  data.fill(2); // Too late.
  let turned = false;
  setImmediate(() => (turned = true));
  equal(hex(await hash), hex(await crypto.subtle.digest("SHA-256", new Uint8Array(4 << 20).fill(1))));
  ok(turned);
  const all = await Promise.all(Array.from({ length: 16 }, () => crypto.subtle.digest("SHA-1", data)));
  equal(new Set(all.map(hex)).size, 1);
});

test("crypto.subtle.digest refuses", async () => {
  await rejects(crypto.subtle.digest("MD5", new Uint8Array()), { name: "NotSupportedError", message: /MD5/ });
  await rejects(crypto.subtle.digest("SHA-256", "text"), TypeError);
  await rejects(crypto.subtle.digest({}, new Uint8Array()), TypeError);
  await rejects(crypto.subtle.digest("SHA-256"), TypeError);
  await rejects(crypto.subtle.digest.call({}, "SHA-1", new Uint8Array()), { code: "ERR_INVALID_THIS" });
});

test("navigator", () => {
  ok(/^Braid\/\d+\.\d+\.\d+$/.test(navigator.userAgent));
  ok(Number.isInteger(navigator.hardwareConcurrency) && navigator.hardwareConcurrency >= 1);
  equal(navigator.platform, "linux");
  equal(navigator.language, navigator.languages[0]);
  equal(Object.prototype.toString.call(navigator), "[object Navigator]");
  equal(self, globalThis);
});
