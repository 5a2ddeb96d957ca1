// The core of WritableStreamDefaultController
// (https://streams.spec.whatwg.org/#ws-default-controller-abstract-ops).

import { AbortController } from "../abort_controller.js";
import { signalAbort } from "../abort_signal.js";
import { Fifo } from "./fifo.js";
import { kResolved, then } from "./promises.js";
import { checkedSize } from "./strategy.js";
import { WritableCore } from "./writable_core.js";

/**
 * Where chunks go. No function throws; undefined stands for a promise that is
 * fulfilled.
 * @typedef {object} SinkAlgorithms
 * @property {(chunk: unknown) => Promise | undefined} write
 * @property {() => Promise | undefined} close
 * @property {(reason: unknown) => Promise | undefined} abort
 */

/** In the queue, the end of the stream. */
const kClose = Symbol("close");

export class WritableController {
  stream;
  started = false;
  /** Null once nothing of it will be called ("clear algorithms"). @type {SinkAlgorithms | null} */
  #sink;
  #highWaterMark;
  #sizeOf;
  #queue = new Fifo();
  /** Null while each chunk counts as one. */
  #sizes;
  #queueTotalSize = 0;
  #abortController = null;
  #onWritten = null;
  #onWriteFailed = null;

  /**
   * @param {WritableCore} stream
   * @param {SinkAlgorithms} sink
   * @param {number} highWaterMark
   * @param {((chunk: unknown) => number) | null} sizeOf null: each chunk counts as one
   */
  constructor(stream, sink, highWaterMark, sizeOf) {
    this.stream = stream;
    this.#sink = sink;
    this.#highWaterMark = highWaterMark;
    this.#sizeOf = sizeOf;
    this.#sizes = sizeOf === null ? null : new Fifo();
    stream.controller = this;
    stream.updateBackpressure(this.#backpressure);
  }

  /** The end of SetUpWritableStreamDefaultController. @param {Promise} [started] what start() gave */
  start(started = kResolved) {
    then(
      started,
      () => {
        this.started = true;
        this.#advanceQueue();
      },
      (error) => {
        this.started = true;
        this.stream.fail(error);
      },
    );
  }

  /** Its signal aborts when the stream is. Made when first looked at. */
  get signal() {
    return (this.#abortController ??= new AbortController()).signal;
  }

  signalAbort(reason) {
    // Also one that is looked at afterwards has aborted.
    signalAbort(this.signal, reason);
  }

  get desiredSize() {
    return this.#highWaterMark - this.#queueTotalSize;
  }

  get #backpressure() {
    return this.desiredSize <= 0;
  }

  /** [[AbortSteps]] */
  abortSteps(reason) {
    const sink = this.#sink;
    this.#sink = null;
    return sink.abort(reason);
  }

  /** [[ErrorSteps]] */
  errorSteps() {
    this.#queue.clear();
    this.#sizes?.clear();
    this.#queueTotalSize = 0;
  }

  /** WritableStreamDefaultControllerError. REQUIRES: writable. */
  error(error) {
    this.#sink = null;
    this.stream.startErroring(error);
  }

  errorIfNeeded(error) {
    if (this.stream.state === "writable") this.error(error);
  }

  /** WritableStreamDefaultControllerGetChunkSize */
  sizeOf(chunk) {
    // Without algorithms the stream is ending.
    if (this.#sizeOf === null || this.#sink === null) return 1;
    try {
      return checkedSize(this.#sizeOf, chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  /** WritableStreamDefaultControllerClose */
  close() {
    this.#queue.push(kClose);
    this.#sizes?.push(0);
    this.#advanceQueue();
  }

  /** WritableStreamDefaultControllerWrite */
  write(chunk, size) {
    this.#queue.push(chunk);
    this.#sizes?.push(size);
    this.#queueTotalSize += size;
    const { stream } = this;
    if (!stream.isClosing && stream.state === "writable") stream.updateBackpressure(this.#backpressure);
    this.#advanceQueue();
  }

  /** WritableStreamDefaultControllerAdvanceQueueIfNeeded */
  #advanceQueue() {
    const { stream } = this;
    if (!this.started || stream.hasOperationInFlight) return;
    if (stream.state === "erroring") {
      stream.finishErroring();
      return;
    }
    if (this.#queue.length === 0) return;
    const chunk = this.#queue.first();
    if (chunk === kClose) this.#processClose();
    else this.#processWrite(chunk);
  }

  #processClose() {
    const { stream } = this;
    stream.beginClose();
    this.#queue.shift();
    this.#sizes?.shift();
    const result = this.#sink.close();
    this.#sink = null;
    then(
      result ?? kResolved,
      () => stream.finishClose(),
      (error) => stream.failClose(error),
    );
  }

  #processWrite(chunk) {
    const { stream } = this;
    stream.beginWrite();
    this.#onWritten ??= () => {
      stream.finishWrite();
      this.#dequeue();
      if (!stream.isClosing && stream.state === "writable") stream.updateBackpressure(this.#backpressure);
      this.#advanceQueue();
    };
    this.#onWriteFailed ??= (error) => {
      if (stream.state === "writable") this.#sink = null;
      stream.failWrite(error);
    };
    then(this.#sink.write(chunk) ?? kResolved, this.#onWritten, this.#onWriteFailed);
  }

  #dequeue() {
    this.#queue.shift();
    const size = this.#sizes === null ? 1 : this.#sizes.shift();
    // Sums of fractions may come out a little below zero.
    this.#queueTotalSize = Math.max(this.#queueTotalSize - size, 0);
  }
}

/**
 * CreateWritableStream
 * @param {SinkAlgorithms} sink
 * @param {number} highWaterMark
 * @param {((chunk: unknown) => number) | null} sizeOf null: each chunk counts as one
 * @param {Promise} [started] when writing may begin
 */
export function createWritable(sink, highWaterMark, sizeOf, started = undefined) {
  const stream = new WritableCore();
  new WritableController(stream, sink, highWaterMark, sizeOf).start(started);
  return stream;
}
