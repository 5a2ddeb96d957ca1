// data: URLs (https://fetch.spec.whatwg.org/#data-url-processor).

import { atob, decodeLatin1 } from "internal:ops/encoding";
import { trimHttpSpace } from "./header_list.js";
import { parseMimeType, serializeMimeType } from "./mime_type.js";
import { percentDecode } from "./url_encoded.js";

const kDefaultType = "text/plain;charset=US-ASCII";

/**
 * @param {string} url serialised, without fragment
 * @returns {{ type: string, bytes: Uint8Array } | null} null if it has no comma or bad Base64
 */
export function parseDataUrl(url) {
  const start = "data:".length;
  const comma = url.indexOf(",", start);
  if (comma === -1) return null;
  let type = trimHttpSpace(url.slice(start, comma));
  let bytes = percentDecode(url.slice(comma + 1));
  const base64 = /; *base64$/i.exec(type);
  if (base64 !== null) {
    const text = atob(decodeLatin1(bytes));
    if (text === undefined) return null;
    bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    type = type.slice(0, base64.index);
  } else {
    bytes = bytes.slice(); // A body's bytes are all of their buffer.
  }
  if (type.startsWith(";")) type = `text/plain${type}`;
  const parsed = parseMimeType(type);
  return { type: parsed === null ? kDefaultType : serializeMimeType(parsed), bytes };
}
