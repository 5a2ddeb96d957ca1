// The encodings that Node's APIs name, by the numbers of string_encodings.h.

import { decode, encode } from "internal:ops/buffer";
import { codedError, invalidArgValue } from "../web/errors.js";

export const kUtf8 = 0;
export const kUtf16le = 1;
export const kLatin1 = 2;
export const kAscii = 3;
export const kBase64 = 4;
export const kBase64Url = 5;
export const kHex = 6;

/** By number. */
const kNames = ["utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex"];

const kNumbers = new Map([
  ...kNames.map((name, number) => [name, number]),
  ["utf-8", kUtf8],
  ["utf-16le", kUtf16le],
  ["ucs2", kUtf16le],
  ["ucs-2", kUtf16le],
  ["binary", kLatin1],
]);

/**
 * @param {unknown} encoding a name in any case
 * @returns {number | undefined}
 */
export function encodingNumber(encoding) {
  return kNumbers.get(encoding) ?? kNumbers.get(`${encoding}`.toLowerCase());
}

/**
 * The same for functions that take utf8 for what is left out.
 * @param {unknown} encoding
 * @returns {number}
 */
export function requireEncoding(encoding) {
  if (encoding === undefined) return kUtf8;
  const number = encodingNumber(encoding);
  if (number === undefined) {
    throw codedError(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${encoding}`, requireEncoding);
  }
  return number;
}

/**
 * @param {unknown} encoding
 * @returns {string | undefined} the one name that it has here
 */
export function encodingName(encoding) {
  return kNames[encodingNumber(encoding)];
}

/**
 * The same for functions whose argument `encoding` must be one.
 * @param {string} encoding
 * @returns {string}
 */
export function normalizeEncoding(encoding) {
  const name = encodingName(encoding);
  if (name === undefined) throw invalidArgValue("encoding", encoding, "is invalid encoding");
  return name;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding from normalizeEncoding()
 * @returns {string}
 */
export function bytesToString(bytes, encoding) {
  return decode(bytes, kNumbers.get(encoding), 0, bytes.length);
}

/**
 * @param {string} text
 * @param {string} encoding from normalizeEncoding()
 * @returns {Uint8Array}
 */
export function stringToBytes(text, encoding) {
  return new Uint8Array(encode(text, kNumbers.get(encoding)));
}
