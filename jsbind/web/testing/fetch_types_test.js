import { deepEqual, equal, ok, rejects, test, throws } from "./harness.js";

test("Headers", () => {
  const headers = new Headers([["A", "1"], ["a", " 2 "], ["Set-Cookie", "x"], ["set-cookie", "y"]]);
  equal(headers.get("a"), "1, 2");
  deepEqual(headers.getSetCookie(), ["x", "y"]);
  headers.append("b", "3");
  headers.set("A", "0");
  headers.delete("none");
  deepEqual([...headers], [["a", "0"], ["b", "3"], ["set-cookie", "x"], ["set-cookie", "y"]]);
  deepEqual([...headers.keys()], ["a", "b", "set-cookie", "set-cookie"]);
  equal(headers.has("B"), true);
  deepEqual([...new Headers({ x: "\r\n\t é  ü \n", y: " \t" })], [["x", "é  ü"], ["y", ""]]);
  equal(new Headers({ x: "é" }).get("x"), "é");
  equal(new Headers(headers).get("b"), "3");
});

test("Headers: what HTTP does not allow", () => {
  const headers = new Headers();
  throws(() => headers.set("a b", "1"), TypeError);
  throws(() => headers.set("", "1"), TypeError);
  throws(() => headers.append("a", "1\r\nb: 2"), TypeError);
  throws(() => headers.append("a", "漢"), TypeError);
  throws(() => new Headers([["a"]]), TypeError);
  throws(() => new Headers("a"), TypeError);
  throws(() => Response.error().headers.set("a", "b"), { message: "Headers are immutable" });
});

test("Response: defaults", () => {
  const response = new Response();
  deepEqual([response.status, response.ok, response.statusText, response.type], [200, true, "", "default"]);
  equal(response.body, null);
  equal(response.bodyUsed, false);
  deepEqual([...response.headers], []);
  equal(new Response("x").headers.get("content-type"), "text/plain;charset=UTF-8");
  equal(new Response("x", { headers: { "Content-Type": "a/b" } }).headers.get("content-type"), "a/b");
  equal(new Response(new URLSearchParams("a=1")).headers.get("content-type"),
    "application/x-www-form-urlencoded;charset=UTF-8");
});

test("Response: init", () => {
  throws(() => new Response("x", { status: 199 }), RangeError);
  throws(() => new Response("x", { status: 600 }), RangeError);
  throws(() => new Response("x", { status: 204 }), TypeError);
  throws(() => new Response("x", { statusText: "a\nb" }), TypeError);
  equal(new Response(null, { status: 304 }).status, 304);
  equal(new Response("x", { status: 404, statusText: "Nope" }).statusText, "Nope");
});

test("Response: static functions", async () => {
  const json = Response.json({ a: [1] }, { status: 201 });
  equal(json.headers.get("content-type"), "application/json");
  deepEqual(await json.json(), { a: [1] });
  throws(() => Response.json(undefined), TypeError);
  const redirect = Response.redirect("http://a/b", 301);
  deepEqual([redirect.status, redirect.headers.get("location")], [301, "http://a/b"]);
  throws(() => Response.redirect("http://a", 200), RangeError);
  throws(() => Response.redirect("no url"), TypeError);
  deepEqual([Response.error().type, Response.error().status], ["error", 0]);
});

test("bodies are read once, in any form", async () => {
  equal(await new Response("é").text(), "é");
  deepEqual([...(await new Response("é").bytes())], [0xc3, 0xa9]);
  equal((await new Response("abc").arrayBuffer()).byteLength, 3);
  deepEqual(await new Response('{"a":1}').json(), { a: 1 });
  equal(await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).text(), "a");
  equal(await new Response().text(), "");
  const response = new Response("x");
  await response.text();
  equal(response.bodyUsed, true);
  await rejects(response.text(), { message: "Body is unusable: Body has already been read" });
  await rejects(new Response("no json").json(), SyntaxError);
});

test("bodies as streams", async () => {
  const response = new Response("abc");
  const reader = response.body.getReader();
  equal(response.body.locked, true);
  const first = await reader.read();
  deepEqual([first.value.length, first.done], [3, false]);
  equal((await reader.read()).done, true);
  equal(response.bodyUsed, true);
  let text = "";
  async function* pieces() {
    yield "one,";
    yield new TextEncoder().encode("two");
  }
  for await (const chunk of new Response(pieces()).body) text += new TextDecoder().decode(chunk);
  equal(text, "one,two");
  equal(await new Response(pieces()).text(), "one,two");
  equal(await new Response(new Response(pieces()).body).text(), "one,two");
  await rejects(new Response((async function* bad() { yield 5; })()).text(), TypeError);
  const locked = new Response("x");
  locked.body.getReader();
  await rejects(locked.text(), TypeError);
});

test("a body that is given away is not shared", async () => {
  const bytes = new Uint8Array([1, 2]);
  const response = new Response(bytes);
  bytes[0] = 9;
  deepEqual([...(await response.bytes())], [1, 2]);
});

test("leaving a loop over a body cancels its source", async () => {
  let ended = false;
  async function* source() {
    try {
      for (;;) yield "x";
    } finally {
      ended = true;
    }
  }
  for await (const chunk of new Response(source()).body) {
    ok(chunk.length === 1);
    break;
  }
  equal(ended, true);
});

test("clone", async () => {
  const response = new Response("abc", { status: 201, headers: { a: "b" } });
  const copy = response.clone();
  equal((await response.text()) + (await copy.text()) + copy.status + copy.headers.get("a"), "abcabc201b");
  throws(() => response.clone(), TypeError);
  async function* pieces() {
    yield "1";
    yield "2";
  }
  const stream = new Response(pieces());
  const second = stream.clone();
  deepEqual(await Promise.all([stream.text(), second.text()]), ["12", "12"]);
});

test("Request", async () => {
  const request = new Request("http://h/x#y", { method: "post", body: "b", headers: { a: "1" } });
  deepEqual([request.method, request.url, request.headers.get("a")], ["POST", "http://h/x#y", "1"]);
  equal(request.headers.get("content-type"), "text/plain;charset=UTF-8");
  const copy = new Request(request, { headers: { c: "2" } });
  equal(request.bodyUsed, true);
  deepEqual([await copy.text(), copy.headers.get("a"), copy.headers.get("c")], ["b", null, "2"]);
  equal(new Request("http://h", { method: "patch" }).method, "patch");
  equal(new Request(new URL("http://h/a")).url, "http://h/a");
  deepEqual([request.mode, request.credentials, request.redirect, request.cache],
    ["cors", "same-origin", "follow", "default"]);
  const get = new Request("http://h");
  equal((await get.clone().text()) + get.clone().method, "GET");
});

test("Request: what is wrong", () => {
  throws(() => new Request("/relative"), { message: "Failed to parse URL from /relative" });
  throws(() => new Request("http://u:p@h/"), TypeError);
  throws(() => new Request("http://h", { body: "x" }), TypeError);
  throws(() => new Request("http://h", { method: "CONNECT" }), TypeError);
  throws(() => new Request("http://h", { method: "a b" }), TypeError);
  throws(() => new Request("http://h", { redirect: "maybe" }), TypeError);
  throws(() => new Request("http://h", { signal: 1 }), TypeError);
  throws(() => new Request("http://h", { method: "POST", body: (async function* g() {})() }), TypeError);
});

test("Request: its signal follows the given one", () => {
  const controller = new AbortController();
  const request = new Request("http://h", { signal: controller.signal });
  equal(request.signal.aborted, false);
  const copy = request.clone();
  controller.abort("r");
  equal(request.signal.reason, "r");
  equal(copy.signal.reason, "r");
  equal(new Request("http://h").signal.aborted, false);
});

test("interfaces look as Web IDL wants", () => {
  deepEqual(Object.keys(Headers.prototype).sort(),
    ["append", "delete", "entries", "forEach", "get", "getSetCookie", "has", "keys", "set", "values"]);
  equal(Object.prototype.toString.call(new Response()), "[object Response]");
  equal(Response.length, 0);
  equal(Request.length, 1);
  equal(Headers.prototype.append.length, 2);
  equal(Object.getOwnPropertyDescriptor(globalThis, "Response").enumerable, false);
  throws(() => Response.prototype.status, TypeError);
});

test("a chunk that is none ends its source", async () => {
  const told = [];
  const readable = new ReadableStream({
    start: (controller) => controller.enqueue(5),
    cancel: (reason) => void told.push(reason),
  });
  const error = await rejects(new Response(readable).text(), TypeError);
  deepEqual([told.length, told[0] === error], [1, true]);

  const iterable = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ value: {}, done: false }),
      return(reason) {
        told.push(reason);
        throw new Error("the source's own");
      },
    }),
  };
  equal(await rejects(new Response(iterable).bytes(), TypeError), told[1]);
});
