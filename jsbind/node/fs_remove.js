// rm(): removes a file or a tree.

import * as ops from "internal:ops/fs";
import { codedError } from "../web/errors.js";
import { setTimeout } from "../web/timers.js";
import { isDirectoryType, typeOfMode } from "./dirent.js";
import { readNames } from "./fs_readdir.js";

/** Errors that may go away by themselves. */
const kRetried = new Set(["EBUSY", "EMFILE", "ENFILE", "ENOTEMPTY", "EPERM"]);

/**
 * @param {string} path
 * @param {{ recursive: boolean, force: boolean, maxRetries: number, retryDelay: number }} options
 */
export async function removeTree(path, options) {
  let type;
  try {
    type = typeOfMode((await ops.lstat(path))[1]);
  } catch (error) {
    if (options.force && error.code === "ENOENT") return;
    throw error;
  }
  if (isDirectoryType(type)) {
    if (!options.recursive) throw isADirectory(path);
    await removeDirectory(path, options);
  } else {
    await retrying(() => ops.removeFile(path), options);
  }
}

async function removeDirectory(directory, options) {
  const found = await readNames(directory);
  const files = found.filter((entry) => !isDirectoryType(entry.type));
  await Promise.all(
    files.map((entry) => retrying(() => ops.removeFile(`${directory}/${entry.name}`), options)),
  );
  // One after the other, so that a wide tree needs little memory.
  for (const entry of found) {
    if (isDirectoryType(entry.type)) await removeDirectory(`${directory}/${entry.name}`, options);
  }
  await retrying(() => ops.removeDirectory(directory), options);
}

/** Does it again after errors of other users of the file, each time later. */
async function retrying(remove, { maxRetries, retryDelay }) {
  for (let attempt = 1; ; attempt++) {
    try {
      await remove();
      return;
    } catch (error) {
      if (error.code === "ENOENT") return; // Somebody else was faster.
      if (attempt > maxRetries || !kRetried.has(error.code)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, attempt * retryDelay));
  }
}

function isADirectory(path) {
  const error = codedError(
    Error,
    "ERR_FS_EISDIR",
    `Path is a directory: rm returned EISDIR (is a directory) ${path}`,
  );
  error.name = "SystemError";
  Object.assign(error, { errno: 21, syscall: "rm", path });
  return error;
}
