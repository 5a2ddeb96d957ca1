// node:util.

import { errnos, errorText } from "internal:ops/os";
import { codedError, invalidArgType, outOfRange, validateFunction, validateInteger, validateString } from "../web/errors.js";
import { formatValues, format } from "../web/format.js";
import { inspect } from "../web/inspect.js";
import { isAbortSignal } from "../web/abort_signal.js";
import { writeStderr } from "internal:ops/stdio";
import { emitWarning } from "../web/warnings.js";
import { TextDecoder } from "../web/text_decoder.js";
import { TextEncoder } from "../web/text_encoder.js";
import { addAbortListener } from "./events_async.js";
import { isDeepStrictEqual } from "./deep_equal.js";
import { parseArgs } from "./parse_args.js";
import { stripVTControlCharacters, styleText } from "./style_text.js";
import { callbackify, promisify } from "./util_promises.js";
import types from "./util_types.js";
import "./timers_promises.js"; // Gives the timers their promisify.custom.

/**
 * As console.log() formats, with options for inspect().
 * @param {import("../web/inspect_context.js").InspectOptions} options
 * @param {...unknown} values
 */
export function formatWithOptions(options, ...values) {
  if (options === null || typeof options !== "object") throw invalidArgType("inspectOptions", "of type object", options);
  return formatValues(options, values);
}

const kWarnedCodes = new Set();

/**
 * A function that warns when it is first called.
 * @param {Function} fn
 * @param {string} message
 * @param {string} [code] warned of once, however many functions have it
 */
export function deprecate(fn, message, code = undefined) {
  validateFunction(fn, "fn");
  if (code !== undefined) validateString(code, "code");
  let warned = false;
  function deprecated(...args) {
    if (!warned && globalThis.process?.noDeprecation !== true) {
      warned = true;
      if (code === undefined || !kWarnedCodes.has(code)) {
        if (code !== undefined) kWarnedCodes.add(code);
        emitWarning(message, "DeprecationWarning", code);
      }
    }
    if (new.target) return Reflect.construct(fn, args, new.target);
    return Reflect.apply(fn, this, args);
  }
  Object.setPrototypeOf(deprecated, fn);
  if (fn.prototype) deprecated.prototype = fn.prototype;
  return deprecated;
}

/**
 * Prints to stderr if NODE_DEBUG names the section.
 * @param {string} section
 * @param {(log: Function) => void} [onFirstCall] given the function that logs
 */
export function debuglog(section, onFirstCall = undefined) {
  section = `${section}`.toUpperCase();
  let enabled;
  const isEnabled = () => {
    if (enabled === undefined) {
      const names = (globalThis.process.env.NODE_DEBUG ?? "").split(",").map((each) => each.trim().toUpperCase());
      enabled = names.some((name) => new RegExp(`^${RegExp.escape(name).replaceAll("\\*", ".*")}$`).test(section));
    }
    return enabled;
  };
  const log = (...values) => {
    onFirstCall?.(log);
    onFirstCall = undefined;
    if (isEnabled()) writeStderr(`${section} ${globalThis.process.pid}: ${format(...values)}\n`);
  };
  return Object.defineProperty(log, "enabled", { get: isEnabled, enumerable: true, configurable: true });
}
export { debuglog as debug };

/**
 * Lets one constructor's instances have the methods of another's. Classes do it better.
 * @param {Function} constructor
 * @param {Function} superConstructor
 */
export function inherits(constructor, superConstructor) {
  validateFunction(constructor, "ctor");
  validateFunction(superConstructor, "superCtor");
  if (superConstructor.prototype === undefined) {
    throw invalidArgType("superCtor.prototype", "of type object", superConstructor.prototype);
  }
  Object.defineProperty(constructor, "super_", { value: superConstructor, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}

/** @param {string} text */
export function toUSVString(text) {
  return `${text}`.toWellFormed();
}

function checkErrno(number) {
  validateInteger(number, "err");
  if (number >= 0) throw outOfRange("err", "a negative integer", number);
  return number;
}

/** @param {number} number as in error.errno @returns {string} as in error.code */
export function getSystemErrorName(number) {
  return errorText(checkErrno(number))[0];
}

/** @param {number} number as in error.errno @returns {string} */
export function getSystemErrorMessage(number) {
  return errorText(checkErrno(number))[1];
}

/** @returns {Map<number, [string, string]>} names and messages by errno */
export function getSystemErrorMap() {
  return new Map(errnos().map((number) => [-number, errorText(-number)]));
}

/**
 * Fulfilled when a signal aborts.
 * @param {AbortSignal} signal
 * @param {object} resource that is of no use any more without that
 * @returns {Promise<void>}
 */
export async function aborted(signal, resource) {
  if (!isAbortSignal(signal)) throw invalidArgType("signal", "an instance of AbortSignal", signal);
  if (resource === null || typeof resource !== "object") throw invalidArgType("resource", "of type object", resource);
  if (signal.aborted) return undefined;
  return new Promise((resolve) => addAbortListener(signal, () => resolve()));
}

/**
 * Where the caller is called from.
 * @param {number} [count] frames at most
 * @returns {{ functionName: string, scriptName: string, lineNumber: number, columnNumber: number }[]}
 */
export function getCallSites(count = 8) {
  validateInteger(count, "frameCount", 1, 200);
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  try {
    Error.stackTraceLimit = count;
    Error.prepareStackTrace = (error, sites) => sites;
    Error.captureStackTrace(holder, getCallSites);
    return holder.stack.map((site) => ({
      functionName: site.getFunctionName() ?? "",
      scriptName: site.getFileName() ?? "",
      lineNumber: site.getLineNumber() ?? 0,
      columnNumber: site.getColumnNumber() ?? 0,
    }));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) delete Error.prepareStackTrace;
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

/**
 * The settings of a .env file.
 * @param {string} content
 * @returns {Record<string, string>}
 */
export function parseEnv(content) {
  validateString(content, "content");
  const settings = {};
  const line =
    /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*("(?:\\[^]|[^"\\])*"|'[^']*'|`[^`]*`|[^\n#]*)[ \t]*(?:#.*)?$/gm;
  for (const [, name, raw] of content.replaceAll("\r\n", "\n").matchAll(line)) {
    const value = raw.trim();
    const quote = value[0];
    const isQuoted = value.length > 1 && "\"'`".includes(quote) && value.endsWith(quote);
    const inner = isQuoted ? value.slice(1, -1) : value;
    settings[name] = isQuoted && quote === '"' ? inner.replaceAll("\\n", "\n") : inner;
  }
  return settings;
}

export const { isArray } = Array;
export {
  TextDecoder,
  TextEncoder,
  callbackify,
  format,
  inspect,
  isDeepStrictEqual,
  parseArgs,
  promisify,
  stripVTControlCharacters,
  styleText,
  types,
};

export default {
  TextDecoder,
  TextEncoder,
  aborted,
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  getCallSites,
  getSystemErrorMap,
  getSystemErrorMessage,
  getSystemErrorName,
  inherits,
  inspect,
  isArray,
  isDeepStrictEqual,
  parseArgs,
  parseEnv,
  promisify,
  stripVTControlCharacters,
  styleText,
  toUSVString,
  types,
};
