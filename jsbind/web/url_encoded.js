// application/x-www-form-urlencoded
// (https://url.spec.whatwg.org/#application/x-www-form-urlencoded).

import { decodeUtf8, encode } from "internal:ops/encoding";

/**
 * @param {string} text
 * @returns {string[]} names and values, alternately
 */
export function parseUrlEncoded(text) {
  const list = [];
  if (text === "") return list;
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (equals === -1) {
      list.push(decode(pair), "");
    } else {
      list.push(decode(pair.slice(0, equals)), decode(pair.slice(equals + 1)));
    }
  }
  return list;
}

function decode(text) {
  if (text.includes("+")) text = text.replaceAll("+", " ");
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign stays; bytes that are no UTF-8 become U+FFFD.
    return decodeUtf8(percentDecode(text), false);
  }
}

/**
 * The bytes of a text with percent-encoded parts. Signs without two digits stay.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function percentDecode(text) {
  const bytes = encode(text);
  let end = 0;
  for (let i = 0; i < bytes.length; i++, end++) {
    let byte = bytes[i];
    if (byte === 0x25 && i + 2 < bytes.length) {
      const high = hexValue(bytes[i + 1]);
      const low = hexValue(bytes[i + 2]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    bytes[end] = byte;
  }
  return bytes.subarray(0, end);
}

function hexValue(byte) {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * @param {string[]} list names and values, alternately
 * @returns {string}
 */
export function serializeUrlEncoded(list) {
  let text = "";
  for (let i = 0; i < list.length; i += 2) {
    if (i !== 0) text += "&";
    text += `${encodePart(list[i])}=${encodePart(list[i + 1])}`;
  }
  return text;
}

const kLeft = { "%20": "+", "!": "%21", "'": "%27", "(": "%28", ")": "%29", "~": "%7E" };

function encodePart(text) {
  if (/^[A-Za-z0-9*\-._]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(/%20|[!'()~]/g, (found) => kLeft[found]);
}
