// How answers leave: streams, peers that go away, answers that cannot be sent.

import { deepEqual, equal, ok, test, throws, turns } from "./harness.js";
import { bodyOf, get, serving, watchedSource } from "./serving.js";
import { request } from "braid:testing";

const kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const kGetAndClose = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

test("a stream is cancelled when the peer goes", () => {
  const { promise, resolve } = Promise.withResolvers();
  return serving(
    () =>
      new Response(
        (async function* endless() {
          try {
            for (;;) {
              yield new Uint8Array(65_536);
              await turns(1);
            }
          } finally {
            resolve("ended");
          }
        })(),
      ),
    async (port) => {
      request(port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", { closeAtOnce: true });
      equal(await promise, "ended");
    },
  );
});

test("a stream that fails breaks the connection", () =>
  serving(
    () =>
      new Response(
        (async function* bad() {
          yield "some";
          throw new Error("source failed");
        })(),
      ),
    async (port) => {
      const text = await get(port);
      equal(text.endsWith("0\r\n\r\n"), false);
    },
  ));

test("the head goes out before a source that takes its time", () => {
  const { promise: goesOn, resolve: goOn } = Promise.withResolvers();
  return serving(
    () =>
      new Response(
        (async function* slow() {
          await goesOn;
          yield "late";
        })(),
      ),
    async (port) => {
      const answer = get(port);
      const head = await request(port, kGet, { headOnly: true });
      ok(head.startsWith("HTTP/1.1 200 OK\r\n"));
      equal(bodyOf(head), "");
      goOn();
      equal(bodyOf(await answer), "4\r\nlate\r\n0\r\n\r\n");
    },
  );
});

test("a source that ends late and gives nothing", () =>
  serving(
    () =>
      new Response(
        // eslint-disable-next-line require-yield
        (async function* empty() {
          await turns();
        })(),
      ),
    async (port) => equal(bodyOf(await get(port)), "0\r\n\r\n"),
  ));

test("HEAD reads nothing of a stream", () => {
  const source = watchedSource(() => "piece");
  return serving(
    () => new Response(source),
    async (port) => {
      const text = await request(port, kGetAndClose.replace("GET", "HEAD"));
      ok(/\r\ntransfer-encoding: chunked\r\n/i.test(text));
      equal(bodyOf(text), "");
      equal(await source.ended, "ended");
      equal(source.asked, 0);
    },
  );
});

test("the body of a response that comes too late is ended", () => {
  const source = watchedSource(() => "piece");
  return serving(
    async (req) => {
      await new Promise((resolve) => req.signal.addEventListener("abort", resolve));
      return new Response(source);
    },
    async (port) => {
      await request(port, kGet, { closeAtOnce: true });
      equal(await source.ended, "ended");
      equal(source.asked, 0);
    },
  );
});

test("a chunk that is none ends the source and breaks the connection", () => {
  const source = watchedSource((count) => (count === 0 ? "piece" : 5));
  return serving(
    () => new Response(source),
    async (port) => {
      equal((await get(port)).endsWith("0\r\n\r\n"), false);
      equal(await source.ended, "ended");
      equal(source.asked, 2);
    },
  );
});

// The standard allows such a value, HTTP does not.
const badHeaders = { "x-bad": "\x01", "x-good": "1" };

test("a header that HTTP does not allow gives a 500", () =>
  serving(
    (req) => new Response("x", req.url.endsWith("/bad") ? { headers: badHeaders } : undefined),
    async (port) => {
      const text = await request(port, kGet.replace("/", "/bad") + kGetAndClose);
      deepEqual(text.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 500", "HTTP/1.1 200"]);
      equal(/x-good/.test(text), false);
    },
  ));

test("a header that HTTP does not allow goes to onError", () => {
  const source = watchedSource(() => "piece");
  return serving(
    (req) => new Response(req.url.endsWith("/stream") ? source : "x", { headers: badHeaders }),
    async (port) => {
      for (const path of ["/", "/stream"]) {
        const text = await get(port, path);
        ok(text.startsWith("HTTP/1.1 418 "));
        equal(bodyOf(text), "TypeError");
      }
      equal(await source.ended, "ended");
    },
    { onError: (error) => new Response(error.name, { status: 418 }) },
  );
});

test("an answer of onError that cannot be sent gives a 500", () =>
  serving(
    () => Promise.reject(new Error("first")),
    async (port) => ok((await get(port)).startsWith("HTTP/1.1 500 ")),
    { onError: () => new Response("x", { headers: badHeaders }) },
  ));

test("a body that somebody else reads goes to onError", () => {
  const stream = new Response("x").body;
  return serving(
    () => {
      const response = new Response(stream);
      stream.getReader();
      return response;
    },
    async (port) => ok((await get(port)).startsWith("HTTP/1.1 418 ")),
    { onError: () => new Response("", { status: 418 }) },
  );
});

test("the peer's address after the answer", () => {
  const kept = [];
  return serving(
    (req, info) => {
      if (req.url.endsWith("/early")) void info.remoteAddr;
      kept.push(info);
      return new Response("x");
    },
    async (port) => {
      await get(port, "/early");
      await get(port, "/late");
      equal(kept[0].remoteAddr.hostname, "127.0.0.1");
      throws(() => kept[1].remoteAddr, { code: "ERR_HTTP_REQUEST_ENDED" });
    },
  );
});
