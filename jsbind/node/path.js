// node:path for POSIX systems. The algorithms work on text alone: no file is
// looked at, but resolve() may ask for the working directory.

import { cwd } from "internal:ops/process";
import { invalidArgType, validateString } from "../web/errors.js";

export const sep = "/";
export const delimiter = ":";

/**
 * Resolves "." and ".." and drops empty parts.
 * @param {string} path
 * @param {boolean} isAbsolutePath whether ".." at the root has nowhere to go
 */
function normalizeParts(path, isAbsolutePath) {
  const kept = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isAbsolutePath) kept.push("..");
  }
  return kept.join("/");
}

/**
 * The absolute path that the segments lead to, taken from right to left until
 * one is absolute; the working directory is where they begin otherwise.
 * @param {...string} segments
 * @returns {string}
 */
export function resolve(...segments) {
  let path = "";
  let absolute = false;
  for (let i = segments.length - 1; i >= 0 && !absolute; i--) {
    const segment = validateString(segments[i], `paths[${i}]`);
    if (segment === "") continue;
    path = path === "" ? segment : `${segment}/${path}`;
    absolute = segment.startsWith("/");
  }
  if (!absolute) path = `${cwd()}/${path}`;
  return `/${normalizeParts(path, true)}`;
}

/**
 * @param {string} path
 * @returns {string} never empty; a slash at the end stays
 */
export function normalize(path) {
  validateString(path, "path");
  if (path === "") return ".";
  const absolute = path.startsWith("/");
  let result = normalizeParts(path, absolute);
  if (result === "" && !absolute) result = ".";
  if (path.endsWith("/") && result !== "") result += "/";
  return absolute ? `/${result}` : result;
}

/** @param {string} path */
export function isAbsolute(path) {
  return validateString(path, "path").startsWith("/");
}

/** @param {...string} segments */
export function join(...segments) {
  const joined = segments.filter((segment) => validateString(segment, "path") !== "").join("/");
  return joined === "" ? "." : normalize(joined);
}

/**
 * How to get from one path to another; both are resolved first.
 * @param {string} from
 * @param {string} to
 */
export function relative(from, to) {
  validateString(from, "from");
  validateString(to, "to");
  if (from === to) return "";
  const a = resolve(from).slice(1).split("/");
  const b = resolve(to).slice(1).split("/");
  if (a[0] === "") a.length = 0;
  if (b[0] === "") b.length = 0;
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common++;
  return [...a.slice(common).fill(".."), ...b.slice(common)].join("/");
}

/** On POSIX the path itself. */
export function toNamespacedPath(path) {
  return path;
}

/** Where the last part begins and ends, slashes behind it left out. */
function lastPart(path) {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return [path.lastIndexOf("/", end - 1) + 1, end];
}

/** @param {string} path */
export function dirname(path) {
  validateString(path, "path");
  if (path === "") return ".";
  const [start] = lastPart(path);
  if (start <= 1) return path.startsWith("/") ? "/" : ".";
  // "//a" keeps its two slashes, which POSIX lets mean something.
  return start === 2 && path[0] === "/" ? "//" : path.slice(0, start - 1);
}

/**
 * @param {string} path
 * @param {string} [suffix] left out if the name ends with it and is longer
 */
export function basename(path, suffix = undefined) {
  if (suffix !== undefined) validateString(suffix, "suffix");
  validateString(path, "path");
  const [start, end] = lastPart(path);
  const name = path.slice(start, end);
  if (suffix === undefined || suffix === "") return name;
  if (suffix === path) return "";
  return name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** @param {string} path */
export function extname(path) {
  validateString(path, "path");
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  return dot <= 0 || name === ".." ? "" : name.slice(dot);
}

/**
 * The opposite of parse(): dir goes before root, base before name and ext.
 * @param {{ dir?: string, root?: string, base?: string, name?: string, ext?: string }} parts
 */
export function format(parts) {
  if (parts === null || typeof parts !== "object") {
    throw invalidArgType("pathObject", "of type object", parts);
  }
  const directory = parts.dir || parts.root;
  const extension = parts.ext ? `${parts.ext.startsWith(".") ? "" : "."}${parts.ext}` : "";
  const base = parts.base || `${parts.name || ""}${extension}`;
  if (!directory) return base;
  return directory === parts.root ? `${directory}${base}` : `${directory}/${base}`;
}

/** @param {string} path */
export function parse(path) {
  validateString(path, "path");
  const root = path.startsWith("/") ? "/" : "";
  const [start, end] = lastPart(path);
  const base = path.slice(start, end);
  const ext = extname(base);
  let dir = "";
  if (start > 1) dir = path.slice(0, start - 1);
  else if (root !== "") dir = "/";
  return { root, dir, base, ext, name: base.slice(0, base.length - ext.length) };
}

/**
 * Whether a path fits a shell's pattern: "*" and "?" within a part, "**" across
 * parts, "[a-z]" and "{a,b}".
 * @param {string} path
 * @param {string} pattern
 */
export function matchesGlob(path, pattern) {
  validateString(path, "path");
  validateString(pattern, "pattern");
  return new RegExp(`^${globSource(pattern)}$`, "s").test(path);
}

function globSource(pattern) {
  let source = "";
  let braces = 0;
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i);
    let match;
    if ((match = /^\*\*(?:\/|$)/.exec(rest)) !== null && (i === 0 || pattern[i - 1] === "/")) {
      source += match[0] === "**" ? ".*" : "(?:.*/)?";
      i += match[0].length - 1;
    } else if (rest[0] === "*") {
      source += "[^/]*";
      while (pattern[i + 1] === "*") i++;
    } else if (rest[0] === "?") {
      source += "[^/]";
    } else if ((match = /^\[(!|\^)?([^\]]+)\]/.exec(rest)) !== null) {
      source += `[${match[1] ? "^" : ""}${match[2].replaceAll("\\", "\\\\")}]`;
      i += match[0].length - 1;
    } else if (rest[0] === "{") {
      source += "(?:";
      braces++;
    } else if (rest[0] === "}" && braces > 0) {
      source += ")";
      braces--;
    } else if (rest[0] === "," && braces > 0) {
      source += "|";
    } else {
      source += rest[0].replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    }
  }
  return source;
}

/** This module, as an object; there is no win32 beside it. */
export const posix = {
  resolve,
  normalize,
  isAbsolute,
  join,
  relative,
  toNamespacedPath,
  dirname,
  basename,
  extname,
  format,
  parse,
  matchesGlob,
  sep,
  delimiter,
};
posix.posix = posix;

export default posix;
