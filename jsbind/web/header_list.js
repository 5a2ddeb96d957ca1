// Header lists as the Fetch standard has them
// (https://fetch.spec.whatwg.org/#concept-header-list): names in lower case and
// values, alternately, in one flat array.

import { isObject, iterate, toByteString } from "./webidl.js";

/** @typedef {string[]} HeaderList */

// Names that were seen before, in any spelling, with their lower-case form:
// programs use few, and checking one takes longer than finding it. Bounded,
// since peers choose names, too.
const kKnownNamesMax = 512;
const knownNames = new Map();

/**
 * Checks a name and gives it in lower case.
 * @param {unknown} name
 * @param {string} context
 * @returns {string}
 */
export function toHeaderName(name, context) {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const string = toByteString(name, context);
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(string)) {
    throw new TypeError(`${context}: "${string}" is an invalid header name.`);
  }
  const lower = string.toLowerCase();
  if (knownNames.size < kKnownNamesMax) knownNames.set(string, lower);
  return lower;
}

/**
 * Checks a value and takes the whitespace around it away.
 * @param {unknown} value
 * @param {string} context
 * @returns {string}
 */
export function toHeaderValue(value, context) {
  if (typeof value === "string" && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
  const string = trimHttpSpace(toByteString(value, context));
  // eslint-disable-next-line no-control-regex
  if (/[\0\n\r]/.test(string)) {
    throw new TypeError(`${context}: ${JSON.stringify(string)} is an invalid header value.`);
  }
  return string;
}

/**
 * Without the whitespace of HTTP at both ends. In one pass: a regular
 * expression starts anew at each space in the middle, and peers can send many.
 * @param {string} text
 * @returns {string}
 */
export function trimHttpSpace(text) {
  return trimHttpSpaceEnd(trimHttpSpaceStart(text));
}

/** The same at the front alone. @param {string} text */
export function trimHttpSpaceStart(text) {
  let start = 0;
  while (start < text.length && isHttpSpace(text.charCodeAt(start))) start++;
  return text.slice(start);
}

/** The same at the end alone. @param {string} text */
export function trimHttpSpaceEnd(text) {
  let end = text.length;
  while (end > 0 && isHttpSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

function isHttpSpace(code) {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/**
 * The headers of a message's head as C++ has it: first line, headers, empty line.
 * @param {string} head
 * @returns {HeaderList}
 */
export function parseHead(head) {
  const list = [];
  const lines = head.split("\r\n");
  for (let i = 1; i < lines.length && lines[i] !== ""; i++) {
    const colon = lines[i].indexOf(":");
    list.push(lines[i].slice(0, colon).toLowerCase(), trimHttpSpace(lines[i].slice(colon + 1)));
  }
  return list;
}

/**
 * Where the next header of that name is, from `from` on.
 * @param {HeaderList} list
 * @param {string} name in lower case
 * @param {number} [from]
 * @returns {number} -1 if there is none
 */
export function findHeader(list, name, from = 0) {
  for (let i = from; i < list.length; i += 2) {
    if (list[i] === name) return i;
  }
  return -1;
}

/**
 * All values of a name, joined by ", ".
 * @param {HeaderList} list
 * @param {string} name in lower case
 * @returns {string | null}
 */
export function combinedHeader(list, name) {
  let i = findHeader(list, name);
  if (i === -1) return null;
  let value = list[i + 1];
  while ((i = findHeader(list, name, i + 2)) !== -1) value += `, ${list[i + 1]}`;
  return value;
}

/**
 * Removes all headers of a name, in place.
 * @param {HeaderList} list
 * @param {string} name in lower case
 * @param {number} [from] where to begin
 */
export function deleteHeader(list, name, from = 0) {
  let end = from;
  for (let i = from; i < list.length; i += 2) {
    if (list[i] === name) continue;
    list[end] = list[i];
    list[end + 1] = list[i + 1];
    end += 2;
  }
  list.length = end;
}

/**
 * What a HeadersInit stands for: pairs, or an object's own properties. A
 * Headers object is copied as the iterable that it is.
 * @param {unknown} init
 * @param {string} context
 * @returns {HeaderList}
 */
export function readHeadersInit(init, context) {
  const list = [];
  if (!isObject(init)) {
    throw new TypeError(`${context}: the provided value is not of type '(sequence or record)'.`);
  }
  const method = init[Symbol.iterator];
  if (method === undefined || method === null) {
    readRecord(list, init, context);
    return list;
  }
  if (typeof method !== "function") throw new TypeError(`${context}: the headers are not iterable.`);
  iterate(init, method, (pair) => {
    const inner = isObject(pair) ? pair[Symbol.iterator] : undefined;
    if (typeof inner !== "function") {
      throw new TypeError(`${context}: each header must be an iterable [name, value].`);
    }
    const parts = Array.isArray(pair) ? pair : iterate(pair, inner, (part) => part);
    if (parts.length !== 2) {
      throw new TypeError(`${context}: each header must have a name and a value.`);
    }
    list.push(toHeaderName(parts[0], context), toHeaderValue(parts[1], context));
  });
  return list;
}

function readRecord(list, init, context) {
  // Proxies and symbols take the standard's way; for others it is the same as
  // their enumerable names.
  for (const key of Reflect.ownKeys(init)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    const name = toHeaderName(key, context);
    list.push(name, toHeaderValue(init[key], context));
  }
}

/**
 * The list as it is seen from outside: sorted by name, equal names combined,
 * but for set-cookie, whose values have commas of their own.
 * @param {HeaderList} list
 * @returns {[string, string][]}
 */
export function sortAndCombine(list) {
  const names = new Set();
  for (let i = 0; i < list.length; i += 2) names.add(list[i]);
  const result = [];
  for (const name of [...names].sort()) {
    if (name !== "set-cookie") {
      result.push([name, combinedHeader(list, name)]);
      continue;
    }
    for (let i = -2; (i = findHeader(list, name, i + 2)) !== -1; ) result.push([name, list[i + 1]]);
  }
  return result;
}
