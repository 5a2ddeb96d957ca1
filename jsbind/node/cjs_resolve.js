// From what require() is given to a file, as "Modules: CommonJS modules" of
// Node's documentation has it.

import * as ops from "internal:ops/modules";
import { codedError, invalidArgType, validateArray, validateString } from "../web/errors.js";
import { dirname, isAbsolute, resolve } from "./path.js";
import { env } from "./process_env.js";

const kFile = 1;
const kFolder = 2;

/** Whether `name` is a module of the program: "fs", "node:fs", "braid:http", "native:store". */
export function isBuiltin(name) {
  return ops.publicName(name) !== undefined || /^(native|braid):/.test(name);
}

/** The node_modules folders above a folder, nearest first. */
export function nodeModulePaths(from) {
  const paths = [];
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (!folder.endsWith("/node_modules")) paths.push(`${folder === "/" ? "" : folder}/node_modules`);
    if (folder === "/") return paths;
  }
}

/** Folders of the environment variable NODE_PATH. */
function environmentPaths() {
  return (env.NODE_PATH ?? "").split(":").filter((path) => path !== "");
}

function isRelative(request) {
  return /^\.\.?(\/|$)/.test(request);
}

/** The folders in which `request` is looked for; null for a built-in module. */
export function lookupPaths(Module, request, parent) {
  if (ops.publicName(request) !== undefined) return null;
  if (!isRelative(request)) {
    return [...(parent?.paths ?? []), ...environmentPaths(), ...Module.globalPaths];
  }
  if (!parent?.id || !parent.filename) return [".", ...Module._nodeModulePaths(".")];
  return [dirname(parent.filename)];
}

function tryFile(path) {
  return ops.fileKind(path) === kFile && ops.realPath(path);
}

function tryExtensions(path, Module) {
  for (const extension of Object.keys(Module._extensions)) {
    const found = tryFile(path + extension);
    if (found) return found;
  }
  return false;
}

function tryFolder(folder, Module, request) {
  const index = () => tryExtensions(resolve(folder, "index"), Module);
  const main = ops.packageAt(folder)?.main;
  if (!main) return index();
  const path = resolve(folder, main);
  const found =
    tryFile(path) || tryExtensions(path, Module) || tryExtensions(resolve(path, "index"), Module) || index();
  if (found) return found;
  const error = new Error(
    `Cannot find module '${path}'. Please verify that the package.json has a valid "main" entry`,
  );
  throw Object.assign(error, {
    code: "MODULE_NOT_FOUND",
    path: resolve(folder, "package.json"),
    requestPath: request,
  });
}

// "name" or "@scope/name", and what follows.
const kPackage = /^((?:@[^/\\%]+\/)?[^./\\%][^/\\%]*)(\/.*)?$/;

/** The file that "exports" of a package in `folder` gives; undefined if there are none. */
function tryExports(folder, request) {
  const [, name, rest = ""] = kPackage.exec(request) ?? [];
  if (name === undefined) return undefined;
  const found = ops.packageAt(resolve(folder, name));
  return found?.hasExports ? ops.resolveExports(found.folder, `.${rest}`, "") : undefined;
}

/** The file that `request` is in the first of `paths` that has it, or false. */
export function findPath(Module, request, paths) {
  const absolute = isAbsolute(request);
  const folders = absolute ? [""] : (paths ?? []);
  const key = `${request}\0${folders.join("\0")}`;
  if (Module._pathCache[key]) return Module._pathCache[key];
  const wantsFolder = /(^|\/)\.{0,2}$/.test(request);
  for (const folder of folders) {
    if (folder !== "" && ops.fileKind(resolve(folder)) !== kFolder) continue;
    const path = resolve(folder, request);
    const kind = ops.fileKind(path);
    const found =
      (!absolute && tryExports(folder, request)) ||
      (!wantsFolder && kind === kFile && ops.realPath(path)) ||
      (!wantsFolder && tryExtensions(path, Module)) ||
      (kind === kFolder && tryFolder(path, Module, request));
    if (found) {
      Module._pathCache[key] = found;
      return found;
    }
  }
  return false;
}

/** `request` in the own package of `path`, if it has that name and "exports". */
function trySelf(path, request) {
  if (!path) return undefined;
  const [, name, rest = ""] = kPackage.exec(request) ?? [];
  if (name === undefined) return undefined;
  const own = ops.packageOf(path);
  if (!own?.hasExports || own.name !== name) return undefined;
  return ops.resolveExports(own.folder, `.${rest}`, path);
}

function optionPaths(Module, request, paths) {
  validateArray(paths, "options.paths");
  if (isRelative(request)) return paths;
  const all = new Set();
  for (const path of paths) {
    validateString(path, "options.paths");
    const asked = { id: "", paths: Module._nodeModulePaths(path) };
    for (const folder of Module._resolveLookupPaths(request, asked)) all.add(folder);
  }
  return [...all];
}

/** The file name, or the name of a built-in module, that `request` means in `parent`. */
export function resolveFilename(Module, request, parent, isMain, options) {
  if (typeof request !== "string") throw invalidArgType("request", "of type string", request);
  if (isBuiltin(request)) return request;
  const paths =
    options?.paths === undefined
      ? Module._resolveLookupPaths(request, parent)
      : optionPaths(Module, request, options.paths);
  if (request.startsWith("#") && parent?.filename) return ops.resolveImports(request, parent.filename);
  const found = trySelf(parent?.filename, request) || Module._findPath(request, paths, isMain);
  if (found) return found;
  const requireStack = [];
  for (let by = parent; by; by = by.parent) requireStack.push(by.filename || by.id);
  const stack = requireStack.length === 0 ? "" : `\nRequire stack:\n- ${requireStack.join("\n- ")}`;
  const error = codedError(Error, "MODULE_NOT_FOUND", `Cannot find module '${request}'${stack}`, resolveFilename);
  throw Object.assign(error, { requireStack });
}
