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
