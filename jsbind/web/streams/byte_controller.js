// The core of ReadableByteStreamController
// (https://streams.spec.whatwg.org/#rbs-controller-abstract-ops).

import { Bytes, copyBytes, isDetached, sliceBuffer, transferBuffer, viewConstructorOf } from "./array_buffers.js";
import { Fifo } from "./fifo.js";
import { SourceController } from "./source_controller.js";

/** What a byob reader, or a default reader of a stream that allocates, waits to be filled. */
class PullIntoDescriptor {
  bytesFilled = 0;

  /**
   * @param {ArrayBuffer} buffer
   * @param {number} byteOffset
   * @param {number} byteLength
   * @param {number} minimumFill in bytes
   * @param {Function} viewConstructor
   * @param {"default" | "byob"} readerType becomes "none" when its reader goes
   */
  constructor(buffer, byteOffset, byteLength, minimumFill, viewConstructor, readerType) {
    this.buffer = buffer;
    this.bufferByteLength = buffer.byteLength;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.minimumFill = minimumFill;
    this.viewConstructor = viewConstructor;
    this.elementSize = viewConstructor.BYTES_PER_ELEMENT ?? 1;
    this.readerType = readerType;
  }

  /** ReadableByteStreamControllerConvertPullIntoDescriptor */
  takeView() {
    const buffer = transferBuffer(this.buffer);
    return new this.viewConstructor(buffer, this.byteOffset, this.bytesFilled / this.elementSize);
  }
}

/** A part of a buffer, in the queue. */
class Chunk {
  constructor(buffer, byteOffset, byteLength) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
  }
}

/**
 * What a source gets to fill: the core of ReadableStreamBYOBRequest. It is void
 * once its controller is null.
 */
export class ByobRequestCore {
  /** What the program sees of it, once it has looked. */
  wrapper = null;

  constructor(controller, view) {
    this.controller = controller;
    this.view = view;
  }
}

export class ByteController extends SourceController {
  /** @type {Fifo} of Chunk */
  #queue = new Fifo();
  /** @type {PullIntoDescriptor[]} */
  #pendingPullIntos = [];
  #autoAllocateChunkSize;
  /** @type {ByobRequestCore | null} */
  #byobRequest = null;

  /**
   * @param {import("./readable_core.js").ReadableCore} stream
   * @param {import("./source_controller.js").SourceAlgorithms} source
   * @param {number} highWaterMark
   * @param {number} [autoAllocateChunkSize] greater than 0
   */
  constructor(stream, source, highWaterMark, autoAllocateChunkSize = undefined) {
    super(stream, source, highWaterMark);
    this.#autoAllocateChunkSize = autoAllocateChunkSize;
  }

  get isByte() {
    return true;
  }

  /** For a byob reader that is to come. */
  prepareByob() {}

  get hasChunks() {
    return this.queueTotalSize > 0;
  }

  /** ReadableByteStreamControllerGetBYOBRequest @returns {ByobRequestCore | null} */
  get byobRequest() {
    if (this.#byobRequest === null && this.#pendingPullIntos.length > 0) {
      const { buffer, byteOffset, byteLength, bytesFilled } = this.#pendingPullIntos[0];
      const view = new Bytes(buffer, byteOffset + bytesFilled, byteLength - bytesFilled);
      this.#byobRequest = new ByobRequestCore(this, view);
    }
    return this.#byobRequest;
  }

  /** ReadableByteStreamControllerClose. Throws if what was filled is no whole element. */
  close() {
    if (!this.canCloseOrEnqueue) return;
    if (this.queueTotalSize > 0) {
      this.closeRequested = true;
      return;
    }
    if (this.#pendingPullIntos.length > 0) {
      const first = this.#pendingPullIntos[0];
      if (first.bytesFilled % first.elementSize !== 0) {
        const error = insufficientBytes();
        this.error(error);
        throw error;
      }
    }
    this.closeStream();
  }

  /** ReadableByteStreamControllerEnqueue. Throws if a buffer is detached. @param {ArrayBufferView} chunk */
  enqueue(chunk) {
    if (!this.canCloseOrEnqueue) return;
    const { buffer, byteOffset, byteLength } = chunk;
    if (isDetached(buffer)) throw new TypeError("The chunk's buffer is detached");
    const transferred = transferBuffer(buffer);
    if (this.#pendingPullIntos.length > 0) {
      const first = this.#pendingPullIntos[0];
      if (isDetached(first.buffer)) {
        throw new TypeError("The buffer of the byobRequest was detached and cannot be filled");
      }
      this.#invalidateByobRequest();
      first.buffer = transferBuffer(first.buffer);
      if (first.readerType === "none") this.#enqueueDetachedPullInto(first);
    }
    const { stream } = this;
    if (stream.hasDefaultReader) {
      this.#serveReadsFromQueue();
      if (stream.pendingReads === 0) {
        this.#enqueueChunk(transferred, byteOffset, byteLength);
      } else {
        if (this.#pendingPullIntos.length > 0) this.#pendingPullIntos.shift();
        stream.reader.requests.shift().chunkSteps(new Bytes(transferred, byteOffset, byteLength));
      }
    } else if (stream.hasByobReader) {
      this.#enqueueChunk(transferred, byteOffset, byteLength);
      this.#commitAll(this.#fillPullIntosFromQueue());
    } else {
      this.#enqueueChunk(transferred, byteOffset, byteLength);
    }
    this.callPullIfNeeded();
  }

  error(error) {
    if (this.stream.state !== "readable") return;
    this.#clearPendingPullIntos();
    super.error(error);
  }

  /** [[CancelSteps]] */
  cancelSteps(reason) {
    this.#clearPendingPullIntos();
    return super.cancelSteps(reason);
  }

  /** [[PullSteps]] */
  pullSteps(request) {
    if (this.queueTotalSize > 0) {
      request.chunkSteps(this.takeChunk());
      return;
    }
    const size = this.#autoAllocateChunkSize;
    if (size !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(size);
      } catch (error) {
        request.errorSteps(error);
        return;
      }
      this.#pendingPullIntos.push(new PullIntoDescriptor(buffer, 0, size, 1, Bytes, "default"));
    }
    this.stream.reader.requests.push(request);
    this.callPullIfNeeded();
  }

  /** ReadableByteStreamControllerFillReadRequestFromQueue. REQUIRES: hasChunks. */
  takeChunk() {
    const { buffer, byteOffset, byteLength } = this.#queue.shift();
    this.queueTotalSize -= byteLength;
    this.#handleQueueDrain();
    return new Bytes(buffer, byteOffset, byteLength);
  }

  /** [[ReleaseSteps]] */
  releaseSteps() {
    if (this.#pendingPullIntos.length === 0) return;
    const first = this.#pendingPullIntos[0];
    first.readerType = "none";
    this.#pendingPullIntos = [first];
  }

  /** ReadableByteStreamControllerPullInto */
  pullInto(view, min, request) {
    const { stream } = this;
    const viewConstructor = viewConstructorOf(view);
    const minimumFill = min * (viewConstructor.BYTES_PER_ELEMENT ?? 1);
    const { byteOffset, byteLength } = view;
    let buffer;
    try {
      buffer = transferBuffer(view.buffer);
    } catch (error) {
      request.errorSteps(error);
      return;
    }
    const descriptor = new PullIntoDescriptor(buffer, byteOffset, byteLength, minimumFill, viewConstructor, "byob");
    if (this.#pendingPullIntos.length > 0) {
      this.#pendingPullIntos.push(descriptor);
      stream.reader.requests.push(request);
      return;
    }
    if (stream.state === "closed") {
      request.closeSteps(new viewConstructor(buffer, byteOffset, 0));
      return;
    }
    if (this.queueTotalSize > 0) {
      if (this.#fillFromQueue(descriptor)) {
        const filled = descriptor.takeView();
        this.#handleQueueDrain();
        request.chunkSteps(filled);
        return;
      }
      if (this.closeRequested) {
        const error = insufficientBytes();
        this.error(error);
        request.errorSteps(error);
        return;
      }
    }
    this.#pendingPullIntos.push(descriptor);
    stream.reader.requests.push(request);
    this.callPullIfNeeded();
  }

  /** ReadableByteStreamControllerRespond @param {number} bytesWritten */
  respond(bytesWritten) {
    const first = this.#pendingPullIntos[0];
    if (this.stream.state === "closed") {
      if (bytesWritten !== 0) throw new TypeError("bytesWritten must be 0 for a stream that is closed");
    } else {
      if (bytesWritten === 0) throw new TypeError("bytesWritten must be greater than 0 for a stream that is not closed");
      if (first.bytesFilled + bytesWritten > first.byteLength) {
        throw new RangeError(`bytesWritten is ${bytesWritten}, which is more than the view has room for`);
      }
    }
    first.buffer = transferBuffer(first.buffer);
    this.#respond(first, bytesWritten);
  }

  /** ReadableByteStreamControllerRespondWithNewView @param {ArrayBufferView} view */
  respondWithNewView(view) {
    const first = this.#pendingPullIntos[0];
    const { byteLength } = view;
    if (this.stream.state === "closed") {
      if (byteLength !== 0) throw new TypeError("The view must be empty for a stream that is closed");
    } else if (byteLength === 0) {
      throw new TypeError("The view must not be empty for a stream that is not closed");
    }
    if (first.byteOffset + first.bytesFilled !== view.byteOffset) {
      throw new RangeError("The view must begin where the byobRequest's does");
    }
    if (first.bufferByteLength !== view.buffer.byteLength) {
      throw new RangeError("The view's buffer must be as long as the byobRequest's");
    }
    if (first.bytesFilled + byteLength > first.byteLength) {
      throw new RangeError("The view is longer than the byobRequest's");
    }
    first.buffer = transferBuffer(view.buffer);
    this.#respond(first, byteLength);
  }

  /** ReadableByteStreamControllerRespondInternal */
  #respond(first, bytesWritten) {
    this.#invalidateByobRequest();
    if (this.stream.state === "closed") this.#respondInClosedState(first);
    else this.#respondInReadableState(first, bytesWritten);
    this.callPullIfNeeded();
  }

  #respondInClosedState(first) {
    if (first.readerType === "none") this.#pendingPullIntos.shift();
    if (!this.stream.hasByobReader) return;
    const filled = [];
    while (filled.length < this.stream.pendingReads) filled.push(this.#pendingPullIntos.shift());
    this.#commitAll(filled);
  }

  #respondInReadableState(first, bytesWritten) {
    first.bytesFilled += bytesWritten;
    if (first.readerType === "none") {
      this.#enqueueDetachedPullInto(first);
      this.#commitAll(this.#fillPullIntosFromQueue());
      return;
    }
    if (first.bytesFilled < first.minimumFill) return;
    this.#pendingPullIntos.shift();
    const remainder = first.bytesFilled % first.elementSize;
    if (remainder > 0) {
      const end = first.byteOffset + first.bytesFilled;
      this.#enqueueClone(first.buffer, end - remainder, remainder);
    }
    first.bytesFilled -= remainder;
    const filled = this.#fillPullIntosFromQueue();
    this.#commit(first);
    this.#commitAll(filled);
  }

  /** ReadableByteStreamControllerCommitPullIntoDescriptor */
  #commit(descriptor) {
    const { stream } = this;
    const view = descriptor.takeView();
    const request = stream.reader.requests.shift();
    if (stream.state === "closed") request.closeSteps(view);
    else request.chunkSteps(view);
  }

  #commitAll(descriptors) {
    for (const descriptor of descriptors) this.#commit(descriptor);
  }

  #enqueueChunk(buffer, byteOffset, byteLength) {
    this.#queue.push(new Chunk(buffer, byteOffset, byteLength));
    this.queueTotalSize += byteLength;
  }

  /** ReadableByteStreamControllerEnqueueClonedChunkToQueue */
  #enqueueClone(buffer, byteOffset, byteLength) {
    let clone;
    try {
      clone = sliceBuffer(buffer, byteOffset, byteOffset + byteLength);
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.#enqueueChunk(clone, 0, byteLength);
  }

  /** ReadableByteStreamControllerEnqueueDetachedPullIntoToQueue */
  #enqueueDetachedPullInto(descriptor) {
    const { buffer, byteOffset, bytesFilled } = descriptor;
    if (bytesFilled > 0) this.#enqueueClone(buffer, byteOffset, bytesFilled);
    this.#pendingPullIntos.shift();
  }

  /**
   * ReadableByteStreamControllerFillPullIntoDescriptorFromQueue
   * @returns {boolean} whether it has as much as was asked for
   */
  #fillFromQueue(descriptor) {
    const available = Math.min(this.queueTotalSize, descriptor.byteLength - descriptor.bytesFilled);
    const fillable = descriptor.bytesFilled + available;
    const aligned = fillable - (fillable % descriptor.elementSize);
    const isReady = aligned >= descriptor.minimumFill;
    let remaining = isReady ? aligned - descriptor.bytesFilled : available;
    while (remaining > 0) {
      const head = this.#queue.first();
      const count = Math.min(remaining, head.byteLength);
      const to = descriptor.byteOffset + descriptor.bytesFilled;
      copyBytes(descriptor.buffer, to, head.buffer, head.byteOffset, count);
      if (head.byteLength === count) {
        this.#queue.shift();
      } else {
        head.byteOffset += count;
        head.byteLength -= count;
      }
      this.queueTotalSize -= count;
      descriptor.bytesFilled += count;
      remaining -= count;
    }
    return isReady;
  }

  /**
   * ReadableByteStreamControllerProcessPullIntoDescriptorsUsingQueue
   * @returns {PullIntoDescriptor[]} those that are full, to be committed
   */
  #fillPullIntosFromQueue() {
    const filled = [];
    while (this.#pendingPullIntos.length > 0 && this.queueTotalSize > 0) {
      if (this.#fillFromQueue(this.#pendingPullIntos[0])) filled.push(this.#pendingPullIntos.shift());
    }
    return filled;
  }

  /** ReadableByteStreamControllerProcessReadRequestsUsingQueue */
  #serveReadsFromQueue() {
    const { requests } = this.stream.reader;
    while (requests.length > 0 && this.queueTotalSize > 0) requests.shift().chunkSteps(this.takeChunk());
  }

  /** ReadableByteStreamControllerHandleQueueDrain */
  #handleQueueDrain() {
    if (this.queueTotalSize === 0 && this.closeRequested) this.closeStream();
    else this.callPullIfNeeded();
  }

  #invalidateByobRequest() {
    if (this.#byobRequest === null) return;
    this.#byobRequest.controller = null;
    this.#byobRequest.view = null;
    this.#byobRequest = null;
  }

  #clearPendingPullIntos() {
    this.#invalidateByobRequest();
    this.#pendingPullIntos = [];
  }

  resetQueue() {
    this.#queue.clear();
    this.queueTotalSize = 0;
  }
}

function insufficientBytes() {
  return new TypeError("The stream ends within an element of the view that was to be filled");
}
