// Bodies as streams, and streams as bodies.

import { inspect } from "braid:inspect";
import { deepEqual, equal, ok, rejects, test, throws, turns } from "./harness.js";

const bytes = (...values) => Uint8Array.of(...values);
const textOf = (stream) => new Response(stream).text();

/** A stream of text, and what was done to it. */
function watched(pieces, type = undefined) {
  const seen = { pulls: 0, reason: "not cancelled" };
  seen.stream = new ReadableStream(
    {
      type,
      pull(controller) {
        if (seen.pulls === pieces.length) controller.close();
        else controller.enqueue(new TextEncoder().encode(pieces[seen.pulls++]));
      },
      cancel: (reason) => void (seen.reason = reason),
    },
    { highWaterMark: 0 },
  );
  return seen;
}

test("a response's stream is the one that it was given", async () => {
  const { stream } = watched(["a", "b"]);
  const response = new Response(stream);
  equal(response.body, stream);
  deepEqual([response.bodyUsed, stream.locked], [false, false]);
  equal(await response.text(), "ab");
  deepEqual([response.bodyUsed, stream.locked], [true, true]);
  throws(() => new Response(stream), TypeError);
  equal(response.headers.get("content-type"), null);
});

test("what a body was read for is locked and used, whatever it was made of", async () => {
  for (const init of ["abc", bytes(1), new Blob(["x"]), watched(["a"]).stream, (async function* none() {})()]) {
    const response = new Response(init);
    const reading = response.text();
    deepEqual([response.bodyUsed, response.body.locked], [true, true]);
    await reading;
    throws(() => response.body.getReader(), TypeError);
    await rejects(response.body.cancel(), TypeError);
    throws(() => response.clone(), TypeError);
  }
});

test("a body is used once something was read of its stream, or it was cancelled", async () => {
  const read = new Response("abc");
  const reader = read.body.getReader();
  equal(read.bodyUsed, false);
  await rejects(read.text(), TypeError);
  await reader.read();
  reader.releaseLock();
  equal(read.bodyUsed, true);
  await rejects(read.text(), TypeError);
  const cancelled = new Response("abc");
  await cancelled.body.cancel();
  equal(cancelled.bodyUsed, true);
  equal((await cancelled.body.getReader().read()).done, true);
});

test("bodies are byte streams", async () => {
  for (const init of ["abcde", bytes(97, 98, 99, 100, 101), new Blob(["abcde"])]) {
    const { body } = new Response(init);
    const reader = body.getReader({ mode: "byob" });
    const first = await reader.read(new Uint8Array(2));
    deepEqual([...first.value], [97, 98]);
    const rest = await reader.read(new Uint8Array(8), { min: 3 });
    deepEqual([...rest.value], [99, 100, 101]);
    const end = await reader.read(new Uint8Array(8));
    deepEqual([end.done, end.value.length, end.value.buffer.byteLength], [true, 0, 8]);
  }
  equal(inspect(new Response("x").body), "ReadableStream { locked: false, state: 'readable', supportsBYOB: true }");
});

test("readers of either kind in turn", async () => {
  async function* pieces() {
    yield "abc";
    await turns(1);
    yield "defg";
    yield "hi";
  }
  const { body } = new Response(pieces());
  const first = body.getReader();
  equal((await first.read()).value.length, 3);
  const late = first.read();
  first.releaseLock();
  await rejects(late, TypeError);
  // What the source was asked for comes to the next reader.
  const second = body.getReader({ mode: "byob" });
  equal((await second.read(new Uint8Array(3))).value.length, 3);
  second.releaseLock();
  equal(await textOf(new ReadableStream({
    async pull(controller) {
      for await (const chunk of body) controller.enqueue(chunk);
      controller.close();
    },
  })), "ghi");
});

test("a program keeps the buffers that it gave to a body", async () => {
  const mine = bytes(97, 98, 99);
  async function* pieces() {
    yield mine;
    yield mine;
  }
  const reader = new Response(pieces()).body.getReader({ mode: "byob" });
  await reader.read(new Uint8Array(8), { min: 6 });
  equal(mine.length, 3);
  const response = new Response(pieces());
  const copy = response.clone();
  equal((await response.text()) + (await copy.text()), "abcabcabcabc");
  equal(mine.length, 3);
  for await (const chunk of new Response(pieces()).body) chunk.fill(0);
  (await new Response((async function* one() { yield mine; })()).bytes()).fill(0);
  deepEqual([...mine], [97, 98, 99]);
});

test("a source that reads on while it is asked", async () => {
  let reader;
  let nested = null;
  let asked = 0;
  const body = new Response({
    [Symbol.asyncIterator]: () => ({
      next() {
        nested ??= reader.read();
        return Promise.resolve({ value: `${++asked}`, done: asked > 2 });
      },
    }),
  }).body;
  reader = body.getReader();
  const { value } = await reader.read();
  deepEqual([value[0], (await nested).value[0]], [0x31, 0x32]);
  equal((await reader.read()).done, true);
});

test("clones give all to both, and cancel once both are cancelled", async () => {
  for (const type of [undefined, "bytes"]) {
    const { stream } = watched(["a", "b", "c"], type);
    const response = new Response(stream);
    const copy = response.clone();
    equal(stream.locked, true);
    ok(response.body !== stream && copy.body !== stream);
    deepEqual([await copy.text(), await response.text()], ["abc", "abc"]);
  }
  const endless = watched(["a", "b"]);
  const first = new Response(endless.stream);
  const second = first.clone();
  const cancelling = first.body.cancel("one");
  await turns();
  equal(endless.reason, "not cancelled");
  await second.body.cancel("two");
  await cancelling;
  deepEqual(endless.reason, ["one", "two"]);
});

test("chunks of clones are not shared", async () => {
  const { stream } = watched(["abc"]);
  const response = new Response(stream);
  const copy = response.clone();
  for await (const chunk of response.body) chunk.fill(0);
  equal(await copy.text(), "abc");
});

test("a request takes over the body of another one", async () => {
  for (const body of ["abc", watched(["ab", "c"]).stream]) {
    const first = new Request("http://h/", { method: "POST", body, duplex: "half" });
    const given = first.body;
    const second = new Request(first);
    deepEqual([first.bodyUsed, given.locked, second.bodyUsed], [true, true, false]);
    ok(second.body !== given);
    equal(await second.text(), "abc");
    await rejects(first.text(), TypeError);
  }
});

test("what a request with a stream must say", () => {
  const make = (init) => new Request("http://h/", { method: "POST", body: new ReadableStream(), ...init });
  throws(() => make({}), { message: /duplex/ });
  throws(() => make({ duplex: "full" }), TypeError);
  throws(() => make({ duplex: "half", keepalive: true }), { message: /keepalive/ });
  const first = make({ duplex: "half" });
  first.body.getReader();
  throws(() => new Request(first), TypeError);
  equal(new Request(first, { body: "another" }).bodyUsed, false);
});

test("an error of a source is the error of every form of its body", async () => {
  const error = new Error("mine");
  const failing = () => new ReadableStream({ pull: () => Promise.reject(error) });
  equal(await rejects(new Response(failing()).text(), Error), error);
  equal(await rejects(new Response(failing()).clone().bytes(), Error), error);
  const request = new Request("http://h/", { method: "POST", body: failing(), duplex: "half" });
  equal(await rejects(new Request(request).body.getReader().read(), Error), error);
});

test("a signal ends a pipe from a body, and its source", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers();
  async function* endless() {
    try {
      for (;;) {
        yield "x";
        await turns(1);
      }
    } finally {
      end("ended");
    }
  }
  const controller = new AbortController();
  const { body } = new Response(endless());
  const piping = body.pipeTo(new WritableStream(), { signal: controller.signal });
  await turns();
  controller.abort();
  await rejects(piping, { name: "AbortError" });
  equal(await ended, "ended");
  equal(body.locked, false);
});

test("a stream through transforms is a body", async () => {
  const upper = new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()) });
  const stream = new Response("grün")
    .body.pipeThrough(new TextDecoderStream())
    .pipeThrough(upper)
    .pipeThrough(new TextEncoderStream());
  equal(await textOf(stream), "GRÜN");
});

test("an empty chunk is not the end", async () => {
  const stream = new ReadableStream({
    start(controller) {
      for (const piece of [bytes(), bytes(97), bytes(), bytes(98)]) controller.enqueue(piece);
      controller.close();
    },
  });
  equal(await textOf(stream), "ab");
  async function* pieces() {
    yield "";
    yield "ab";
  }
  equal((await new Response(pieces()).body.getReader().read()).value.length, 2);
});

test("a Blob's stream can be left", async () => {
  const stream = new Blob([new Uint8Array(200_000)]).stream();
  for await (const chunk of stream) {
    equal(chunk.length, 65_536);
    break;
  }
  equal((await stream.getReader().read()).done, true);
});
