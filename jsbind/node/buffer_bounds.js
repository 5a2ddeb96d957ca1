// The checks of Buffer's arguments, with Node's errors.

import { byteLengthMax } from "internal:ops/buffer";
import { codedError, invalidArgType, outOfRange, validateInteger } from "../web/errors.js";
import { isUint8Array } from "./util_types.js";

/** @param {string} [name] of the argument that lies outside */
export function outOfBounds(name = undefined) {
  const message =
    name === undefined ? "Attempt to access memory outside buffer bounds" : `"${name}" is outside of buffer bounds`;
  return codedError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", message, outOfBounds);
}

export function validateNumber(value, name, min = undefined, max = undefined) {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (value >= (min ?? -Infinity) && value <= (max ?? Infinity)) return;
  if (min === undefined && max === undefined) return;
  const bounds = [];
  if (min !== undefined) bounds.push(`>= ${min}`);
  if (max !== undefined) bounds.push(`<= ${max}`);
  throw outOfRange(name, bounds.join(" && "), value);
}

export function validateSize(size) {
  validateNumber(size, "size", 0, byteLengthMax);
}

export function validateOffset(value, name, min = 0, max = byteLengthMax) {
  return validateInteger(value, name, min, max);
}

export function validateBytes(value, name) {
  if (!isUint8Array(value)) throw invalidArgType(name, "an instance of Buffer or Uint8Array", value);
}

/** A number without a fraction; `otherwise` for what is none. */
export function toInteger(value, otherwise) {
  const number = Math.floor(+value);
  return Number.isSafeInteger(number) ? number : otherwise;
}

/** How many bytes a number takes: 1 to 6. */
export function validateByteLength(byteLength) {
  if (typeof byteLength !== "number") throw invalidArgType("byteLength", "of type number", byteLength);
  if (Math.floor(byteLength) !== byteLength) throw outOfRange("byteLength", "an integer", byteLength);
  if (byteLength < 1 || byteLength > 6) throw outOfRange("byteLength", ">= 1 and <= 6", byteLength);
}

/**
 * Throws for a place in a Buffer that is none.
 * @param {unknown} offset
 * @param {number} last the highest one that were right; negative if there is none
 */
export function throwBadOffset(offset, last) {
  if (typeof offset !== "number") throw invalidArgType("offset", "of type number", offset);
  if (Math.floor(offset) !== offset) throw outOfRange("offset", "an integer", offset);
  if (last < 0) throw outOfBounds();
  throw outOfRange("offset", `>= 0 and <= ${last}`, offset);
}
