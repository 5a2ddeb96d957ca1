// The functions of node:fs that take a callback. What they are given is checked
// before they return; those of one operation make no promise.

import * as calls from "internal:ops/fs_calls";
import { validateFunction, validateInteger } from "../web/errors.js";
import { Buffer } from "./buffer.js";
import {
  isFd,
  nameBothPaths,
  toAccessMode,
  toDirectoryOptions,
  toFd,
  toFlags,
  toId,
  toLinkType,
  toMode,
  toOptions,
  toPath,
  toReadPosition,
  toWritePosition,
  toSeconds,
} from "./fs_arguments.js";
import { call, callWhenSettled, same } from "./fs_calls.js";
import { cpProcedure } from "./fs_cp.js";
import { contents, named, requireBytes } from "./fs_data.js";
import * as promises from "./fs_promises.js";
import { checkViews, partToFill, partToWrite, readArguments } from "./fs_ranges.js";
import { readdirProcedure } from "./fs_readdir.js";
import { rmProcedure } from "./fs_remove.js";
import { run } from "./fs_run.js";
import { StatFs, makeStats } from "./stats.js";
import { nextTick } from "../web/task_queue.js";
import { normalizeEncoding } from "./string_encodings.js";

/** The last argument that is there, which is the callback. */
function callbackOf(...candidates) {
  return validateFunction(candidates.find((each) => typeof each === "function") ?? candidates.at(-1), "cb");
}

/** The callback for an operation on two paths; its error names both. */
function namingBoth(callback, from, to) {
  validateFunction(callback, "cb");
  return (error) => {
    if (error === null) callback(null);
    else callback(nameBothPaths(error, from, to));
  };
}

export function access(path, mode, callback = mode) {
  validateFunction(callback, "cb");
  const bits = toAccessMode(typeof mode === "function" ? undefined : mode);
  call(callback, undefined, calls.access, toPath(path), bits);
}

export function exists(path, callback) {
  validateFunction(callback, "cb");
  let file;
  try {
    file = toPath(path);
  } catch {
    nextTick(callback, false);
    return;
  }
  call((error) => callback(error === null), undefined, calls.access, file, 0);
}
Object.defineProperty(exists, Symbol.for("nodejs.util.promisify.custom"), {
  value: (path) => new Promise((resolve) => exists(path, resolve)),
});

export function open(path, flags, mode, callback) {
  const done = callbackOf(callback, mode, flags);
  const file = toPath(path);
  const given = (value) => (typeof value === "function" ? undefined : value);
  call(done, same, calls.open, file, toFlags(given(flags)), toMode(given(mode), 0o666));
}

export function close(fd, callback = () => {}) {
  toFd(fd);
  validateFunction(callback, "cb");
  call(callback, undefined, calls.close, fd);
}

/**
 * read(fd, buffer, offset, length, position, callback), and with options or
 * nothing instead of what stands between the first and the last.
 */
export function read(fd, ...args) {
  const callback = validateFunction(args.pop(), "cb");
  toFd(fd);
  const [buffer, offset, length, position] = readArguments(...args.concat(Array(4)).slice(0, 4), () => Buffer.alloc(16_384));
  const bytes = partToFill(buffer, offset, length);
  const done = (error, count) => {
    if (error === null) callback(null, count, buffer);
    else callback(error);
  };
  const at = toReadPosition(position, bytes.byteLength);
  if (bytes.byteLength === 0) nextTick(done, null, 0);
  else call(done, same, calls.read, fd, bytes, at);
}

/** write(fd, buffer, offset, length, position, callback), write(fd, string, position, encoding, callback) */
export function write(fd, data, ...args) {
  const callback = validateFunction(args.pop(), "cb");
  toFd(fd);
  let bytes;
  let at;
  if (typeof data === "string") {
    bytes = requireBytes(data, normalizeEncoding(args[1] ?? "utf8"));
    at = toWritePosition(args[0]);
  } else {
    const [, offset, length, position] = readArguments(data, ...args.concat(Array(3)).slice(0, 3));
    bytes = partToWrite(data, offset, length);
    at = toWritePosition(position);
  }
  const done = (error, count) => {
    if (error === null) callback(null, count, data);
    else callback(error);
  };
  call(done, same, calls.write, fd, bytes, at);
}

export function readv(fd, buffers, position, callback = position) {
  toFd(fd);
  checkViews(buffers);
  validateFunction(callback, "cb");
  const done = (error, count) => {
    if (error === null) callback(null, count, buffers);
    else callback(error);
  };
  call(done, same, calls.readv, fd, buffers, toReadPosition(typeof position === "function" ? null : position));
}

export function writev(fd, buffers, position, callback = position) {
  toFd(fd);
  checkViews(buffers);
  validateFunction(callback, "cb");
  const done = (error, count) => {
    if (error === null) callback(null, count, buffers);
    else callback(error);
  };
  if (buffers.length === 0) nextTick(done, null, 0);
  else call(done, same, calls.writev, fd, buffers, toWritePosition(typeof position === "function" ? null : position));
}

// What promisify() makes of these tells the count and the buffer.
for (const [original, count, data] of [
  [read, "bytesRead", "buffer"],
  [write, "bytesWritten", "buffer"],
  [readv, "bytesRead", "buffers"],
  [writev, "bytesWritten", "buffers"],
]) {
  Object.defineProperty(original, Symbol.for("nodejs.util.promisify.custom"), {
    value: (...args) =>
      new Promise((resolve, reject) => {
        original(...args, (error, number, buffer) => {
          if (error === null) resolve({ [count]: number, [data]: buffer });
          else reject(error);
        });
      }),
  });
}

/**
 * @param {string | Uint8Array | URL | number} path or a descriptor
 * @param {string | { encoding?: string | null, flag?: string, signal?: AbortSignal }} [options]
 * @param {(error: Error | null, data?: Buffer | string) => void} callback
 */
export function readFile(path, options, callback = options) {
  validateFunction(callback, "cb");
  const { encoding, flag, signal } = toOptions(options, { encoding: null, flag: "r" });
  const finish = (bytes) => contents(bytes, encoding);
  if (isFd(path)) {
    call(callback, finish, calls.readFileOf, path);
    return;
  }
  const file = toPath(path);
  if (flag !== "r" || signal !== undefined) {
    callWhenSettled(promises.readFile(file, { encoding, flag, signal }), callback);
  } else if (encoding === "utf8") call(callback, same, calls.readText, file);
  else call(callback, finish, calls.readFile, file);
}

/**
 * @param {string | Uint8Array | URL | number} path or a descriptor
 * @param {string | ArrayBufferView} data
 * @param {string | { encoding?: string, mode?: number, flag?: string, flush?: boolean,
 *     signal?: AbortSignal }} [options]
 * @param {(error: Error | null) => void} callback
 */
export function writeFile(path, data, options, callback = options) {
  validateFunction(callback, "cb");
  const given = toOptions(options, { encoding: "utf8" });
  const bytes = requireBytes(data, given.encoding);
  if (isFd(path)) {
    call(callback, undefined, calls.writeAll, path, bytes, -1);
    return;
  }
  toFlags(given.flag ?? "w");
  callWhenSettled(promises.writeFile(toPath(path), bytes, given), callback);
}

export function appendFile(path, data, options, callback = options) {
  const given = toOptions(options, { encoding: "utf8" });
  writeFile(path, data, { ...given, flag: given.flag || "a" }, callback);
}

function optionsOf(options) {
  return typeof options === "function" ? undefined : options;
}

export function stat(path, options, callback = options) {
  validateFunction(callback, "cb");
  call(callback, (numbers) => makeStats(numbers, options), calls.stat, toPath(path));
}

export function lstat(path, options, callback = options) {
  validateFunction(callback, "cb");
  call(callback, (numbers) => makeStats(numbers, options), calls.lstat, toPath(path));
}

export function fstat(fd, options, callback = options) {
  toFd(fd);
  validateFunction(callback, "cb");
  call(callback, (numbers) => makeStats(numbers, options), calls.fstat, fd);
}

export function statfs(path, options, callback = options) {
  validateFunction(callback, "cb");
  call(callback, (numbers) => new StatFs(numbers, options?.bigint), calls.statfs, toPath(path));
}

export function readdir(path, options, callback = options) {
  validateFunction(callback, "cb");
  callWhenSettled(run(readdirProcedure(path, optionsOf(options))), callback);
}

export function opendir(path, options, callback = options) {
  validateFunction(callback, "cb");
  callWhenSettled(promises.opendir(toPath(path), optionsOf(options)), callback);
}

export function mkdir(path, options, callback = options) {
  const directory = toPath(path);
  const { recursive, mode } = toDirectoryOptions(optionsOf(options));
  validateFunction(callback, "cb");
  if (recursive) call(callback, same, calls.makeDirectories, directory, mode);
  else call(callback, undefined, calls.makeDirectory, directory, mode);
}

export function mkdtemp(prefix, options, callback = options) {
  validateFunction(callback, "cb");
  const { encoding } = toOptions(options, { encoding: "utf8" });
  call(callback, (name) => named(name, encoding), calls.makeTemporaryDirectory, toPath(prefix, "prefix"));
}

export function rm(path, options, callback = options) {
  validateFunction(callback, "cb");
  callWhenSettled(run(rmProcedure(path, optionsOf(options))), callback);
}

export function rmdir(path, options, callback = options) {
  validateFunction(callback, "cb");
  call(callback, undefined, calls.removeDirectory, toPath(path));
}

export function unlink(path, callback) {
  validateFunction(callback, "cb");
  call(callback, undefined, calls.removeFile, toPath(path));
}

export function rename(oldPath, newPath, callback) {
  const paths = [toPath(oldPath, "oldPath"), toPath(newPath, "newPath")];
  call(namingBoth(callback, ...paths), undefined, calls.rename, ...paths);
}

export function copyFile(src, dest, mode, callback = mode) {
  const paths = [toPath(src, "src"), toPath(dest, "dest")];
  const done = namingBoth(callback, ...paths);
  const bits = typeof mode === "function" ? 0 : validateInteger(mode ?? 0, "mode", 0, 7);
  call(done, undefined, calls.copyFile, ...paths, bits);
}

export function cp(src, dest, options, callback = options) {
  validateFunction(callback, "cb");
  callWhenSettled(run(cpProcedure(src, dest, optionsOf(options), { canWait: true })), callback);
}

export function symlink(target, path, type, callback = type) {
  toLinkType(optionsOf(type));
  const paths = [toPath(target, "target"), toPath(path)];
  call(namingBoth(callback, ...paths), undefined, calls.symlink, ...paths);
}

export function link(existingPath, newPath, callback) {
  const paths = [toPath(existingPath, "existingPath"), toPath(newPath, "newPath")];
  call(namingBoth(callback, ...paths), undefined, calls.link, ...paths);
}

export function readlink(path, options, callback = options) {
  validateFunction(callback, "cb");
  const { encoding } = toOptions(options, { encoding: "utf8" });
  call(callback, (name) => named(name, encoding), calls.readlink, toPath(path));
}

export function realpath(path, options, callback = options) {
  validateFunction(callback, "cb");
  const { encoding } = toOptions(options, { encoding: "utf8" });
  call(callback, (name) => named(name, encoding), calls.realpath, toPath(path));
}
realpath.native = realpath;

export function chmod(path, mode, callback) {
  const args = [toPath(path), toMode(mode)];
  call(validateFunction(callback, "cb"), undefined, calls.chmod, ...args);
}

export function fchmod(fd, mode, callback) {
  const args = [toFd(fd), toMode(mode)];
  call(validateFunction(callback, "cb"), undefined, calls.fchmod, ...args);
}

export function chown(path, uid, gid, callback) {
  validateFunction(callback, "cb");
  call(callback, undefined, calls.chown, toPath(path), toId(uid, "uid"), toId(gid, "gid"));
}

export function lchown(path, uid, gid, callback) {
  validateFunction(callback, "cb");
  call(callback, undefined, calls.lchown, toPath(path), toId(uid, "uid"), toId(gid, "gid"));
}

export function fchown(fd, uid, gid, callback) {
  const args = [toFd(fd), toId(uid, "uid"), toId(gid, "gid")];
  call(validateFunction(callback, "cb"), undefined, calls.fchown, ...args);
}

export function utimes(path, atime, mtime, callback) {
  validateFunction(callback, "cb");
  call(callback, undefined, calls.utimes, toPath(path), toSeconds(atime, "atime"), toSeconds(mtime, "mtime"));
}

export function lutimes(path, atime, mtime, callback) {
  validateFunction(callback, "cb");
  call(callback, undefined, calls.lutimes, toPath(path), toSeconds(atime, "atime"), toSeconds(mtime, "mtime"));
}

export function futimes(fd, atime, mtime, callback) {
  const args = [toFd(fd), toSeconds(atime, "atime"), toSeconds(mtime, "mtime")];
  call(validateFunction(callback, "cb"), undefined, calls.futimes, ...args);
}

export function truncate(path, length, callback = typeof length === "function" ? length : undefined) {
  const size = typeof length === "function" || length === undefined ? 0 : validateInteger(length, "len");
  validateFunction(callback, "cb");
  callWhenSettled(promises.truncate(toPath(path), size), callback);
}

export function ftruncate(fd, length, callback = typeof length === "function" ? length : undefined) {
  toFd(fd);
  const size = typeof length === "function" || length === undefined ? 0 : validateInteger(length, "len");
  call(validateFunction(callback, "cb"), undefined, calls.ftruncate, fd, Math.max(0, size));
}

export function fsync(fd, callback) {
  toFd(fd);
  call(validateFunction(callback, "cb"), undefined, calls.fsync, fd);
}

export function fdatasync(fd, callback) {
  toFd(fd);
  call(validateFunction(callback, "cb"), undefined, calls.fdatasync, fd);
}
