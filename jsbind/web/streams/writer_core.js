// The core of WritableStreamDefaultWriter
// (https://streams.spec.whatwg.org/#ws-writer-abstract-ops).

import { Deferred, invalidState, LazyPromise, rejectedWith, resolvedWith } from "./promises.js";

export class WriterCore {
  /** Null once released. @type {import("./writable_core.js").WritableCore | null} */
  stream;
  closed = new LazyPromise();
  ready = new LazyPromise();
  /** Called when there is room again. @type {(() => void) | null} */
  onReady = null;

  /** SetUpWritableStreamDefaultWriter. Throws if the stream is locked. */
  constructor(stream) {
    if (stream.locked) throw invalidState("WritableStream is locked");
    this.stream = stream;
    stream.writer = this;
    const { closed, ready } = this;
    switch (stream.state) {
      case "writable":
        if (stream.isClosing || !stream.backpressure) ready.resolve();
        break;
      case "erroring":
        ready.reject(stream.storedError);
        break;
      case "closed":
        ready.resolve();
        closed.resolve();
        break;
      default:
        ready.reject(stream.storedError);
        closed.reject(stream.storedError);
    }
  }

  /** WritableStreamDefaultWriterAbort */
  abort(reason) {
    return this.stream === null ? rejectedWith(released()) : this.stream.abort(reason);
  }

  /** WritableStreamDefaultWriterClose */
  close() {
    const { stream } = this;
    if (stream === null) return rejectedWith(released());
    if (stream.isClosing) return rejectedWith(invalidState("The stream is closing already"));
    return stream.close();
  }

  /** WritableStreamDefaultWriterCloseWithErrorPropagation */
  closeWithErrorPropagation() {
    const { stream } = this;
    if (stream.isClosing || stream.state === "closed") return resolvedWith(undefined);
    if (stream.state === "errored") return rejectedWith(stream.storedError);
    return this.close();
  }

  /** WritableStreamDefaultWriterGetDesiredSize. REQUIRES: not released. */
  get desiredSize() {
    switch (this.stream.state) {
      case "errored":
      case "erroring":
        return null;
      case "closed":
        return 0;
      default:
        return this.stream.controller.desiredSize;
    }
  }

  /** WritableStreamDefaultWriterRelease */
  release() {
    const { stream } = this;
    if (stream === null) return;
    let error;
    const makeError = () => (error ??= invalidState("The writer was released"));
    this.ready.rejectWith(makeError);
    this.closed.rejectWith(makeError);
    stream.writer = null;
    this.stream = null;
  }

  /** @returns {Promise<undefined>} */
  write(chunk) {
    if (this.stream === null) return rejectedWith(released());
    const request = new Deferred();
    this.writeSteps(chunk, request);
    return request.promise;
  }

  /**
   * WritableStreamDefaultWriterWrite, with a request instead of a promise.
   * @param {unknown} chunk
   * @param {{ resolve(): void, reject(error: unknown): void }} request
   */
  writeSteps(chunk, request) {
    const { stream } = this;
    const { controller } = stream;
    const size = controller.sizeOf(chunk);
    // The program's function may have released the writer or ended the stream.
    if (stream !== this.stream) {
      request.reject(released());
    } else if (stream.state === "errored") {
      request.reject(stream.storedError);
    } else if (stream.isClosing || stream.state === "closed") {
      request.reject(invalidState("The stream is closing or closed and cannot be written to"));
    } else if (stream.state === "erroring") {
      request.reject(stream.storedError);
    } else {
      stream.writeRequests.push(request);
      controller.write(chunk, size);
    }
  }
}

function released() {
  return invalidState("The writer is not attached to a stream");
}
