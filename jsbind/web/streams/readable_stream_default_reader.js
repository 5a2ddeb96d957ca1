// ReadableStreamDefaultReader (https://streams.spec.whatwg.org/#default-reader-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, requireArguments, throwIllegalInvocation } from "../webidl.js";
import { lockers } from "./lockers.js";
import { rejectedWith } from "./promises.js";
import { acquireDefaultReader } from "./reader_core.js";
import { isReadableStream, readableCoreOf } from "./readable_stream.js";

const kName = "ReadableStreamDefaultReader";

/** Reads a stream that no other reader has, chunk by chunk. */
export class ReadableStreamDefaultReader {
  /** @type {import("./reader_core.js").DefaultReaderCore} */
  #core;
  /** For inspection. */
  #stream;

  /** @param {ReadableStream} stream not locked */
  constructor(stream) {
    const context = `Failed to construct '${kName}'`;
    requireArguments(arguments.length, 1, context);
    if (!isReadableStream(stream)) throw new TypeError(`${context}: parameter 1 is not of type 'ReadableStream'.`);
    this.#core = acquireDefaultReader(readableCoreOf(stream));
    this.#stream = stream;
  }

  static #coreOf(reader) {
    if (!isObject(reader) || !(#core in reader)) throwIllegalInvocation(kName);
    return reader.#core;
  }

  /** Settles when the stream ends or the reader is released. */
  get closed() {
    try {
      return ReadableStreamDefaultReader.#coreOf(this).closed.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /**
   * Ends the stream before its end.
   * @param {unknown} [reason]
   * @returns {Promise<undefined>}
   */
  cancel(reason = undefined) {
    try {
      return ReadableStreamDefaultReader.#coreOf(this).cancel(reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** @returns {Promise<{ value: unknown, done: boolean }>} */
  read() {
    try {
      return ReadableStreamDefaultReader.#coreOf(this).read();
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** Unlocks the stream. Reads that wait are rejected. */
  releaseLock() {
    ReadableStreamDefaultReader.#coreOf(this).release();
  }

  [customInspect](depth, options, inspect) {
    if (!(#core in this)) return this;
    const { stream, requests, closed } = this.#core;
    const shown = {
      stream: stream === null ? undefined : this.#stream,
      readRequests: requests.length,
      close: closed.promise,
    };
    return `${kName} ${inspect(shown, options)}`;
  }
}

exposeInterface(ReadableStreamDefaultReader);
lockers.DefaultReader = ReadableStreamDefaultReader;
