// The core of TransformStream (https://streams.spec.whatwg.org/#ts-abstract-ops).
// readable_core.js tells how the streams are built.

import { createReadable } from "./default_controller.js";
import { Deferred, ignore, invalidState, kResolved, then } from "./promises.js";
import { createWritable } from "./writable_controller.js";

/**
 * What is done with chunks. No function throws; undefined stands for a promise
 * that is fulfilled.
 * @typedef {object} TransformAlgorithms
 * @property {(chunk: unknown) => Promise | undefined} transform
 * @property {() => Promise | undefined} flush
 * @property {(reason: unknown) => Promise | undefined} cancel
 */

export class TransformCore {
  /** @type {import("./readable_core.js").ReadableCore} */
  readable;
  /** @type {import("./writable_core.js").WritableCore} */
  writable;
  /** Whether the readable side has no room. Writes wait for it. */
  backpressure = true;
  /** Null once nothing of it will be called ("clear algorithms"). @type {TransformAlgorithms | null} */
  #transformer;
  /** Settles when backpressure changes; made when somebody waits. @type {Deferred | null} */
  #change = null;
  /** While and after the stream ends, by which of both sides ever. @type {Deferred | null} */
  #finish = null;

  /**
   * InitializeTransformStream
   * @param {TransformAlgorithms} transformer
   * @param {object} [options]
   * @param {Promise} [options.started] what start() gave; both sides wait for it
   * @param {number} [options.writableHighWaterMark]
   * @param {((chunk: unknown) => number) | null} [options.writableSize]
   * @param {number} [options.readableHighWaterMark]
   * @param {((chunk: unknown) => number) | null} [options.readableSize]
   */
  constructor(
    transformer,
    {
      started = kResolved,
      writableHighWaterMark = 1,
      writableSize = null,
      readableHighWaterMark = 0,
      readableSize = null,
    } = {},
  ) {
    this.#transformer = transformer;
    // To the standard this is the result of both sides' start(), a promise
    // within a promise: it settles two microtasks later.
    const sidesStarted = then(then(started, ignore), ignore);
    const sink = {
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#abort(reason),
    };
    this.writable = createWritable(sink, writableHighWaterMark, writableSize, sidesStarted);
    const source = {
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(reason),
    };
    this.readable = createReadable(source, readableHighWaterMark, readableSize, sidesStarted);
  }

  /** TransformStreamDefaultControllerGetDesiredSize */
  get desiredSize() {
    return this.readable.controller.desiredSize;
  }

  /** TransformStreamDefaultControllerEnqueue. Throws if the readable side has ended. */
  enqueue(chunk) {
    const { controller } = this.readable;
    if (!controller.canCloseOrEnqueue) throw invalidState("The readable side is closed or closing, or has failed");
    try {
      controller.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw this.readable.storedError;
    }
    if (!controller.shouldCallPull() && !this.backpressure) this.#setBackpressure(true);
  }

  /** TransformStreamError */
  error(error) {
    this.readable.controller.error(error);
    this.#errorWritable(error);
  }

  /** TransformStreamDefaultControllerTerminate */
  terminate() {
    this.readable.controller.close();
    this.#errorWritable(new TypeError("The transform stream was terminated"));
  }

  /** TransformStreamErrorWritableAndUnblockWrite */
  #errorWritable(error) {
    this.#transformer = null;
    this.writable.controller.errorIfNeeded(error);
    this.#unblockWrite();
  }

  #unblockWrite() {
    if (this.backpressure) this.#setBackpressure(false);
  }

  /** TransformStreamSetBackpressure */
  #setBackpressure(backpressure) {
    this.backpressure = backpressure;
    const change = this.#change;
    this.#change = null;
    change?.resolve(undefined);
  }

  get #backpressureChange() {
    return (this.#change ??= new Deferred()).promise;
  }

  /** TransformStreamDefaultSinkWriteAlgorithm */
  #write(chunk) {
    if (!this.backpressure) return this.#perform(chunk);
    return then(this.#backpressureChange, () => {
      if (this.writable.state === "erroring") throw this.writable.storedError;
      return this.#perform(chunk);
    });
  }

  /** TransformStreamDefaultControllerPerformTransform */
  #perform(chunk) {
    const result = this.#transformer.transform(chunk);
    if (result === undefined) return undefined;
    return then(result, undefined, (error) => {
      this.error(error);
      throw error;
    });
  }

  /** TransformStreamDefaultSinkAbortAlgorithm */
  #abort(reason) {
    return this.#finishWith(
      (transformer) => transformer.cancel(reason),
      this.readable,
      () => this.readable.controller.error(reason),
      (error) => this.readable.controller.error(error),
    );
  }

  /** TransformStreamDefaultSinkCloseAlgorithm */
  #close() {
    return this.#finishWith(
      (transformer) => transformer.flush(),
      this.readable,
      () => this.readable.controller.close(),
      (error) => this.readable.controller.error(error),
    );
  }

  /** TransformStreamDefaultSourceCancelAlgorithm */
  #cancel(reason) {
    const errorWritable = (error) => {
      this.writable.controller.errorIfNeeded(error);
      this.#unblockWrite();
    };
    return this.#finishWith(
      (transformer) => transformer.cancel(reason),
      this.writable,
      () => errorWritable(reason),
      errorWritable,
    );
  }

  /**
   * Ends the stream once: lets the transformer do its last, then ends the side
   * that did not ask for it.
   */
  #finishWith(act, side, succeed, fail) {
    if (this.#finish !== null) return this.#finish.promise;
    const finish = new Deferred();
    this.#finish = finish;
    const transformer = this.#transformer;
    const result = act(transformer) ?? kResolved;
    this.#transformer = null;
    then(
      result,
      () => {
        if (side.state === "errored") {
          finish.reject(side.storedError);
          return;
        }
        succeed();
        finish.resolve(undefined);
      },
      (error) => {
        fail(error);
        finish.reject(error);
      },
    );
    return finish.promise;
  }

  /** TransformStreamDefaultSourcePullAlgorithm */
  #pull() {
    this.#setBackpressure(false);
    return this.#backpressureChange;
  }
}
