// node:fs/promises.

import * as ops from "internal:ops/fs";
import { outOfRange, validateBoolean, validateInteger } from "../web/errors.js";
import { Dirent } from "./dirent.js";
import { isFileHandle, open } from "./file_handle.js";
import { toFlags, toMode, toOptions, toPath, toSeconds, withAbortError } from "./fs_arguments.js";
import { checkData, writeData } from "./fs_data.js";
import { readNames, walkDirectory } from "./fs_readdir.js";
import { removeTree } from "./fs_remove.js";
import { makeStats } from "./stats.js";
import { bytesToString, stringToBytes } from "./string_encodings.js";

/**
 * Names both paths in the error of an operation that has two, as Node does.
 * @template T
 * @param {Promise<T>} promise
 */
async function withBothPaths(promise, from, to) {
  try {
    return await promise;
  } catch (error) {
    if (typeof error?.errno === "number") {
      const [reason] = error.message.split(`, ${error.syscall} '`, 1);
      error.message = `${reason}, ${error.syscall} '${from}' -> '${to}'`;
      error.stack = error.stack.replace(/^.*$/m, `Error: ${error.message}`);
      error.path = from;
      error.dest = to;
    }
    throw error;
  }
}

/**
 * The whole file: bytes, or text if an encoding is given.
 * @param {string | Uint8Array | URL | FileHandle} path
 * @param {string | { encoding?: string | null, flag?: string, signal?: AbortSignal }} [options]
 */
export async function readFile(path, options = undefined) {
  if (isFileHandle(path)) return path.readFile(options);
  const file = toPath(path);
  const { encoding, flag, signal } = toOptions(options, { encoding: null, flag: "r" });
  if (flag !== "r") {
    await using handle = await open(file, flag);
    return await handle.readFile({ encoding, signal });
  }
  if (encoding === "utf8") {
    return signal === undefined ? ops.readText(file) : withAbortError(ops.readText(file, { signal }), signal);
  }
  const bytes = await (signal === undefined
    ? ops.readFile(file)
    : withAbortError(ops.readFile(file, { signal }), signal));
  return encoding === null ? bytes : bytesToString(bytes, encoding);
}

/**
 * Makes the file hold `data`: text, bytes, or an iterable of either.
 * @param {string | Uint8Array | URL | FileHandle} path
 * @param {unknown} data
 * @param {string | { encoding?: string, mode?: number, flag?: string, flush?: boolean,
 *     signal?: AbortSignal }} [options]
 */
export async function writeFile(path, data, options = undefined) {
  if (isFileHandle(path)) return path.writeFile(data, options);
  const { encoding, mode, flag, flush, signal } = toOptions(options, {
    encoding: "utf8",
    mode: 0o666,
    flag: "w",
    flush: false,
  });
  if (flush !== null && flush !== undefined) validateBoolean(flush, "flush");
  checkData(data);
  return withAbortError(writeWhole(toPath(path), data, encoding, toFlags(flag), toMode(mode, 0o666), flush, signal), signal);
}

async function writeWhole(path, data, encoding, flags, mode, flush, signal) {
  signal?.throwIfAborted();
  const file = await ops.File.open(path, flags, mode, { signal });
  try {
    await writeData(data, encoding, (bytes) => file.writeAll(bytes, -1, { signal }), signal);
    if (flush) await file.sync();
  } finally {
    await file.close();
  }
}

export async function appendFile(path, data, options = undefined) {
  return writeFile(path, data, { ...toOptions(options, { encoding: "utf8" }), flag: options?.flag ?? "a" });
}

export async function stat(path, options = undefined) {
  return makeStats(await ops.stat(toPath(path)), options);
}

export async function lstat(path, options = undefined) {
  return makeStats(await ops.lstat(toPath(path)), options);
}

/**
 * @param {string | Uint8Array | URL} path
 * @param {number | string | { recursive?: boolean, mode?: number }} [options] or the mode
 * @returns {Promise<string | undefined>} with recursive, the first directory that was made
 */
export async function mkdir(path, options = undefined) {
  const { recursive = false, mode = 0o777 } =
    typeof options === "number" || typeof options === "string" ? { mode: options } : (options ?? {});
  const directory = toPath(path);
  validateBoolean(recursive, "options.recursive");
  const bits = toMode(mode, 0o777);
  return recursive ? ops.makeDirectories(directory, bits) : ops.makeDirectory(directory, bits);
}

/** Makes a directory whose name is `prefix` and six random characters. */
export async function mkdtemp(prefix, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(await ops.makeTemporaryDirectory(toPath(prefix, "prefix")), encoding);
}

/** A name in the encoding that was asked for: bytes for "buffer". */
function named(name, encoding) {
  if (encoding === "utf8") return name;
  const bytes = stringToBytes(name, "utf8");
  return encoding === null ? bytes : bytesToString(bytes, encoding);
}

/**
 * The names in a directory.
 * @param {string | Uint8Array | URL} path
 * @param {string | { encoding?: string, withFileTypes?: boolean, recursive?: boolean }} [options]
 */
export async function readdir(path, options = undefined) {
  const { encoding, withFileTypes, recursive } = toOptions(options, { encoding: "utf8" });
  const directory = toPath(path);
  if (recursive !== undefined && recursive !== null) validateBoolean(recursive, "options.recursive");
  const found = recursive ? await walkDirectory(directory) : await readNames(directory);
  if (!withFileTypes) {
    return found.map((entry) => named(entry.parent === "" ? entry.name : `${entry.parent}/${entry.name}`, encoding));
  }
  const parentOf = (entry) => (entry.parent === "" ? directory : `${directory}/${entry.parent}`);
  return found.map((entry) => new Dirent(named(entry.name, encoding), parentOf(entry), entry.type));
}

/**
 * Removes a file, or with recursive a directory and what is in it.
 * @param {string | Uint8Array | URL} path
 * @param {{ recursive?: boolean, force?: boolean, maxRetries?: number, retryDelay?: number }} [options]
 */
export async function rm(path, options = undefined) {
  const { recursive = false, force = false, maxRetries = 0, retryDelay = 100 } = options ?? {};
  validateBoolean(recursive, "options.recursive");
  validateBoolean(force, "options.force");
  validateInteger(maxRetries, "options.maxRetries", 0);
  validateInteger(retryDelay, "options.retryDelay", 0);
  await removeTree(toPath(path), { recursive, force, maxRetries, retryDelay });
}

export async function rmdir(path) {
  await ops.removeDirectory(toPath(path));
}

export async function unlink(path) {
  await ops.removeFile(toPath(path));
}

export async function rename(from, to) {
  const paths = [toPath(from, "oldPath"), toPath(to, "newPath")];
  await withBothPaths(ops.rename(...paths), ...paths);
}

/** @param {number} [mode] COPYFILE_EXCL, COPYFILE_FICLONE or COPYFILE_FICLONE_FORCE */
export async function copyFile(from, to, mode = 0) {
  const paths = [toPath(from, "src"), toPath(to, "dest")];
  validateInteger(mode, "mode", 0, 7);
  await withBothPaths(ops.copyFile(...paths, mode), ...paths);
}

/** Rejects unless the file may be accessed that way. */
export async function access(path, mode = ops.constants.F_OK) {
  const file = toPath(path);
  validateInteger(mode, "mode", 0, 7);
  await ops.access(file, mode);
}

export async function truncate(path, length = 0) {
  validateInteger(length, "len");
  const handle = await open(path, "r+");
  try {
    await handle.truncate(length);
  } finally {
    await handle.close();
  }
}

export async function utimes(path, atime, mtime) {
  await ops.utimes(toPath(path), toSeconds(atime, "atime"), toSeconds(mtime, "mtime"));
}

export async function realpath(path, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(await ops.realpath(toPath(path)), encoding);
}

/** Makes `path` a symbolic link to `target`. The type matters on Windows alone. */
export async function symlink(target, path, type = undefined) {
  if (type !== undefined && type !== null && !["dir", "file", "junction"].includes(type)) {
    throw outOfRange("type", "one of 'dir', 'file' or 'junction'", type);
  }
  const paths = [toPath(target, "target"), toPath(path)];
  await withBothPaths(ops.symlink(...paths), ...paths);
}

/** Makes `to` another name of the file `from`. */
export async function link(from, to) {
  const paths = [toPath(from, "existingPath"), toPath(to, "newPath")];
  await withBothPaths(ops.link(...paths), ...paths);
}

export async function readlink(path, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(await ops.readlink(toPath(path)), encoding);
}

export async function chmod(path, mode) {
  await ops.chmod(toPath(path), toMode(mode));
}

const { constants } = ops;
export { constants, open };

export default {
  access,
  appendFile,
  chmod,
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
};
