// setTimeout(), setInterval() and their likes
// (https://html.spec.whatwg.org/#timers, returning Node's Timeout objects).

import { validateFunction } from "./errors.js";
import { Timeout, findTimeout } from "./timeout.js";
import { emitWarning } from "./warnings.js";

const kDelayMax = 2 ** 31 - 1;

/**
 * A delay as Node reads it: whole, at least 1 ms and below 2^31.
 * @param {unknown} delay
 * @returns {number}
 */
function toDelay(delay) {
  if (delay === undefined) return 1;
  delay *= 1; // Throws for symbols and BigInts.
  if (delay >= 1 && delay <= kDelayMax) return Math.trunc(delay);
  const becomes = "\nTimeout duration was set to 1.";
  if (delay > kDelayMax) {
    emitWarning(`${delay} does not fit into a 32-bit signed integer.${becomes}`, "TimeoutOverflowWarning");
  } else if (delay < 0) {
    emitWarning(`${delay} is a negative number.${becomes}`, "TimeoutNegativeWarning");
  } else if (Number.isNaN(delay)) {
    emitWarning(`${delay} is not a number.${becomes}`, "TimeoutNaNWarning");
  }
  return 1;
}

/**
 * Calls a function once, after some milliseconds.
 * @param {(...args: unknown[]) => void} callback
 * @param {number} [delay] in ms
 * @param {...unknown} args for the function
 * @returns {Timeout}
 */
export function setTimeout(callback, delay, ...args) {
  validateFunction(callback, "callback");
  return new Timeout(callback, toDelay(delay), args.length === 0 ? undefined : args, false, true);
}

/**
 * Calls a function again and again, with some milliseconds between.
 * @param {(...args: unknown[]) => void} callback
 * @param {number} [delay] in ms
 * @param {...unknown} args for the function
 * @returns {Timeout}
 */
export function setInterval(callback, delay, ...args) {
  validateFunction(callback, "callback");
  return new Timeout(callback, toDelay(delay), args.length === 0 ? undefined : args, true, true);
}

/** @param {Timeout | number | string | undefined} timer ignored if it is none */
export function clearTimeout(timer) {
  const found = timer instanceof Timeout ? timer : findTimeout(timer);
  found?.close();
}

/** @param {Timeout | number | string | undefined} timer ignored if it is none */
export function clearInterval(timer) {
  clearTimeout(timer);
}

/**
 * A timer of the runtime's own, which keeps no process alive.
 * @param {number} delay in ms
 * @param {() => void} callback
 * @returns {Timeout} close() takes it back
 */
export function startInternalTimer(delay, callback) {
  const bounded = Math.min(Math.max(Math.trunc(delay), 1), kDelayMax);
  return new Timeout(callback, bounded, undefined, false, false);
}
