// cp(): copies a file or a tree.

import {
  codedError,
  validateBoolean,
  validateFunction,
  validateInteger,
  validateObject,
} from "../web/errors.js";
import { isDirectoryType, typeOfMode } from "./dirent.js";
import { toPath } from "./fs_arguments.js";
import { dirname, isAbsolute, join, resolve } from "./path.js";

const kFifo = 1;
const kCharacterDevice = 2;
const kBlockDevice = 6;
const kSymbolicLink = 10;
const kSocket = 12;
const kExclusive = 1; // COPYFILE_EXCL

/** What cp() does, as a procedure (fs_run.js); its arguments are checked before. */
export function cpProcedure(src, dest, options = {}, { canWait }) {
  validateObject(options, "options");
  const all = {
    dereference: false,
    errorOnExist: false,
    force: true,
    preserveTimestamps: false,
    recursive: false,
    verbatimSymlinks: false,
    ...options,
  };
  for (const name of ["dereference", "errorOnExist", "force", "preserveTimestamps", "recursive", "verbatimSymlinks"]) {
    validateBoolean(all[name], `options.${name}`);
  }
  all.mode = validateInteger(all.mode ?? 0, "options.mode", 0, 7);
  if (all.dereference && all.verbatimSymlinks) {
    throw codedError(
      TypeError,
      "ERR_INCOMPATIBLE_OPTION_PAIR",
      'Option "dereference" cannot be used in combination with option "verbatimSymlinks"',
    );
  }
  if (all.filter !== undefined) validateFunction(all.filter, "options.filter");
  return copy(toPath(src, "src"), toPath(dest, "dest"), { ...all, canWait }, true);
}

/** Numbers of "internal:ops/fs": here the device, the mode and the inode matter. */
const typeOf = (numbers) => typeOfMode(numbers[1]);
const isSame = (a, b) => a[0] === b[0] && a[7] === b[7];

function cpError(code, message, reason, errno, path) {
  const error = codedError(Error, code, `${message}: cp returned ${reason} ${path}`, cpError);
  error.name = "SystemError";
  return Object.assign(error, { errno, syscall: "cp", path, info: { message, path, syscall: "cp", errno, code: reason.split(" ")[0] } });
}

const kEinval = "EINVAL (invalid argument)";

function* statOrNothing(step) {
  try {
    return yield step;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function* isWanted(options, src, dest) {
  if (options.filter === undefined) return true;
  const wanted = options.filter(src, dest);
  if (!options.canWait && typeof wanted?.then === "function") {
    throw codedError(
      TypeError,
      "ERR_INVALID_RETURN_VALUE",
      'Expected boolean to be returned from the "options.filter" function but got an instance of Promise.',
    );
  }
  return Boolean(yield ["await", wanted]);
}

/** Copies one name and what is below it. `isFirst`: what cp() was called with. */
function* copy(src, dest, options, isFirst) {
  if (!(yield* isWanted(options, src, dest))) return;
  const stat = options.dereference ? "stat" : "lstat";
  const from = yield [stat, src, true];
  const to = yield* statOrNothing([stat, dest, true]);
  checkPair(src, dest, from, to);
  const type = typeOf(from);
  if (isFirst) {
    yield* checkParents(src, dest, from);
    if (isDirectoryType(type) && !options.recursive) {
      const message = "Recursive option not enabled, cannot copy a directory";
      throw cpError("ERR_FS_EISDIR", message, "EISDIR (is a directory)", 21, src);
    }
    if (to === undefined) yield ["makeDirectories", dirname(resolve(dest)), 0o777];
  }
  if (isDirectoryType(type)) yield* copyDirectory(src, dest, from, to, options);
  else if (type === kSymbolicLink) yield* copyLink(src, dest, to, options);
  else yield* copyOneFile(src, dest, from, to, type, options);
}

function checkPair(src, dest, from, to) {
  const isDirectory = isDirectoryType(typeOf(from));
  if (to !== undefined) {
    if (isSame(from, to)) {
      throw cpError("ERR_FS_CP_EINVAL", "Invalid src or dest", `${kEinval} src and dest cannot be the same`, 22, dest);
    }
    const isOverDirectory = isDirectoryType(typeOf(to));
    if (isDirectory && !isOverDirectory) {
      const message = `Cannot overwrite non-directory ${dest} with directory ${src}`;
      throw cpError("ERR_FS_CP_DIR_TO_NON_DIR", message, "EISDIR (is a directory)", 21, dest);
    }
    if (!isDirectory && isOverDirectory) {
      const message = `Cannot overwrite directory ${dest} with non-directory ${src}`;
      throw cpError("ERR_FS_CP_NON_DIR_TO_DIR", message, "ENOTDIR (not a directory)", 20, dest);
    }
  }
  if (isDirectory && isBelow(resolve(dest), resolve(src))) throw subdirectoryOfItself(src, dest);
}

/** Whether a path is `folder` or in it. */
function isBelow(path, folder) {
  return `${path}/`.startsWith(`${folder}/`);
}

function subdirectoryOfItself(src, dest) {
  const message = `Cannot copy '${src}' to a subdirectory of self, '${dest}'`;
  return cpError("ERR_FS_CP_EINVAL", "Invalid src or dest", `${kEinval} ${message}`, 22, dest);
}

/** No folder above `dest` may be `src`, by whatever name. */
function* checkParents(src, dest, from) {
  if (!isDirectoryType(typeOf(from))) return;
  for (let folder = dirname(resolve(dest)); ; folder = dirname(folder)) {
    const found = yield* statOrNothing(["stat", folder, true]);
    if (found !== undefined && isSame(from, found)) throw subdirectoryOfItself(src, dest);
    if (folder === "/" || folder === dirname(resolve(src))) return;
  }
}

function* copyDirectory(src, dest, from, to, options) {
  if (to === undefined) yield ["makeDirectories", dest, 0o777];
  const [names] = yield ["readDirectory", src];
  for (const name of names) yield* copy(join(src, name), join(dest, name), options, false);
  if (to === undefined) yield ["chmod", dest, from[1] & 0o7777];
}

function* copyOneFile(src, dest, from, to, type, options) {
  if (type === kSocket) throw cpError("ERR_FS_CP_SOCKET", "Cannot copy a socket file", kEinval, 22, dest);
  if (type === kFifo) throw cpError("ERR_FS_CP_FIFO_PIPE", "Cannot copy a FIFO pipe", kEinval, 22, dest);
  if (type === kCharacterDevice || type === kBlockDevice) {
    throw cpError("ERR_FS_CP_UNKNOWN", "Cannot copy an unknown file type", kEinval, 22, dest);
  }
  if (to !== undefined) {
    if (options.force) yield ["removeFile", dest];
    else if (options.errorOnExist) throw exists(dest);
    else return;
  }
  yield ["copyFile", src, dest, options.mode & ~kExclusive];
  if (options.preserveTimestamps) {
    // Reading it has changed when it was read.
    const now = yield ["stat", src, true];
    yield ["utimes", dest, now[10] + now[11] / 1e9, now[12] + now[13] / 1e9];
  }
}

function exists(dest) {
  return cpError("ERR_FS_CP_EEXIST", "Target already exists", "EEXIST (file already exists)", 17, dest);
}

function* copyLink(src, dest, to, options) {
  let target = yield ["readlink", src];
  if (!options.verbatimSymlinks && !isAbsolute(target)) target = resolve(dirname(src), target);
  // What is no link stays: making one there fails.
  if (to !== undefined && typeOf(to) === kSymbolicLink) {
    const old = resolve(dirname(dest), yield ["readlink", dest]);
    const found = yield* statOrNothing(["stat", src, true]);
    if (found !== undefined && isDirectoryType(typeOf(found)) && target !== old) {
      if (isBelow(old, target)) throw subdirectoryOfItself(target, old);
      if (isBelow(target, old)) {
        const message = `cannot overwrite ${old} with ${target}`;
        throw cpError("ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY", message, kEinval, 22, dest);
      }
    }
    yield ["removeFile", dest];
  }
  yield ["symlink", target, dest];
}
