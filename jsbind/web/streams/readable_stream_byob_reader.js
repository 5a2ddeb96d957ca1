// ReadableStreamBYOBReader (https://streams.spec.whatwg.org/#byob-reader-class).

import { customInspect } from "../inspect_value.js";
import {
  exposeInterface,
  isObject,
  requireArguments,
  throwIllegalInvocation,
  toDictionary,
  toEnforcedUnsignedLongLong,
} from "../webidl.js";
import { isDetached } from "./array_buffers.js";
import { lockers } from "./lockers.js";
import { rejectedWith } from "./promises.js";
import { acquireByobReader } from "./reader_core.js";
import { isReadableStream, readableCoreOf } from "./readable_stream.js";

const kName = "ReadableStreamBYOBReader";

/** Reads a byte stream into buffers of the program's own. */
export class ReadableStreamBYOBReader {
  /** @type {import("./reader_core.js").ByobReaderCore} */
  #core;
  /** For inspection. */
  #stream;

  /** @param {ReadableStream} stream a byte stream, not locked */
  constructor(stream) {
    const context = `Failed to construct '${kName}'`;
    requireArguments(arguments.length, 1, context);
    if (!isReadableStream(stream)) throw new TypeError(`${context}: parameter 1 is not of type 'ReadableStream'.`);
    this.#core = acquireByobReader(readableCoreOf(stream));
    this.#stream = stream;
  }

  static #coreOf(reader) {
    if (!isObject(reader) || !(#core in reader)) throwIllegalInvocation(kName);
    return reader.#core;
  }

  /** Settles when the stream ends or the reader is released. */
  get closed() {
    try {
      return ReadableStreamBYOBReader.#coreOf(this).closed.promise;
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
      return ReadableStreamBYOBReader.#coreOf(this).cancel(reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /**
   * Fills a view. Its buffer is detached; what comes back is a view of the same
   * memory.
   * @template {ArrayBufferView} View
   * @param {View} view
   * @param {{ min?: number }} [options] min: how many elements to wait for
   * @returns {Promise<{ value: View | undefined, done: boolean }>}
   */
  read(view, options = undefined) {
    try {
      const core = ReadableStreamBYOBReader.#coreOf(this);
      return core.read(view, readArguments(view, options, arguments.length));
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** Unlocks the stream. Reads that wait are rejected. */
  releaseLock() {
    ReadableStreamBYOBReader.#coreOf(this).release();
  }

  [customInspect](depth, options, inspect) {
    if (!(#core in this)) return this;
    const { stream, requests, closed } = this.#core;
    const shown = {
      stream: stream === null ? undefined : this.#stream,
      readIntoRequests: requests.length,
      close: closed.promise,
    };
    return `${kName} ${inspect(shown, options)}`;
  }
}

exposeInterface(ReadableStreamBYOBReader);
lockers.ByobReader = ReadableStreamBYOBReader;

/** Checks the arguments of read(). @returns {number} min */
function readArguments(view, options, given) {
  const context = `Failed to execute 'read' on '${kName}'`;
  requireArguments(given, 1, context);
  if (!ArrayBuffer.isView(view) || view.buffer instanceof SharedArrayBuffer) {
    throw new TypeError(`${context}: parameter 1 is not of type 'ArrayBufferView'.`);
  }
  const { min: minimum = 1 } = toDictionary(options, context);
  const min = toEnforcedUnsignedLongLong(minimum, context);
  if (isDetached(view.buffer)) throw new TypeError(`${context}: the view's buffer is detached.`);
  if (view.byteLength === 0 || view.buffer.byteLength === 0) throw new TypeError(`${context}: the view is empty.`);
  if (min === 0) throw new TypeError(`${context}: min must be greater than 0.`);
  const length = view instanceof DataView ? view.byteLength : view.length;
  if (min > length) throw new RangeError(`${context}: min is ${min}, which is more than the view's length of ${length}.`);
  return min;
}
