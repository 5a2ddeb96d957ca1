// Between the streams of Node and those of the web: toWeb() and fromWeb().

import { invalidArgType } from "../web/errors.js";
import { loadStreams } from "../web/streams/loader.js";
import { AbortError } from "./abort_error.js";
import { Buffer } from "./buffer.js";
import { requireStreamFile } from "./stream_package.js";

const isNodeReadable = (stream) => typeof stream?._read === "function";
const isNodeWritable = (stream) => typeof stream?._write === "function";

function checkReadable(value, name) {
  if (typeof value?.getReader !== "function") throw invalidArgType(name, "an instance of ReadableStream", value);
}

function checkWritable(value, name) {
  if (typeof value?.getWriter !== "function") throw invalidArgType(name, "an instance of WritableStream", value);
}

/** How much a web stream takes before its source is held back: as much as the stream of Node. */
function strategyOf(isObjects, highWaterMark) {
  // Of text each character counts, as in streams of Node.
  return { highWaterMark, size: isObjects ? () => 1 : (chunk) => chunk.byteLength ?? chunk.length };
}

/**
 * @param {Readable} readable
 * @param {{ strategy?: QueuingStrategy, type?: "bytes" }} [options]
 * @returns {ReadableStream}
 */
export function readableToWeb(readable, options = {}) {
  if (!isNodeReadable(readable)) throw invalidArgType("streamReadable", "an instance of stream.Readable", readable);
  const { ReadableStream } = loadStreams();
  const finished = requireStreamFile("internal/streams/end-of-stream");
  if (readable.destroyed || readable.readable === false) {
    const ended = new ReadableStream();
    ended.cancel();
    return ended;
  }
  let isOver = false;
  const isBytes = options.type === "bytes";
  const source = {
    start(controller) {
      readable.pause();
      readable.on("data", (chunk) => {
        // Plain bytes: a Buffer's memory may be shared by others.
        controller.enqueue(Buffer.isBuffer(chunk) && !readable.readableObjectMode ? new Uint8Array(chunk) : chunk);
        if (controller.desiredSize <= 0) readable.pause();
      });
      readable.pause();
      finished(readable, { writable: false }, (error) => {
        if (isOver) return;
        isOver = true;
        readable.on("error", () => {}); // The stream of the web tells of it.
        if (error?.code === "ERR_STREAM_PREMATURE_CLOSE") controller.error(new AbortError(error));
        else if (error) controller.error(error);
        else {
          controller.close();
          controller.byobRequest?.respond(0);
        }
      });
    },
    pull() {
      readable.resume();
    },
    cancel(reason) {
      isOver = true;
      readable.on("error", () => {});
      readable.destroy(reason);
    },
  };
  if (isBytes) return new ReadableStream({ ...source, type: "bytes" }, { highWaterMark: options.strategy?.highWaterMark ?? 0 });
  return new ReadableStream(source, options.strategy ?? strategyOf(readable.readableObjectMode, readable.readableHighWaterMark));
}

/**
 * @param {ReadableStream} stream
 * @param {object} [options] of the Readable
 */
export function readableFromWeb(stream, options = {}) {
  checkReadable(stream, "readableStream");
  const Readable = requireStreamFile("internal/streams/readable");
  const reader = stream.getReader();
  let isOver = false;
  const readable = new Readable({
    objectMode: false,
    ...options,
    read() {
      reader.read().then(
        ({ done, value }) => {
          if (done) isOver = true;
          readable.push(done ? null : value);
        },
        (error) => {
          isOver = true;
          readable.destroy(error);
        },
      );
    },
    destroy(error, callback) {
      if (isOver) {
        callback(error);
        return;
      }
      isOver = true;
      reader.cancel(error ?? undefined).then(
        () => callback(error),
        (failed) => callback(error ?? failed),
      );
    },
  });
  reader.closed.catch((error) => {
    if (isOver) return;
    isOver = true;
    readable.destroy(error);
  });
  return readable;
}

/**
 * @param {Writable} writable
 * @returns {WritableStream}
 */
export function writableToWeb(writable) {
  if (!isNodeWritable(writable)) throw invalidArgType("streamWritable", "an instance of stream.Writable", writable);
  const { WritableStream } = loadStreams();
  const finished = requireStreamFile("internal/streams/end-of-stream");
  if (writable.destroyed || writable.writable === false) {
    const ended = new WritableStream();
    ended.close();
    return ended;
  }
  let isOver = false;
  /** Settles the write that waits until the stream is drained. */
  let drained = null;
  let closed = null;
  return new WritableStream(
    {
      start(controller) {
        writable.on("drain", () => {
          drained?.resolve();
          drained = null;
        });
        finished(writable, { readable: false }, (error) => {
          if (isOver) return;
          isOver = true;
          writable.on("error", () => {});
          const reason = error?.code === "ERR_STREAM_PREMATURE_CLOSE" ? new AbortError(error) : error;
          drained?.reject(reason);
          if (closed === null) controller.error(reason ?? new AbortError());
          else if (reason) closed.reject(reason);
          else closed.resolve();
        });
      },
      write(chunk) {
        if (writable.writableNeedDrain || !writable.write(chunk)) {
          drained = Promise.withResolvers();
          return drained.promise;
        }
        return undefined;
      },
      close() {
        closed = Promise.withResolvers();
        writable.end();
        return closed.promise;
      },
      abort(reason) {
        isOver = true;
        writable.on("error", () => {});
        writable.destroy(reason);
      },
    },
    strategyOf(writable.writableObjectMode, writable.writableHighWaterMark),
  );
}

/**
 * @param {WritableStream} stream
 * @param {object} [options] of the Writable
 */
export function writableFromWeb(stream, options = {}) {
  checkWritable(stream, "writableStream");
  const Writable = requireStreamFile("internal/streams/writable");
  const writer = stream.getWriter();
  let isOver = false;
  const writable = new Writable({
    objectMode: false,
    decodeStrings: true,
    ...options,
    write: (chunk, _encoding, callback) => writeTo(writer, chunk, callback),
    final(callback) {
      isOver = true;
      writer.close().then(() => callback(), callback);
    },
    destroy(error, callback) {
      if (isOver) {
        callback(error);
        return;
      }
      isOver = true;
      const ended = error === null ? writer.close() : writer.abort(error);
      ended.then(
        () => callback(error),
        (failed) => callback(error ?? failed),
      );
    },
  });
  writer.closed.then(
    () => {
      if (!isOver) writable.destroy();
    },
    (error) => {
      if (isOver) return;
      isOver = true;
      writable.destroy(error);
    },
  );
  return writable;
}

function writeTo(writer, chunk, callback) {
  writer.ready.then(() => writer.write(chunk)).then(() => callback(), callback);
}

/** @returns {{ readable: ReadableStream, writable: WritableStream }} */
export function duplexToWeb(duplex) {
  if (!isNodeReadable(duplex) || !isNodeWritable(duplex)) {
    throw invalidArgType("duplex", "an instance of stream.Duplex", duplex);
  }
  return { readable: readableToWeb(duplex), writable: writableToWeb(duplex) };
}

/**
 * @param {{ readable: ReadableStream, writable: WritableStream }} pair
 * @param {object} [options] of the Duplex
 */
export function duplexFromWeb(pair, options = {}) {
  checkReadable(pair?.readable, "pair.readable");
  checkWritable(pair.writable, "pair.writable");
  const Duplex = requireStreamFile("internal/streams/duplex");
  const reader = pair.readable.getReader();
  const writer = pair.writable.getWriter();
  let isRead = false;
  let isWritten = false;
  const duplex = new Duplex({
    objectMode: false,
    ...options,
    read() {
      reader.read().then(
        ({ done, value }) => {
          if (done) isRead = true;
          duplex.push(done ? null : value);
        },
        (error) => duplex.destroy(error),
      );
    },
    write: (chunk, _encoding, callback) => writeTo(writer, chunk, callback),
    final(callback) {
      isWritten = true;
      writer.close().then(() => callback(), callback);
    },
    destroy(error, callback) {
      const ends = [];
      if (!isWritten) ends.push(error === null ? writer.close() : writer.abort(error));
      if (!isRead) ends.push(reader.cancel(error ?? undefined));
      Promise.allSettled(ends).then(() => callback(error));
    },
  });
  for (const end of [reader.closed, writer.closed]) end.catch((error) => duplex.destroy(error));
  return duplex;
}
