// What goes into files and comes out of them: text, Buffers, and iterables of
// either.

import { invalidArgType } from "../web/errors.js";
import { Buffer } from "./buffer.js";
import { FastBuffer } from "./fast_buffer.js";
import { bytesToString, stringToBytes } from "./string_encodings.js";

/** A Buffer over the memory of bytes that C++ gave. */
export function toBuffer(bytes) {
  return new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {string | null} encoding null for a Buffer */
export function contents(bytes, encoding) {
  return encoding === null ? toBuffer(bytes) : bytesToString(bytes, encoding);
}

/** A name in the encoding that was asked for: a Buffer for "buffer". */
export function named(name, encoding) {
  if (encoding === "utf8") return name;
  const bytes = Buffer.from(name);
  return encoding === null ? bytes : bytesToString(bytes, encoding);
}

/**
 * @param {unknown} data
 * @param {string} encoding of text
 * @returns {Uint8Array | undefined} undefined if it is neither text nor bytes
 */
function toBytes(data, encoding) {
  if (typeof data === "string") return stringToBytes(data, encoding ?? "utf8");
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return undefined;
}

function invalidData(data) {
  return invalidArgType("data", "of type string or an instance of Buffer, TypedArray, or DataView", data);
}

/** Bytes for data that is text or bytes. */
export function requireBytes(data, encoding) {
  const bytes = toBytes(data, encoding);
  if (bytes === undefined) throw invalidData(data);
  return bytes;
}

/** The same for operations that encode UTF-8 themselves. */
export function requireData(data, encoding) {
  return typeof data === "string" && encoding === "utf8" ? data : requireBytes(data, encoding);
}

/** Throws for what writeData() cannot write; before a file is emptied for it. */
export function checkData(data) {
  if (typeof data === "string" || ArrayBuffer.isView(data) || isIterable(data)) return;
  throw invalidData(data);
}

function isIterable(data) {
  return (
    data !== null &&
    typeof data === "object" &&
    (typeof data[Symbol.asyncIterator] === "function" || typeof data[Symbol.iterator] === "function")
  );
}

/**
 * Writes data piece by piece.
 * @param {unknown} data
 * @param {string} encoding
 * @param {(bytes: Uint8Array) => Promise<void>} write
 * @param {AbortSignal} [signal] looked at between the pieces of an iterable
 */
export async function writeData(data, encoding, write, signal = undefined) {
  signal?.throwIfAborted();
  const bytes = toBytes(data, encoding);
  if (bytes !== undefined) {
    await write(bytes);
    return;
  }
  checkData(data);
  for await (const piece of data) {
    signal?.throwIfAborted();
    await write(requireBytes(piece, encoding));
  }
}
