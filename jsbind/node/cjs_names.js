// What import statements may name of a CommonJS file, which nobody knows before
// it has run: what its text assigns to exports, by cjs-module-lexer.

import * as ops from "internal:ops/modules";
import { Module } from "./cjs_module.js";
import { dirname } from "./path.js";

const kLexer = "internal:packages/cjs-module-lexer/lexer.js";

/** @type {((source: string) => { exports: string[], reexports: string[] }) | undefined} */
let parse;

function loadLexer() {
  const lexer = { exports: {} };
  // It is CommonJS itself, and requires nothing.
  ops.compile(ops.builtinSource(kLexer), kLexer)(lexer.exports, undefined, lexer);
  lexer.exports.initSync();
  return lexer.exports.parse;
}

/** Adds the names of one file and of those that it exports again. */
function collect(filename, source, names, seen) {
  seen.add(filename);
  let found;
  try {
    parse ??= loadLexer();
    found = parse(source);
  } catch {
    return; // Running it will say what is wrong with it.
  }
  for (const name of found.exports) names.add(name);
  const parent = { id: filename, filename, paths: Module._nodeModulePaths(dirname(filename)) };
  for (const request of found.reexports) {
    let target;
    let text;
    try {
      target = Module._resolveFilename(request, parent, false);
      if (seen.has(target) || !/^\/.*\.c?js$/.test(target)) continue;
      text = ops.readSource(target);
    } catch {
      continue; // Requiring it will fail.
    }
    collect(target, text, names, seen);
  }
}

/**
 * @param {string} filename
 * @param {string} source
 * @returns {string[]}
 */
export function exportNames(filename, source) {
  const names = new Set();
  if (filename.endsWith(".json") || filename.endsWith(".node")) return [];
  collect(filename, source, names, new Set());
  return [...names];
}
