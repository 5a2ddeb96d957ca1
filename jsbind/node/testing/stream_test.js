import stream, {
  Duplex,
  PassThrough,
  Readable,
  Stream,
  Transform,
  Writable,
  addAbortSignal,
  compose,
  duplexPair,
  finished,
  getDefaultHighWaterMark,
  pipeline,
} from "node:stream";
import { once } from "node:events";
import { createRequire } from "node:module";
import * as consumers from "node:stream/consumers";
import * as promises from "node:stream/promises";
import { promisify } from "node:util";
import { deepEqual, equal, ok, rejects, test, throws } from "../../web/testing/harness.js";

/** A writable that remembers what came. */
function sink(options = {}) {
  const chunks = [];
  const writable = new Writable({
    write(chunk, _encoding, callback) {
      chunks.push(chunk);
      callback();
    },
    ...options,
  });
  return Object.assign(writable, { chunks, text: () => Buffer.concat(chunks).toString() });
}

test("the exports of node:stream are one set", () => {
  equal(stream, Stream);
  equal(stream.Readable, Readable);
  equal(stream.promises.pipeline, promises.pipeline);
  equal(promisify(pipeline), promises.pipeline);
  equal(promisify(finished), promises.finished);
  equal(createRequire(import.meta.url)("stream"), Stream);
  ok(new PassThrough() instanceof Stream);
  ok(new Duplex() instanceof Writable);
  equal(getDefaultHighWaterMark(false), 65_536);
  equal(getDefaultHighWaterMark(true), 16);
});

test("a Readable gives Buffers, text with an encoding, and objects", async () => {
  const bytes = new Readable({ read() {} });
  bytes.push("hé");
  bytes.push(new Uint8Array([33]));
  bytes.push(null);
  const chunks = [];
  for await (const chunk of bytes) chunks.push(chunk);
  ok(chunks.every((chunk) => Buffer.isBuffer(chunk)));
  equal(Buffer.concat(chunks).toString(), "hé!");

  const text = Readable.from([Buffer.from([0xc3]), Buffer.from([0xa9])], { objectMode: false, encoding: "utf8" });
  equal((await text.toArray()).join(""), "é");
  const views = sink();
  views.write(new Uint16Array([0x6968]));
  views.end(new DataView(new ArrayBuffer(2), 1));
  await once(views, "finish");
  equal(views.text(), "hi\0");
  deepEqual(await Readable.from([1, 2, 3]).map((x) => x * 2).filter((x) => x > 2).toArray(), [4, 6]);
});

test("pipe holds back a source whose sink is full", async () => {
  let made = 0;
  const source = new Readable({
    highWaterMark: 10,
    read() {
      this.push(made < 100 ? "0123456789" : null);
      made++;
    },
  });
  let release;
  const slow = new Writable({
    highWaterMark: 10,
    write(_chunk, _encoding, callback) {
      release = callback;
    },
  });
  source.pipe(slow);
  await new Promise(setImmediate);
  ok(made < 6);
  slow._write = (_chunk, _encoding, callback) => callback();
  release();
  await once(slow, "finish");
  equal(made, 101);
});

test("pipeline destroys every stream when one fails", async () => {
  const source = new Readable({ read() {} });
  const middle = new PassThrough();
  const failing = new Writable({
    write(_chunk, _encoding, callback) {
      callback(new Error("full"));
    },
  });
  source.push("x");
  await rejects(promises.pipeline(source, middle, failing), { message: "full" });
  ok(source.destroyed && middle.destroyed && failing.destroyed);
});

test("pipeline takes generators and gives what the last one gives", async () => {
  const result = await promises.pipeline(
    Readable.from(["a", "b"]),
    async function* upper(source) {
      for await (const chunk of source) yield chunk.toUpperCase();
    },
    async (source) => {
      let all = "";
      for await (const chunk of source) all += chunk;
      return all;
    },
  );
  equal(result, "AB");
});

test("a Transform ends with what flush gives", async () => {
  const sum = new Transform({
    transform(chunk, _encoding, callback) {
      this.total = (this.total ?? 0) + Number(chunk);
      callback();
    },
    flush(callback) {
      callback(null, String(this.total));
    },
  });
  for (const each of ["1", "2", "39"]) sum.write(each);
  sum.end();
  equal(await consumers.text(sum), "42");
});

test("finished tells of a stream that was closed too early", async () => {
  const source = new Readable({ read() {} });
  const end = new Promise((resolve) => finished(source, resolve));
  source.destroy();
  const error = await end;
  equal(error.code, "ERR_STREAM_PREMATURE_CLOSE");
  equal(error.message, "Premature close");
  ok(error.stack.startsWith("Error [ERR_STREAM_PREMATURE_CLOSE]: Premature close"));
});

test("aborting a signal destroys the stream", async () => {
  const controller = new AbortController();
  const source = addAbortSignal(controller.signal, new Readable({ read() {} }));
  const reading = source.toArray();
  controller.abort(new Error("enough"));
  const error = await rejects(reading, { name: "AbortError", code: "ABORT_ERR" });
  equal(error.cause.message, "enough");
  ok(source.destroyed);
  await rejects(promises.pipeline(Readable.from(["x"]), sink(), { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("errors are Node's", async () => {
  throws(() => new Readable({ highWaterMark: -1 }), {
    name: "TypeError",
    code: "ERR_INVALID_ARG_VALUE",
    message: "The property 'options.highWaterMark' is invalid. Received -1",
  });
  throws(() => sink().write(7), {
    name: "TypeError",
    code: "ERR_INVALID_ARG_TYPE",
    message:
      'The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (7)',
  });
  throws(() => sink().write(null), { code: "ERR_STREAM_NULL_VALUES", message: "May not write null values to stream" });
  throws(() => Readable.from(5), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => pipeline(), { code: "ERR_INVALID_ARG_TYPE" });
  const ended = sink();
  ended.end();
  ended.write("late");
  const [late] = await once(ended, "error");
  equal(late.code, "ERR_STREAM_WRITE_AFTER_END");
  equal(late.message, "write after end");
  const [missing] = await once(new Readable().resume(), "error");
  equal(missing.message, "The _read() method is not implemented");
});

test("an error of a sink that nobody listens to is thrown", async () => {
  const failing = new Writable({
    write(_chunk, _encoding, callback) {
      callback(new Error("unheard"));
    },
  });
  const caught = new Promise((resolve) => process.once("uncaughtException", resolve));
  failing.write("x");
  equal((await caught).message, "unheard");
});

test("duplexPair joins two streams", async () => {
  const [a, b] = duplexPair();
  const received = { a: "", b: "" };
  a.on("data", (chunk) => {
    received.a += chunk;
  });
  b.on("data", (chunk) => {
    received.b += chunk;
  });
  a.write("to b");
  b.end("to a");
  await Promise.all([once(a, "end"), once(b, "finish")]);
  equal(received.a, "to a");
  ok(!a.destroyed); // It still writes.
  a.end("x".repeat(200_000));
  await once(b, "close");
  equal(received.b.length, 200_004);
  ok(a.destroyed && b.destroyed);
});

test("compose makes one stream of several", async () => {
  const joined = compose(
    async function* twice(source) {
      for await (const chunk of source) yield `${chunk}${chunk}`;
    },
    new PassThrough(),
  );
  joined.end("ab");
  equal(await consumers.text(joined), "abab");
});

test("consumers gather a stream", async () => {
  const parts = () => Readable.from([Buffer.from('{"é'), '": 1}']);
  deepEqual(await consumers.json(parts()), { é: 1 });
  equal((await consumers.buffer(parts())).toString(), '{"é": 1}');
  equal((await consumers.arrayBuffer(parts())).byteLength, 9);
  equal(await (await consumers.blob(parts())).text(), '{"é": 1}');
  equal(await consumers.text(Readable.from([Buffer.from([0xc3]), Buffer.from([0xa9])])), "é");
});

test("a million small chunks pass through three streams", async () => {
  let left = 1_000_000;
  const source = new Readable({
    objectMode: true,
    read() {
      while (left > 0) if (!this.push(left--)) return;
      this.push(null);
    },
  });
  let count = 0;
  await promises.pipeline(
    source,
    new PassThrough({ objectMode: true }),
    new Writable({
      objectMode: true,
      write(_chunk, _encoding, callback) {
        count++;
        callback();
      },
    }),
  );
  equal(count, 1_000_000);
});
