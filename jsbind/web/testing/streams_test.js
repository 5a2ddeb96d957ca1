// Streams as programs use them. What the standard says of each step is tested
// by the Web Platform Tests; here is what must never break, what happens when
// things fail, and what only this implementation has.

import { inspect } from "braid:inspect";
import { deepEqual, equal, ok, rejects, test, throws, turns } from "./harness.js";

/** A stream of the numbers below `count`, which tells how many were asked for. */
function numbers(count, strategy = undefined) {
  const source = { asked: 0, reason: "not cancelled" };
  source.stream = new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(source.asked++);
        if (source.asked === count) controller.close();
      },
      cancel(reason) {
        source.reason = reason;
      },
    },
    strategy,
  );
  return source;
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test("a source is asked for no more than the high-water mark and what is read", async () => {
  for (const highWaterMark of [0, 1, 4]) {
    const source = numbers(Infinity, { highWaterMark });
    await turns();
    equal(source.asked, highWaterMark);
    const reader = source.stream.getReader();
    for (let i = 1; i <= 3; i++) {
      await reader.read();
      await turns();
      equal(source.asked, highWaterMark + i);
    }
  }
});

test("a strategy counts by its size function", async () => {
  let controller;
  const stream = new ReadableStream(
    { start: (given) => (controller = given) },
    new ByteLengthQueuingStrategy({ highWaterMark: 10 }),
  );
  controller.enqueue(new Uint8Array(7));
  equal(controller.desiredSize, 3);
  controller.enqueue(new Uint8Array(7));
  equal(controller.desiredSize, -4);
  await stream.getReader().read();
  equal(controller.desiredSize, 3);
  throws(() => controller.enqueue({ byteLength: NaN }), RangeError);
  equal(controller.desiredSize, null);
});

test("reads wait in order, and a released reader rejects those that wait", async () => {
  let controller;
  const stream = new ReadableStream({ start: (given) => (controller = given) });
  const first = stream.getReader();
  const waiting = [first.read(), first.read()];
  controller.enqueue("a");
  first.releaseLock();
  deepEqual(await waiting[0], { value: "a", done: false });
  await rejects(waiting[1], { name: "TypeError", code: "ERR_INVALID_STATE" });
  await rejects(first.closed, TypeError);
  await rejects(first.read(), TypeError);
  const second = stream.getReader();
  controller.enqueue("b");
  deepEqual(await second.read(), { value: "b", done: false });
});

test("a queue of a hundred thousand chunks", async () => {
  let controller;
  const stream = new ReadableStream({ start: (given) => (controller = given) });
  const reader = stream.getReader();
  const early = [];
  for (let i = 0; i < 100_000; i++) early.push(reader.read());
  for (let i = 0; i < 200_000; i++) controller.enqueue(i);
  controller.close();
  equal((await early[99_999]).value, 99_999);
  for (let i = 100_000; i < 200_000; i++) equal((await reader.read()).value, i);
  equal((await reader.read()).done, true);
});

test("leaving a loop cancels the stream, unless told otherwise", async () => {
  const left = numbers(Infinity);
  for await (const chunk of left.stream) if (chunk === 2) break;
  equal(left.reason, undefined);
  equal(left.stream.locked, false);
  const kept = numbers(Infinity);
  for await (const chunk of kept.stream.values({ preventCancel: true })) if (chunk === 2) break;
  equal(kept.reason, "not cancelled");
  equal((await kept.stream.getReader().read()).value, 3);
});

test("a stalled sink holds the source back", async () => {
  const source = numbers(Infinity, { highWaterMark: 2 });
  const { promise: goesOn, resolve: goOn } = Promise.withResolvers();
  const written = [];
  const sink = new WritableStream(
    {
      async write(chunk) {
        written.push(chunk);
        await (chunk === 0 ? goesOn : turns(1));
      },
    },
    { highWaterMark: 3 },
  );
  const controller = new AbortController();
  const piping = source.stream.pipeTo(sink, { signal: controller.signal });
  await turns(10);
  deepEqual(written, [0]);
  // One is being written, two more lie in the sink, two in the source.
  equal(source.asked, 5);
  goOn();
  await turns(20);
  ok(written.length > 5);
  equal(source.asked, written.length + 4);
  controller.abort();
  await rejects(piping, { name: "AbortError" });
});

test("pipeTo: an error of either side ends the other one with it", async () => {
  const error = new Error("mine");
  let aborted;
  const failing = new ReadableStream({ pull: () => Promise.reject(error) });
  const sink = new WritableStream({ abort: (reason) => void (aborted = reason) });
  equal(await rejects(failing.pipeTo(sink), Error), error);
  equal(aborted, error);

  const source = numbers(Infinity);
  const refusing = new WritableStream({ write: () => Promise.reject(error) });
  equal(await rejects(source.stream.pipeTo(refusing), Error), error);
  equal(source.reason, error);
  equal(source.stream.locked, false);
  equal(refusing.locked, false);
});

test("pipeTo: a signal ends both sides once what was read is written", async () => {
  const controller = new AbortController();
  const source = numbers(Infinity);
  const { promise: goesOn, resolve: goOn } = Promise.withResolvers();
  let signal;
  let aborted = "not aborted";
  const sink = new WritableStream({
    write(chunk, given) {
      ({ signal } = given);
      return goesOn;
    },
    abort: (reason) => void (aborted = reason),
  });
  const piping = source.stream.pipeTo(sink, { signal: controller.signal });
  await turns();
  controller.abort("stop");
  await turns();
  deepEqual([aborted, source.reason, signal.aborted], ["not aborted", "not cancelled", false]);
  goOn();
  const reason = await piping.catch((given) => given);
  deepEqual([reason, aborted, source.reason, signal.reason], ["stop", "stop", "stop", "stop"]);
  const late = numbers(1).stream.pipeTo(new WritableStream(), { signal: AbortSignal.abort("late") });
  equal(await late.catch((given) => given), "late");
});

test("tee gives both branches all, and cancels once both are", async () => {
  const [first, second] = numbers(3).stream.tee();
  deepEqual(await Promise.all([collect(first), collect(second)]), [[0, 1, 2], [0, 1, 2]]);
  const source = numbers(Infinity);
  const branches = source.stream.tee();
  const cancelled = branches[0].cancel("a");
  await turns();
  equal(source.reason, "not cancelled");
  branches[1].cancel("b");
  await cancelled;
  deepEqual(source.reason, ["a", "b"]);
});

test("a transform changes chunks, holds back, and passes errors on", async () => {
  const double = () =>
    new TransformStream({
      transform(chunk, controller) {
        if (chunk === 5) throw new RangeError("five");
        controller.enqueue(chunk);
        controller.enqueue(2 * chunk);
      },
      flush: (controller) => controller.enqueue("end"),
    });
  deepEqual(await collect(numbers(3).stream.pipeThrough(double())), [0, 0, 1, 2, 2, 4, "end"]);
  const source = numbers(Infinity);
  await rejects(collect(source.stream.pipeThrough(double())), RangeError);
  equal(source.reason.message, "five");
  const stalled = numbers(Infinity);
  stalled.stream.pipeThrough(new TransformStream());
  await turns(10);
  ok(stalled.asked <= 2);
});

test("byte streams fill the reader's buffers", async () => {
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { byobRequest } = controller;
      byobRequest.view.fill(7);
      byobRequest.respond(Math.min(3, byobRequest.view.byteLength));
    },
  });
  const reader = stream.getReader({ mode: "byob" });
  const mine = new Uint8Array(8);
  const { value } = await reader.read(mine, { min: 4 });
  deepEqual([...value], [7, 7, 7, 7, 7, 7]);
  equal(value.buffer.byteLength, 8);
  equal(mine.byteLength, 0);
  const { value: wide } = await reader.read(new Uint16Array(2));
  deepEqual([...wide], [0x0707]);
  await rejects(reader.read(new Uint8Array(0)), TypeError);
  await rejects(reader.read(new Uint8Array(2), { min: 3 }), RangeError);
});

test("a byte stream that allocates for default readers", async () => {
  const sizes = [];
  const stream = new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: 16,
    pull(controller) {
      sizes.push(controller.byobRequest.view.byteLength);
      controller.byobRequest.respond(5);
    },
  });
  const { value } = await stream.getReader().read();
  deepEqual([value.length, value.buffer.byteLength, sizes[0]], [5, 16, 16]);
});

test("ReadableStream.from takes any iterable and ends it when it is cancelled", async () => {
  deepEqual(await collect(ReadableStream.from("añ")), ["a", "ñ"]);
  deepEqual(await collect(ReadableStream.from([1, Promise.resolve(2)])), [1, 2]);
  let ended = false;
  async function* generate() {
    try {
      for (;;) yield 1;
    } finally {
      ended = true;
    }
  }
  const stream = ReadableStream.from(generate());
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  equal(ended, true);
  throws(() => ReadableStream.from(5), TypeError);
  throws(() => ReadableStream.from(null), TypeError);
});

test("text over chunks that cut characters", async () => {
  const bytes = new TextEncoder().encode("\ufeffa€𝄞");
  const pieces = Array.from(bytes, (byte) => new Uint8Array([byte]));
  equal((await collect(ReadableStream.from(pieces).pipeThrough(new TextDecoderStream()))).join(""), "a€𝄞");
  const encoded = await collect(ReadableStream.from(["a\ud834", "\udd1e\ud834"]).pipeThrough(new TextEncoderStream()));
  deepEqual(encoded.map((chunk) => [...chunk]), [[0x61], [0xf0, 0x9d, 0x84, 0x9e], [0xef, 0xbf, 0xbd]]);
  const fatal = new TextDecoderStream("utf-8", { fatal: true });
  await rejects(collect(ReadableStream.from([new Uint8Array([0xe2])]).pipeThrough(fatal)), TypeError);
  await rejects(collect(ReadableStream.from(["text"]).pipeThrough(new TextDecoderStream())), TypeError);
  const gone = new ArrayBuffer(3);
  gone.transfer();
  deepEqual(await collect(ReadableStream.from([gone]).pipeThrough(new TextDecoderStream())), []);
});

test("a program may replace what promises and iterators are made of", async () => {
  await turns(); // What loads this file goes through promises as well.
  const patched = () => {
    throw new Error("called from inside");
  };
  const { then } = Promise.prototype;
  const { resolve } = Promise;
  const { read } = ReadableStreamDefaultReader.prototype;
  const { getReader } = ReadableStream.prototype;
  Promise.prototype.then = patched;
  Promise.resolve = patched;
  ReadableStreamDefaultReader.prototype.read = patched;
  ReadableStream.prototype.getReader = patched;
  Object.defineProperty(Object.prototype, "then", { get: () => undefined, configurable: true });
  const chunks = [];
  try {
    const [left, right] = numbers(3).stream.pipeThrough(new TransformStream()).tee();
    await left.pipeTo(new WritableStream({ write: (chunk) => void chunks.push(chunk) }));
    for await (const chunk of right) chunks.push(chunk);
  } finally {
    Promise.prototype.then = then;
    Promise.resolve = resolve;
    ReadableStreamDefaultReader.prototype.read = read;
    ReadableStream.prototype.getReader = getReader;
    delete Object.prototype.then;
  }
  deepEqual(chunks, [0, 1, 2, 0, 1, 2]);
});

test("rejections that nobody asked about are not reported", async () => {
  // The process would end with code 1.
  const failed = new ReadableStream({ start: (controller) => controller.error(new Error("mine")) });
  void failed.getReader().closed;
  const sink = new WritableStream({ start: (controller) => controller.error(new Error("mine")) });
  const writer = sink.getWriter();
  void writer.closed;
  void writer.ready;
  const [branch] = new ReadableStream({ pull: () => Promise.reject(new Error("mine")) }).tee();
  numbers(2).stream.pipeThrough({ readable: branch, writable: new WritableStream({ write: () => Promise.reject(1) }) });
  await turns();
});

test("interfaces of streams look as Web IDL wants", () => {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "ReadableStream");
  deepEqual([descriptor.enumerable, descriptor.writable], [false, true]);
  equal(ReadableStream.prototype[Symbol.asyncIterator], ReadableStream.prototype.values);
  equal(Object.prototype.toString.call(new TransformStream()), "[object TransformStream]");
  for (const Illegal of [
    ReadableStreamDefaultController,
    ReadableByteStreamController,
    ReadableStreamBYOBRequest,
    WritableStreamDefaultController,
    TransformStreamDefaultController,
  ]) {
    throws(() => new Illegal(), { name: "TypeError", message: "Illegal constructor" });
  }
  throws(() => new ReadableStream({ type: "characters" }), TypeError);
  throws(() => new ReadableStream({ pull: 1 }), { message: /member pull is not a function/ });
  throws(() => new ReadableStream({}, { highWaterMark: -1 }), RangeError);
  throws(() => new WritableStream({ type: "bytes" }), RangeError);
  throws(() => new CountQueuingStrategy({}), TypeError);
  class Mine extends ReadableStream {}
  ok(new Mine() instanceof Mine);
});

test("streams are not to be cloned or transferred", () => {
  const { readable, writable } = new TransformStream();
  for (const stream of [readable, writable, new TransformStream()]) {
    throws(() => structuredClone(stream), { name: "DataCloneError" });
    throws(() => structuredClone(stream, { transfer: [stream] }), { name: "DataCloneError" });
    const { port1 } = new MessageChannel();
    throws(() => port1.postMessage({ stream }, [stream]), { name: "DataCloneError" });
    port1.close();
  }
  equal(readable.locked, false);
});

test("streams show their state", () => {
  const stream = new ReadableStream();
  equal(inspect(stream), "ReadableStream { locked: false, state: 'readable', supportsBYOB: false }");
  stream.getReader();
  equal(inspect(stream), "ReadableStream { locked: true, state: 'readable', supportsBYOB: false }");
  equal(inspect(new WritableStream()), "WritableStream { locked: false, state: 'writable' }");
  equal(inspect(new CountQueuingStrategy({ highWaterMark: 1 })), "CountQueuingStrategy { highWaterMark: 1 }");
});
