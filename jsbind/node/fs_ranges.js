// The part of a buffer that is read to or written from, as Node's functions
// are told of it.

import { invalidArgType, invalidArgValue, outOfRange, validateInteger, validateObject } from "../web/errors.js";

function checkView(buffer) {
  if (!ArrayBuffer.isView(buffer)) {
    throw invalidArgType("buffer", "an instance of Buffer, TypedArray, or DataView", buffer);
  }
}

function part(buffer, offset, length) {
  if (offset === 0 && length === buffer.byteLength) return buffer;
  return new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
}

/**
 * Where read() puts bytes. An empty part is fine, an empty buffer is not.
 * @param {ArrayBufferView} buffer
 * @param {number} [offset]
 * @param {number} [length]
 */
export function partToFill(buffer, offset, length) {
  checkView(buffer);
  offset = offset === undefined || offset === null ? 0 : validateInteger(offset, "offset", 0);
  length ??= buffer.byteLength - offset;
  if (typeof length !== "number") throw invalidArgType("length", "of type number", length);
  length |= 0;
  if (length === 0) return new Uint8Array(0);
  if (buffer.byteLength === 0) throw invalidArgValue("buffer", buffer, "is empty and cannot be written");
  if (length < 0) throw outOfRange("length", ">= 0", length);
  if (offset + length > buffer.byteLength) throw outOfRange("length", `<= ${buffer.byteLength - offset}`, length);
  return part(buffer, offset, length);
}

/** What write() takes. */
export function partToWrite(buffer, offset, length) {
  checkView(buffer);
  offset = offset === undefined || offset === null ? 0 : validateInteger(offset, "offset", 0);
  if (typeof length !== "number") length = buffer.byteLength - offset;
  if (offset > buffer.byteLength) throw outOfRange("offset", `<= ${buffer.byteLength}`, offset);
  if (length > buffer.byteLength - offset) throw outOfRange("length", `<= ${buffer.byteLength - offset}`, length);
  if (length < 0) throw outOfRange("length", ">= 0", length);
  validateInteger(length, "length", 0, 2 ** 31 - 1);
  return part(buffer, offset, length);
}

/**
 * (buffer, { offset, length, position }), or the four; and where there is a `makeBuffer`,
 * ({ buffer, offset, ... }) and nothing, too.
 * @param {() => ArrayBufferView} [makeBuffer]
 * @returns {[buffer: ArrayBufferView, offset?: number, length?: number, position?: number | bigint | null]}
 */
export function readArguments(buffer, offset, length, position, makeBuffer = undefined) {
  if (makeBuffer !== undefined && !ArrayBuffer.isView(buffer)) {
    if (buffer === undefined || buffer === null) buffer = makeBuffer();
    else if (typeof buffer === "object") ({ buffer = makeBuffer(), offset, length, position } = buffer);
  }
  if (offset !== null && typeof offset === "object") ({ offset, length, position } = validateObject(offset, "options"));
  return [buffer, offset, length, position];
}

/** @param {unknown} buffers of readv() and writev() */
export function checkViews(buffers) {
  if (!Array.isArray(buffers) || !buffers.every((each) => ArrayBuffer.isView(each))) {
    throw invalidArgType("buffers", "an instance of ArrayBufferView[]", buffers);
  }
  return buffers;
}
