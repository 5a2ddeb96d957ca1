// What fs's functions take: paths, flags, modes, options.

import { constants } from "internal:ops/fs";
import { decodeUtf8 } from "internal:ops/encoding";
import { isAbortSignal } from "../web/abort_signal.js";
import {
  codedError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
  validateInteger,
} from "../web/errors.js";
import { URL } from "../web/url.js";
import { AbortError } from "./abort_error.js";
import { fileURLToPath } from "./file_url.js";
import { normalizeEncoding } from "./string_encodings.js";

/**
 * The path that a string, bytes or a file: URL stands for.
 * @param {unknown} path
 * @param {string} [name] of the argument
 * @returns {string}
 */
export function toPath(path, name = "path") {
  let text;
  if (typeof path === "string") text = path;
  else if (path instanceof Uint8Array) text = decodeUtf8(path, false);
  else if (path instanceof URL) text = fileURLToPath(path);
  else throw invalidArgType(name, "of type string or an instance of Buffer or URL", path);
  if (text.includes("\0")) {
    throw invalidArgValue(name, path, "must be a string, Uint8Array, or URL without null bytes");
  }
  return text;
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

const kFlags = {
  __proto__: null,
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  sr: O_RDONLY | O_SYNC,
  "r+": O_RDWR,
  "rs+": O_RDWR | O_SYNC,
  "sr+": O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  "w+": O_TRUNC | O_CREAT | O_RDWR,
  "wx+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  "xw+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  sa: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  "a+": O_APPEND | O_CREAT | O_RDWR,
  "ax+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  "xa+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  "as+": O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  "sa+": O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

/**
 * @param {string | number | null | undefined} flags "r", "w+", ... or numbers of open(2)
 * @param {string} name of the argument
 */
export function toFlags(flags, name = "flags") {
  if (typeof flags === "number") return validateInteger(flags, name, 0, 2 ** 31 - 1);
  if (flags === null || flags === undefined) return O_RDONLY;
  const found = kFlags[flags];
  if (found === undefined) throw invalidArgValue(name, flags);
  return found;
}

/**
 * @param {string | number | undefined} mode 0o644 or "644"
 * @param {number} [otherwise]
 */
export function toMode(mode, otherwise = undefined) {
  mode ??= otherwise;
  if (typeof mode === "string") {
    if (!/^[0-7]+$/.test(mode)) {
      throw invalidArgValue("mode", mode, "must be a 32-bit unsigned integer or an octal string");
    }
    mode = Number.parseInt(mode, 8);
  }
  return validateInteger(mode, "mode", 0, 2 ** 32 - 1);
}

/**
 * Options that may be an encoding alone.
 * @param {unknown} options
 * @param {object} defaults
 */
export function toOptions(options, defaults) {
  if (options === null || options === undefined || typeof options === "function") return defaults;
  if (typeof options === "string") options = { encoding: options };
  else if (typeof options !== "object") {
    throw invalidArgType("options", "of type string or an instance of Object", options);
  }
  const { encoding, signal } = options;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  }
  const merged = { ...defaults, ...options };
  if (encoding !== undefined && encoding !== null && encoding !== "buffer") {
    merged.encoding = normalizeEncoding(encoding);
  } else if (encoding === "buffer") {
    merged.encoding = null;
  }
  return merged;
}

/** Seconds since 1970 from a Date, a number or its text. */
export function toSeconds(time, name) {
  if (typeof time === "number" && Number.isFinite(time)) return time;
  if (time instanceof Date) return time.getTime() / 1000;
  if (typeof time === "string" && time !== "" && Number.isFinite(Number(time))) return Number(time);
  throw invalidArgType(name, "of type number or string or an instance of Date", time);
}

/** A position in a file: null and undefined are the file's own, as -1. */
export function toPosition(position, name = "position") {
  if (position === null || position === undefined) return -1;
  if (typeof position === "bigint") position = Number(position);
  if (typeof position !== "number") throw invalidArgType(name, "of type number or bigint", position);
  if (!Number.isSafeInteger(position)) throw outOfRange(name, "an integer", position);
  return position < 0 ? -1 : position;
}

/**
 * What Node's functions reject with when their signal has aborted, instead of
 * the signal's reason.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>}
 */
export async function withAbortError(promise, signal) {
  try {
    return await promise;
  } catch (error) {
    if (signal?.aborted && (error === signal.reason || error?.name === "AbortError")) {
      throw new AbortError(signal.reason);
    }
    throw error;
  }
}

