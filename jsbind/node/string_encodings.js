// The encodings that Node's APIs name: strings to bytes and back.

import { decodeLatin1, decodeUtf16, decodeUtf8, encode } from "internal:ops/encoding";
import { codedError } from "../web/errors.js";

const kNames = new Map([
  ["utf8", "utf8"],
  ["utf-8", "utf8"],
  ["utf16le", "utf16le"],
  ["utf-16le", "utf16le"],
  ["ucs2", "utf16le"],
  ["ucs-2", "utf16le"],
  ["latin1", "latin1"],
  ["binary", "latin1"],
  ["ascii", "ascii"],
  ["hex", "hex"],
  ["base64", "base64"],
  ["base64url", "base64url"],
]);

/**
 * @param {string} encoding in any case
 * @returns {string} the one name that this module has for it
 */
export function normalizeEncoding(encoding) {
  const name = kNames.get(encoding) ?? kNames.get(`${encoding}`.toLowerCase());
  if (name === undefined) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE", `The argument 'encoding' is invalid encoding. Received '${encoding}'`);
  }
  return name;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding from normalizeEncoding()
 * @returns {string}
 */
export function bytesToString(bytes, encoding) {
  switch (encoding) {
    case "utf8":
      return decodeUtf8(bytes, false);
    case "utf16le":
      return decodeUtf16(bytes.subarray(0, bytes.length & ~1), false, false);
    case "latin1":
      return decodeLatin1(bytes);
    case "ascii":
      return decodeLatin1(bytes.map((byte) => byte & 0x7f));
    case "hex":
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    default:
      return toBase64(bytes, encoding === "base64url");
  }
}

/**
 * @param {string} text
 * @param {string} encoding from normalizeEncoding()
 * @returns {Uint8Array}
 */
export function stringToBytes(text, encoding) {
  switch (encoding) {
    case "utf8":
      return encode(text);
    case "utf16le": {
      const bytes = new Uint8Array(2 * text.length);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
      return bytes;
    }
    case "latin1":
    case "ascii":
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
    case "hex":
      return fromHex(text);
    default:
      return fromBase64(text);
  }
}

/** Up to the first pair that is no hexadecimal number, as Node does. */
function fromHex(text) {
  const pairs = /^(?:[0-9a-fA-F]{2})*/.exec(text)[0];
  return Uint8Array.from({ length: pairs.length / 2 }, (_, i) =>
    Number.parseInt(pairs.slice(2 * i, 2 * i + 2), 16),
  );
}

const kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function toBase64(bytes, isUrl) {
  const alphabet = kAlphabet + (isUrl ? "-_" : "+/");
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet[group >> 18] + alphabet[(group >> 12) & 63];
    if (left > 1) text += alphabet[(group >> 6) & 63];
    else if (!isUrl) text += "=";
    if (left > 2) text += alphabet[group & 63];
    else if (!isUrl) text += "=";
  }
  return text;
}

/** Takes both alphabets, skips what is in neither, ends at padding, as Node does. */
function fromBase64(text) {
  const bytes = [];
  let bits = 0;
  let count = 0;
  for (const character of text) {
    if (character === "=") break;
    const value = kAlphabet.indexOf(character);
    const sextet =
      value >= 0 ? value : character === "+" || character === "-" ? 62 : character === "/" || character === "_" ? 63 : -1;
    if (sextet < 0) continue;
    bits = ((bits << 6) | sextet) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}
