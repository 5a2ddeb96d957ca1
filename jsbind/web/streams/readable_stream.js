// ReadableStream (https://streams.spec.whatwg.org/#rs-class).
//
// readable_core.js tells how the streams are built.

import { isAbortSignal } from "../abort_signal.js";
import { customInspect } from "../inspect_value.js";
import {
  exposeInterface,
  isObject,
  requireArguments,
  throwIllegalInvocation,
  toDictionary,
  toDOMString,
} from "../webidl.js";
import { lockers } from "./lockers.js";
import { makeAsyncIterator } from "./readable_async_iterator.js";
import { readableFromIterable } from "./readable_from.js";
import { pipeTo } from "./readable_pipe.js";
import { tee } from "./readable_tee.js";
import { setUpReadable } from "./readable_set_up.js";
import { ReadableCore } from "./readable_core.js";
import { invalidState, markHandled, rejectedWith } from "./promises.js";
import { acquireDefaultReader } from "./reader_core.js";
import { readStrategy } from "./strategy.js";
import { isWritableStream, writableCoreOf } from "./writable_stream.js";

/** @type {(value: unknown) => value is ReadableStream} */
export let isReadableStream;
/** The core of a stream; throws for what is none. @type {(stream: ReadableStream) => ReadableCore} */
export let readableCoreOf;

/** A source of data that comes in chunks. */
export class ReadableStream {
  /** @type {ReadableCore} */
  #core;

  /**
   * @param {UnderlyingSource} [underlyingSource]
   * @param {QueuingStrategy} [strategy]
   */
  constructor(underlyingSource = undefined, strategy = undefined) {
    // A core is something that no program can name: wrapReadable().
    if (underlyingSource instanceof ReadableCore) {
      this.#core = underlyingSource;
      return;
    }
    const context = "Failed to construct 'ReadableStream'";
    if (underlyingSource !== undefined && !isObject(underlyingSource)) {
      throw new TypeError(`${context}: parameter 1 is not of type 'object'.`);
    }
    this.#core = new ReadableCore();
    setUpReadable(this.#core, underlyingSource, readStrategy(strategy, context), context);
  }

  /** A stream of what an iterable gives. @param {AsyncIterable | Iterable} asyncIterable */
  static from(asyncIterable) {
    requireArguments(arguments.length, 1, "Failed to execute 'from' on 'ReadableStream'");
    return wrapReadable(readableFromIterable(asyncIterable));
  }

  /** Whether a reader has it. */
  get locked() {
    return readableCoreOf(this).locked;
  }

  /**
   * Ends it before its end.
   * @param {unknown} [reason]
   * @returns {Promise<undefined>}
   */
  cancel(reason = undefined) {
    try {
      return readableCoreOf(this).cancelUnlocked(reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /**
   * Locks it to a reader.
   * @param {{ mode?: "byob" }} [options]
   * @returns {import("./readable_stream_default_reader.js").ReadableStreamDefaultReader |
   *     import("./readable_stream_byob_reader.js").ReadableStreamBYOBReader}
   */
  getReader(options = undefined) {
    readableCoreOf(this);
    const context = "Failed to execute 'getReader' on 'ReadableStream'";
    const { mode } = toDictionary(options, context);
    if (mode === undefined) return new lockers.DefaultReader(this);
    const text = toDOMString(mode);
    if (text !== "byob") throw new TypeError(`${context}: '${text}' is not a valid mode.`);
    return new lockers.ByobReader(this);
  }

  /**
   * Pipes it into the writable side of a pair and gives the readable side.
   * @param {{ readable: ReadableStream, writable: WritableStream }} transform
   * @param {StreamPipeOptions} [options]
   */
  pipeThrough(transform, options = undefined) {
    const core = readableCoreOf(this);
    const context = "Failed to execute 'pipeThrough' on 'ReadableStream'";
    requireArguments(arguments.length, 1, context);
    const pair = toDictionary(transform, context);
    const { readable } = pair;
    if (!isReadableStream(readable)) throw new TypeError(`${context}: member readable is not of type 'ReadableStream'.`);
    const { writable } = pair;
    if (!isWritableStream(writable)) throw new TypeError(`${context}: member writable is not of type 'WritableStream'.`);
    const pipeOptions = readPipeOptions(options, context);
    if (core.locked) throw invalidState("ReadableStream is locked");
    const sink = writableCoreOf(writable);
    if (sink.locked) throw invalidState("WritableStream is locked");
    markHandled(pipeTo(core, sink, pipeOptions));
    return readable;
  }

  /**
   * Writes all of it to a stream.
   * @param {WritableStream} destination
   * @param {StreamPipeOptions} [options]
   * @returns {Promise<undefined>}
   */
  pipeTo(destination, options = undefined) {
    try {
      const core = readableCoreOf(this);
      const context = "Failed to execute 'pipeTo' on 'ReadableStream'";
      requireArguments(arguments.length, 1, context);
      if (!isWritableStream(destination)) {
        throw new TypeError(`${context}: parameter 1 is not of type 'WritableStream'.`);
      }
      const pipeOptions = readPipeOptions(options, context);
      if (core.locked) throw invalidState("ReadableStream is locked");
      const sink = writableCoreOf(destination);
      if (sink.locked) throw invalidState("WritableStream is locked");
      return pipeTo(core, sink, pipeOptions);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** Two streams of the same chunks. @returns {[ReadableStream, ReadableStream]} */
  tee() {
    const [first, second] = tee(readableCoreOf(this));
    return [wrapReadable(first), wrapReadable(second)];
  }

  /** @param {{ preventCancel?: boolean }} [options] */
  values(options = undefined) {
    const core = readableCoreOf(this);
    const { preventCancel } = toDictionary(options, "Failed to execute 'values' on 'ReadableStream'");
    return makeAsyncIterator(acquireDefaultReader(core), Boolean(preventCancel));
  }

  [customInspect](depth, options, inspect) {
    if (!(#core in this)) return this;
    const { locked, state, controller } = this.#core;
    return `ReadableStream ${inspect({ locked, state, supportsBYOB: controller.isByte }, options)}`;
  }

  static {
    isReadableStream = (value) => isObject(value) && #core in value;
    readableCoreOf = (stream) => {
      if (!isReadableStream(stream)) throwIllegalInvocation("ReadableStream");
      return stream.#core;
    };
  }
}

exposeInterface(ReadableStream);
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values,
  writable: true,
  configurable: true,
});

/** What a program sees of a core. @param {ReadableCore} core */
export function wrapReadable(core) {
  return new ReadableStream(core);
}

/** The members of StreamPipeOptions, converted. */
function readPipeOptions(value, context) {
  const options = toDictionary(value, context);
  const preventAbort = Boolean(options.preventAbort);
  const preventCancel = Boolean(options.preventCancel);
  const preventClose = Boolean(options.preventClose);
  const { signal } = options;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw new TypeError(`${context}: member signal is not of type 'AbortSignal'.`);
  }
  return { preventAbort, preventCancel, preventClose, signal };
}
