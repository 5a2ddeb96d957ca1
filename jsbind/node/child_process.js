// node:child_process.

import { codedError } from "../web/errors.js";
import { toSpawn } from "./child_arguments.js";
import { exec, execFile } from "./child_exec.js";
import { ChildProcess } from "./child_process_object.js";
import { execFileSync, execSync, spawnSync } from "./child_sync.js";

export { ChildProcess, exec, execFile, execFileSync, execSync, spawnSync };

/**
 * Starts a program.
 * @param {string} file
 * @param {string[] | object} [args]
 * @param {object} [options] cwd, env, argv0, stdio, detached, shell, signal, timeout, killSignal
 * @returns {ChildProcess}
 */
export function spawn(file, args = undefined, options = undefined) {
  const child = new ChildProcess();
  child.spawn(toSpawn(file, args, options));
  return child;
}

/** Programs of this runtime that exchange messages are not there. */
export function fork() {
  throw codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED", "The method fork() is not implemented");
}

export default { ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
