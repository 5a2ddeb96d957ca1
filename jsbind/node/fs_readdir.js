// Reading directories, one or a whole tree.

import { validateBoolean } from "../web/errors.js";
import { Dirent, isDirectoryType, isUnknownType, typeOfMode } from "./dirent.js";
import { toOptions, toPath } from "./fs_arguments.js";
import { named } from "./fs_data.js";

/**
 * @typedef {object} Found
 * @property {string} name
 * @property {string} parent relative to where the walk began; "" for that itself
 * @property {number} type of <dirent.h>
 */

/**
 * A procedure (fs_run.js).
 * @param {string} directory
 * @param {string} [parent]
 * @returns {Generator<any, Found[]>}
 */
export function* readNames(directory, parent = "") {
  const [names, types] = yield ["readDirectory", directory];
  const found = names.map((name, i) => ({ name, parent, type: types[i] }));
  // Some file systems do not tell the types.
  for (const entry of found) {
    if (isUnknownType(entry.type)) {
      entry.type = typeOfMode((yield ["lstat", `${directory}/${entry.name}`, true])[1]);
    }
  }
  return found;
}

/**
 * Everything below a directory, links not followed, each directory's names
 * before those of the directories in it.
 * @param {string} root
 * @returns {Generator<any, Found[]>}
 */
function* walk(root) {
  const all = [];
  const parents = [""];
  for (let i = 0; i < parents.length; i++) {
    const parent = parents[i];
    const found = yield* readNames(parent === "" ? root : `${root}/${parent}`, parent);
    for (const entry of found) {
      all.push(entry);
      if (isDirectoryType(entry.type)) {
        parents.push(parent === "" ? entry.name : `${parent}/${entry.name}`);
      }
    }
  }
  return all;
}

/** What readdir() does, as a procedure; its arguments are checked before. */
export function readdirProcedure(path, options) {
  const { encoding, withFileTypes, recursive } = toOptions(options, { encoding: "utf8" });
  const directory = toPath(path);
  if (recursive !== undefined && recursive !== null) validateBoolean(recursive, "options.recursive");
  return read(directory, encoding, withFileTypes, recursive);
}

function* read(directory, encoding, withFileTypes, recursive) {
  if (!recursive && !withFileTypes) {
    const [names] = yield ["readDirectory", directory];
    return encoding === "utf8" ? names : names.map((name) => named(name, encoding));
  }
  const found = yield* recursive ? walk(directory) : readNames(directory);
  if (!withFileTypes) {
    return found.map((entry) => named(entry.parent === "" ? entry.name : `${entry.parent}/${entry.name}`, encoding));
  }
  const parentOf = (entry) => (entry.parent === "" ? directory : `${directory}/${entry.parent}`);
  return found.map((entry) => new Dirent(named(entry.name, encoding), parentOf(entry), entry.type));
}
