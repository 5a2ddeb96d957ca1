// node:querystring: query strings before URLSearchParams.

import { decodeUtf8 } from "internal:ops/encoding";
import { codedError } from "../web/errors.js";
import { percentDecode } from "../web/url_encoded.js";

const kKeysMax = 1000;

/** Percent-encodes all but letters, digits and -_.!~*'() */
function qsEscape(text) {
  try {
    return encodeURIComponent(text);
  } catch {
    throw codedError(URIError, "ERR_INVALID_URI", "URI malformed");
  }
}

function unescapeBuffer(text) {
  return percentDecode(`${text}`);
}

function qsUnescape(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeUtf8(percentDecode(text), false);
  }
}

/**
 * @param {Record<string, unknown>} object arrays give a pair for each item
 * @param {string} [separator]
 * @param {string} [equals]
 * @param {{ encodeURIComponent?: (text: string) => string }} [options]
 */
export function stringify(object, separator = undefined, equals = undefined, options = undefined) {
  if (object === null || typeof object !== "object") return "";
  const encodeText = options?.encodeURIComponent ?? querystring.escape;
  const pair = (key, value) => `${encodeText(key)}${equals || "="}${encodeText(primitiveText(value))}`;
  return Object.keys(object)
    .flatMap((key) => (Array.isArray(object[key]) ? object[key].map((item) => pair(key, item)) : pair(key, object[key])))
    .join(separator || "&");
}

function primitiveText(value) {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? `${value}` : "";
  return typeof value === "bigint" || typeof value === "boolean" ? `${value}` : "";
}

/**
 * @param {string} text
 * @param {string} [separator]
 * @param {string} [equals]
 * @param {{ maxKeys?: number, decodeURIComponent?: (text: string) => string }} [options] `maxKeys`:
 *     pairs that are looked at, 0 for all
 * @returns {Record<string, string | string[]>} without a prototype
 */
export function parse(text, separator = undefined, equals = undefined, options = undefined) {
  const result = Object.create(null);
  if (typeof text !== "string" || text === "") return result;
  const sign = `${equals || "="}`;
  const max = typeof options?.maxKeys === "number" ? options.maxKeys : kKeysMax;
  const decodeText = options?.decodeURIComponent ?? querystring.unescape;
  const decode = (part) => {
    const spaced = part.replaceAll("+", " ");
    try {
      return decodeText(spaced);
    } catch {
      return qsUnescape(spaced);
    }
  };
  let pairs = text.split(`${separator || "&"}`);
  if (max > 0) pairs = pairs.slice(0, max);
  for (const pair of pairs) {
    if (pair === "") continue;
    const at = pair.indexOf(sign);
    const key = decode(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? "" : decode(pair.slice(at + sign.length));
    if (!(key in result)) result[key] = value;
    else if (Array.isArray(result[key])) result[key].push(value);
    else result[key] = [result[key], value];
  }
  return result;
}

export { parse as decode, qsEscape as escape, qsUnescape as unescape, stringify as encode, unescapeBuffer };

// Programs replace escape and unescape on it.
const querystring = {
  decode: parse,
  encode: stringify,
  escape: qsEscape,
  parse,
  stringify,
  unescape: qsUnescape,
  unescapeBuffer,
};
export default querystring;
