// Module: a CommonJS file, and the functions by which programs change how such
// files are found, read and compiled. Names and order of calls are Node's, since
// packages replace some of them: Module._load, _resolveFilename, _extensions,
// prototype._compile, prototype.require.

import * as ops from "internal:ops/modules";
import { codedError, invalidArgValue, validateString } from "../web/errors.js";
import { findPath, isBuiltin, lookupPaths, nodeModulePaths, resolveFilename } from "./cjs_resolve.js";
import { dirname } from "./path.js";
import process from "./process_object.js";

const { apply } = Reflect;
const parents = new WeakMap();

/**
 * @param {string} [id]
 * @param {Module} [parent] who required it first
 */
export function Module(id = "", parent = undefined) {
  this.id = id;
  this.path = dirname(id);
  this.exports = {};
  parents.set(this, parent);
  addChild(parent, this);
  this.filename = null;
  this.loaded = false;
  this.children = [];
}

Object.defineProperty(Module.prototype, "parent", {
  get() {
    return parents.get(this);
  },
  set(value) {
    parents.set(this, value);
  },
  configurable: true,
});

function addChild(parent, child) {
  const children = parent?.children;
  if (children && !children.includes(child)) children.push(child);
}

/** What require() gave, by file name. */
Module._cache = { __proto__: null };
/** What was found, by request and folders. */
Module._pathCache = { __proto__: null };
Module.globalPaths = [];
/** @type {Record<string, (module: Module, filename: string) => void>} */
Module._extensions = { __proto__: null };

Module._nodeModulePaths = nodeModulePaths;
Module._findPath = (request, paths, isMain) => findPath(Module, request, paths, isMain);
Module._resolveLookupPaths = (request, parent) => lookupPaths(Module, request, parent);
Module._resolveFilename = (request, parent, isMain, options) =>
  resolveFilename(Module, request, parent, isMain, options);

/** The module of the program that `name` means; undefined for anything else. */
function loadBuiltin(name) {
  if (isBuiltin(name)) return { value: ops.requireBuiltin(name) };
  if (name.startsWith("node:")) {
    throw codedError(Error, "ERR_UNKNOWN_BUILTIN_MODULE", `No such built-in module: ${name}`);
  }
  return undefined;
}

/** The exports of what `request` means in `parent`. */
Module._load = (request, parent, isMain) => {
  // With a scheme it is never a file; without one a program may have replaced it.
  const scheme = request.includes(":") ? loadBuiltin(request) : undefined;
  if (scheme !== undefined) return scheme.value;
  const filename = Module._resolveFilename(request, parent, isMain);
  const cached = Module._cache[filename];
  if (cached !== undefined) {
    addChild(parent, cached);
    return cached.exports;
  }
  const builtin = filename.startsWith("/") ? undefined : loadBuiltin(filename);
  if (builtin !== undefined) return builtin.value;
  const module = new Module(filename, parent);
  if (isMain) {
    process.mainModule = module;
    module.id = ".";
  }
  Module._cache[filename] = module;
  let done = false;
  try {
    module.load(filename);
    done = true;
  } finally {
    if (!done) {
      delete Module._cache[filename];
      const index = parent?.children?.indexOf(module) ?? -1;
      if (index >= 0) parent.children.splice(index, 1);
    }
  }
  return module.exports;
};

/** The ending of a file's name that has a loader: ".test.js" before ".js". */
function extensionOf(filename) {
  const name = filename.slice(filename.lastIndexOf("/") + 1);
  for (let dot = name.indexOf(".", 1); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    if (Module._extensions[name.slice(dot)]) return name.slice(dot);
  }
  return ".js";
}

Module.prototype.load = function load(filename) {
  this.filename ??= filename;
  this.paths ??= Module._nodeModulePaths(dirname(filename));
  if (filename.endsWith(".mjs") && !Module._extensions[".mjs"]) this.exports = ops.requireModule(filename);
  else Module._extensions[extensionOf(filename)](this, filename);
  this.loaded = true;
};

Module.prototype.require = function require(id) {
  validateString(id, "id");
  if (id === "") throw invalidArgValue("id", id, "must be a non-empty string");
  return Module._load(id, this, false);
};

/**
 * Compiles and runs the text of a file.
 * @param {string} content
 * @param {string} filename
 * @param {string} [format] "commonjs" if it is known
 */
Module.prototype._compile = function _compile(content, filename, format = undefined) {
  let compiled;
  try {
    compiled = ops.compile(content, filename);
  } catch (error) {
    if (format === "commonjs" || !ops.isModule(content)) throw error;
    this.exports = ops.requireModule(filename);
    return undefined;
  }
  const { exports } = this;
  return apply(compiled, exports, [exports, makeRequire(this), this, filename, dirname(filename)]);
};

/** A file whose text is at hand. @type {{ filename: string, source: string } | undefined} */
let given;

/**
 * Gives the text of a file that is loaded next, and that may be a pipe.
 * @param {string} filename
 * @param {string} source
 */
export function giveSource(filename, source) {
  given = { filename, source };
}

function readSource(filename) {
  if (given?.filename !== filename) return ops.readSource(filename);
  const { source } = given;
  given = undefined;
  return source;
}

Module._extensions[".js"] = (module, filename) => {
  const type = filename.endsWith(".cjs") ? "commonjs" : ops.packageOf(filename)?.type;
  const isTyped = filename.endsWith(".js") || filename.endsWith(".cjs");
  if (isTyped && type === "module") module.exports = ops.requireModule(filename);
  else module._compile(readSource(filename), filename, isTyped && type ? type : undefined);
};

Module._extensions[".json"] = (module, filename) => {
  const text = ops.readSource(filename);
  try {
    module.exports = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${filename}: ${error.message}`);
  }
};

Module._extensions[".node"] = (_module, filename) => {
  throw codedError(
    Error,
    "ERR_DLOPEN_FAILED",
    `Cannot load '${filename}': native addons of Node are not supported`,
  );
};

/**
 * The function `require` of a module.
 * @param {Module} module
 */
export function makeRequire(module) {
  const require = function require(path) {
    return module.require(path);
  };
  require.resolve = function resolve(request, options) {
    validateString(request, "request");
    return Module._resolveFilename(request, module, false, options);
  };
  require.resolve.paths = function paths(request) {
    validateString(request, "request");
    return Module._resolveLookupPaths(request, module);
  };
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

const wrapper = ["(function (exports, require, module, __filename, __dirname) { ", "\n});"];
Module.wrapper = wrapper;
/** Source text in the function that it runs in, for those who compile it themselves. */
Module.wrap = (script) => wrapper[0] + script + wrapper[1];
Module.Module = Module;
