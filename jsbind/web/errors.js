// Errors with a `code`, as Node makes them, for the parts of the API that Node
// defines: timers, console, process, fs. Their stack reads
// "TypeError [ERR_INVALID_ARG_TYPE]: The ...".

import { inspect } from "./inspect.js";

/**
 * @param {ErrorConstructor} Type Error, TypeError or RangeError
 * @param {string} code "ERR_..."
 * @param {string} message
 * @param {Function} [caller] frames from this function inwards are left out
 * @returns {Error & { code: string }}
 */
export function codedError(Type, code, message, caller = codedError) {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new Type(message);
  Error.stackTraceLimit = limit;
  // The stack's first line is made from the name when the stack is first read.
  error.name = `${Type.name} [${code}]`;
  Error.captureStackTrace(error, caller);
  void error.stack;
  delete error.name;
  error.code = code;
  defineProperty(error, "toString", { value: toString, writable: true, enumerable: false, configurable: true });
  return error;
}

const { defineProperty } = Object;

function toString() {
  return `${this.name} [${this.code}]: ${this.message}`;
}

/**
 * The "Received ..." part of an argument error.
 * @param {unknown} value
 * @returns {string}
 */
export function describeReceived(value) {
  if (value === null || value === undefined) return `Received ${value}`;
  if (typeof value === "function") return `Received function ${value.name}`;
  if (typeof value === "object") {
    const name = value.constructor?.name;
    if (name) return `Received an instance of ${name}`;
    return `Received ${inspect(value, { depth: -1 })}`;
  }
  let text = inspect(value, { colors: false });
  if (text.length > 28) text = `${text.slice(0, 25)}...`;
  return `Received type ${typeof value} (${text})`;
}

/**
 * @param {string} name of the argument, or a property as "options.signal"
 * @param {string} expected as in "of type string" or "an instance of AbortSignal"
 * @param {unknown} actual
 */
export function invalidArgType(name, expected, actual) {
  // "first argument" and the like say so themselves.
  const noun = name.includes(".") ? "property" : "argument";
  const subject = name.endsWith(" argument") ? name : `"${name}" ${noun}`;
  const message = `The ${subject} must be ${expected}. ${describeReceived(actual)}`;
  return codedError(TypeError, "ERR_INVALID_ARG_TYPE", message, invalidArgType);
}

/**
 * @param {string} name
 * @param {unknown} actual
 * @param {string} [reason]
 */
export function invalidArgValue(name, actual, reason = "is invalid") {
  let text = inspect(actual);
  if (text.length > 128) text = `${text.slice(0, 128)}...`;
  const noun = name.includes(".") ? "property" : "argument";
  const message = `The ${noun} '${name}' ${reason}. Received ${text}`;
  return codedError(TypeError, "ERR_INVALID_ARG_VALUE", message, invalidArgValue);
}

/**
 * @param {string} name
 * @param {string} range as in ">= 0 && <= 255"
 * @param {unknown} actual
 */
export function outOfRange(name, range, actual) {
  const isLarge =
    typeof actual === "bigint"
      ? actual > 2n ** 32n || actual < -(2n ** 32n)
      : Number.isInteger(actual) && Math.abs(actual) > 2 ** 32;
  const received = isLarge ? groupDigits(inspect(actual)) : inspect(actual);
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${received}`;
  return codedError(RangeError, "ERR_OUT_OF_RANGE", message, outOfRange);
}

function groupDigits(digits) {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, "_");
}

/** Checks that throw the errors above and give the value back. */
export function validateFunction(value, name) {
  if (typeof value !== "function") throw invalidArgType(name, "of type function", value);
  return value;
}

export function validateString(value, name) {
  if (typeof value !== "string") throw invalidArgType(name, "of type string", value);
  return value;
}

export function validateBoolean(value, name) {
  if (typeof value !== "boolean") throw invalidArgType(name, "of type boolean", value);
  return value;
}

export function validateObject(value, name) {
  if (value === null || typeof value !== "object") throw invalidArgType(name, "of type object", value);
  return value;
}

export function validateInteger(
  value,
  name,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
) {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
  return value;
}

export function validateArray(value, name) {
  if (!Array.isArray(value)) throw invalidArgType(name, "an instance of Array", value);
  return value;
}
