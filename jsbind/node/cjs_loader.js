// What the module loader calls for CommonJS (Extension::commonjs).

import { giveSource, makeRequire, Module } from "./cjs_module.js";
import process from "./process_object.js";

export { exportNames } from "./cjs_names.js";

/** The module.exports of a file that an ES module imports. */
export function importFile(filename) {
  return Module._load(filename, undefined, false);
}

/**
 * Runs the program in a file.
 * @param {string} source "" if it was not read yet
 * @param {string} filename
 */
export function runFile(source, filename) {
  if (source !== "") giveSource(filename, source);
  Module._load(filename, null, true);
}

/** Runs the program of the command line. */
export function runCode(code) {
  const module = new Module("[eval]", undefined);
  const folder = process.cwd();
  module.filename = `${folder}/[eval]`;
  module.paths = Module._nodeModulePaths(folder);
  for (const [name, value] of Object.entries({
    module,
    exports: module.exports,
    require: makeRequire(module),
    __filename: "[eval]",
    __dirname: ".",
  })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  module._compile(code, "[eval]", "commonjs");
}
