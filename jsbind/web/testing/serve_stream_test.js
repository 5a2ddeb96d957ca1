// Bodies that are streams, between a server and peers that send or take them
// slowly, or go away.

import { deepEqual, equal, ok, rejects, test, turns } from "./harness.js";
import { bodyOf, get, post, serving } from "./serving.js";
import { connect } from "braid:testing";

const kGet = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const head = (length) => `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;

async function readAll(peer) {
  let text = "";
  for (let piece = await peer.read(); piece !== ""; piece = await peer.read()) text += piece;
  return text;
}

/** Waits until `count()` stays the same. */
async function settled(count) {
  for (let before = -1; before !== count(); ) {
    before = count();
    await turns(20);
  }
  return count();
}

test("a peer that does not read holds the source of a response back", () => {
  const kChunk = 1 << 20;
  const kTooMany = 200;
  let asked = 0;
  let isLast = false;
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(kChunk).fill(0x23));
      if (++asked === kTooMany || isLast) controller.close();
    },
  });
  return serving(
    () => new Response(stream),
    async (port) => {
      const peer = await connect(port);
      await peer.write(kGet);
      await settled(() => asked);
      ok(asked > 0 && asked < kTooMany);
      isLast = true;
      const text = await readAll(peer);
      ok(text.endsWith("\r\n0\r\n\r\n"));
      equal(text.match(/#+/g).reduce((sum, run) => sum + run.length, 0), asked * kChunk);
    },
  );
});

test("a peer is held back while nobody reads its body", () => {
  const kSize = 24 << 20;
  let written = false;
  return serving(
    async (req) => {
      const { body } = req;
      await turns(50);
      const wasWritten = written;
      let total = 0;
      for await (const chunk of body) total += chunk.length;
      return new Response(`${wasWritten} ${total}`);
    },
    async (port) => {
      const peer = await connect(port);
      await peer.write(head(kSize));
      const writing = peer.write("x".repeat(kSize)).then(() => (written = true));
      equal(bodyOf(await readAll(peer)), `false ${kSize}`);
      await writing;
    },
    { maxBodyBytes: kSize },
  );
});

test("chunks of a request come as the peer sends them", async () => {
  const chunks = [];
  let told = Promise.withResolvers();
  await serving(
    async (req) => {
      for await (const chunk of req.body.pipeThrough(new TextDecoderStream())) {
        chunks.push(chunk);
        told.resolve();
      }
      return new Response(chunks.join("-"));
    },
    async (port) => {
      const peer = await connect(port);
      await peer.write(head(9));
      for (const piece of ["one", "two", "six"]) {
        told = Promise.withResolvers();
        await peer.write(piece);
        await told.promise;
      }
      equal(bodyOf(await readAll(peer)), "one-two-six");
    },
  );
});

test("a peer that goes while it sends makes its body fail", () => {
  const { promise: failed, resolve: fail } = Promise.withResolvers();
  return serving(
    async (req) => {
      const reader = req.body.getReader();
      const first = await reader.read();
      const reading = reader.read();
      const error = await rejects(reading, Error);
      fail([first.value.length, (await rejects(reader.closed, Error)) === error, req.signal.aborted]);
      equal(await rejects(reader.cancel(), Error), error);
      return new Response("nobody gets it");
    },
    async (port) => {
      const peer = await connect(port);
      await peer.write(`${head(100)}abc`);
      await turns();
      await peer.close();
      const [length, isSame] = await failed;
      deepEqual([length, isSame], [3, true]);
    },
  );
});

test("a peer that goes cancels the stream of its response", () => {
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers();
  return serving(
    () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
          cancel,
        }),
      ),
    async (port) => {
      const peer = await connect(port);
      await peer.write(kGet);
      let text = "";
      while (!text.includes("first")) text += await peer.read();
      await peer.close();
      equal((await cancelled).name, "AbortError");
    },
  );
});

test("a body that is left alone, in any state of its stream", () =>
  serving(
    async (req) => {
      const { pathname } = new URL(req.url);
      if (pathname === "/cancelled") await req.body.cancel();
      if (pathname === "/locked") req.body.getReader();
      if (pathname === "/waiting") {
        const reader = req.body.getReader();
        await reader.read();
        reader.read().catch(() => {});
      }
      if (pathname === "/waiting-cancelled") {
        const reader = req.body.getReader();
        await reader.read();
        const late = reader.read();
        await reader.cancel("enough");
        return new Response(`${(await late).done}`);
      }
      return new Response(pathname);
    },
    async (port) => {
      for (const path of ["/cancelled", "/locked", "/waiting", "/waiting-cancelled"]) {
        const peer = await connect(port);
        await peer.write(head(100).replace("/", path));
        await peer.write("some");
        const text = await readAll(peer);
        ok(text.startsWith("HTTP/1.1 200 "));
        equal(bodyOf(text), path === "/waiting-cancelled" ? "true" : path);
      }
    },
  ));

test("a request's body is the response's", () =>
  serving(
    (req) => {
      switch (new URL(req.url).searchParams.get("by")) {
        case "request":
          return new Response(new Request(req).body);
        case "clone":
          return new Response(req.clone().body);
        case "transform":
          return new Response(req.body.pipeThrough(new TransformStream()));
        default:
          return new Response(req.body);
      }
    },
    async (port) => {
      for (const by of ["itself", "request", "clone", "transform"]) {
        const peer = await connect(port);
        await peer.write(head(200_000).replace("/", `/?by=${by}`));
        await peer.write("x".repeat(200_000));
        const text = await readAll(peer);
        ok(text.endsWith("\r\n0\r\n\r\n"));
        equal(text.slice(text.indexOf("\r\n\r\n")).match(/x+/g).join("").length, 200_000);
      }
    },
  ));

test("a body that is passed on ends with its peer", () => {
  const { promise: aborted, resolve: abort } = Promise.withResolvers();
  return serving(
    (req) => {
      req.signal.addEventListener("abort", abort);
      return new Response(req.body);
    },
    async (port) => {
      const peer = await connect(port);
      await peer.write(head(1 << 20));
      let text = "";
      for (const piece of ["one", "two"]) {
        await peer.write(piece);
        while (!text.endsWith(`3\r\n${piece}\r\n`)) text += await peer.read();
      }
      await peer.close();
      await aborted;
      ok((await post(port, "still there")).startsWith("HTTP/1.1 200 "));
    },
  );
});

test("a body that answers another request, whose own peer goes", () => {
  const { promise: first, resolve: setFirst } = Promise.withResolvers();
  const { promise: done, resolve: finish } = Promise.withResolvers();
  return serving(
    async (req) => {
      if (req.method === "GET") return new Response((await first).body);
      setFirst(req);
      await done;
      return new Response("late");
    },
    async (port) => {
      const sender = await connect(port);
      await sender.write(head(1 << 20));
      const receiver = await connect(port);
      await receiver.write(kGet);
      let text = "";
      for (const piece of ["one", "two"]) {
        await sender.write(piece);
        while (!text.endsWith(`3\r\n${piece}\r\n`)) text += await receiver.read();
      }
      await sender.close();
      text += await readAll(receiver);
      ok(text.endsWith("two\r\n"));
      finish();
    },
  );
});

test("what is wrong with a body that is passed on breaks the connection", () =>
  serving(
    (req) => new Response(req.body),
    async (port) => {
      const peer = await connect(port);
      await peer.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
      let text = "";
      for (const piece of ["one", "two"]) {
        await peer.write(`3\r\n${piece}\r\n`);
        while (!text.endsWith(`3\r\n${piece}\r\n`)) text += await peer.read();
      }
      await peer.write("no chunk\r\n");
      for (let more = await peer.read(); more !== ""; more = await peer.read()) text += more;
      ok(text.startsWith("HTTP/1.1 200 "));
      ok(text.endsWith("two\r\n"));
    },
  ));

test("a stream of text is no body", () => {
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers();
  return serving(
    () => new Response(new ReadableStream({ start: (controller) => controller.enqueue("text"), cancel })),
    async (port) => {
      equal((await get(port)).endsWith("0\r\n\r\n"), false);
      ok((await cancelled) instanceof TypeError);
    },
  );
});

test("a stream that fails after its first chunk breaks the connection", () =>
  serving(
    () => {
      let asked = 0;
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (asked++ === 1) throw new Error("source failed");
            controller.enqueue(new TextEncoder().encode("some"));
          },
        }),
      );
    },
    async (port) => {
      const text = await post(port, "x");
      ok(text.startsWith("HTTP/1.1 200 "));
      equal(text.endsWith("0\r\n\r\n"), false);
    },
  ));
