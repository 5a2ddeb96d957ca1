// atob() and btoa() (https://html.spec.whatwg.org/#atob).

import { atob as decode, btoa as encode } from "internal:ops/encoding";
import { DOMException } from "./dom_exception.js";
import { requireArguments, toDOMString } from "./webidl.js";

/**
 * @param {string} data Base64
 * @returns {string} whose characters are the bytes
 */
export function atob(data) {
  requireArguments(arguments.length, 1, "Failed to execute 'atob'");
  const text = decode(toDOMString(data));
  if (text === undefined) {
    throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
  }
  return text;
}

/**
 * @param {string} data whose characters are bytes
 * @returns {string} Base64
 */
export function btoa(data) {
  requireArguments(arguments.length, 1, "Failed to execute 'btoa'");
  const text = encode(toDOMString(data));
  if (text === undefined) {
    throw new DOMException(
      "The string to be encoded contains characters outside of the Latin1 range.",
      "InvalidCharacterError",
    );
  }
  return text;
}
