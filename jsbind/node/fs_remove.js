// rm(): removes a file or a tree.

import { codedError, validateBoolean, validateInteger, validateObject } from "../web/errors.js";
import { isDirectoryType, typeOfMode } from "./dirent.js";
import { toPath } from "./fs_arguments.js";
import { readNames } from "./fs_readdir.js";

/** Errors that may go away by themselves. */
const kRetried = new Set(["EBUSY", "EMFILE", "ENFILE", "ENOTEMPTY", "EPERM"]);

/** What rm() does, as a procedure (fs_run.js); its arguments are checked before. */
export function rmProcedure(path, options = {}) {
  validateObject(options, "options");
  const { recursive = false, force = false, maxRetries = 0, retryDelay = 100 } = options;
  validateBoolean(recursive, "options.recursive");
  validateBoolean(force, "options.force");
  validateInteger(maxRetries, "options.maxRetries", 0, 2 ** 32 - 1);
  validateInteger(retryDelay, "options.retryDelay", 0, 2 ** 31 - 1);
  return removeTree(toPath(path), { recursive, force, maxRetries, retryDelay });
}

function* removeTree(path, options) {
  let type;
  try {
    type = typeOfMode((yield ["lstat", path, true])[1]);
  } catch (error) {
    if (options.force && error.code === "ENOENT") return;
    throw error;
  }
  if (isDirectoryType(type)) {
    if (!options.recursive) throw isADirectory(path);
    yield* removeDirectory(path, options);
  } else {
    yield* retrying(["removeFile", path], options);
  }
}

function* removeDirectory(directory, options) {
  // First as if it were empty: what rmdir(2) does not take for a directory, as a link whose
  // name ends in a slash, is not to lose what it leads to.
  try {
    yield ["removeDirectory", directory];
    return;
  } catch (error) {
    if (error.code === "ENOENT") return;
    if (error.code !== "EEXIST" && !kRetried.has(error.code)) throw error;
  }
  const found = yield* readNames(directory);
  const files = found.filter((entry) => !isDirectoryType(entry.type)).map((entry) => `${directory}/${entry.name}`);
  try {
    if (files.length > 0) yield files.map((file) => ["removeFile", file]);
  } catch {
    // One of them cannot be removed, or not yet.
    for (const file of files) yield* retrying(["removeFile", file], options);
  }
  // One after the other, so that a wide tree needs little memory.
  for (const entry of found) {
    if (isDirectoryType(entry.type)) yield* removeDirectory(`${directory}/${entry.name}`, options);
  }
  yield* retrying(["removeDirectory", directory], options);
}

/** Does it again after errors of other users of the file, each time later. */
function* retrying(step, { maxRetries, retryDelay }) {
  for (let attempt = 1; ; attempt++) {
    try {
      yield step;
      return;
    } catch (error) {
      if (error.code === "ENOENT") return; // Somebody else was faster.
      if (attempt > maxRetries || !kRetried.has(error.code)) throw error;
    }
    yield ["wait", attempt * retryDelay];
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
