// Buffer's methods that take and give text.

import {
  byteLength as utf8Length,
  decode,
  encode,
  fill,
  isAscii as bytesAreAscii,
  isUtf8 as bytesAreUtf8,
  write,
} from "internal:ops/buffer";
import { codedError, invalidArgType, invalidArgValue, validateString } from "../web/errors.js";
import { outOfBounds, validateNumber, validateOffset } from "./buffer_bounds.js";
import { FastBuffer, byteLengthOf, pool, takeFromPool } from "./fast_buffer.js";
import {
  encodingNumber,
  kAscii,
  kBase64,
  kBase64Url,
  kHex,
  kLatin1,
  kUtf16le,
  kUtf8,
  requireEncoding,
} from "./string_encodings.js";
import { isAnyArrayBuffer, isTypedArray, isUint8Array } from "./util_types.js";

/**
 * A Buffer of a string's bytes.
 * @param {string} text
 * @param {unknown} [encoding] utf8 if it is left out
 */
export function bufferFromString(text, encoding = undefined) {
  const number = typeof encoding !== "string" || encoding === "" ? kUtf8 : requireEncoding(encoding);
  if (text.length === 0) return new FastBuffer();
  // Three bytes are the most that a character takes in any encoding.
  const most = 3 * text.length;
  if (most >= pool.size >>> 1) return new FastBuffer(encode(text, number));
  const at = takeFromPool(most);
  const size = write(poolBytes(), text, number, at, most);
  pool.used = at + size;
  return new FastBuffer(pool.memory, at, size);
}

let bytesOfPool;

/** A view of the pool's whole memory. */
function poolBytes() {
  if (bytesOfPool?.buffer !== pool.memory) bytesOfPool = new Uint8Array(pool.memory);
  return bytesOfPool;
}

/**
 * How many bytes a string takes; of bytes, how many they are.
 * @param {string | ArrayBufferView | ArrayBuffer | SharedArrayBuffer} text
 * @param {string} [encoding] one that is not known counts as utf8
 */
export function byteLength(text, encoding = undefined) {
  if (typeof text !== "string") {
    if (ArrayBuffer.isView(text) || isAnyArrayBuffer(text)) return text.byteLength;
    throw invalidArgType("string", "of type string or an instance of Buffer or ArrayBuffer", text);
  }
  switch (encoding ? encodingNumber(encoding) : kUtf8) {
    case kLatin1:
    case kAscii:
      return text.length;
    case kUtf16le:
      return 2 * text.length;
    case kHex:
      return text.length >>> 1;
    case kBase64:
    case kBase64Url:
      return base64Length(text);
    default:
      return utf8Length(text);
  }
}

function base64Length(text) {
  let length = text.length;
  if (length > 0 && text.charCodeAt(length - 1) === 0x3d) length--;
  if (length > 1 && text.charCodeAt(length - 1) === 0x3d) length--;
  // In a number of 32 bits, three times the longest string would not fit.
  return Math.floor((length * 3) / 4);
}

/** @param {Uint8Array | ArrayBuffer} input */
export function isUtf8(input) {
  return bytesAreUtf8(checkedInput(input));
}

/** @param {Uint8Array | ArrayBuffer} input */
export function isAscii(input) {
  return bytesAreAscii(checkedInput(input));
}

function checkedInput(input) {
  if (!isTypedArray(input) && !isAnyArrayBuffer(input)) {
    throw invalidArgType("input", "an instance of ArrayBuffer, Buffer, or TypedArray", input);
  }
  if ((input.buffer ?? input).detached) {
    throw codedError(Error, "ERR_INVALID_STATE", "Invalid state: Cannot validate on a detached buffer");
  }
  return input;
}

const kTranscodable = new Set([kUtf8, kUtf16le, kLatin1, kAscii]);

/**
 * The same text in another encoding; what that does not have becomes "?".
 * @param {Uint8Array} source
 * @param {string} fromEncoding
 * @param {string} toEncoding
 */
export function transcode(source, fromEncoding, toEncoding) {
  if (!isUint8Array(source)) {
    throw invalidArgType("source", "an instance of Buffer or Uint8Array", source);
  }
  if (source.length === 0) return new FastBuffer();
  const from = encodingNumber(fromEncoding);
  const to = encodingNumber(toEncoding);
  if (!kTranscodable.has(from) || !kTranscodable.has(to)) {
    const error = codedError(Error, "U_ILLEGAL_ARGUMENT_ERROR", "Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]");
    error.errno = 1;
    throw error;
  }
  let text = decode(source, from, 0, source.length);
  if (to === kLatin1) text = text.replace(/[^\0-\xff]/gu, "?");
  else if (to === kAscii) text = text.replace(/[^\0-\x7f]/gu, "?");
  return new FastBuffer(encode(text, to));
}

// Methods ---------------------------------------------------------------------------------------

function toString(encoding = undefined, start = undefined, end = undefined) {
  if (arguments.length === 0) return decode(this, kUtf8, 0, this.length);
  const length = this.length;
  const from = start > 0 ? Math.trunc(start) : 0;
  const to = end === undefined || end > length ? length : Math.trunc(end) || 0;
  if (from >= length || to <= from) return "";
  return decode(this, requireEncoding(encoding), from, to);
}

/** write(string[, offset[, length]][, encoding]) */
function writeText(string, offset = undefined, length = undefined, encoding = undefined) {
  if (typeof string !== "string") throw invalidArgType("argument", "of type string", string);
  let room = this.length;
  if (offset === undefined) return write(this, string, kUtf8, 0, room);
  if (length === undefined && typeof offset === "string") {
    encoding = offset;
    offset = 0;
  } else {
    validateOffset(offset, "offset", 0, this.length);
    room -= offset;
    if (typeof length === "string") {
      encoding = length;
    } else if (length !== undefined) {
      validateOffset(length, "length", 0, this.length);
      room = Math.min(length, room);
    }
  }
  return write(this, string, encoding ? requireEncoding(encoding) : kUtf8, offset, room);
}

/** fill(value[, offset[, end]][, encoding]) */
function fillAll(value, offset = undefined, end = undefined, encoding = undefined) {
  return fillBuffer(this, value, offset, end, encoding);
}

/**
 * @param {FastBuffer} buffer
 * @param {string | Uint8Array | number | boolean} value
 */
export function fillBuffer(buffer, value, offset, end, encoding) {
  if (typeof value === "string") {
    if (typeof offset === "string") {
      encoding = offset;
      offset = undefined;
      end = undefined;
    } else if (typeof end === "string") {
      encoding = end;
      end = undefined;
    }
    value = patternOf(value, encoding);
  }
  if (offset === undefined) {
    offset = 0;
    end = buffer.length;
  } else {
    validateNumber(offset, "offset", 0);
    if (end === undefined) end = buffer.length;
    else validateNumber(end, "end", 0, buffer.length);
    if (offset >= end) return buffer;
  }
  if (end > byteLengthOf(buffer)) throw outOfBounds();
  if (ArrayBuffer.isView(value)) {
    if (value.byteLength === 0) throw invalidArgValue("value", value);
    fill(buffer, value, Math.trunc(offset), Math.trunc(end));
  } else {
    fillNumber.call(buffer, value & 255, offset, end);
  }
  return buffer;
}

const fillNumber = Uint8Array.prototype.fill;
/** A string to fill with: its bytes, or a number if it is one byte. */
function patternOf(text, encoding) {
  if (encoding !== undefined && encoding !== null && encoding !== "") validateString(encoding, "encoding");
  const number = encoding ? requireEncoding(encoding) : kUtf8;
  if (text.length === 0) return 0;
  if (text.length === 1) {
    const code = text.charCodeAt(0);
    if (code < 128 && (number === kUtf8 || number === kLatin1)) return code;
  }
  const bytes = new FastBuffer(encode(text, number));
  if (bytes.length === 0) throw invalidArgValue("value", text);
  return bytes;
}

/** utf8Slice() and its likes, which packages call although Node does not describe them. */
function makeSlice(number) {
  return function slice(start = 0, end = this.length) {
    if (start < 0 || end > this.length) throw rangeError();
    return end <= start ? "" : decode(this, number, Math.trunc(start), Math.trunc(end));
  };
}

function makeWrite(number) {
  return function writeAt(string, offset = undefined, length = undefined) {
    validateString(string, "argument");
    const from = offset === undefined ? 0 : Math.trunc(+offset);
    if (!(from >= 0 && from <= this.length)) throw outOfBounds("offset");
    const room = length === undefined ? this.length - from : Math.trunc(+length);
    if (!(room >= 0 && room <= this.length - from)) throw outOfBounds("length");
    return write(this, string, number, from, room);
  };
}

function rangeError() {
  return codedError(RangeError, "ERR_OUT_OF_RANGE", "Index out of range");
}

export const textMethods = {
  toString,
  toLocaleString: toString,
  write: writeText,
  fill: fillAll,
};
for (const [prefix, number] of [
  ["ascii", kAscii],
  ["base64", kBase64],
  ["base64url", kBase64Url],
  ["hex", kHex],
  ["latin1", kLatin1],
  ["ucs2", kUtf16le],
  ["utf8", kUtf8],
]) {
  textMethods[`${prefix}Slice`] = makeSlice(number);
  textMethods[`${prefix}Write`] = makeWrite(number);
}
