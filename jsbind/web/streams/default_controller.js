// The core of ReadableStreamDefaultController
// (https://streams.spec.whatwg.org/#rs-default-controller-abstract-ops).

import { Fifo } from "./fifo.js";
import { checkedSize } from "./strategy.js";
import { ReadableCore } from "./readable_core.js";
import { SourceController } from "./source_controller.js";

export class DefaultController extends SourceController {
  #chunks = new Fifo();
  /** Null while each chunk counts as one. */
  #sizes;
  #sizeOf;

  /**
   * @param {ReadableCore} stream
   * @param {import("./source_controller.js").SourceAlgorithms} source
   * @param {number} highWaterMark
   * @param {((chunk: unknown) => number) | null} sizeOf null: each chunk counts as one
   */
  constructor(stream, source, highWaterMark, sizeOf = null) {
    super(stream, source, highWaterMark);
    this.#sizeOf = sizeOf;
    this.#sizes = sizeOf === null ? null : new Fifo();
  }

  get isByte() {
    return false;
  }

  get hasChunks() {
    return this.#chunks.length > 0;
  }

  /** ReadableStreamDefaultControllerEnqueue. Throws what the strategy throws. */
  enqueue(chunk) {
    if (!this.canCloseOrEnqueue) return;
    if (this.stream.pendingReads > 0) this.stream.reader.requests.shift().chunkSteps(chunk);
    else this.#enqueueWithSize(chunk);
    this.callPullIfNeeded();
  }

  #enqueueWithSize(chunk) {
    let size = 1;
    if (this.#sizeOf !== null) {
      try {
        size = checkedSize(this.#sizeOf, chunk);
      } catch (error) {
        this.error(error);
        throw error;
      }
      // The program's function may have ended the stream: what nobody can
      // read is not kept.
      if (this.stream.state !== "readable") return;
      this.#sizes.push(size);
    }
    this.#chunks.push(chunk);
    this.queueTotalSize += size;
  }

  /** ReadableStreamDefaultControllerClose */
  close() {
    if (!this.canCloseOrEnqueue) return;
    this.closeRequested = true;
    if (!this.hasChunks) this.closeStream();
  }

  /** The middle of [[PullSteps]]. REQUIRES: hasChunks. */
  takeChunk() {
    const chunk = this.#chunks.shift();
    const size = this.#sizes === null ? 1 : this.#sizes.shift();
    // Sums of fractions may come out a little below zero.
    this.queueTotalSize = Math.max(this.queueTotalSize - size, 0);
    if (this.closeRequested && !this.hasChunks) this.closeStream();
    else this.callPullIfNeeded();
    return chunk;
  }

  /** [[PullSteps]] */
  pullSteps(request) {
    if (this.hasChunks) {
      request.chunkSteps(this.takeChunk());
    } else {
      this.stream.reader.requests.push(request);
      this.callPullIfNeeded();
    }
  }

  /** [[ReleaseSteps]] */
  releaseSteps() {}

  resetQueue() {
    this.#chunks.clear();
    this.#sizes?.clear();
    this.queueTotalSize = 0;
  }
}

/**
 * CreateReadableStream
 * @param {import("./source_controller.js").SourceAlgorithms} source
 * @param {number} [highWaterMark]
 * @param {((chunk: unknown) => number) | null} [sizeOf] null: each chunk counts as one
 * @param {Promise} [started] when pulling may begin
 */
export function createReadable(source, highWaterMark = 1, sizeOf = null, started = undefined) {
  const stream = new ReadableCore();
  new DefaultController(stream, source, highWaterMark, sizeOf).start(started);
  return stream;
}
