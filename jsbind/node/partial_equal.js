// assert.partialDeepStrictEqual(): whether one value is part of another.

import { Kind, kindOf } from "internal:ops/inspect";
import { isDeepStrictEqual } from "./deep_equal.js";

/**
 * Whether everything in `part` is in `whole`: properties of objects, members of
 * sets and maps, elements of arrays in their order.
 * @param {unknown} part
 * @param {unknown} whole
 * @returns {boolean}
 */
export function isPartOf(part, whole) {
  return isPart(part, whole, new Map());
}

function isPart(part, whole, open) {
  if (Object.is(part, whole)) return true;
  if (part === null || whole === null || typeof part !== "object" || typeof whole !== "object") return false;
  const kind = kindOf(part);
  if (kind !== kindOf(whole) || open.get(part) === whole) return open.get(part) === whole;
  open.set(part, whole);
  const isIn = (a, b) => isPart(a, b, open);
  try {
    switch (kind) {
      case Kind.Array:
        return isSubsequence(part, whole, isIn);
      case Kind.Set:
        return isSubset([...part], [...whole], isIn);
      case Kind.Map:
        return isSubset([...part], [...whole], (a, b) => isIn(a[0], b[0]) && isIn(a[1], b[1]));
      case Kind.Error:
        return part.message === whole.message && part.name === whole.name && hasProperties(part, whole, isIn);
      case 0:
        return Object.getPrototypeOf(part) === Object.getPrototypeOf(whole) && hasProperties(part, whole, isIn);
      default:
        return isDeepStrictEqual(part, whole);
    }
  } finally {
    open.delete(part);
  }
}

function hasProperties(part, whole, isIn) {
  return Reflect.ownKeys(part)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(part, key))
    .every((key) => Object.hasOwn(whole, key) && isIn(part[key], whole[key]));
}

function isSubsequence(part, whole, isIn) {
  let at = 0;
  return part.every((item) => {
    while (at < whole.length && !isIn(item, whole[at])) at++;
    return at++ < whole.length;
  });
}

function isSubset(part, whole, isIn) {
  const left = new Set(whole);
  return part.every((member) => {
    for (const candidate of left) if (isIn(member, candidate)) return left.delete(candidate);
    return false;
  });
}
