// ReadableStreamPipeTo (https://streams.spec.whatwg.org/#readable-stream-pipe-to).

import { follow, unfollow } from "../abort_signal.js";
import { Deferred, ignore, inMicrotask, resolvedWith, then } from "./promises.js";
import { acquireDefaultReader } from "./reader_core.js";
import { WriterCore } from "./writer_core.js";

/**
 * Reads chunks as long as the destination has room for them, and writes them.
 * @param {import("./readable_core.js").ReadableCore} source not locked
 * @param {import("./writable_core.js").WritableCore} destination not locked
 * @param {object} [options]
 * @param {boolean} [options.preventAbort]
 * @param {boolean} [options.preventCancel]
 * @param {boolean} [options.preventClose]
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<undefined>}
 */
export function pipeTo(source, destination, options = {}) {
  return new Pipe(source, destination, options).result;
}

class Pipe {
  #source;
  #destination;
  #options;
  #reader;
  #writer;
  #done = new Deferred();
  #shuttingDown = false;
  #follower = null;
  /** A read waits for its chunk. */
  #reading = false;
  /** step() is running: a read that is served at once does not call it again. */
  #stepping = false;
  /** Chunks that were read and whose write has not settled. */
  #unsettled = 0;
  /** Called when there are none any more. */
  #onSettled = null;

  constructor(source, destination, options) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#reader = acquireDefaultReader(source);
    this.#writer = new WriterCore(destination);
    source.disturbed = true;
    const { signal } = options;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#abort(signal.reason);
        return;
      }
      this.#follower = follow(signal, (reason) => this.#abort(reason));
    }
    this.#watch();
    // Nothing of the sink is called before pipeTo() has returned.
    inMicrotask(() => this.#step());
    this.#writer.onReady = () => inMicrotask(() => this.#step());
  }

  get result() {
    return this.#done.promise;
  }

  #abort(reason) {
    const { preventAbort, preventCancel } = this.#options;
    const actions = [];
    if (!preventAbort) {
      actions.push(() =>
        this.#destination.state === "writable" ? this.#destination.abort(reason) : resolvedWith(undefined),
      );
    }
    if (!preventCancel) {
      actions.push(() =>
        this.#source.state === "readable" ? this.#source.cancel(reason) : resolvedWith(undefined),
      );
    }
    this.#shutdown(() => allOf(actions.map((action) => action())), { reason });
  }

  /** "Errors and close states must be propagated", in the standard's order. */
  #watch() {
    const source = this.#source;
    const destination = this.#destination;
    if (source.state === "errored") this.#sourceFailed(source.storedError);
    else onRejected(this.#reader.closed, (error) => this.#sourceFailed(error));

    if (destination.state === "errored") this.#destinationFailed(destination.storedError);
    else onRejected(this.#writer.closed, (error) => this.#destinationFailed(error));

    if (source.state === "closed") this.#sourceClosed();
    else then(this.#reader.closed.promise, () => this.#sourceClosed(), ignore);

    if (destination.isClosing || destination.state === "closed") this.#destinationClosed();
  }

  #sourceFailed(error) {
    const action = this.#options.preventAbort ? undefined : () => this.#destination.abort(error);
    this.#shutdown(action, { reason: error });
  }

  #destinationFailed(error) {
    const action = this.#options.preventCancel ? undefined : () => this.#source.cancel(error);
    this.#shutdown(action, { reason: error });
  }

  #sourceClosed() {
    const action = this.#options.preventClose ? undefined : () => this.#writer.closeWithErrorPropagation();
    this.#shutdown(action, null);
  }

  #destinationClosed() {
    const error = new TypeError("The destination of the pipe is closed or closing");
    const action = this.#options.preventCancel ? undefined : () => this.#source.cancel(error);
    this.#shutdown(action, { reason: error });
  }

  /** Reads while there is room, and something to read. */
  #step() {
    if (this.#reading || this.#stepping) return;
    this.#stepping = true;
    while (!this.#shuttingDown && !this.#reading && this.#hasRoom && this.#source.state === "readable") {
      this.#reading = true;
      this.#reader.readSteps(this);
    }
    this.#stepping = false;
  }

  get #hasRoom() {
    return this.#destination.state === "writable" && !this.#destination.isClosing && this.#writer.desiredSize > 0;
  }

  // As a read request:

  chunkSteps(chunk) {
    if (this.#stepping) {
      this.#write(chunk);
      return;
    }
    // This is within a call of the source's, who does not expect the sink's code.
    this.#unsettled++;
    inMicrotask(() => {
      this.#unsettled--;
      this.#write(chunk);
      this.#step();
    });
  }

  closeSteps() {
    this.#reading = false;
  }

  errorSteps() {
    this.#reading = false;
  }

  #write(chunk) {
    this.#reading = false;
    this.#unsettled++;
    this.#writer.writeSteps(chunk, this);
  }

  // As a write request, of every write:

  resolve() {
    if (--this.#unsettled === 0) this.#onSettled?.();
  }

  reject() {
    this.resolve();
  }

  /**
   * "Shutdown with an action", "shutdown".
   * @param {(() => Promise) | undefined} action
   * @param {{ reason: unknown } | null} error
   */
  #shutdown(action, error) {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    const act = () => {
      if (action === undefined) {
        this.#finalize(error);
        return;
      }
      then(
        action(),
        () => this.#finalize(error),
        (reason) => this.#finalize({ reason }),
      );
    };
    const destination = this.#destination;
    if (destination.state === "writable" && !destination.isClosing) this.#whenWritten(act);
    else act();
  }

  /** Calls `next` once all chunks that were read have been written. */
  #whenWritten(next) {
    if (this.#unsettled === 0) {
      inMicrotask(next);
      return;
    }
    this.#onSettled = () => {
      this.#onSettled = null;
      inMicrotask(next);
    };
  }

  #finalize(error) {
    this.#writer.release();
    this.#reader.release();
    if (this.#follower !== null) unfollow(this.#follower);
    if (error === null) this.#done.resolve(undefined);
    else this.#done.reject(error.reason);
  }
}

function onRejected(lazy, callback) {
  then(lazy.promise, undefined, callback);
}

/** "Wait for all" */
function allOf(promises) {
  const all = new Deferred();
  let pending = promises.length;
  if (pending === 0) all.resolve(undefined);
  for (const promise of promises) {
    then(
      promise,
      () => {
        if (--pending === 0) all.resolve(undefined);
      },
      all.reject,
    );
  }
  return all.promise;
}
