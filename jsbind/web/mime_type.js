// MIME types (https://mimesniff.spec.whatwg.org/#parsing-a-mime-type).

import { trimHttpSpace, trimHttpSpaceEnd, trimHttpSpaceStart } from "./header_list.js";

const kToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const kQuotedText = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * @typedef {object} MimeType
 * @property {string} essence as in "text/plain", in lower case
 * @property {Map<string, string>} parameters their names in lower case
 */

/**
 * @param {string | null} text of a content-type header; null if there is none
 * @returns {MimeType | null} null if it is no MIME type
 */
export function parseMimeType(text) {
  if (text === null) return null;
  const semicolon = text.indexOf(";");
  const essence = trimHttpSpace(semicolon === -1 ? text : text.slice(0, semicolon)).toLowerCase();
  const slash = essence.indexOf("/");
  if (slash === -1 || !kToken.test(essence.slice(0, slash)) || !kToken.test(essence.slice(slash + 1))) return null;
  const parameters = new Map();
  for (let at = semicolon; at !== -1 && at < text.length; ) {
    const end = text.slice(at + 1).search(/[;=]/);
    if (end === -1) break;
    const separator = at + 1 + end;
    const name = trimHttpSpaceStart(text.slice(at + 1, separator)).toLowerCase();
    if (text[separator] === ";") {
      at = separator;
      continue;
    }
    let value;
    [value, at] = readValue(text, separator + 1);
    if (value !== null && kToken.test(name) && kQuotedText.test(value) && !parameters.has(name)) {
      parameters.set(name, value);
    }
  }
  return { essence, parameters };
}

/**
 * @param {MimeType} type
 * @returns {string}
 */
export function serializeMimeType({ essence, parameters }) {
  let text = essence;
  for (const [name, value] of parameters) {
    const shown = kToken.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
    text += `;${name}=${shown}`;
  }
  return text;
}

/** The value at a position, null if it is empty, and where the next semicolon is, or -1. */
function readValue(text, from) {
  if (text[from] !== '"') {
    const semicolon = text.indexOf(";", from);
    const value = trimHttpSpaceEnd(semicolon === -1 ? text.slice(from) : text.slice(from, semicolon));
    return [value === "" ? null : value, semicolon];
  }
  let value = "";
  let i = from + 1;
  for (; i < text.length && text[i] !== '"'; i++) {
    if (text[i] === "\\" && i + 1 < text.length) i++;
    value += text[i];
  }
  return [value, text.indexOf(";", i)];
}
