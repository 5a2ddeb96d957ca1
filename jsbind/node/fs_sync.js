// The functions of node:fs that end before they return. Each is a system call
// or few, made on the loop's thread and past the loop.

import * as ops from "internal:ops/fs_sync";
import { constants } from "internal:ops/fs";
import { validateBoolean, validateInteger } from "../web/errors.js";
import { StatFs, makeStats } from "./stats.js";
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
import { cpProcedure } from "./fs_cp.js";
import { contents, named, requireData } from "./fs_data.js";
import { checkViews, partToFill, partToWrite, readArguments } from "./fs_ranges.js";
import { readdirProcedure } from "./fs_readdir.js";
import { rmProcedure } from "./fs_remove.js";
import { runNow } from "./fs_run.js";
import { normalizeEncoding } from "./string_encodings.js";

/** An operation on two paths; its error names both. */
function withPaths(operation, from, to, ...rest) {
  try {
    operation(from, to, ...rest);
  } catch (error) {
    throw nameBothPaths(error, from, to);
  }
}

export function accessSync(path, mode = undefined) {
  ops.access(toPath(path), toAccessMode(mode));
}

export function existsSync(path) {
  let file;
  try {
    file = toPath(path);
  } catch {
    return false;
  }
  return ops.exists(file);
}

export function openSync(path, flags = undefined, mode = undefined) {
  return ops.open(toPath(path), toFlags(flags), toMode(mode, 0o666));
}

export function closeSync(fd) {
  ops.close(toFd(fd));
}

/**
 * @param {number} fd
 * @param {ArrayBufferView} buffer
 * @param {number | object} [offsetOrOptions] { offset, length, position }
 * @param {number} [length]
 * @param {number | bigint | null} [position]
 * @returns {number} of bytes that were read
 */
export function readSync(fd, buffer, offsetOrOptions = undefined, length = undefined, position = undefined) {
  toFd(fd);
  const [, offset, size, at] = readArguments(buffer, offsetOrOptions, length, position);
  const bytes = partToFill(buffer, offset, size);
  const from = toReadPosition(at, bytes.byteLength);
  return bytes.byteLength === 0 ? 0 : ops.read(fd, bytes, from);
}

/**
 * @param {number} fd
 * @param {ArrayBufferView | string} data
 * @param {number | object | null} [offsetOrOptions] of a buffer; the position for a string
 * @param {number | string} [length] or the encoding of a string
 * @param {number | null} [position]
 * @returns {number} of bytes that were written
 */
export function writeSync(fd, data, offsetOrOptions = undefined, length = undefined, position = undefined) {
  toFd(fd);
  if (typeof data === "string") return ops.write(fd, requireData(data, normalizeEncoding(length ?? "utf8")), toWritePosition(offsetOrOptions));
  const [, offset, size, at] = readArguments(data, offsetOrOptions, length, position);
  return ops.write(fd, partToWrite(data, offset, size), toWritePosition(at));
}

export function readvSync(fd, buffers, position = undefined) {
  return ops.readv(toFd(fd), checkViews(buffers), toReadPosition(position));
}

export function writevSync(fd, buffers, position = undefined) {
  toFd(fd);
  return checkViews(buffers).length === 0 ? 0 : ops.writev(fd, buffers, toWritePosition(position));
}

/**
 * @param {string | Uint8Array | URL | number} path or a descriptor
 * @param {string | { encoding?: string | null, flag?: string }} [options]
 */
export function readFileSync(path, options = undefined) {
  const { encoding, flag } = toOptions(options, { encoding: null, flag: "r" });
  if (isFd(path)) {
    return encoding === "utf8" ? ops.readTextOf(path) : contents(ops.readFileOf(path), encoding);
  }
  const file = toPath(path);
  const flags = toFlags(flag, "options.flag");
  return encoding === "utf8" ? ops.readText(file, flags) : contents(ops.readFile(file, flags), encoding);
}

/**
 * @param {string | Uint8Array | URL | number} path or a descriptor
 * @param {string | ArrayBufferView} data
 * @param {string | { encoding?: string, mode?: number, flag?: string, flush?: boolean }} [options]
 */
export function writeFileSync(path, data, options = undefined) {
  const { encoding, mode, flag, flush } = toOptions(options, {
    encoding: "utf8",
    mode: 0o666,
    flag: "w",
    flush: false,
  });
  if (flush !== null && flush !== undefined) validateBoolean(flush, "flush");
  const bytes = requireData(data, encoding);
  if (!isFd(path)) {
    ops.writeFile(toPath(path), toFlags(flag), toMode(mode, 0o666), bytes, flush === true);
    return;
  }
  ops.writeAll(path, bytes, -1);
  if (flush) ops.fsync(path);
}

export function appendFileSync(path, data, options = undefined) {
  const given = toOptions(options, { encoding: "utf8", mode: 0o666, flag: "a" });
  writeFileSync(path, data, given.flag ? given : { ...given, flag: "a" });
}

function statWith(operation, path, options) {
  const numbers = operation(toPath(path), options?.throwIfNoEntry !== false);
  return numbers === undefined ? undefined : makeStats(numbers, options);
}

/**
 * @param {string | Uint8Array | URL} path
 * @param {{ bigint?: boolean, throwIfNoEntry?: boolean }} [options]
 */
export function statSync(path, options = undefined) {
  return statWith(ops.stat, path, options);
}

export function lstatSync(path, options = undefined) {
  return statWith(ops.lstat, path, options);
}

export function fstatSync(fd, options = undefined) {
  return makeStats(ops.fstat(toFd(fd)), options);
}

export function statfsSync(path, options = undefined) {
  return new StatFs(ops.statfs(toPath(path)), options?.bigint);
}

export function readdirSync(path, options = undefined) {
  return runNow(readdirProcedure(path, options));
}

export function mkdirSync(path, options = undefined) {
  const directory = toPath(path);
  const { recursive, mode } = toDirectoryOptions(options);
  return recursive ? ops.makeDirectories(directory, mode) : ops.makeDirectory(directory, mode);
}

export function mkdtempSync(prefix, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(ops.makeTemporaryDirectory(toPath(prefix, "prefix")), encoding);
}

export function rmSync(path, options = undefined) {
  runNow(rmProcedure(path, options));
}

export function rmdirSync(path) {
  ops.removeDirectory(toPath(path));
}

export function unlinkSync(path) {
  ops.removeFile(toPath(path));
}

export function renameSync(oldPath, newPath) {
  withPaths(ops.rename, toPath(oldPath, "oldPath"), toPath(newPath, "newPath"));
}

export function copyFileSync(src, dest, mode = 0) {
  const paths = [toPath(src, "src"), toPath(dest, "dest")];
  withPaths(ops.copyFile, ...paths, validateInteger(mode, "mode", 0, 7));
}

export function cpSync(src, dest, options = undefined) {
  runNow(cpProcedure(src, dest, options, { canWait: false }));
}

export function symlinkSync(target, path, type = undefined) {
  toLinkType(type);
  withPaths(ops.symlink, toPath(target, "target"), toPath(path));
}

export function linkSync(existingPath, newPath) {
  withPaths(ops.link, toPath(existingPath, "existingPath"), toPath(newPath, "newPath"));
}

export function readlinkSync(path, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(ops.readlink(toPath(path)), encoding);
}

export function realpathSync(path, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(ops.realpath(toPath(path)), encoding);
}
realpathSync.native = realpathSync;

export function chmodSync(path, mode) {
  ops.chmod(toPath(path), toMode(mode));
}

export function fchmodSync(fd, mode) {
  ops.fchmod(toFd(fd), toMode(mode));
}

export function chownSync(path, uid, gid) {
  ops.chown(toPath(path), toId(uid, "uid"), toId(gid, "gid"));
}

export function lchownSync(path, uid, gid) {
  ops.lchown(toPath(path), toId(uid, "uid"), toId(gid, "gid"));
}

export function fchownSync(fd, uid, gid) {
  ops.fchown(toFd(fd), toId(uid, "uid"), toId(gid, "gid"));
}

export function utimesSync(path, atime, mtime) {
  ops.utimes(toPath(path), toSeconds(atime, "atime"), toSeconds(mtime, "mtime"));
}

export function lutimesSync(path, atime, mtime) {
  ops.lutimes(toPath(path), toSeconds(atime, "atime"), toSeconds(mtime, "mtime"));
}

export function futimesSync(fd, atime, mtime) {
  ops.futimes(toFd(fd), toSeconds(atime, "atime"), toSeconds(mtime, "mtime"));
}

export function truncateSync(path, length = 0) {
  validateInteger(length, "len");
  const fd = ops.open(toPath(path), constants.O_RDWR, 0);
  try {
    ops.ftruncate(fd, Math.max(0, length));
  } finally {
    ops.close(fd);
  }
}

export function ftruncateSync(fd, length = 0) {
  toFd(fd);
  validateInteger(length, "len");
  ops.ftruncate(fd, Math.max(0, length));
}

export function fsyncSync(fd) {
  ops.fsync(toFd(fd));
}

export function fdatasyncSync(fd) {
  ops.fdatasync(toFd(fd));
}
