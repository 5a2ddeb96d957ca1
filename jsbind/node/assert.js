// node:assert.

import { codedError, invalidArgType } from "../web/errors.js";
import { inspect } from "../web/inspect.js";
import { doesNotReject, doesNotThrow, rejects, throws } from "./assert_throws.js";
import { AssertionError } from "./assertion_error.js";
import { isDeepEqual } from "./deep_equal.js";
import { isPartOf } from "./partial_equal.js";
import { isRegExp } from "./util_types.js";

/** Throws the AssertionError, or the error that stands in the place of a message. */
function refuse(actual, expected, message, operator, caller) {
  if (message instanceof Error) throw message;
  throw new AssertionError({ actual, expected, message, operator, stackStartFn: caller });
}

/** Those that compare two values need both. */
function requireBoth(count) {
  if (count < 2) {
    throw codedError(TypeError, "ERR_MISSING_ARGS", 'The "actual" and "expected" arguments must be specified');
  }
}

function checkTruth(count, value, message, caller) {
  if (value) return;
  const generated = count === 0 || message === undefined;
  if (count === 0) message = "No value argument passed to `assert.ok()`";
  else if (generated) message = "The expression evaluated to a falsy value";
  if (message instanceof Error) throw message;
  const error = new AssertionError({ actual: value, expected: true, message, operator: "==", stackStartFn: caller });
  error.generatedMessage = generated;
  throw error;
}

/**
 * Throws an AssertionError unless a value is truthy.
 * @param {unknown} value
 * @param {string | Error} [message]
 */
export function ok(value, message = undefined) {
  checkTruth(arguments.length, value, message, ok);
}

/** Makes a comparison that throws unless `holds(actual, expected)`. */
function comparison(operator, holds) {
  const compare = {
    [operator](actual, expected, message = undefined) {
      requireBoth(arguments.length);
      if (!holds(actual, expected)) refuse(actual, expected, message, compare.shown ?? operator, compare);
    },
  }[operator];
  return compare;
}

const looselyEqual = (a, b) => a == b || (a !== a && b !== b); // eslint-disable-line eqeqeq

export const equal = Object.assign(comparison("equal", looselyEqual), { shown: "==" });
export const notEqual = Object.assign(comparison("notEqual", (a, b) => !looselyEqual(a, b)), { shown: "!=" });
export const strictEqual = comparison("strictEqual", Object.is);
export const notStrictEqual = comparison("notStrictEqual", (a, b) => !Object.is(a, b));
export const deepEqual = comparison("deepEqual", (a, b) => isDeepEqual(a, b, false));
export const notDeepEqual = comparison("notDeepEqual", (a, b) => !isDeepEqual(a, b, false));
export const deepStrictEqual = comparison("deepStrictEqual", (a, b) => isDeepEqual(a, b, true));
export const notDeepStrictEqual = comparison("notDeepStrictEqual", (a, b) => !isDeepEqual(a, b, true));
export const partialDeepStrictEqual = comparison("partialDeepStrictEqual", (a, b) => isPartOf(b, a));

/** @param {string | Error} [message] */
export function fail(message = "Failed") {
  if (message instanceof Error) throw message;
  const error = new AssertionError({ message, operator: "fail", stackStartFn: fail });
  error.generatedMessage = arguments.length === 0;
  throw error;
}

/** Throws the value if it is neither undefined nor null, as callbacks get errors. */
export function ifError(value) {
  if (value === undefined || value === null) return;
  const text = typeof value === "object" && typeof value.message === "string" ? value.message : inspect(value);
  const error = new AssertionError({
    actual: value,
    expected: null,
    operator: "ifError",
    message: `ifError got unwanted exception: ${text}`,
    stackStartFn: ifError,
  });
  error.generatedMessage = true;
  throw error;
}

function checkMatch(text, pattern, message, wanted, caller) {
  if (!isRegExp(pattern)) throw invalidArgType("regexp", "an instance of RegExp", pattern);
  if (typeof text === "string" && RegExp.prototype.test.call(pattern, text) === wanted) return;
  if (message instanceof Error) throw message;
  const generated =
    typeof text !== "string"
      ? `The "string" argument must be of type string. Received type ${typeof text} (${inspect(text)})`
      : `The input ${wanted ? "did not match" : "was expected to not match"} the regular expression ` +
        `${inspect(pattern)}. Input:\n\n${inspect(text)}\n`;
  const error = new AssertionError({
    actual: text,
    expected: pattern,
    message: message ?? generated,
    operator: caller.name,
    stackStartFn: caller,
  });
  error.generatedMessage = message === undefined;
  throw error;
}

export function match(text, pattern, message = undefined) {
  checkMatch(text, pattern, message, true, match);
}

export function doesNotMatch(text, pattern, message = undefined) {
  checkMatch(text, pattern, message, false, doesNotMatch);
}

/** The module itself: assert(value). */
export default function assert(value, message = undefined) {
  checkTruth(arguments.length, value, message, assert);
}

/** The same with the strict comparisons under the short names. */
export function strict(value, message = undefined) {
  checkTruth(arguments.length, value, message, strict);
}

const methods = {
  AssertionError,
  deepEqual,
  deepStrictEqual,
  doesNotMatch,
  doesNotReject,
  doesNotThrow,
  equal,
  fail,
  ifError,
  match,
  notDeepEqual,
  notDeepStrictEqual,
  notEqual,
  notStrictEqual,
  ok,
  partialDeepStrictEqual,
  rejects,
  strictEqual,
  throws,
};
Object.assign(assert, methods, { strict });
Object.assign(strict, methods, {
  deepEqual: deepStrictEqual,
  equal: strictEqual,
  notDeepEqual: notDeepStrictEqual,
  notEqual: notStrictEqual,
  strict,
});
export { AssertionError, doesNotReject, doesNotThrow, rejects, throws };
