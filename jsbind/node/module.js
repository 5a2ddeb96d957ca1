// node:module.

import * as ops from "internal:ops/modules";
import { codedError, invalidArgValue } from "../web/errors.js";
import { makeRequire, Module } from "./cjs_module.js";
import { isBuiltin as isProgramModule } from "./cjs_resolve.js";
import { URL } from "../web/url.js";
import { fileURLToPath } from "./file_url.js";
import { dirname, isAbsolute } from "./path.js";

/** The names of the built-in modules, as require() takes them. */
export const { builtinModules } = ops;

/** Whether `name` is one of them, with or without "node:". */
export function isBuiltin(name) {
  return typeof name === "string" && isProgramModule(name);
}

/** The path of a file given as a path, a file: URL or its text. */
function pathOf(file, name) {
  const url = file instanceof URL ? file : undefined;
  if (url === undefined && typeof file === "string" && isAbsolute(file)) return file;
  const href = url?.href ?? file;
  if (typeof href === "string" && href.startsWith("file:")) {
    return fileURLToPath(href);
  }
  throw invalidArgValue(name, file, "must be a file URL object, file URL string, or absolute path string");
}

/**
 * A require() for the file `filename`, which need not exist; a folder ends with "/".
 * @param {string | URL} filename
 */
export function createRequire(filename) {
  const path = pathOf(filename, "filename");
  const file = path.endsWith("/") ? `${path}noop.js` : path;
  const module = new Module(file);
  module.filename = file;
  module.paths = Module._nodeModulePaths(dirname(file));
  return makeRequire(module);
}

/** The package.json of the package that a file is in, or undefined. */
export function findPackageJSON(specifier, base = undefined) {
  const text = specifier instanceof URL ? specifier.href : specifier;
  const isFile = isAbsolute(text) || text.startsWith("file:");
  const file = isFile ? pathOf(specifier, "specifier") : createRequire(base).resolve(text);
  const found = ops.packageOf(file);
  return found && `${found.folder}/package.json`;
}

/** Nothing to do: import statements see what a built-in module had when it was loaded. */
export function syncBuiltinESMExports() {}

/** There are no source maps. */
export function findSourceMap() {
  return undefined;
}

/** Hooks of the ES module loader. */
export function register() {
  throw codedError(
    Error,
    "ERR_METHOD_NOT_IMPLEMENTED",
    "The register() method is not implemented: there are no loader hooks",
  );
}

Object.assign(Module, {
  builtinModules,
  createRequire,
  findPackageJSON,
  findSourceMap,
  isBuiltin,
  register,
  syncBuiltinESMExports,
});

export { Module, Module as default };
