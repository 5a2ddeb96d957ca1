// Bodies as streams and streams as bodies. What takes a body to its end, text()
// or a server that sends it, works on sources: a pull at a time, without a
// reader's promises and objects in between.

import { concatenate, isUint8Array } from "./bytes.js";
import { isReadableStream, loadStreams } from "./streams/loader.js";

/** @typedef {import("./streams/native_source.js").NativeSource} NativeSource */

/** A ReadableStream, of bytes, of what a source gives. @param {NativeSource} source */
export function makeByteStream(source) {
  const { makeNativeCore, wrapReadable } = loadStreams();
  return wrapReadable(makeNativeCore(source));
}

/** A stream that somebody has read to its end. */
export function makeUsedStream() {
  const { makeNativeCore, takeNativeSource, wrapReadable } = loadStreams();
  const core = makeNativeCore({ pull() {}, cancel() {} });
  takeNativeSource(core);
  return wrapReadable(core);
}

/** @param {ReadableStream} stream */
export function isDisturbed(stream) {
  return loadStreams().readableCoreOf(stream).disturbed;
}

/** @param {ReadableStream} stream whatever a program has made of its property */
export function isLocked(stream) {
  return loadStreams().readableCoreOf(stream).locked;
}

/**
 * Two streams of the same bytes instead of one, which is locked.
 * @param {ReadableStream} stream neither locked nor disturbed
 * @param {(chunk: unknown) => unknown} clone copies chunks of streams that are none of bytes
 */
export function teeStream(stream, clone) {
  const { readableCoreOf, tee, wrapReadable } = loadStreams();
  return tee(readableCoreOf(stream), clone).map(wrapReadable);
}

/**
 * What a stream's bytes can be pulled from. The stream is locked for good.
 * @param {ReadableStream} stream neither locked nor disturbed
 * @returns {NativeSource}
 */
export function takeSource(stream) {
  const { acquireDefaultReader, readableCoreOf, takeNativeSource } = loadStreams();
  const core = readableCoreOf(stream);
  return takeNativeSource(core) ?? new ReaderSource(acquireDefaultReader(core));
}

/** @implements {NativeSource} */
class ReaderSource {
  /** @type {import("./streams/reader_core.js").DefaultReaderCore} */
  #reader;

  constructor(reader) {
    this.#reader = reader;
    reader.stream.disturbed = true;
  }

  get borrows() {
    return true;
  }

  async pull() {
    for (;;) {
      const chunk = await this.#read();
      if (chunk === undefined || chunk.length > 0) return chunk;
    }
  }

  #read() {
    return new Promise((resolve, reject) => {
      this.#reader.readSteps({
        chunkSteps: (chunk) => {
          if (isUint8Array(chunk)) {
            resolve(chunk);
            return;
          }
          const error = new TypeError("Received a chunk of the body that is not a Uint8Array");
          reject(error);
          dropSource(this, error);
        },
        closeSteps: () => resolve(undefined),
        errorSteps: reject,
      });
    });
  }

  cancel(reason) {
    return this.#reader.cancel(reason);
  }
}

/**
 * A source of what an async iterable gives.
 * @param {AsyncIterable<unknown>} iterable
 * @param {(chunk: unknown) => Uint8Array} toBytes throws for what is no chunk, which ends the iterable
 * @returns {NativeSource}
 */
export function sourceFromIterable(iterable, toBytes) {
  return new IteratorSource(iterable[Symbol.asyncIterator](), toBytes);
}

/** @implements {NativeSource} */
class IteratorSource {
  #iterator;
  #toBytes;

  constructor(iterator, toBytes) {
    this.#iterator = iterator;
    this.#toBytes = toBytes;
  }

  get borrows() {
    return true;
  }

  async pull() {
    for (;;) {
      const { value, done } = await this.#iterator.next();
      if (done) return undefined;
      let chunk;
      try {
        chunk = this.#toBytes(value);
      } catch (error) {
        // The stream asks for nothing more, so nobody else will end the iterable.
        dropSource(this, error);
        throw error;
      }
      if (chunk.length > 0) return chunk;
    }
  }

  async cancel(reason) {
    await this.#iterator.return?.(reason);
  }
}

/** A source of bytes that are there. @param {Uint8Array} bytes nobody else's @returns {NativeSource} */
export function sourceOfBytes(bytes) {
  let rest = bytes.length === 0 ? undefined : bytes;
  return {
    pull() {
      const chunk = rest;
      rest = undefined;
      return chunk;
    },
    cancel() {
      rest = undefined;
    },
  };
}

/**
 * Tells a source that nobody will pull any more. How it ends concerns nobody.
 * @param {NativeSource} source that has neither ended nor failed
 * @param {unknown} [reason]
 */
export async function dropSource(source, reason = undefined) {
  try {
    await source.cancel(reason);
  } catch {
    // See above.
  }
}

/**
 * All that a source gives.
 * @param {NativeSource} source
 * @returns {Promise<Uint8Array>} the caller's own
 */
export async function readAllBytes(source) {
  if (source.bytes !== undefined) return source.bytes();
  const chunks = [];
  for (;;) {
    const chunk = await source.pull();
    if (chunk === undefined) break;
    chunks.push(chunk);
  }
  // What is given away must be neither part of a larger buffer nor shared.
  if (chunks.length === 1 && !source.borrows && chunks[0].length === chunks[0].buffer.byteLength) return chunks[0];
  return concatenate(chunks);
}

export { isReadableStream };
