// ReadableByteStreamTee (https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee).

import { cloneBytes } from "./array_buffers.js";
import { ByteController } from "./byte_controller.js";
import { inMicrotask, then } from "./promises.js";
import { ReadableCore } from "./readable_core.js";
import { acquireByobReader, acquireDefaultReader } from "./reader_core.js";
import { TeeCancel } from "./tee_cancel.js";

/** @see {import("./readable_tee.js").tee} */
export function byteTee(stream) {
  const work = new ByteTee(stream);
  return work.branches;
}

class ByteTee {
  /** @type {ReadableCore[]} */
  branches = [];
  #stream;
  #reader;
  #cancels;
  #reading = false;
  /** Which branches asked while the stream was being read. */
  #readAgain = [false, false];

  constructor(stream) {
    this.#stream = stream;
    this.#cancels = new TeeCancel(stream);
    this.#reader = acquireDefaultReader(stream);
    for (const i of [0, 1]) {
      const branch = new ReadableCore();
      const source = {
        pull: () => this.#pull(i),
        cancel: (reason) => this.#cancels.cancel(i, reason),
      };
      new ByteController(branch, source, 0).start();
      this.branches.push(branch);
    }
    this.#forwardError();
  }

  /** Tells the branches of an error of the stream, as long as its reader is this one. */
  #forwardError() {
    const reader = this.#reader;
    then(reader.closed.promise, undefined, (error) => {
      if (reader === this.#reader) this.#fail(error);
    });
  }

  #fail(error) {
    for (const { controller } of this.branches) controller.error(error);
    this.#cancels.settle();
  }

  /** The pull algorithm of a branch. */
  #pull(i) {
    if (this.#reading) {
      this.#readAgain[i] = true;
      return;
    }
    this.#reading = true;
    const { byobRequest } = this.branches[i].controller;
    if (byobRequest === null) this.#pullWithDefaultReader();
    else this.#pullWithByobReader(byobRequest.view, i);
  }

  #pullWithDefaultReader() {
    if (this.#reader.isByob) this.#replaceReader(acquireDefaultReader);
    this.#reader.readSteps({
      // Not within the call that gave the chunk, which may be a program's.
      chunkSteps: (chunk) => inMicrotask(() => this.#forward(chunk)),
      closeSteps: () => {
        this.#reading = false;
        for (const [i, { controller }] of this.branches.entries()) {
          if (!this.#cancels.isCancelled[i]) controller.close();
        }
        for (const { controller } of this.branches) {
          if (controller.byobRequest !== null) controller.respond(0);
        }
        this.#cancels.settle();
      },
      errorSteps: () => {
        this.#reading = false;
      },
    });
  }

  #forward(chunk) {
    this.#readAgain = [false, false];
    const [first, second] = this.#cancels.isCancelled;
    let copy = chunk;
    if (!first && !second) {
      copy = this.#clone(chunk);
      if (copy === undefined) return;
    }
    if (!first) this.branches[0].controller.enqueue(chunk);
    if (!second) this.branches[1].controller.enqueue(copy);
    this.#goOn();
  }

  /** A copy of a chunk; undefined if there is no memory, which ends everything. */
  #clone(chunk) {
    try {
      return cloneBytes(chunk);
    } catch (error) {
      for (const { controller } of this.branches) controller.error(error);
      this.#cancels.fail(error);
      return undefined;
    }
  }

  #goOn() {
    this.#reading = false;
    if (this.#readAgain[0]) this.#pull(0);
    else if (this.#readAgain[1]) this.#pull(1);
  }

  #pullWithByobReader(view, i) {
    if (!this.#reader.isByob) this.#replaceReader(acquireByobReader);
    const byob = this.branches[i].controller;
    const other = this.branches[1 - i].controller;
    this.#reader.readSteps(view, 1, {
      chunkSteps: (chunk) => inMicrotask(() => this.#forwardView(chunk, i)),
      closeSteps: (chunk) => {
        this.#reading = false;
        const byobCancelled = this.#cancels.isCancelled[i];
        const otherCancelled = this.#cancels.isCancelled[1 - i];
        if (!byobCancelled) byob.close();
        if (!otherCancelled) other.close();
        if (chunk !== undefined) {
          if (!byobCancelled) byob.respondWithNewView(chunk);
          if (!otherCancelled && other.byobRequest !== null) other.respond(0);
        }
        if (!byobCancelled || !otherCancelled) this.#cancels.settle();
      },
      errorSteps: () => {
        this.#reading = false;
      },
    });
  }

  #forwardView(chunk, i) {
    this.#readAgain = [false, false];
    const byob = this.branches[i].controller;
    const byobCancelled = this.#cancels.isCancelled[i];
    if (!this.#cancels.isCancelled[1 - i]) {
      const copy = this.#clone(chunk);
      if (copy === undefined) return;
      if (!byobCancelled) byob.respondWithNewView(chunk);
      this.branches[1 - i].controller.enqueue(copy);
    } else if (!byobCancelled) {
      byob.respondWithNewView(chunk);
    }
    this.#goOn();
  }

  #replaceReader(acquire) {
    this.#reader.release();
    this.#reader = acquire(this.#stream);
    this.#forwardError();
  }
}
