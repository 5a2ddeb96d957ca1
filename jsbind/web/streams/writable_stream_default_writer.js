// WritableStreamDefaultWriter (https://streams.spec.whatwg.org/#default-writer-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, requireArguments, throwIllegalInvocation } from "../webidl.js";
import { lockers } from "./lockers.js";
import { invalidState, rejectedWith } from "./promises.js";
import { isWritableStream, writableCoreOf } from "./writable_stream.js";
import { WriterCore } from "./writer_core.js";

const kName = "WritableStreamDefaultWriter";

/** Writes to a stream that no other writer has. */
export class WritableStreamDefaultWriter {
  /** @type {WriterCore} */
  #core;
  /** For inspection. */
  #stream;

  /** @param {WritableStream} stream not locked */
  constructor(stream) {
    const context = `Failed to construct '${kName}'`;
    requireArguments(arguments.length, 1, context);
    if (!isWritableStream(stream)) throw new TypeError(`${context}: parameter 1 is not of type 'WritableStream'.`);
    this.#core = new WriterCore(writableCoreOf(stream));
    this.#stream = stream;
  }

  static #coreOf(writer) {
    if (!isObject(writer) || !(#core in writer)) throwIllegalInvocation(kName);
    return writer.#core;
  }

  /** Settles when the stream ends or the writer is released. */
  get closed() {
    try {
      return WritableStreamDefaultWriter.#coreOf(this).closed.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** How much fits in until the high-water mark; null if the stream has failed. */
  get desiredSize() {
    const core = WritableStreamDefaultWriter.#coreOf(this);
    if (core.stream === null) throw invalidState("The writer is not attached to a stream");
    return core.desiredSize;
  }

  /** Settles when there is room; a new one whenever there is none. */
  get ready() {
    try {
      return WritableStreamDefaultWriter.#coreOf(this).ready.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /**
   * Ends the stream at once; what is queued is lost.
   * @param {unknown} [reason]
   * @returns {Promise<undefined>}
   */
  abort(reason = undefined) {
    try {
      return WritableStreamDefaultWriter.#coreOf(this).abort(reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** Ends the stream after what is queued. @returns {Promise<undefined>} */
  close() {
    try {
      return WritableStreamDefaultWriter.#coreOf(this).close();
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** Unlocks the stream. What was written stays written. */
  releaseLock() {
    WritableStreamDefaultWriter.#coreOf(this).release();
  }

  /**
   * @param {unknown} [chunk]
   * @returns {Promise<undefined>} settles when the sink has taken it
   */
  write(chunk = undefined) {
    try {
      return WritableStreamDefaultWriter.#coreOf(this).write(chunk);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  [customInspect](depth, options, inspect) {
    if (!(#core in this)) return this;
    const { stream, closed, ready } = this.#core;
    const shown = {
      stream: stream === null ? undefined : this.#stream,
      close: closed.promise,
      ready: ready.promise,
      desiredSize: stream === null ? undefined : this.#core.desiredSize,
    };
    return `${kName} ${inspect(shown, options)}`;
  }
}

exposeInterface(WritableStreamDefaultWriter);
lockers.Writer = WritableStreamDefaultWriter;
