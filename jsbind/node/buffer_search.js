// Buffer's methods that compare, find, copy and reorder bytes.

import { compare as compareBytes, copy as copyBytes, encode, indexOf as find, swap } from "internal:ops/buffer";
import { codedError, invalidArgType, outOfRange } from "../web/errors.js";
import { toInteger, validateBytes, validateOffset } from "./buffer_bounds.js";
import { FastBuffer } from "./fast_buffer.js";
import { kUtf16le, requireEncoding } from "./string_encodings.js";
import { isUint8Array } from "./util_types.js";

/** @returns {-1 | 0 | 1} */
export function compareBuffers(buf1, buf2) {
  validateBytes(buf1, "buf1");
  validateBytes(buf2, "buf2");
  return buf1 === buf2 ? 0 : compareBytes(buf1, buf2);
}

function equals(otherBuffer) {
  validateBytes(otherBuffer, "otherBuffer");
  if (this === otherBuffer) return true;
  return this.byteLength === otherBuffer.byteLength && compareBytes(this, otherBuffer) === 0;
}

function compare(
  target,
  targetStart = undefined,
  targetEnd = undefined,
  sourceStart = undefined,
  sourceEnd = undefined,
) {
  validateBytes(target, "target");
  if (arguments.length === 1) return compareBytes(this, target);
  targetStart = targetStart === undefined ? 0 : validateOffset(targetStart, "targetStart");
  targetEnd = targetEnd === undefined ? target.length : validateOffset(targetEnd, "targetEnd", 0, target.length);
  sourceStart = sourceStart === undefined ? 0 : validateOffset(sourceStart, "sourceStart");
  sourceEnd = sourceEnd === undefined ? this.length : validateOffset(sourceEnd, "sourceEnd", 0, this.length);
  if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1;
  if (targetStart >= targetEnd) return 1;
  return compareBytes(part(this, sourceStart, sourceEnd), part(target, targetStart, targetEnd));
}

function part(bytes, start, end) {
  return new FastBuffer(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** copy(target[, targetStart[, sourceStart[, sourceEnd]]]): gives how many bytes it copied. */
function copy(target, targetStart = undefined, sourceStart = undefined, sourceEnd = undefined) {
  const source = this;
  validateBytes(source, "source");
  if (!ArrayBuffer.isView(target)) throw invalidArgType("target", "an instance of Buffer or Uint8Array", target);
  if (targetStart === undefined) {
    targetStart = 0;
  } else {
    targetStart = toInteger(targetStart, 0);
    if (targetStart < 0) throw outOfRange("targetStart", ">= 0", targetStart);
  }
  if (sourceStart === undefined) {
    sourceStart = 0;
  } else {
    sourceStart = toInteger(sourceStart, 0);
    if (sourceStart < 0 || sourceStart > source.byteLength) {
      throw outOfRange("sourceStart", `>= 0 && <= ${source.byteLength}`, sourceStart);
    }
  }
  if (sourceEnd === undefined) {
    sourceEnd = source.byteLength;
  } else {
    sourceEnd = toInteger(sourceEnd, 0);
    if (sourceEnd < 0) throw outOfRange("sourceEnd", ">= 0", sourceEnd);
  }
  const count = Math.min(sourceEnd - sourceStart, source.byteLength - sourceStart, target.byteLength - targetStart);
  if (count <= 0) return 0;
  copyBytes(source, target, targetStart, sourceStart, count);
  return count;
}

// Finding ---------------------------------------------------------------------------------------

/**
 * The place of a value in bytes.
 * @param {Uint8Array} bytes
 * @param {string | number | Uint8Array} value
 * @param {unknown} byteOffset where to begin, from the end if negative; or the encoding
 * @param {unknown} end before which what is found must end; or the encoding
 * @param {unknown} encoding
 * @param {boolean} isForward
 */
function search(bytes, value, byteOffset, end, encoding, isForward) {
  if (!ArrayBuffer.isView(bytes)) {
    throw invalidArgType("buffer", "an instance of Buffer, TypedArray, or DataView", bytes);
  }
  if (typeof byteOffset === "string") {
    encoding = byteOffset;
    byteOffset = undefined;
  } else if (typeof end === "string") {
    encoding = end;
  } else if (end !== undefined) {
    bytes = part(bytes, 0, Math.min(Math.max(toInteger(end, 0), 0), bytes.byteLength));
  }
  const length = bytes.byteLength;
  // NaN, which undefined becomes, too, is where a search begins by itself.
  let from = Math.trunc(+byteOffset);
  if (Number.isNaN(from)) from = isForward ? 0 : length;
  if (typeof value === "number") return searchByte(bytes, value & 255, from, isForward);
  let needle = value;
  let number;
  if (typeof value === "string") {
    number = requireEncoding(encoding ?? undefined);
    needle = new FastBuffer(encode(value, number));
  } else if (isUint8Array(value)) {
    number = requireEncoding(encoding ?? undefined);
  } else {
    throw invalidArgType("value", "one of type number or string or an instance of Buffer or Uint8Array", value);
  }
  const begin = beginOf(from, length, needle.length, isForward);
  if (needle.length === 0) return begin;
  if (begin < 0 || needle.length > length) return -1;
  if (number !== kUtf16le) return find(bytes, needle, begin, isForward, 1);
  // In units of two bytes, and so from a whole unit on.
  if (length < 2 || needle.length < 2) return -1;
  return find(bytes, needle, begin - (begin % 2), isForward, 2);
}

/** Where the search begins; negative if it finds nothing there. */
function beginOf(from, length, needleLength, isForward) {
  if (from < 0) {
    if (from + length >= 0) return from + length;
    return isForward || needleLength === 0 ? 0 : -1;
  }
  if (from + needleLength <= length) return from;
  if (needleLength === 0) return length;
  return isForward ? -1 : length - 1;
}

const byteIndexOf = Uint8Array.prototype.indexOf;
const byteLastIndexOf = Uint8Array.prototype.lastIndexOf;

function searchByte(bytes, byte, from, isForward) {
  const all = isUint8Array(bytes) ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = beginOf(from, all.length, 1, isForward);
  if (begin < 0) return -1;
  return isForward ? byteIndexOf.call(all, byte, begin) : byteLastIndexOf.call(all, byte, begin);
}

function indexOf(value, byteOffset = undefined, end = undefined, encoding = undefined) {
  return search(this, value, byteOffset, end, encoding, true);
}

function lastIndexOf(value, byteOffset = undefined, end = undefined, encoding = undefined) {
  return search(this, value, byteOffset, end, encoding, false);
}

function includes(value, byteOffset = undefined, end = undefined, encoding = undefined) {
  return search(this, value, byteOffset, end, encoding, true) !== -1;
}

// Parts and order -------------------------------------------------------------------------------

/** A part with the same memory; negative places count from the end. */
function subarray(start = undefined, end = undefined) {
  const length = this.length;
  const from = placeOf(start, length, 0);
  const to = end === undefined ? length : placeOf(end, length, 0);
  return new FastBuffer(this.buffer, this.byteOffset + from, to > from ? to - from : 0);
}

function placeOf(place, length, otherwise) {
  const number = Math.trunc(+place) || otherwise;
  if (number < 0) return Math.max(number + length, 0);
  return Math.min(number, length);
}

/** The same for Buffers; of other arrays what their subarray() gives. */
function slice(start = undefined, end = undefined) {
  return this.subarray(start, end);
}

function swapUnits(buffer, size) {
  if (buffer.length % size !== 0) {
    throw codedError(RangeError, "ERR_INVALID_BUFFER_SIZE", `Buffer size must be a multiple of ${8 * size}-bits`);
  }
  swap(buffer, size);
  return buffer;
}

function swap16() {
  return swapUnits(this, 2);
}

function swap32() {
  return swapUnits(this, 4);
}

function swap64() {
  return swapUnits(this, 8);
}

function toJSON() {
  return { type: "Buffer", data: Array.from(this) };
}

export const byteMethods = {
  compare,
  copy,
  equals,
  includes,
  indexOf,
  lastIndexOf,
  slice,
  subarray,
  swap16,
  swap32,
  swap64,
  toJSON,
};
