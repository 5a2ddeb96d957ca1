// What fs's functions take: paths, flags, modes, options.

import { constants } from "internal:ops/fs";
import { decodeUtf8 } from "internal:ops/encoding";
import { isAbortSignal } from "../web/abort_signal.js";
import {
  codedError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
  validateBoolean,
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
  const merged = { ...defaults };
  for (const name in options) merged[name] = options[name]; // Inherited ones, too.
  if (encoding !== undefined && encoding !== null && encoding !== "buffer") {
    merged.encoding = normalizeEncoding(encoding);
  } else if (encoding === "buffer") {
    merged.encoding = null;
  }
  return merged;
}

/** Whether what may be a path is a descriptor. */
export function isFd(value) {
  return typeof value === "number" && value === (value | 0) && value >= 0;
}

/** A descriptor. */
export function toFd(fd, name = "fd") {
  return validateInteger(fd, name, 0, 2 ** 31 - 1);
}

/** A user or a group; -1 stands for none. */
export function toId(id, name) {
  return validateInteger(id, name, -1, 2 ** 32 - 1) >>> 0;
}

/** The mode of access(). */
export function toAccessMode(mode) {
  return validateInteger(mode ?? constants.F_OK, "mode", 0, 7);
}

/** Checks the type of a symbolic link, which matters on Windows alone. */
export function toLinkType(type) {
  if (type === undefined || type === null || type === "dir" || type === "file" || type === "junction") return type;
  throw invalidArgValue("type", type, "must be one of: 'dir', 'file', 'junction'");
}

/**
 * @param {number | string | { recursive?: boolean, mode?: number }} [options] of mkdir(), or the mode
 */
export function toDirectoryOptions(options) {
  const { recursive = false, mode = 0o777 } =
    typeof options === "number" || typeof options === "string" ? { mode: options } : (options ?? {});
  validateBoolean(recursive, "options.recursive");
  return { recursive, mode: toMode(mode, 0o777) };
}

/** Names both paths in the error of an operation that has two, as Node does. */
export function nameBothPaths(error, from, to) {
  if (typeof error?.errno === "number") {
    const [reason] = error.message.split(`, ${error.syscall} '`, 1);
    error.message = `${reason}, ${error.syscall} '${from}' -> '${to}'`;
    error.stack = error.stack.replace(/^.*$/m, `Error: ${error.message}`);
    error.path = from;
    error.dest = to;
  }
  return error;
}

/** Seconds since 1970 from a Date, a number or its text. */
export function toSeconds(time, name) {
  if (typeof time === "number" && Number.isFinite(time)) return time;
  if (time instanceof Date) return time.getTime() / 1000;
  if (typeof time === "string" && time !== "" && Number.isFinite(Number(time))) return Number(time);
  throw invalidArgType(name, "of type number or string or an instance of Date", time);
}

/**
 * A position to read at: null and undefined are the file's own, as -1.
 * @param {number | bigint | null | undefined} position
 * @param {number} [length] of what is read there
 */
export function toReadPosition(position, length = 0) {
  if (position === null || position === undefined) return -1;
  if (typeof position === "number") return validateInteger(position, "position", -1);
  if (typeof position !== "bigint") throw invalidArgType("position", "an integer or bigint", position);
  const last = 2n ** 63n - 1n - BigInt(length);
  if (position < -1n || position > last) throw outOfRange("position", `>= -1 && <= ${last}`, position);
  // No file is that large, and doubles are not as exact.
  return Math.min(Number(position), 2 ** 62);
}

/** A position to write at: all but numbers are the file's own, as -1. */
export function toWritePosition(position) {
  if (typeof position !== "number" || position < 0) return -1;
  return validateInteger(position, "position");
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

