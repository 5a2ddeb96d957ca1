// assert.throws(), rejects() and their opposites: what an error is to be.

import { codedError, invalidArgType, invalidArgValue, validateFunction } from "../web/errors.js";
import { inspect } from "../web/inspect.js";
import { AssertionError } from "./assertion_error.js";
import { isDeepStrictEqual } from "./deep_equal.js";
import { isPromise, isRegExp } from "./util_types.js";

const kNothing = Symbol("nothing was thrown");

function errorOf(fn) {
  validateFunction(fn, "fn");
  try {
    fn();
  } catch (error) {
    return error;
  }
  return kNothing;
}

async function rejectionOf(promiseOrFn) {
  let promise = promiseOrFn;
  if (typeof promiseOrFn === "function") {
    promise = promiseOrFn();
    if (!isThenable(promise)) {
      const message = `Expected instance of Promise to be returned from the "promiseFn" function but got ${describeType(promise)}.`;
      throw codedError(TypeError, "ERR_INVALID_RETURN_VALUE", message);
    }
  } else if (!isThenable(promise)) {
    throw invalidArgType("promiseFn", "of type function or an instance of Promise", promise);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return kNothing;
}

function isThenable(value) {
  return isPromise(value) || (value !== null && typeof value === "object" && typeof value.then === "function");
}

function describeType(value) {
  if (value?.constructor?.name) return `an instance of ${value.constructor.name}`;
  return `type ${typeof value}`;
}

/** Throws unless `error` is as `expected` says: a class, a function, a pattern or properties. */
function check(error, expected, message, caller) {
  const fail = (text, details = {}) => {
    if (message instanceof Error) throw message;
    const failure = new AssertionError({
      actual: error,
      expected,
      operator: caller.name,
      message: message ?? text,
      stackStartFn: caller,
      ...details,
    });
    failure.generatedMessage = message === undefined;
    throw failure;
  };
  if (isRegExp(expected)) {
    const text = String(error);
    if (!RegExp.prototype.test.call(expected, text)) {
      fail(`The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(text)}\n`);
    }
    return;
  }
  if (typeof expected !== "function") {
    checkProperties(error, expected, fail);
    return;
  }
  if (expected.prototype !== undefined && error instanceof expected) return;
  if (Object.prototype.isPrototypeOf.call(Error, expected)) {
    const got = error?.constructor?.name ?? inspect(error, { depth: -1 });
    const text = error?.message === undefined ? "" : `\n\nError message:\n\n${error.message}`;
    fail(`The error is expected to be an instance of "${expected.name}". Received "${got}"${text}`);
    return;
  }
  const verdict = Reflect.apply(expected, {}, [error]);
  if (verdict !== true) {
    const name = expected.name ? `"${expected.name}" ` : "";
    fail(
      `The ${name}validation function is expected to return "true". Received ${inspect(verdict)}` +
        `\n\nCaught error:\n\n${error}`,
    );
  }
}

/** The properties of an object that are looked at. */
class Comparison {
  constructor(object, keys) {
    for (const key of keys) if (key in object) this[key] = object[key];
  }
}

function checkProperties(error, expected, fail) {
  if (error === null || typeof error !== "object") {
    fail(undefined, { operator: "deepStrictEqual" });
  }
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push("name", "message");
  else if (keys.length === 0) throw invalidArgValue("error", expected, "may not be an empty object");
  for (const key of keys) {
    if (isRegExp(expected[key]) && typeof error[key] === "string" && expected[key].test(error[key])) continue;
    if (key in error && isDeepStrictEqual(error[key], expected[key])) continue;
    // The message shows the properties that were asked for, side by side.
    const shown = new AssertionError({
      actual: new Comparison(error, keys),
      expected: new Comparison(expected, keys),
      operator: "deepStrictEqual",
    });
    fail(shown.message);
  }
}

function expectError(error, expected, message, caller) {
  if (typeof expected === "string") {
    if (message !== undefined) {
      throw invalidArgType("error", "of type function or an instance of Error, RegExp, or Object", expected);
    }
    if (error !== kNothing && (error?.message ?? error) === expected) {
      const text = `The error message "${expected}" is identical to the message.`;
      throw codedError(TypeError, "ERR_AMBIGUOUS_ARGUMENT", `The "error/message" argument is ambiguous. ${text}`);
    }
    message = expected;
    expected = undefined;
  } else if (expected !== undefined && expected !== null && typeof expected !== "object" && typeof expected !== "function") {
    throw invalidArgType("error", "of type function or an instance of Error, RegExp, or Object", expected);
  }
  if (error === kNothing) {
    if (message instanceof Error) throw message;
    const name = expected?.name ? ` (${expected.name})` : "";
    const kind = caller === rejects ? "rejection" : "exception";
    throw new AssertionError({
      actual: undefined,
      expected,
      operator: caller.name,
      message: `Missing expected ${kind}${name}${message === undefined ? "." : `: ${message}`}`,
      stackStartFn: caller,
    });
  }
  if (expected !== undefined && expected !== null) check(error, expected, message, caller);
}

function expectNoError(error, expected, message, caller) {
  if (error === kNothing) return;
  if (typeof expected === "string") [message, expected] = [expected, undefined];
  const matches = expected === undefined || (isRegExp(expected) ? expected.test(String(error)) : error instanceof expected);
  if (!matches) throw error;
  const kind = caller === doesNotReject ? "rejection" : "exception";
  throw new AssertionError({
    actual: error,
    expected,
    operator: caller.name,
    message: `Got unwanted ${kind}${message === undefined ? "." : `: ${message}`}\nActual message: "${error?.message}"`,
    stackStartFn: caller,
  });
}

/**
 * @param {() => unknown} fn must throw
 * @param {Function | RegExp | object | Error | string} [expected] what; a string is the message
 * @param {string | Error} [message]
 */
export function throws(fn, expected = undefined, message = undefined) {
  expectError(errorOf(fn), expected, message, throws);
}

/** @param {Promise<unknown> | (() => Promise<unknown>)} promise must be rejected; see throws() */
export async function rejects(promise, expected = undefined, message = undefined) {
  expectError(await rejectionOf(promise), expected, message, rejects);
}

export function doesNotThrow(fn, expected = undefined, message = undefined) {
  expectNoError(errorOf(fn), expected, message, doesNotThrow);
}

export async function doesNotReject(promise, expected = undefined, message = undefined) {
  expectNoError(await rejectionOf(promise), expected, message, doesNotReject);
}
