import { Deferred } from "./promises.js";

/** The two cancels of a tee, which make one of the stream. */
export class TeeCancel {
  #stream;
  #deferred = new Deferred();
  #reasons = [undefined, undefined];
  /** Of each branch. */
  isCancelled = [false, false];

  constructor(stream) {
    this.#stream = stream;
  }

  get both() {
    return this.isCancelled[0] && this.isCancelled[1];
  }

  /** The cancel algorithm of a branch. */
  cancel(branch, reason) {
    this.isCancelled[branch] = true;
    this.#reasons[branch] = reason;
    if (this.both) this.#deferred.resolve(this.#stream.cancel([...this.#reasons]));
    return this.#deferred.promise;
  }

  /** There is nothing to cancel any more. */
  settle() {
    if (!this.both) this.#deferred.resolve(undefined);
  }

  /** To be called with what the stream cannot be read for. */
  fail(error) {
    this.#deferred.resolve(this.#stream.cancel(error));
  }
}
