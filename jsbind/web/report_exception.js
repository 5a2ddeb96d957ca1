// What becomes of an error that a callback of the program let out.

import { reportUncaught } from "internal:runtime";

/**
 * Reports an error that nobody caught: 'uncaughtException' handlers are asked,
 * and without one the process ends with code 1. The rest of the queue from
 * which the callback came goes on if it does not.
 * @param {unknown} error
 */
export function reportException(error) {
  reportUncaught(error);
}

/**
 * The global reportError() (https://html.spec.whatwg.org/#dom-reporterror).
 * @param {unknown} error
 */
export function reportError(error) {
  if (arguments.length === 0) {
    throw new TypeError("Failed to execute 'reportError': 1 argument required, but only 0 present.");
  }
  reportUncaught(error);
}
