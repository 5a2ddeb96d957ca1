// Stacks that show both languages. An error that comes out of a C++ coroutine
// tells by which co_returns it came and who awaits the call in JS:
//
//   Error: a key is missing
//       at Store::Put (store.cc:31)
//       at async apply (file:///rules.js:12:9)
//
// An error of JS that went through C++ on its way keeps its own frames, and these
// follow. As before, nothing is put into words until somebody looks at `stack`.
import { setHooks } from "internal:runtime";

// What scripts change of these later changes nothing here.
const NativeError = Error;
const { captureStackTrace } = Error;
const errorToString = Error.prototype.toString;
const NativePromise = Promise;
const { then } = Promise.prototype;
const { apply } = Reflect;
const { get, set } = WeakMap.prototype;
const { indexOf, slice } = String.prototype;

/**
 * The frames around those that V8 knows of an error: of the C++ that made it, and
 * behind them of C++ that it went through, as text, and of who awaited the call, as
 * objects with a stack.
 * @type {WeakMap<object, { inside: string, behind: (string | { stack?: unknown })[] }>}
 */
const frames = new WeakMap();

/** One error may cross again and again; so many parts of its way are kept. */
const kPartsMax = 16;

/**
 * @param {{ behind: (string | { stack?: unknown })[] }} known
 * @param {string | { stack?: unknown }} part
 */
function addBehind({ behind }, part) {
  if (behind.length < kPartsMax) behind[behind.length] = part;
}

/** @param {object} error */
function framesFor(error) {
  let known = apply(get, frames, [error]);
  if (known === undefined) {
    known = { inside: "", behind: [] };
    apply(set, frames, [error, known]);
  }
  return known;
}

/**
 * @param {object} error
 * @param {string} text lines of C++ frames
 * @param {boolean} fromJs whether JS made the error
 */
function addFrames(error, text, fromJs) {
  const known = framesFor(error);
  if (fromJs) addBehind(known, text);
  else known.inside = text;
}

/**
 * The text of an error's stack, for V8.
 * @param {object} error
 * @param {unknown[]} sites
 */
function prepareStackTrace(error, sites) {
  const { prepareStackTrace: custom } = NativeError;
  if (typeof custom === "function") return apply(custom, NativeError, [error, sites]);
  const known = apply(get, frames, [error]);
  let text = headOf(error) + (known?.inside ?? "");
  for (let i = 0; i < sites.length; ++i) text += `\n    at ${sites[i]}`;
  for (let i = 0; i < (known?.behind.length ?? 0); ++i) text += linesOf(known.behind[i]);
  return text;
}

/** @param {object} error */
function headOf(error) {
  try {
    return apply(errorToString, error, []);
  } catch {
    return "<error>"; // A getter that throws.
  }
}

/** @param {string | { stack?: unknown }} part */
function linesOf(part) {
  const text = typeof part === "string" ? part : part.stack;
  if (typeof text !== "string") return ""; // Error.prepareStackTrace was the program's.
  const first = apply(indexOf, text, ["\n    at "]);
  return first < 0 ? "" : apply(slice, text, [first]);
}

/**
 * Rejects a promise whose `resolve` is given, and adds the frames of those who
 * await it to the error. V8 knows them only while a reaction runs on whose promise
 * they wait; so the rejection comes from one.
 * @param {(value: unknown) => void} resolve
 * @param {object} error
 */
export function rejectWithStack(resolve, error) {
  let start;
  const trigger = new NativePromise((go) => {
    start = go;
  });
  const fail = () => {
    const awaiters = {};
    captureStackTrace(awaiters, fail);
    addBehind(framesFor(error), awaiters);
    throw error;
  };
  resolve(apply(then, trigger, [fail]));
  start();
}

setHooks({ addFrames, prepareStackTrace });
