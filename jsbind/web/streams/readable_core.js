// The state of a readable stream, and what its controller and its reader do to
// it (https://streams.spec.whatwg.org/#rs-abstract-ops).
//
// Each interface of the standard is two objects here. The one that programs see
// (readable_stream.js and so on) checks and converts arguments. The other one,
// its core, holds the state, and its methods are the standard's algorithms; they
// are named in comments where their names differ. What works on streams inside
// (pipes, tees, bodies) uses cores alone, so that no program can come between.
//
// A controller of a readable stream has:
//   pullSteps(request), cancelSteps(reason), releaseSteps()   as the standard
//   hasChunks, takeChunk()   the queue's first chunk; taking it does all that a
//                            read does
//   isByte                   whether byob readers can be had
//
// A read request has chunkSteps(chunk), closeSteps() and errorSteps(error); a
// read-into request the same, with a view or undefined for closeSteps().

import { invalidState, rejectedWith, resolvedWith, then } from "./promises.js";

function toUndefined() {}

export class ReadableCore {
  /** @type {"readable" | "closed" | "errored"} */
  state = "readable";
  storedError = undefined;
  /** Whether something was read from it, or it was cancelled. */
  disturbed = false;
  /** @type {import("./reader_core.js").DefaultReaderCore | import("./reader_core.js").ByobReaderCore | null} */
  reader = null;
  controller = null;

  get locked() {
    return this.reader !== null;
  }

  get hasDefaultReader() {
    return this.reader !== null && !this.reader.isByob;
  }

  get hasByobReader() {
    return this.reader !== null && this.reader.isByob;
  }

  /** ReadableStreamGetNumReadRequests, and of read-into requests. */
  get pendingReads() {
    return this.reader === null ? 0 : this.reader.requests.length;
  }

  /** ReadableStreamClose */
  close() {
    this.state = "closed";
    const { reader } = this;
    if (reader === null) return;
    reader.closed.resolve();
    if (reader.isByob) return; // Its requests end with a last view each.
    for (const request of reader.requests.takeAll()) request.closeSteps();
  }

  /** ReadableStreamError */
  error(error) {
    this.state = "errored";
    this.storedError = error;
    const { reader } = this;
    if (reader === null) return;
    reader.closed.reject(error);
    for (const request of reader.requests.takeAll()) request.errorSteps(error);
  }

  /**
   * ReadableStreamCancel
   * @param {unknown} reason
   * @returns {Promise<undefined>}
   */
  cancel(reason) {
    this.disturbed = true;
    if (this.state === "closed") return resolvedWith(undefined);
    if (this.state === "errored") return rejectedWith(this.storedError);
    this.close();
    if (this.hasByobReader) {
      for (const request of this.reader.requests.takeAll()) request.closeSteps(undefined);
    }
    const result = this.controller.cancelSteps(reason);
    return result === undefined ? resolvedWith(undefined) : then(result, toUndefined);
  }

  /** As cancel(), for a program: not while a reader has the stream. */
  cancelUnlocked(reason) {
    if (this.locked) return rejectedWith(invalidState("ReadableStream is locked"));
    return this.cancel(reason);
  }
}
