// Operations of C++ that end in a callback: no promise is made for them.

import { settleSuspendedWith } from "../async_calls.js";
import { drain } from "internal:runtime";
import { reportException } from "../web/report_exception.js";
import { nextTick } from "../web/task_queue.js";

/**
 * Calls an operation of "internal:ops/fs_calls", and then, never before this
 * returns, `callback(error)` or `callback(null, finish(result))`; without
 * `finish` no result is given.
 * @param {(error: Error | null, value?: unknown) => void} callback
 * @param {((result: any) => unknown) | undefined} finish
 * @param {Function} operation
 * @param {...unknown} args of the operation
 */
export function call(callback, finish, operation, ...args) {
  let result;
  try {
    result = operation(...args);
  } catch (error) {
    nextTick(callback, error);
    return;
  }
  const give = (value) => {
    try {
      if (finish === undefined) callback(null);
      else callback(null, finish(value));
    } catch (error) {
      reportException(error);
    }
  };
  const fulfil = (value) => {
    give(value);
    // As after every callback; the next one may be of the same turn.
    drain();
  };
  const reject = (error) => {
    try {
      callback(error);
    } catch (thrown) {
      reportException(thrown);
    }
    drain();
  };
  // Behind a tick all that is due runs anyway.
  if (!settleSuspendedWith(fulfil, reject)) nextTick(give, result);
}

/** For `finish`: the result as it is. */
export function same(result) {
  return result;
}

/**
 * Calls `callback` when a promise is settled, outside of promise jobs, so that
 * what it throws is an uncaught exception.
 * @param {Promise<unknown>} promise
 * @param {(error: Error | null, value?: unknown) => void} callback
 */
export function callWhenSettled(promise, callback) {
  promise.then(
    (value) => (value === undefined ? nextTick(callback, null) : nextTick(callback, null, value)),
    (error) => nextTick(callback, error),
  );
}
