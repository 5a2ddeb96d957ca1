import { serve, serveModule } from "braid:http";
import { deepEqual, equal, ok, rejects, test, throws, turns } from "./harness.js";
import { bodyOf, get, post, serving } from "./serving.js";
import { request } from "braid:testing";

test("a response at once", () =>
  serving(
    () => new Response("Hello, World!"),
    async (port) => {
      const text = await get(port);
      ok(text.startsWith("HTTP/1.1 200 OK\r\n"));
      ok(/\r\ncontent-type: text\/plain;charset=UTF-8\r\n/i.test(text));
      ok(/\r\ncontent-length: 13\r\n/i.test(text));
      equal(bodyOf(text), "Hello, World!");
    },
  ));

test("a response later", () =>
  serving(
    async () => {
      await turns();
      return Response.json({ a: 1 }, { status: 201, headers: { "X-A": "b" } });
    },
    async (port) => {
      const text = await get(port);
      ok(text.startsWith("HTTP/1.1 201 Created\r\n"));
      ok(/\r\nx-a: b\r\n/.test(text));
      ok(/\r\ncontent-type: application\/json\r\n/.test(text));
      equal(bodyOf(text), '{"a":1}');
    },
  ));

test("the request's parts", () =>
  serving(
    (req, info) =>
      Response.json([
        req.method,
        req.url,
        req.headers.get("x-test"),
        req.headers.get("none"),
        req.headers.has("HOST"),
        [...req.headers],
        info.remoteAddr.hostname,
        req instanceof Request,
      ]),
    async (port) => {
      const text = await get(port, "/a%20b?c=d", "X-Test: 1\r\nx-test: 2\r\n");
      deepEqual(JSON.parse(bodyOf(text)), [
        "GET",
        "http://h:1/a%20b?c=d",
        "1, 2",
        null,
        true,
        [
          ["connection", "close"],
          ["host", "h:1"],
          ["x-test", "1, 2"],
        ],
        "127.0.0.1",
        true,
      ]);
    },
  ));

test("a request outlives its answer", async () => {
  let kept;
  await serving(
    (req) => {
      kept = req;
      return new Response("x");
    },
    async (port) => {
      await get(port, "/later", "X-Test: 1\r\n");
      equal(kept.method, "GET");
      equal(kept.url, "http://h:1/later");
      equal(kept.headers.get("x-test"), "1");
      equal(kept.signal.aborted, false);
    },
  );
});

test("the request's URL is a serialised one, also after the answer", () => {
  let kept;
  return serving(
    (req) => {
      kept = req;
      return new Response(req.url.endsWith("read=late") ? "" : req.url);
    },
    async (port) => {
      const urlOf = async (target, host) => {
        const ask = (query) =>
          request(
            port,
            `GET ${target}${query} HTTP/1.${host === null ? 0 : 1}\r\n` +
              `${host === null ? "" : `Host: ${host}\r\n`}Connection: close\r\n\r\n`,
          );
        const url = bodyOf(await ask("?read=1"));
        await ask("?read=late");
        equal(kept.url, url.replace("read=1", "read=late"));
        equal(new URL(url).href, url);
        return url.replace("?read=1", "");
      };
      for (const path of ["/", "//a", "/a%20b/c.d/~e", "/.well/%41", "/a/.b"]) {
        equal(await urlOf(path, "h:8080"), `http://h:8080${path}`);
      }
      equal(await urlOf("/a/../b", "h"), "http://h/b");
      equal(await urlOf("/a/%2e%2E/b/.", "h"), "http://h/b/");
      equal(await urlOf("/a\"b<c>|\\d", "h"), "http://h/a%22b%3Cc%3E|/d");
      equal(await urlOf("/?a='b'", "h"), "http://h/?a=%27b%27");
      equal(await urlOf("/", "H:80"), "http://h/");
      equal(await urlOf("/", "127.1"), "http://127.0.0.1/");
      equal(await urlOf("HTTP://Other:80", "h"), "http://other/");
      // Names that are none.
      equal(await urlOf("/a", "h:99999"), `http://localhost:${port}/a`);
      equal(await urlOf("http://h:99999/a", "h"), `http://localhost:${port}/a`);
      equal(await urlOf("/a", null), `http://localhost:${port}/a`);
    },
  );
});

test("request bodies", () =>
  serving(
    async (req) => {
      const kind = req.headers.get("kind");
      if (kind === "json") return Response.json((await req.json()).map((x) => 2 * x));
      if (kind === "bytes") return new Response(await req.bytes());
      if (kind === "stream") {
        let total = 0;
        for await (const chunk of req.body) total += chunk.length;
        return new Response(`${total} ${req.bodyUsed}`);
      }
      return new Response((await req.text()).toUpperCase());
    },
    async (port) => {
      equal(bodyOf(await post(port, "héllo")), "HÉLLO");
      equal(bodyOf(await post(port, "[1,2]", "Kind: json\r\n")), "[2,4]");
      equal(bodyOf(await post(port, "bytes", "Kind: bytes\r\n")), "bytes");
      equal(bodyOf(await post(port, "x".repeat(300_000), "Kind: stream\r\n")), "300000 true");
      const chunked =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
      equal(bodyOf(await request(port, chunked)), "ABCDE");
    },
  ));

test("a body that is too long", () =>
  serving(
    async (req) => new Response(await req.text()),
    async (port) => {
      const chunked =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
        `a\r\n0123456789\r\n0\r\n\r\n`;
      ok((await request(port, chunked)).startsWith("HTTP/1.1 413 "));
      ok((await post(port, "0123456789")).startsWith("HTTP/1.1 413 "));
      ok((await post(port, "01234")).startsWith("HTTP/1.1 200 "));
    },
    { maxBodyBytes: 8 },
  ));

test("response bodies", () =>
  serving(
    (req) => {
      switch (new URL(req.url).pathname) {
        case "/bytes":
          return new Response(new Uint8Array([65, 66, 67]));
        case "/none":
          return new Response(null, { status: 204 });
        case "/large":
          return new Response("é".repeat(100_000));
        case "/stream":
          return new Response(
            (async function* pieces() {
              yield "one ";
              await turns();
              yield "two";
            })(),
          );
        default:
          return new Response(new URLSearchParams({ a: "b c" }));
      }
    },
    async (port) => {
      equal(bodyOf(await get(port, "/bytes")), "ABC");
      const none = await get(port, "/none");
      ok(none.startsWith("HTTP/1.1 204 No Content\r\n"));
      equal(bodyOf(none), "");
      equal(bodyOf(await get(port, "/large")), "é".repeat(100_000));
      const stream = await get(port, "/stream");
      ok(/\r\ntransfer-encoding: chunked\r\n/i.test(stream));
      equal(bodyOf(stream), "4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n");
      ok(/content-type: application\/x-www-form-urlencoded/.test(await get(port)));
    },
  ));

test("keep-alive and pipelining", () => {
  let count = 0;
  return serving(
    async () => new Response(`${++count}`),
    async (port) => {
      const one = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
      const last = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
      const text = await request(port, one + one + last);
      deepEqual(text.match(/\r\n\r\n\d/g), ["\r\n\r\n1", "\r\n\r\n2", "\r\n\r\n3"]);
    },
  );
});

test("HEAD has no body", () =>
  serving(
    () => new Response("body"),
    async (port) => {
      const text = await request(port, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      ok(/content-length: 4/i.test(text));
      equal(bodyOf(text), "");
    },
  ));

test("a handler that fails", () =>
  serving(
    (req) => {
      if (req.url.endsWith("/sync")) throw new Error("boom");
      return Promise.reject(new Error("later"));
    },
    async (port) => {
      ok((await get(port, "/sync")).startsWith("HTTP/1.1 418 "));
      equal(bodyOf(await get(port)), "later");
    },
    { onError: (error) => new Response(error.message, { status: 418 }) },
  ));

test("a handler that gives no response", () =>
  serving(
    () => "text",
    async (port) => {
      equal(
        bodyOf(await get(port)),
        'The handler must return a Response, but returned \'text\'',
      );
    },
    { onError: (error) => new Response(error.message, { status: 500 }) },
  ));

test("a response is sent once", () => {
  const response = new Response("x");
  return serving(
    () => response,
    async (port) => {
      equal(bodyOf(await get(port)), "x");
      equal(bodyOf(await get(port)), "Body is unusable: Body has already been read");
    },
    { onError: (error) => new Response(error.message, { status: 500 }) },
  );
});

test("the request's signal aborts when the peer goes", () => {
  const { promise, resolve } = Promise.withResolvers();
  return serving(
    (req) => {
      req.signal.addEventListener("abort", () => resolve([req.signal.reason.name, req.url]));
      return new Promise(() => {});
    },
    async (port) => {
      request(port, "GET /gone HTTP/1.1\r\nHost: h\r\n\r\n", { closeAtOnce: true });
      deepEqual(await promise, ["AbortError", "http://h/gone"]);
    },
  );
});

test("shutdown lets requests finish", async () => {
  const { promise: started, resolve: start } = Promise.withResolvers();
  const server = serve({ port: 0, hostname: "127.0.0.1" }, async () => {
    start();
    await turns();
    return new Response("done");
  });
  const answer = get(server.port);
  await started;
  await server.shutdown();
  equal(bodyOf(await answer), "done");
  await server.finished;
});

test("an aborted signal shuts the server down", async () => {
  const controller = new AbortController();
  const server = serve({ port: 0, hostname: "127.0.0.1", signal: controller.signal }, () => new Response());
  controller.abort();
  await server.finished;
  throws(() => serve({ port: 0, signal: AbortSignal.abort() }, () => {}), { name: "AbortError" });
});

test("unref lets the process end", () => {
  serve({ port: 0, hostname: "127.0.0.1" }, () => new Response()).unref();
});

test("onListen and url", () => {
  let address;
  const server = serve({ port: 0, hostname: "127.0.0.1", onListen: (a) => (address = a) }, () => new Response());
  equal(address.port, server.port);
  equal(server.url, `http://127.0.0.1:${server.port}/`);
  return server.shutdown();
});

test("wrong arguments", () => {
  throws(() => serve({ port: 0 }), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => serve({ port: 70_000 }, () => {}), { code: "ERR_OUT_OF_RANGE" });
  throws(() => serve({ hostname: "nowhere.example" }, () => {}), TypeError);
  throws(() => serve({ port: 0, signal: 1 }, () => {}), { code: "ERR_INVALID_ARG_TYPE" });
});

test("a port in use", async () => {
  const server = serve({ port: 0, hostname: "127.0.0.1" }, () => new Response());
  throws(() => serve({ port: server.port, hostname: "127.0.0.1" }, () => new Response()), {
    code: "EADDRINUSE",
    syscall: "bind",
  });
  await server.shutdown();
});

test("export default { fetch }", async () => {
  const program = {
    default: {
      greeting: "hi",
      fetch() {
        return new Response(this.greeting);
      },
    },
  };
  const server = serveModule(program, { port: 0, hostname: "127.0.0.1" });
  equal(bodyOf(await get(server.port)), "hi");
  await server.shutdown();
  throws(() => serveModule({}), TypeError);
  await rejects(async () => serveModule({ default: {} }), /* needs fetch() */ TypeError);
});
