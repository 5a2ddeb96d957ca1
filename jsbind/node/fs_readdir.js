// Reading directories, one or a whole tree.

import * as ops from "internal:ops/fs";
import { isDirectoryType, isUnknownType, typeOfMode } from "./dirent.js";

/**
 * @typedef {object} Found
 * @property {string} name
 * @property {string} parent relative to where the walk began; "" for that itself
 * @property {number} type of <dirent.h>
 */

/**
 * @param {string} directory
 * @param {string} [parent]
 * @returns {Promise<Found[]>}
 */
export async function readNames(directory, parent = "") {
  const [names, types] = await ops.readDirectory(directory);
  const found = names.map((name, i) => ({ name, parent, type: types[i] }));
  // Some file systems do not tell the types.
  for (const entry of found) {
    if (isUnknownType(entry.type)) {
      entry.type = typeOfMode((await ops.lstat(`${directory}/${entry.name}`))[1]);
    }
  }
  return found;
}

/**
 * Everything below a directory, links not followed, each directory's names
 * before those of the directories in it.
 * @param {string} root
 * @returns {Promise<Found[]>}
 */
export async function walkDirectory(root) {
  const all = [];
  const parents = [""];
  for (let i = 0; i < parents.length; i++) {
    const parent = parents[i];
    const found = await readNames(parent === "" ? root : `${root}/${parent}`, parent);
    for (const entry of found) {
      all.push(entry);
      if (isDirectoryType(entry.type)) {
        parents.push(parent === "" ? entry.name : `${parent}/${entry.name}`);
      }
    }
  }
  return all;
}
