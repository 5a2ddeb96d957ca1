// Readers of streams (https://streams.spec.whatwg.org/#rs-reader-abstract-ops).

import { Fifo } from "./fifo.js";
import { Deferred, invalidState, LazyPromise, rejectedWith, resolvedWith } from "./promises.js";

/** A read whose result is a promise. */
class PromisedRead extends Deferred {
  chunkSteps(value) {
    this.resolve({ value, done: false });
  }
  closeSteps(value) {
    this.resolve({ value, done: true });
  }
  errorSteps(error) {
    this.reject(error);
  }
}

/** What both readers have in common: ReadableStreamGenericReader. */
class ReaderCore {
  /** Null once released. @type {import("./readable_core.js").ReadableCore | null} */
  stream;
  /** Read requests, or read-into requests. */
  requests = new Fifo();
  closed = new LazyPromise();

  /** ReadableStreamReaderGenericInitialize. REQUIRES: the stream is not locked. */
  constructor(stream) {
    this.stream = stream;
    stream.reader = this;
    if (stream.state === "closed") this.closed.resolve();
    else if (stream.state === "errored") this.closed.reject(stream.storedError);
  }

  /** ReadableStreamReaderGenericCancel */
  cancel(reason) {
    if (this.stream === null) return rejectedWith(released());
    return this.stream.cancel(reason);
  }

  /** ReadableStreamDefaultReaderRelease, ReadableStreamBYOBReaderRelease */
  release() {
    const { stream } = this;
    if (stream === null) return;
    this.closed.rejectWith(wasReleased);
    stream.controller.releaseSteps();
    stream.reader = null;
    this.stream = null;
    if (this.requests.length === 0) return;
    const error = wasReleased();
    for (const request of this.requests.takeAll()) request.errorSteps(error);
  }
}

function wasReleased() {
  return invalidState("The reader was released");
}

function released() {
  return invalidState("The reader is not attached to a stream");
}

export class DefaultReaderCore extends ReaderCore {
  get isByob() {
    return false;
  }

  /** ReadableStreamDefaultReaderRead */
  readSteps(request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.state === "closed") request.closeSteps(undefined);
    else if (stream.state === "errored") request.errorSteps(stream.storedError);
    else stream.controller.pullSteps(request);
  }

  /** @returns {Promise<{ value: unknown, done: boolean }>} */
  read() {
    const { stream } = this;
    if (stream === null) return rejectedWith(released());
    if (stream.state === "readable" && stream.controller.hasChunks) {
      stream.disturbed = true;
      return resolvedWith({ value: stream.controller.takeChunk(), done: false });
    }
    const request = new PromisedRead();
    this.readSteps(request);
    return request.promise;
  }
}

export class ByobReaderCore extends ReaderCore {
  get isByob() {
    return true;
  }

  /** ReadableStreamBYOBReaderRead */
  readSteps(view, min, request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.state === "errored") request.errorSteps(stream.storedError);
    else stream.controller.pullInto(view, min, request);
  }

  /** @returns {Promise<{ value: ArrayBufferView | undefined, done: boolean }>} */
  read(view, min) {
    if (this.stream === null) return rejectedWith(released());
    const request = new PromisedRead();
    this.readSteps(view, min, request);
    return request.promise;
  }
}

/** SetUpReadableStreamDefaultReader */
export function acquireDefaultReader(stream) {
  checkUnlocked(stream);
  return new DefaultReaderCore(stream);
}

/** SetUpReadableStreamBYOBReader */
export function acquireByobReader(stream) {
  checkUnlocked(stream);
  if (!stream.controller.isByte) {
    throw invalidState("Only a byte stream has a reader of mode 'byob'");
  }
  stream.controller.prepareByob();
  return new ByobReaderCore(stream);
}

function checkUnlocked(stream) {
  if (stream.locked) throw invalidState("ReadableStream is locked");
}
