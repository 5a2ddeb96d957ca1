// The errors of streams, in the shape in which the package readable-stream asks
// for them: codes.ERR_X is called, with or without `new`, and gives the error.

import {
  codedError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
} from "../web/errors.js";
import { inspect } from "../web/inspect.js";
import { AbortError as Aborted } from "./abort_error.js";

/** "A", "A or B", "A, B, or C". */
function either(words) {
  if (words.length < 3) return words.join(" or ");
  return `${words.slice(0, -1).join(", ")}, or ${words.at(-1)}`;
}

const kPrimitives = new Set(["string", "function", "number", "object", "boolean", "bigint", "symbol"]);

/**
 * "of type string or an instance of Buffer or Uint8Array"
 * @param {string | string[]} expected names of types and of classes
 */
function describeExpected(expected) {
  const types = [];
  const classes = [];
  for (const name of Array.isArray(expected) ? expected : [expected]) {
    const lower = name.toLowerCase();
    if (kPrimitives.has(lower)) types.push(lower);
    else if (name === "Uint8Array") classes.push("TypedArray", "DataView"); // stream.js takes them.
    else classes.push(name);
  }
  const parts = [];
  if (types.length > 0) parts.push(`${types.length === 1 ? "of type" : "one of type"} ${either(types)}`);
  if (classes.length > 0) parts.push(`an instance of ${either(classes)}`);
  return parts.join(" or ");
}

function describeReturned(value) {
  const name = value?.constructor?.name;
  return name ? `an instance of ${name}` : `type ${typeof value}`;
}

/** Makers of errors whose message takes at most one word. */
function simple(Type, code, message) {
  return function make(word) {
    const text = typeof word === "object" ? inspect(word) : String(word);
    return codedError(Type, code, message.replace("%s", () => text), make);
  };
}

export const codes = {
  __proto__: null,
  ERR_INVALID_ARG_TYPE: function make(name, expected, actual) {
    return invalidArgType(name, describeExpected(expected), actual);
  },
  ERR_INVALID_ARG_VALUE: function make(name, value, reason) {
    return invalidArgValue(name, value, reason);
  },
  ERR_INVALID_RETURN_VALUE: function make(input, name, value) {
    const message = `Expected ${input} to be returned from the "${name}" function but got ${describeReturned(value)}.`;
    return codedError(TypeError, "ERR_INVALID_RETURN_VALUE", message, make);
  },
  ERR_MISSING_ARGS: function make(...names) {
    const subject = names.map((name) => `"${name}"`).join(" or ");
    return codedError(TypeError, "ERR_MISSING_ARGS", `The ${subject} argument must be specified`, make);
  },
  ERR_OUT_OF_RANGE: function make(name, range, actual) {
    return outOfRange(name, range, actual);
  },
};
for (const [code, message, Type = Error] of [
  ["ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor", TypeError],
  ["ERR_METHOD_NOT_IMPLEMENTED", "The %s method is not implemented"],
  ["ERR_MULTIPLE_CALLBACK", "Callback called multiple times"],
  ["ERR_STREAM_ALREADY_FINISHED", "Cannot call %s after a stream was finished"],
  ["ERR_STREAM_CANNOT_PIPE", "Cannot pipe, not readable"],
  ["ERR_STREAM_DESTROYED", "Cannot call %s after a stream was destroyed"],
  ["ERR_STREAM_NULL_VALUES", "May not write null values to stream", TypeError],
  ["ERR_STREAM_PREMATURE_CLOSE", "Premature close"],
  ["ERR_STREAM_PUSH_AFTER_EOF", "stream.push() after EOF"],
  ["ERR_STREAM_UNSHIFT_AFTER_END_EVENT", "stream.unshift() after end event"],
  ["ERR_STREAM_WRITE_AFTER_END", "write after end"],
  ["ERR_UNKNOWN_ENCODING", "Unknown encoding: %s", TypeError],
]) {
  codes[code] = simple(Type, code, message);
}

/** @param {undefined} _message always the usual one */
export function AbortError(_message, options) {
  return new Aborted(options?.cause);
}

/** Both errors, if there are two: the one that came out, with the one below it. */
export function aggregateTwoErrors(inner, outer) {
  if (!inner || !outer || inner === outer) return inner || outer;
  if (Array.isArray(outer.errors)) {
    outer.errors.push(inner);
    return outer;
  }
  const both = new AggregateError([outer, inner], outer.message);
  both.code = outer.code;
  return both;
}

/** Stacks begin where codedError() says. */
export function hideStackFrames(fn) {
  return fn;
}
