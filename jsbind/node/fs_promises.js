// node:fs/promises.

import * as ops from "internal:ops/fs";
import { validateBoolean, validateInteger } from "../web/errors.js";
import { isFileHandle, open } from "./file_handle.js";
import {
  nameBothPaths,
  toAccessMode,
  toDirectoryOptions,
  toFlags,
  toId,
  toLinkType,
  toMode,
  toOptions,
  toPath,
  toSeconds,
  withAbortError,
} from "./fs_arguments.js";
import { cpProcedure } from "./fs_cp.js";
import { checkData, contents, named, writeData } from "./fs_data.js";
import { Dir, asOpendirError } from "./fs_dir.js";
import { readdirProcedure } from "./fs_readdir.js";
import { rmProcedure } from "./fs_remove.js";
import { run } from "./fs_run.js";
import { StatFs, makeStats } from "./stats.js";

/** @template T @param {Promise<T>} promise of an operation on two paths; its error names both */
async function withBothPaths(promise, from, to) {
  try {
    return await promise;
  } catch (error) {
    throw nameBothPaths(error, from, to);
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
  return contents(bytes, encoding);
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
  const directory = toPath(path);
  const { recursive, mode } = toDirectoryOptions(options);
  return recursive ? ops.makeDirectories(directory, mode) : ops.makeDirectory(directory, mode);
}

/** Makes a directory whose name is `prefix` and six random characters. */
export async function mkdtemp(prefix, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(await ops.makeTemporaryDirectory(toPath(prefix, "prefix")), encoding);
}

/**
 * The names in a directory.
 * @param {string | Uint8Array | URL} path
 * @param {string | { encoding?: string, withFileTypes?: boolean, recursive?: boolean }} [options]
 */
export async function readdir(path, options = undefined) {
  return run(readdirProcedure(path, options));
}

/** @param {string | { encoding?: string, bufferSize?: number, recursive?: boolean }} [options] */
export async function opendir(path, options = undefined) {
  const { bufferSize = 32, encoding, recursive } = toOptions(options, { encoding: "utf8" });
  validateInteger(bufferSize, "options.bufferSize", 1, 2 ** 32 - 1);
  try {
    return new Dir(path, await readdir(path, { encoding, recursive, withFileTypes: true }));
  } catch (error) {
    throw asOpendirError(error);
  }
}

/**
 * Removes a file, or with recursive a directory and what is in it.
 * @param {string | Uint8Array | URL} path
 * @param {{ recursive?: boolean, force?: boolean, maxRetries?: number, retryDelay?: number }} [options]
 */
export async function rm(path, options = undefined) {
  await run(rmProcedure(path, options));
}

/**
 * Copies a file, or with recursive a directory and what is in it.
 * @param {string | URL} src
 * @param {string | URL} dest
 * @param {{ dereference?: boolean, errorOnExist?: boolean, filter?: Function, force?: boolean,
 *     mode?: number, preserveTimestamps?: boolean, recursive?: boolean,
 *     verbatimSymlinks?: boolean }} [options]
 */
export async function cp(src, dest, options = undefined) {
  await run(cpProcedure(src, dest, options, { canWait: true }));
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
export async function access(path, mode = undefined) {
  await ops.access(toPath(path), toAccessMode(mode));
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

/** Sets the times of a symbolic link itself. */
export async function lutimes(path, atime, mtime) {
  await ops.lutimes(toPath(path), toSeconds(atime, "atime"), toSeconds(mtime, "mtime"));
}

/** @param {number} uid and `gid`: -1 leaves it as it is */
export async function chown(path, uid, gid) {
  await ops.chown(toPath(path), toId(uid, "uid"), toId(gid, "gid"));
}

export async function lchown(path, uid, gid) {
  await ops.lchown(toPath(path), toId(uid, "uid"), toId(gid, "gid"));
}

/** What the file system says of itself. */
export async function statfs(path, options = undefined) {
  return new StatFs(await ops.statfs(toPath(path)), options?.bigint);
}

export async function realpath(path, options = undefined) {
  const { encoding } = toOptions(options, { encoding: "utf8" });
  return named(await ops.realpath(toPath(path)), encoding);
}

/** Makes `path` a symbolic link to `target`. The type matters on Windows alone. */
export async function symlink(target, path, type = undefined) {
  toLinkType(type);
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
  chown,
  constants,
  copyFile,
  cp,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  opendir,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
};
