// The package readable-stream, which is Node's streams as CommonJS files. It is
// compiled into the program and run when a stream is first wanted; what it asks
// of its surroundings comes from modules here.

import * as ops from "internal:ops/modules";
import {
  invalidArgType,
  validateBoolean,
  validateFunction,
  validateInteger,
  validateObject,
} from "../web/errors.js";
import { isAbortSignal, AbortSignal } from "../web/abort_signal.js";
import { Blob } from "../web/blob.js";
import { inspect } from "../web/inspect.js";
import { Buffer } from "./buffer.js";
import { EventEmitter, addAbortListener } from "./events.js";
import { posix } from "./path.js";
import process from "./process_object.js";
import * as errors from "./stream_errors.js";
import { StringDecoder } from "./string_decoder.js";

const kRoot = "internal:packages/readable-stream/";

function validateAbortSignal(signal, name) {
  if (signal !== undefined && !isAbortSignal(signal)) throw invalidArgType(name, "an instance of AbortSignal", signal);
}

/** Instead of files of the package, and of packages that it requires. */
const provided = {
  __proto__: null,
  "lib/ours/errors.js": errors,
  "lib/ours/util.js": {
    AbortSignalAny: (signals) => AbortSignal.any(signals),
    addAbortListener,
    createDeferredPromise: () => Promise.withResolvers(),
    debuglog: () => () => {},
    deprecate: (fn) => fn,
    inspect,
    isBlob: (value) => value instanceof Blob,
    kEmptyObject: Object.freeze({ __proto__: null }),
    once: (callback) => {
      let isCalled = false;
      return function calledOnce(...args) {
        if (isCalled) return;
        isCalled = true;
        Reflect.apply(callback, this, args);
      };
    },
    promisify: { custom: Symbol.for("nodejs.util.promisify.custom") },
  },
  "lib/internal/validators.js": {
    validateAbortSignal,
    validateBoolean,
    validateFunction,
    validateInteger,
    validateObject,
  },
  buffer: { Blob, Buffer },
  events: EventEmitter,
  "process/": process,
  "string_decoder/": { StringDecoder },
};

/** @type {Map<string, { exports: unknown }>} by the path in the package */
const modules = new Map();

/** The file that another requires by a relative path, with or without its ending. */
function resolve(file, request) {
  return `${posix.join(posix.dirname(file), request).replace(/\.js$/, "")}.js`;
}

function load(file) {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const module = { exports: provided[file] };
  modules.set(file, module);
  if (module.exports !== undefined) return module;
  module.exports = {};
  const url = kRoot + file;
  // Some files require others each time that a stream is made.
  const required = new Map();
  const require = (request) => {
    let found = required.get(request);
    if (found === undefined) {
      found = load(request.startsWith(".") ? resolve(file, request) : request);
      required.set(request, found);
    }
    return found.exports;
  };
  ops.compile(ops.builtinSource(url), url)(module.exports, require, module);
  return module;
}

/**
 * What a file of the package exports.
 * @param {string} name as "stream" or "internal/streams/duplex"
 */
export function requireStreamFile(name) {
  return load(`lib/${name}.js`).exports;
}
