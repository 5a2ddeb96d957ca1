/**
 * @param {Uint8Array[]} pieces
 * @returns {Uint8Array} a new one of all of them
 */
export function concatenate(pieces) {
  const all = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const nameGetter = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
).get;

/**
 * The class of a typed array ("Uint8Array"), whatever its prototype is now.
 * @param {unknown} value
 * @returns {string | undefined} undefined for anything else
 */
export function typedArrayName(value) {
  return nameGetter.call(value);
}

/** @type {(value: unknown) => value is Uint8Array} */
export function isUint8Array(value) {
  return typedArrayName(value) === "Uint8Array";
}
