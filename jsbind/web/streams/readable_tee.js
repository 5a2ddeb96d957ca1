// ReadableStreamTee (https://streams.spec.whatwg.org/#abstract-opdef-readablestreamtee).

import { byteTee } from "./byte_tee.js";
import { createReadable } from "./default_controller.js";
import { inMicrotask, then } from "./promises.js";
import { acquireDefaultReader } from "./reader_core.js";
import { TeeCancel } from "./tee_cancel.js";

/**
 * @typedef {import("./readable_core.js").ReadableCore} ReadableCore
 */

/**
 * Two streams of the same chunks. Both have to be read, or one cancelled: what
 * one has not read yet is kept.
 * @param {ReadableCore} stream not locked
 * @param {(chunk: unknown) => unknown} [clone] copies chunks for the second branch; a byte stream's
 *     are copied always
 * @returns {[ReadableCore, ReadableCore]}
 */
export function tee(stream, clone = undefined) {
  return stream.controller.isByte ? byteTee(stream) : defaultTee(stream, clone);
}

/** ReadableStreamDefaultTee */
function defaultTee(stream, clone) {
  const reader = acquireDefaultReader(stream);
  const cancels = new TeeCancel(stream);
  let reading = false;
  let readAgain = false;
  /** @type {ReadableCore[]} */
  const branches = [];

  const request = {
    // Not within the call that gave the chunk, which may be a program's.
    chunkSteps: (chunk) => inMicrotask(() => forward(chunk)),
    closeSteps() {
      reading = false;
      for (const [i, branch] of branches.entries()) {
        if (!cancels.isCancelled[i]) branch.controller.close();
      }
      cancels.settle();
    },
    errorSteps() {
      reading = false;
    },
  };

  function forward(chunk) {
    readAgain = false;
    let second = chunk;
    if (clone !== undefined && !cancels.isCancelled[1]) {
      try {
        second = clone(chunk);
      } catch (error) {
        for (const branch of branches) branch.controller.error(error);
        cancels.fail(error);
        return;
      }
    }
    if (!cancels.isCancelled[0]) branches[0].controller.enqueue(chunk);
    if (!cancels.isCancelled[1]) branches[1].controller.enqueue(second);
    reading = false;
    if (readAgain) pull();
  }

  function pull() {
    if (reading) {
      readAgain = true;
      return;
    }
    reading = true;
    reader.readSteps(request);
  }

  for (const i of [0, 1]) {
    branches.push(createReadable({ pull, cancel: (reason) => cancels.cancel(i, reason) }));
  }
  then(reader.closed.promise, undefined, (error) => {
    for (const branch of branches) branch.controller.error(error);
    cancels.settle();
  });
  return branches;
}
