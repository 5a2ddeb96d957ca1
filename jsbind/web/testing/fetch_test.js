// fetch() against our own server.

import { deepEqual, equal, ok, rejects, test, turns } from "./harness.js";
import { serving } from "./serving.js";

const echo = async (request) =>
  Response.json({ method: request.method, headers: [...request.headers], body: await request.text() });

/** Serves by a handler, and gives the URL. */
const fetching = (handler, body) =>
  serving(handler, (port, server) => body(`http://127.0.0.1:${port}`, server), { maxBodyBytes: 8 << 20 });

test("a response and its parts", () =>
  fetching(
    () => new Response("héllo", { status: 201, headers: { "x-a": "1", "set-cookie": "a=b" } }),
    async (url) => {
      const response = await fetch(`${url}/a?b#c`);
      ok(response instanceof Response);
      deepEqual(
        [response.status, response.statusText, response.ok, response.type, response.redirected, response.url],
        [201, "Created", true, "basic", false, `${url}/a?b`],
      );
      equal(response.headers.get("x-a"), "1");
      deepEqual(response.headers.getSetCookie(), ["a=b"]);
      await rejects(async () => response.headers.set("x-a", "2"), TypeError);
      equal(response.bodyUsed, false);
      equal(await response.text(), "héllo");
      equal(response.bodyUsed, true);
      await rejects(response.text(), TypeError);
    },
  ));

test("fetch is a global like others", () => {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "fetch");
  deepEqual([descriptor.writable, descriptor.enumerable, descriptor.configurable], [true, true, true]);
  equal(fetch.name, "fetch");
  equal(fetch.length, 1);
});

test("each way to read a body", () =>
  fetching(
    (request) => {
      if (request.url.endsWith("/form")) {
        const form = new FormData();
        form.append("a", "b");
        return new Response(form);
      }
      return new Response('{"a":"ä"}', { headers: { "content-type": "application/json" } });
    },
    async (url) => {
      deepEqual(await (await fetch(url)).json(), { a: "ä" });
      equal((await (await fetch(url)).arrayBuffer()).byteLength, 10);
      equal((await (await fetch(url)).bytes()).length, 10);
      const blob = await (await fetch(url)).blob();
      deepEqual([blob.size, blob.type], [10, "application/json"]);
      equal((await (await fetch(`${url}/form`)).formData()).get("a"), "b");
      let read = 0;
      for await (const chunk of (await fetch(url)).body) read += chunk.length;
      equal(read, 10);
      const response = await fetch(url);
      deepEqual([await response.clone().text(), await response.text()], ['{"a":"ä"}', '{"a":"ä"}']);
    },
  ));

test("what is sent", () =>
  fetching(echo, async (url) => {
    const sent = async (init) => {
      const { method, headers, body } = await (await fetch(url, init)).json();
      return { method, headers: Object.fromEntries(headers), body };
    };
    const plain = await sent();
    equal(plain.method, "GET");
    deepEqual(Object.keys(plain.headers), ["accept", "accept-language", "host", "user-agent"]);
    equal(plain.headers.accept, "*/*");
    ok(plain.headers["user-agent"].startsWith("Braid/"));
    const own = await sent({ headers: { accept: "a/b", "user-agent": "me", "x-latin": "\xe4", host: "other" } });
    deepEqual(own.headers, { accept: "a/b", "accept-language": "*", host: "other", "user-agent": "me", "x-latin": "\xe4" });

    const text = await sent({ method: "post", body: "ä" });
    deepEqual([text.method, text.body, text.headers["content-length"]], ["POST", "ä", "2"]);
    equal(text.headers["content-type"], "text/plain;charset=UTF-8");
    const bytes = await sent({ method: "PUT", body: new Uint8Array([0x61, 0x62]) });
    deepEqual([bytes.body, bytes.headers["content-type"]], ["ab", undefined]);
    const params = await sent({ method: "POST", body: new URLSearchParams({ a: "b c" }) });
    deepEqual([params.body, params.headers["content-type"]], ["a=b+c", "application/x-www-form-urlencoded;charset=UTF-8"]);
    equal((await sent({ method: "POST" })).headers["content-length"], "0");
    equal((await sent({ method: "PROPFIND" })).method, "PROPFIND");
  }));

test("a request object is used once", () =>
  fetching(echo, async (url) => {
    const request = new Request(url, { method: "POST", body: "abc", headers: { "x-a": "1" } });
    const { body, headers } = await (await fetch(request, { headers: { "x-b": "2" } })).json();
    equal(body, "abc");
    equal(Object.fromEntries(headers)["x-b"], "2");
    equal(request.bodyUsed, true);
    await rejects(fetch(request), TypeError);
  }));

test("a body in pieces", () =>
  fetching(echo, async (url) => {
    async function* pieces() {
      yield "ab";
      await turns();
      yield new Uint8Array(0);
      yield new TextEncoder().encode("cd");
    }
    await rejects(fetch(url, { method: "POST", body: pieces() }), TypeError);
    const chunked = await (await fetch(url, { method: "POST", body: pieces(), duplex: "half" })).json();
    equal(chunked.body, "abcd");
    equal(Object.fromEntries(chunked.headers)["transfer-encoding"], "chunked");
    const known = { method: "POST", body: pieces(), duplex: "half", headers: { "content-length": "4" } };
    equal(Object.fromEntries((await (await fetch(url, known)).json()).headers)["content-length"], "4");
    const { cause } = await rejects(fetch(url, { ...known, body: pieces(), headers: { "content-length": "5" } }), {
      message: "fetch failed",
    });
    equal(cause.message, "the request's body is shorter than its source_length of 5");
  }));

test("a body that fails ends the request", () =>
  fetching(echo, async (url) => {
    for (const reason of [new Error("torn"), undefined]) {
      async function* torn() {
        yield "ab";
        throw reason;
      }
      const error = await rejects(fetch(url, { method: "POST", body: torn(), duplex: "half" }), TypeError);
      equal(error.message, "fetch failed");
      equal(error.cause, reason);
    }
    async function* wrong() {
      yield 5;
    }
    await rejects(fetch(url, { method: "POST", body: wrong(), duplex: "half" }), TypeError);
  }));

test("a large body both ways at once", () =>
  fetching(
    (request) => new Response(request.body),
    async (url) => {
      const piece = new Uint8Array(65536).fill(7);
      async function* pieces() {
        for (let i = 0; i < 64; i++) yield piece;
      }
      const response = await fetch(url, { method: "POST", body: pieces(), duplex: "half" });
      let size = 0;
      for await (const chunk of response.body) size += chunk.length;
      equal(size, 64 * 65536);
      const bytes = await (await fetch(url, { method: "POST", body: new Uint8Array(4 << 20).fill(7) })).bytes();
      equal(bytes.length, 4 << 20);
      ok(bytes.every((byte) => byte === 7));
    },
  ));

test("redirects", () =>
  fetching(
    async (request) => {
      const { pathname } = new URL(request.url);
      const status = Number(pathname.slice(1));
      if (status >= 300 && status <= 399) {
        return new Response(null, { status, headers: { location: "/end?x" } });
      }
      return echo(request);
    },
    async (url) => {
      for (const [status, method, kept] of [
        [301, "POST", false],
        [302, "POST", false],
        [303, "PUT", false],
        [307, "POST", true],
        [308, "PUT", true],
        [302, "PUT", true],
      ]) {
        const response = await fetch(`${url}/${status}#f`, { method, body: "abc" });
        deepEqual([response.redirected, response.url], [true, `${url}/end?x`]);
        const seen = await response.json();
        deepEqual([seen.method, seen.body], kept ? [method, "abc"] : ["GET", ""]);
        equal(Object.fromEntries(seen.headers)["content-type"] !== undefined, kept);
      }
      const manual = await fetch(`${url}/302`, { redirect: "manual" });
      deepEqual([manual.status, manual.headers.get("location"), manual.redirected], [302, "/end?x", false]);
      const { cause } = await rejects(fetch(`${url}/302`, { redirect: "error" }), { message: "fetch failed" });
      ok(cause.message.startsWith("unexpected redirect: 302"));
    },
  ));

test("responses without a body", () =>
  fetching(
    (request) => new Response(request.method === "HEAD" ? "abc" : null, { status: request.method === "HEAD" ? 200 : 204 }),
    async (url) => {
      for (const method of ["HEAD", "GET"]) {
        const response = await fetch(url, { method });
        equal(response.body, null);
        equal(await response.text(), "");
      }
    },
  ));

test("a fetched response is an answer", () =>
  fetching(
    () => new Response(new Blob(["x".repeat(200_000)]).stream(), { headers: { "x-a": "1" } }),
    (upstream) =>
      fetching(
        () => fetch(upstream),
        async (url) => {
          const response = await fetch(url);
          equal(response.headers.get("x-a"), "1");
          equal((await response.text()).length, 200_000);
        },
      ),
  ));

test("a served request is a request", () =>
  fetching(echo, (upstream) =>
    fetching(
      (request) => fetch(new Request(upstream, request)),
      async (url) => {
        const { method, body, headers } = await (await fetch(url, { method: "POST", body: "abc", headers: { "x-a": "1" } })).json();
        deepEqual([method, body, Object.fromEntries(headers)["x-a"]], ["POST", "abc", "1"]);
      },
    ),
  ));

test("data: URLs", async () => {
  const get = async (url) => {
    const response = await fetch(url);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  deepEqual(await get("data:,a%20b#c"), [200, "text/plain;charset=US-ASCII", "a b"]);
  deepEqual(await get("data:text/html;base64,YWI="), [200, "text/html", "ab"]);
  deepEqual(await get("data:;charset=x;base64,YW%49"), [200, "text/plain;charset=x", "ab"]);
  deepEqual(await get("data:no/type/,%"), [200, "text/plain;charset=US-ASCII", "%"]);
  deepEqual(await get("data:;charset =x;a= y ,%"), [200, 'text/plain;a=" y"', "%"]);
  deepEqual([...new Uint8Array(await (await fetch("data:,%FF%00")).arrayBuffer())], [255, 0]);
  equal((await fetch("data:,x")).url, "data:,x");
  for (const url of ["data:a", "data:;base64,a"]) await rejects(fetch(url), { message: "fetch failed" });
});

test("what is not fetched", async () => {
  const causeOf = async (...args) => (await rejects(fetch(...args), { name: "TypeError", message: "fetch failed" })).cause.message;
  equal(await causeOf("https://localhost/"), "TLS is not spoken yet: https://localhost/");
  equal(await causeOf("file:///etc/passwd"), "file: URLs are not fetched: use node:fs");
  equal(await causeOf("ftp://a/"), "unknown scheme: ftp:");
  equal(await causeOf("http://127.0.0.1:22/"), "bad port: 22");
  ok((await causeOf("http://127.0.0.1/", { integrity: "sha256-x" })).includes("integrity"));
  equal(await causeOf("http://127.0.0.1/", { headers: { connection: "upgrade" } }), "invalid connection header: upgrade");
  ok((await causeOf("http://127.0.0.1/", { headers: { expect: "100-continue" } })).includes("expect"));
  ok((await causeOf("http://127.0.0.1/", { headers: { "x-a": "b\x01" } })).includes("x-a"));
  equal(
    await causeOf("http://127.0.0.1/", { method: "POST", body: "abc", headers: { "content-length": "4" } }),
    "The body has 3 bytes, but its content-length header says 4",
  );
  for (const args of [["/relative"], ["http://u:p@h/"], []]) {
    ok((await rejects(fetch(...args), TypeError)).message !== "fetch failed");
  }
});

test("many at once", () =>
  fetching(
    async (request) => {
      if (request.url.endsWith("1")) await turns();
      return new Response(request.url);
    },
    async (url) => {
      const paths = Array.from({ length: 500 }, (_, i) => `${url}/${i}`);
      deepEqual(await Promise.all(paths.map(async (path) => (await fetch(path)).text())), paths);
    },
  ));
