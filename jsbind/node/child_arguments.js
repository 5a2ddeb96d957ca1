// What the functions of node:child_process take.

import { signals } from "internal:ops/process";
import { isAbortSignal } from "../web/abort_signal.js";
import {
  codedError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
  validateArray,
  validateBoolean,
  validateInteger,
  validateString,
} from "../web/errors.js";
import { toPath } from "./fs_arguments.js";

const kShell = "/bin/sh";
/** As child_ops.h has them. */
const kNull = -1;
const kPipe = -2;

function withoutNull(text, name) {
  if (text.includes("\0")) throw invalidArgValue(name, text, "must be a string without null bytes");
  return text;
}

/**
 * The number of a signal.
 * @param {string | number} signal a name in any case, or a number
 */
export function toSignal(signal) {
  if (typeof signal === "number" && (signal === 0 || Object.values(signals).includes(signal))) return signal;
  const number = typeof signal === "string" ? signals[signal.toUpperCase()] : undefined;
  if (number !== undefined) return number;
  throw codedError(TypeError, "ERR_UNKNOWN_SIGNAL", `Unknown signal: ${signal}`);
}

/** @returns {string | null} */
export function nameOfSignal(number) {
  return Object.keys(signals).find((name) => signals[name] === number) ?? null;
}

/**
 * The arguments of spawn(), checked: what is to be run, and how.
 * @param {string} file
 * @param {string[] | object | null} [args] or options
 * @param {object} [options]
 */
export function toSpawn(file, args = undefined, options = undefined) {
  validateString(file, "file");
  withoutNull(file, "file");
  if (file.length === 0) throw invalidArgValue("file", file, "cannot be empty");
  if (args !== undefined && args !== null && !Array.isArray(args)) {
    if (typeof args !== "object") throw invalidArgType("args", "of type object", args);
    [args, options] = [[], args];
  }
  args = (args ?? []).map((arg, i) => withoutNull(`${arg}`, `args[${i}]`));
  if (options !== undefined && (options === null || typeof options !== "object")) {
    throw invalidArgType("options", "of type object", options);
  }
  options = { ...options };
  checkOptions(options);
  if (options.shell) {
    const command = [file, ...args].join(" ");
    file = typeof options.shell === "string" ? options.shell : kShell;
    args = ["-c", command];
  }
  return {
    ...options,
    file,
    args: [options.argv0 ?? file, ...args],
    cwd: options.cwd === undefined || options.cwd === null ? "" : toPath(options.cwd, "options.cwd"),
    envPairs: toEnvironment(options.env ?? globalThis.process.env),
    killSignal: options.killSignal === undefined || options.killSignal === null ? signals.SIGTERM : toSignal(options.killSignal),
  };
}

function checkOptions({ argv0, detached, gid, maxBuffer, shell, signal, timeout, uid }) {
  const isGiven = (value) => value !== undefined && value !== null;
  if (isGiven(detached)) validateBoolean(detached, "options.detached");
  if (isGiven(argv0)) withoutNull(validateString(argv0, "options.argv0"), "options.argv0");
  if (isGiven(shell) && typeof shell !== "boolean" && typeof shell !== "string") {
    throw invalidArgType("options.shell", "one of type boolean or string", shell);
  }
  if (typeof shell === "string") withoutNull(shell, "options.shell");
  if (isGiven(timeout)) {
    validateInteger(timeout, "timeout");
    if (timeout < 0) throw outOfRange("timeout", "an unsigned integer", timeout);
  }
  if (isGiven(maxBuffer) && maxBuffer !== Number.POSITIVE_INFINITY) {
    if (typeof maxBuffer !== "number") throw invalidArgType("options.maxBuffer", "of type number", maxBuffer);
    if (!(maxBuffer >= 0)) throw outOfRange("options.maxBuffer", "a positive number", maxBuffer);
  }
  if (isGiven(signal) && !isAbortSignal(signal)) throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  for (const [name, id, own] of [
    ["uid", uid, globalThis.process.getuid],
    ["gid", gid, globalThis.process.getgid],
  ]) {
    if (!isGiven(id)) continue;
    validateInteger(id, `options.${name}`, -(2 ** 31), 2 ** 31 - 1);
    // Running a program with rights that it was not to have would be worse.
    if (id !== own()) throw invalidArgValue(`options.${name}`, id, "cannot be another user's here");
  }
}

/** "NAME=value" for each, those that objects inherit too. */
function toEnvironment(env) {
  const pairs = [];
  for (const name in env) {
    const value = env[name];
    if (value !== undefined) pairs.push(withoutNull(`${name}=${value}`, `options.env['${name}']`));
  }
  return pairs;
}

/**
 * What options.stdio says, for C++: descriptors, kNull or kPipe.
 * @param {string | unknown[] | undefined} stdio
 * @returns {{ entries: number[], isPipe: boolean[] }}
 */
export function toStdio(stdio) {
  if (typeof stdio === "string") {
    if (!["pipe", "overlapped", "ignore", "inherit"].includes(stdio)) throw invalidArgValue("stdio", stdio);
    stdio = [stdio, stdio, stdio];
  }
  if (stdio === undefined || stdio === null) stdio = [];
  if (!Array.isArray(stdio)) throw invalidArgValue("stdio", stdio);
  const given = [...stdio];
  while (given.length < 3) given.push(undefined);
  const entries = given.map((entry, i) => {
    if (entry === undefined || entry === null) return i < 3 ? kPipe : kNull;
    switch (entry) {
      case "pipe":
      case "overlapped":
        return kPipe;
      case "ignore":
        return kNull;
      case "inherit":
        return i;
      case "ipc":
        throw invalidArgValue("stdio", entry, "cannot be 'ipc' here");
      default: {
        const fd = typeof entry === "number" ? entry : entry.fd;
        if (Number.isInteger(fd) && fd >= 0) return fd;
        throw invalidArgValue("stdio", entry);
      }
    }
  });
  return { entries, isPipe: entries.map((entry) => entry === kPipe) };
}

/** execFile()'s: args, options and callback may each be left out. */
export function splitArguments(args) {
  const rest = [...args];
  const list = Array.isArray(rest[0]) ? rest.shift() : (rest[0] === null || rest[0] === undefined) && rest.length > 0 ? (rest.shift(), []) : [];
  let options = {};
  if (rest.length > 0 && rest[0] !== null && typeof rest[0] === "object") options = rest.shift();
  else if (rest.length > 0 && (rest[0] === null || rest[0] === undefined)) rest.shift();
  const callback = rest[0];
  if (callback !== undefined && callback !== null && typeof callback !== "function") {
    if (rest.length === args.length) throw invalidArgType("args", "of type object", callback);
    throw invalidArgType("callback", "of type function", callback);
  }
  return { args: validateArray(list, "args"), options, callback: callback ?? undefined };
}
