// node:fs.

import { constants } from "internal:ops/fs";
import { codedError, validateInteger } from "../web/errors.js";
import { Dirent } from "./dirent.js";
import { toOptions, toPath } from "./fs_arguments.js";
import * as callbacks from "./fs_callbacks.js";
import { Dir, asOpendirError } from "./fs_dir.js";
import promises from "./fs_promises.js";
import { ReadStream, WriteStream } from "./fs_streams.js";
import * as sync from "./fs_sync.js";
import { Stats } from "./stats.js";

/** @param {string | Uint8Array | URL} path */
export function opendirSync(path, options = undefined) {
  const { bufferSize = 32, encoding, recursive } = toOptions(options, { encoding: "utf8" });
  validateInteger(bufferSize, "options.bufferSize", 1, 2 ** 32 - 1);
  toPath(path);
  try {
    return new Dir(path, sync.readdirSync(path, { encoding, recursive, withFileTypes: true }));
  } catch (error) {
    throw asOpendirError(error);
  }
}

export function createReadStream(path, options = undefined) {
  return new ReadStream(path, options);
}

export function createWriteStream(path, options = undefined) {
  return new WriteStream(path, options);
}

/** A property that names a class under another name, as old packages do. */
export { ReadStream as FileReadStream, WriteStream as FileWriteStream } from "./fs_streams.js";

function unavailable(name) {
  return codedError(
    Error,
    "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
    `The feature ${name} is unavailable on the current platform, which is being used to run Braid`,
    unavailable,
  );
}

/** Nothing tells of changes yet. */
export function watch() {
  throw unavailable("fs.watch()");
}
export function watchFile() {
  throw unavailable("fs.watchFile()");
}
/** Nobody watches. */
export function unwatchFile() {}

export const { F_OK, R_OK, W_OK, X_OK } = constants;
export { constants, Dir, Dirent, promises, ReadStream, Stats, WriteStream };
export * from "./fs_callbacks.js";
export * from "./fs_sync.js";

export default {
  ...callbacks,
  ...sync,
  Dir,
  Dirent,
  F_OK,
  FileReadStream: ReadStream,
  FileWriteStream: WriteStream,
  R_OK,
  ReadStream,
  Stats,
  W_OK,
  WriteStream,
  X_OK,
  constants,
  createReadStream,
  createWriteStream,
  opendirSync,
  promises,
  unwatchFile,
  watch,
  watchFile,
};
