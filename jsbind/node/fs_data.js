// The data that writeFile() and its likes take: text, bytes, or an iterable of
// either.

import { invalidArgType } from "../web/errors.js";
import { stringToBytes } from "./string_encodings.js";

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

/** Throws for what writeData() cannot write; before a file is emptied for it. */
export function checkData(data) {
  if (typeof data === "string" || ArrayBuffer.isView(data) || isIterable(data)) return;
  throw invalidArgType(
    "data",
    "of type string or an instance of Buffer, TypedArray, or DataView",
    data,
  );
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
    const part = toBytes(piece, encoding);
    if (part === undefined) checkData(piece);
    await write(part);
  }
}
