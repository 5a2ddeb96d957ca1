// util.promisify() and util.callbackify().

import { codedError, validateFunction } from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";

/** A function's property of this name is what promisify() gives for it. */
const kCustom = Symbol.for("nodejs.util.promisify.custom");

/**
 * A function that gives a promise instead of calling back `(error, value)`.
 * @param {Function} original whose last argument is the callback
 */
export function promisify(original) {
  validateFunction(original, "original");
  const custom = original[kCustom];
  if (custom !== undefined && custom !== null) {
    validateFunction(custom, "util.promisify.custom");
    return Object.defineProperty(custom, kCustom, { value: custom, configurable: true });
  }
  function promisified(...args) {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error, value) => {
        if (error) reject(error);
        else resolve(value);
      });
    });
  }
  Object.setPrototypeOf(promisified, Object.getPrototypeOf(original));
  Object.defineProperty(promisified, kCustom, { value: promisified, configurable: true });
  return Object.defineProperties(promisified, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = kCustom;

/**
 * A function that calls back `(error, value)` instead of giving a promise.
 * @param {(...args: unknown[]) => Promise<unknown>} original
 */
export function callbackify(original) {
  validateFunction(original, "original");
  function callbackified(...args) {
    const callback = validateFunction(args.pop(), "last argument");
    // What the callback throws is nobody's rejection.
    const call = (...results) => nextTick(callback.bind(this), ...results);
    original.apply(this, args).then(
      (value) => call(null, value),
      (reason) => call(reason || falsyRejection(reason)),
    );
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === "number") descriptors.length.value++;
  if (typeof descriptors.name.value === "string") descriptors.name.value += "Callbackified";
  return Object.defineProperties(callbackified, descriptors);
}

function falsyRejection(reason) {
  const error = codedError(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value");
  error.reason = reason;
  return error;
}
