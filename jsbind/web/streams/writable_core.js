// The core of WritableStream (https://streams.spec.whatwg.org/#ws-abstract-ops).
// readable_core.js tells how the streams are built.
//
// A write request has resolve() and reject(error). Most are promises; a pipe
// counts instead.

import { Fifo } from "./fifo.js";
import { Deferred, invalidState, rejectedWith, resolvedWith, then } from "./promises.js";

export class WritableCore {
  /** @type {"writable" | "closed" | "erroring" | "errored"} */
  state = "writable";
  storedError = undefined;
  /** @type {import("./writer_core.js").WriterCore | null} */
  writer = null;
  /** @type {import("./writable_controller.js").WritableController} */
  controller = null;
  backpressure = false;
  /** @type {Fifo} of write requests */
  writeRequests = new Fifo();
  #inFlightWrite = null;
  /** @type {Deferred | null} */
  #closeRequest = null;
  /** @type {Deferred | null} */
  #inFlightClose = null;
  /** @type {{ deferred: Deferred, reason: unknown, wasAlreadyErroring: boolean } | null} */
  #pendingAbort = null;

  get locked() {
    return this.writer !== null;
  }

  /** WritableStreamAbort @returns {Promise<undefined>} */
  abort(reason) {
    if (this.state === "closed" || this.state === "errored") return resolvedWith(undefined);
    this.controller.signalAbort(reason);
    // Which may have run code of the program.
    if (this.state === "closed" || this.state === "errored") return resolvedWith(undefined);
    if (this.#pendingAbort !== null) return this.#pendingAbort.deferred.promise;
    const wasAlreadyErroring = this.state === "erroring";
    const deferred = new Deferred();
    this.#pendingAbort = { deferred, reason: wasAlreadyErroring ? undefined : reason, wasAlreadyErroring };
    if (!wasAlreadyErroring) this.startErroring(reason);
    return deferred.promise;
  }

  /** As abort(), for a program: not while a writer has the stream. */
  abortUnlocked(reason) {
    if (this.locked) return rejectedWith(invalidState("WritableStream is locked"));
    return this.abort(reason);
  }

  /** WritableStreamClose @returns {Promise<undefined>} */
  close() {
    const { state } = this;
    if (state === "closed" || state === "errored") {
      return rejectedWith(invalidState(`The stream is in the ${state} state; it cannot be closed`));
    }
    const request = new Deferred();
    this.#closeRequest = request;
    if (this.writer !== null && this.backpressure && state === "writable") this.writer.ready.resolve();
    this.controller.close();
    return request.promise;
  }

  /** WritableStreamCloseQueuedOrInFlight */
  get isClosing() {
    return this.#closeRequest !== null || this.#inFlightClose !== null;
  }

  /** WritableStreamStartErroring. REQUIRES: writable. */
  startErroring(reason) {
    this.state = "erroring";
    this.storedError = reason;
    this.writer?.ready.reject(reason);
    if (!this.hasOperationInFlight && this.controller.started) this.finishErroring();
  }

  /** WritableStreamDealWithRejection */
  fail(error) {
    if (this.state === "writable") this.startErroring(error);
    else this.finishErroring();
  }

  /** WritableStreamFinishErroring. REQUIRES: erroring, and nothing in flight. */
  finishErroring() {
    this.state = "errored";
    this.controller.errorSteps();
    const { storedError } = this;
    for (const request of this.writeRequests.takeAll()) request.reject(storedError);
    const abort = this.#pendingAbort;
    this.#pendingAbort = null;
    if (abort === null) {
      this.#rejectCloseIfNeeded();
    } else if (abort.wasAlreadyErroring) {
      abort.deferred.reject(storedError);
      this.#rejectCloseIfNeeded();
    } else {
      then(
        this.controller.abortSteps(abort.reason) ?? resolvedWith(undefined),
        () => {
          abort.deferred.resolve(undefined);
          this.#rejectCloseIfNeeded();
        },
        (error) => {
          abort.deferred.reject(error);
          this.#rejectCloseIfNeeded();
        },
      );
    }
  }

  /** WritableStreamRejectCloseAndClosedPromiseIfNeeded */
  #rejectCloseIfNeeded() {
    this.#closeRequest?.reject(this.storedError);
    this.#closeRequest = null;
    this.writer?.closed.reject(this.storedError);
  }

  get hasOperationInFlight() {
    return this.#inFlightWrite !== null || this.#inFlightClose !== null;
  }

  /** WritableStreamMarkFirstWriteRequestInFlight */
  beginWrite() {
    this.#inFlightWrite = this.writeRequests.shift();
  }

  /** WritableStreamFinishInFlightWrite */
  finishWrite() {
    const request = this.#inFlightWrite;
    this.#inFlightWrite = null;
    request.resolve(undefined);
  }

  /** WritableStreamFinishInFlightWriteWithError */
  failWrite(error) {
    const request = this.#inFlightWrite;
    this.#inFlightWrite = null;
    request.reject(error);
    this.fail(error);
  }

  /** WritableStreamMarkCloseRequestInFlight */
  beginClose() {
    this.#inFlightClose = this.#closeRequest;
    this.#closeRequest = null;
  }

  /** WritableStreamFinishInFlightClose */
  finishClose() {
    this.#inFlightClose.resolve(undefined);
    this.#inFlightClose = null;
    if (this.state === "erroring") {
      // The close was too late to be stopped, so it succeeded.
      this.storedError = undefined;
      this.#pendingAbort?.deferred.resolve(undefined);
      this.#pendingAbort = null;
    }
    this.state = "closed";
    this.writer?.closed.resolve();
  }

  /** WritableStreamFinishInFlightCloseWithError */
  failClose(error) {
    this.#inFlightClose.reject(error);
    this.#inFlightClose = null;
    this.#pendingAbort?.deferred.reject(error);
    this.#pendingAbort = null;
    this.fail(error);
  }

  /** WritableStreamUpdateBackpressure */
  updateBackpressure(backpressure) {
    if (this.writer !== null && backpressure !== this.backpressure) {
      if (backpressure) {
        this.writer.ready.reset();
      } else {
        this.writer.ready.resolve();
        this.writer.onReady?.();
      }
    }
    this.backpressure = backpressure;
  }
}
