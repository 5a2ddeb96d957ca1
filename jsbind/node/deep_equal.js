// Deep equality as node:assert and util.isDeepStrictEqual() define it.
//
// Strict: primitives by Object.is(), objects by prototype, kind, and own
// enumerable properties, symbols included. Loose: primitives by ==, and
// prototypes do not matter. In both, the order of properties and of the members
// of sets and maps does not matter, and cycles are equal where they lead to the
// same places.

import { Kind, kindOf, ownNonIndexKeys, proxyDetails } from "internal:ops/inspect";

const kBoxed = new Set([
  Kind.NumberObject,
  Kind.StringObject,
  Kind.BooleanObject,
  Kind.BigIntObject,
  Kind.SymbolObject,
]);
/** Those are equal only if they are the same. */
const kOpaque = new Set([Kind.WeakMap, Kind.WeakSet, Kind.Promise]);

/**
 * @param {unknown} a
 * @param {unknown} b
 * @param {boolean} strict
 * @returns {boolean}
 */
export function isDeepEqual(a, b, strict) {
  return new Comparison(strict).equal(a, b);
}

/**
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
export function isDeepStrictEqual(a, b) {
  return isDeepEqual(a, b, true);
}

class Comparison {
  #strict;
  /** The pairs that are being compared: meeting one again is a cycle. @type {Map<object, object[]>} */
  #open = new Map();

  constructor(strict) {
    this.#strict = strict;
  }

  equal(a, b) {
    if (a === b) return a !== 0 || !this.#strict || Object.is(a, b);
    const isObjectA = typeof a === "object" && a !== null;
    const isObjectB = typeof b === "object" && b !== null;
    if (isObjectA && isObjectB) return this.#equalObjects(a, b);
    if (this.#strict || isObjectA || isObjectB || typeof a === "function" || typeof b === "function") {
      return a !== a && b !== b; // NaN
    }
    return a == b || (a !== a && b !== b); // eslint-disable-line eqeqeq
  }

  #equalObjects(a, b) {
    if (this.#strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    const kind = kindOf(a);
    if (kind !== kindOf(b) || kOpaque.has(kind)) return false;
    if (tagOf(a) !== tagOf(b)) return false;
    if (kind === 0 && proxyDetails(a) === undefined && (a instanceof WeakRef || b instanceof WeakRef)) return false;
    const partners = this.#open.get(a);
    if (partners?.includes(b)) return true;
    if (partners === undefined) this.#open.set(a, [b]);
    else partners.push(b);
    const result = this.#sameData(kind, a, b) && this.#sameProperties(kind, a, b);
    this.#open.get(a).pop();
    return result;
  }

  /** What is not in properties. */
  #sameData(kind, a, b) {
    switch (kind) {
      case Kind.Array:
        return a.length === b.length;
      case Kind.Date:
        return Object.is(Date.prototype.getTime.call(a), Date.prototype.getTime.call(b));
      case Kind.RegExp:
        return a.source === b.source && a.flags === b.flags && a.lastIndex === b.lastIndex;
      case Kind.Error:
        return ["message", "name", "cause", "errors"].every((key) => this.#sameHidden(a, b, key));
      case Kind.TypedArray:
      case Kind.DataView:
      case Kind.ArrayBuffer:
      case Kind.SharedArrayBuffer:
        return this.#sameBytes(kind, a, b);
      case Kind.Set:
        return a.size === b.size && this.#sameMembers([...a], [...b], (x, y) => this.equal(x, y));
      case Kind.Map:
        return (
          a.size === b.size &&
          this.#sameMembers([...a], [...b], (x, y) => this.equal(x[0], y[0]) && this.equal(x[1], y[1]))
        );
      default:
        return !kBoxed.has(kind) || Object.is(a.valueOf(), b.valueOf());
    }
  }

  /** A property that errors have, enumerable or not. */
  #sameHidden(a, b, key) {
    return key in a === key in b && this.equal(a[key], b[key]);
  }

  #sameBytes(kind, a, b) {
    if (a.byteLength !== b.byteLength) return false;
    // By number, so that NaN is itself; loosely 0 and -0 are the same.
    if (kind === Kind.TypedArray && /^Float/.test(tagOf(a))) {
      return a.every((number, i) => (this.#strict ? Object.is(number, b[i]) : this.equal(number, b[i])));
    }
    const [x, y] = [a, b].map((each) =>
      ArrayBuffer.isView(each)
        ? new Uint8Array(each.buffer, each.byteOffset, each.byteLength)
        : new Uint8Array(each),
    );
    return x.every((byte, i) => byte === y[i]);
  }

  /** Whether each of `a` has one of `b` of its own that is equal. */
  #sameMembers(a, b, equal) {
    // Most have the same order.
    if (a.every((member, i) => equal(member, b[i]))) return true;
    const left = new Set(b);
    return a.every((member) => {
      for (const candidate of left) {
        if (equal(member, candidate)) return left.delete(candidate);
      }
      return false;
    });
  }

  #sameProperties(kind, a, b) {
    const keys = enumerableKeys(kind, a, this.#strict);
    if (keys.length !== enumerableKeys(kind, b, this.#strict).length) return false;
    return keys.every((key) => Object.prototype.propertyIsEnumerable.call(b, key) && this.equal(a[key], b[key]));
  }
}

function enumerableKeys(kind, object, strict) {
  // The elements were compared as bytes.
  if (kind === Kind.TypedArray) {
    const keys = ownNonIndexKeys(object, false);
    return strict ? keys : keys.filter((key) => typeof key === "string");
  }
  const keys = Object.keys(object);
  if (!strict) return keys;
  const isEnumerable = (key) => Object.prototype.propertyIsEnumerable.call(object, key);
  return keys.concat(Object.getOwnPropertySymbols(object).filter(isEnumerable));
}

function tagOf(object) {
  return Object.prototype.toString.call(object).slice(8, -1);
}
