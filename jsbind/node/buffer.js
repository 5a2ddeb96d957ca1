// node:buffer.

import { byteLengthMax, copy as copyBytes, decode, stringLengthMax } from "internal:ops/buffer";
import { ownNonIndexKeys } from "internal:ops/inspect";
import { atob, btoa } from "../web/base64.js";
import { Blob } from "../web/blob.js";
import { invalidArgType, validateArray, validateInteger } from "../web/errors.js";
import { File } from "../web/file.js";
import { customInspect } from "../web/inspect_value.js";
import { outOfBounds, validateBytes, validateNumber, validateOffset, validateSize } from "./buffer_bounds.js";
import { numberMethods } from "./buffer_numbers.js";
import { byteMethods, compareBuffers } from "./buffer_search.js";
import {
  bufferFromString,
  byteLength,
  fillBuffer,
  isAscii,
  isUtf8,
  textMethods,
  transcode,
} from "./buffer_text.js";
import { FastBuffer, byteLengthOf, pool, pooledBuffer, unsafeBuffer } from "./fast_buffer.js";
import { encodingNumber, kHex } from "./string_encodings.js";
import { isAnyArrayBuffer, isUint8Array } from "./util_types.js";

/**
 * The old constructor: Buffer.alloc() of a number, else Buffer.from(). Works
 * without `new`.
 */
export function Buffer(arg, encodingOrOffset = undefined, length = undefined) {
  if (typeof arg !== "number") return from(arg, encodingOrOffset, length);
  if (typeof encodingOrOffset === "string") throw invalidArgType("string", "of type string", arg);
  return alloc(arg);
}

// Making Buffers --------------------------------------------------------------------------------

/** Buffer.from(string[, encoding]), (arrayBuffer[, byteOffset[, length]]), (array), (object) */
function from(value, encodingOrOffset = undefined, length = undefined) {
  if (typeof value === "string") return bufferFromString(value, encodingOrOffset);
  if (typeof value === "object" && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf?.();
    if (
      primitive !== null &&
      primitive !== value &&
      (typeof primitive === "string" || typeof primitive === "object")
    ) {
      return from(primitive, encodingOrOffset, length);
    }
    const made = fromObject(value);
    if (made !== undefined) return made;
    if (typeof value[Symbol.toPrimitive] === "function") {
      const text = value[Symbol.toPrimitive]("string");
      if (typeof text === "string") return bufferFromString(text, encodingOrOffset);
    }
  }
  throw invalidArgType(
    "first argument",
    "of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object",
    value,
  );
}

function fromArrayBuffer(memory, byteOffset, length) {
  const offset = byteOffset === undefined ? 0 : +byteOffset || 0;
  const most = memory.byteLength - offset;
  if (most < 0) throw outOfBounds("offset");
  // Without a length, so that it follows a memory that is resized.
  if (length === undefined) return new FastBuffer(memory, offset);
  const count = +length;
  if (count > most) throw outOfBounds("length");
  return new FastBuffer(memory, offset, count > 0 ? count : 0);
}

/** undefined if the object is nothing like an array. */
function fromObject(object) {
  if (object.length !== undefined || isAnyArrayBuffer(object.buffer)) {
    return typeof object.length === "number" ? fromArrayLike(object) : new FastBuffer();
  }
  if (object.type === "Buffer" && Array.isArray(object.data)) return fromArrayLike(object.data);
  return undefined;
}

const setBytes = Uint8Array.prototype.set;

function fromArrayLike(array) {
  if (!(array.length > 0)) return new FastBuffer();
  const buffer = pooledBuffer(checkedLength(array.length));
  setBytes.call(buffer, array, 0);
  return buffer;
}

function checkedLength(length) {
  if (length > byteLengthMax) throw new RangeError(`Invalid typed array length: ${length}`);
  return Math.trunc(length);
}

function of(...items) {
  return fromArrayLike(items);
}

/** Buffer.alloc(size[, fill[, encoding]]): of zeros, or what `fill` says. */
function alloc(size, fill = undefined, encoding = undefined) {
  validateSize(size);
  if (fill === undefined || fill === 0 || !(size > 0)) return new FastBuffer(size);
  return fillBuffer(unsafeBuffer(size), fill, 0, undefined, encoding);
}

/** Whose bytes are whatever they were. */
function allocUnsafe(size) {
  validateSize(size);
  return pooledBuffer(Math.trunc(size));
}

/** The same with memory of its own. */
function allocUnsafeSlow(size) {
  validateSize(size);
  return unsafeBuffer(Math.trunc(size));
}

/**
 * @param {Uint8Array[]} list
 * @param {number} [length] of the result, which is cut or filled with zeros
 */
function concat(list, length = undefined) {
  validateArray(list, "list");
  if (list.length === 0) return new FastBuffer();
  if (length === undefined) {
    length = 0;
    // The true one, whatever a script says that it is.
    for (const each of list) length += isUint8Array(each) ? byteLengthOf(each) : 0;
  } else {
    validateOffset(length, "length");
  }
  const all = allocUnsafe(length);
  let at = 0;
  // Holes, which forEach() would leave out, are no bytes either.
  for (let i = 0; i < list.length; i++) {
    const each = list[i];
    validateBytes(each, `list[${i}]`);
    const count = Math.min(byteLengthOf(each), length - at);
    copyBytes(each, all, at, 0, count);
    at += count;
  }
  if (at < length) all.fill(0, at, length);
  return all;
}

const TypedArray = Object.getPrototypeOf(Uint8Array);

/** Buffer.copyBytesFrom(view[, offset[, length]]), both in elements of the view */
function copyBytesFrom(view, offset = undefined, length = undefined) {
  if (!(view instanceof TypedArray)) throw invalidArgType("view", "an instance of TypedArray", view);
  if (view.length === 0) return new FastBuffer();
  const first = offset === undefined ? 0 : validateInteger(offset, "offset", 0);
  if (first >= view.length) return new FastBuffer();
  const end = length === undefined ? view.length : first + validateInteger(length, "length", 0);
  const elements = view.subarray(first, end);
  return fromArrayLike(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength));
}

function isBuffer(value) {
  return value instanceof Buffer;
}

function isEncoding(encoding) {
  return typeof encoding === "string" && encoding.length !== 0 && encodingNumber(encoding) !== undefined;
}

// The class -------------------------------------------------------------------------------------

let inspectMaxBytes = 50;

function setInspectMaxBytes(count) {
  validateNumber(count, "INSPECT_MAX_BYTES", 0);
  inspectMaxBytes = count;
}

/** <Buffer 68 69 ... 7 more bytes> */
function inspectBuffer(depth, options, inspect) {
  const count = Math.min(inspectMaxBytes, this.length);
  const rest = this.length - count;
  let text = decode(this, kHex, 0, count).replace(/../g, "$& ").trimEnd();
  if (rest > 0) text += ` ... ${rest} more byte${rest > 1 ? "s" : ""}`;
  const keys = ownNonIndexKeys(this, false).filter((key) => typeof key === "string");
  if (options && (keys.length > 0 || options.showHidden)) {
    const extra = { __proto__: null };
    for (const key of keys) extra[key] = this[key];
    const shown = inspect(extra, { ...options, breakLength: Infinity, compact: true });
    // Without "[Object: null prototype] {" and "}".
    const inner = /\{ ?([^]*?) ?\}$/.exec(shown)?.[1] ?? "";
    if (inner !== "") text += `${text === "" ? "" : ", "}${inner}`;
  }
  return `<${this.constructor?.name ?? "Buffer"} ${text}>`;
}

function define(target, methods) {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = FastBuffer.prototype;
Object.defineProperty(Buffer.prototype, "constructor", { value: Buffer, writable: true, configurable: true });
define(Buffer, {
  alloc,
  allocUnsafe,
  allocUnsafeSlow,
  byteLength,
  compare: compareBuffers,
  concat,
  copyBytesFrom,
  from,
  isBuffer,
  isEncoding,
  of,
});
Object.defineProperty(Buffer, "poolSize", {
  get: () => pool.size,
  set: (size) => {
    pool.size = size;
  },
  enumerable: true,
  configurable: true,
});
Object.defineProperty(Buffer, Symbol.species, { get: () => FastBuffer, configurable: true });
define(Buffer.prototype, numberMethods);
define(Buffer.prototype, textMethods);
define(Buffer.prototype, byteMethods);
define(Buffer.prototype, { inspect: inspectBuffer });
Object.defineProperty(Buffer.prototype, customInspect, { value: inspectBuffer, writable: true, configurable: true });
for (const [name, get] of [
  ["parent", (buffer) => buffer.buffer],
  ["offset", (buffer) => buffer.byteOffset],
]) {
  Object.defineProperty(Buffer.prototype, name, {
    get() {
      return this instanceof Buffer ? get(this) : undefined;
    },
    enumerable: true,
    configurable: true,
  });
}

/** Buffer.allocUnsafeSlow() by an old name. */
export function SlowBuffer(length) {
  return allocUnsafeSlow(length);
}
Object.setPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
Object.setPrototypeOf(SlowBuffer, Uint8Array);

export const kMaxLength = byteLengthMax;
export const kStringMaxLength = stringLengthMax;
export const constants = Object.defineProperties(
  {},
  {
    MAX_LENGTH: { value: byteLengthMax, enumerable: true },
    MAX_STRING_LENGTH: { value: stringLengthMax, enumerable: true },
  },
);

/** What an object URL stands for: there are none. */
export function resolveObjectURL(id) {
  void `${id}`;
  return undefined;
}

export { Blob, File, atob, btoa, isAscii, isUtf8, transcode };
export { inspectMaxBytes as INSPECT_MAX_BYTES };

export default {
  Buffer,
  SlowBuffer,
  transcode,
  isUtf8,
  isAscii,
  kMaxLength,
  kStringMaxLength,
  btoa,
  atob,
  constants,
  Blob,
  resolveObjectURL,
  File,
  get INSPECT_MAX_BYTES() {
    return inspectMaxBytes;
  },
  set INSPECT_MAX_BYTES(count) {
    setInspectMaxBytes(count);
  },
};
