// The class behind Buffer and where its memory comes from.

import { allocate } from "internal:ops/buffer";
import { markUntransferable } from "../web/structured_clone.js";

/** What every Buffer is; its prototype is Buffer.prototype. */
export class FastBuffer extends Uint8Array {
  // Without a rest parameter, which would cost an array for each Buffer.
  constructor(bufferOrLength, byteOffset, length) {
    super(bufferOrLength, byteOffset, length);
  }
}

/** Small Buffers are parts of one of this size: Buffer.poolSize. */
export const pool = {
  size: 8 * 1024,
  /** @type {ArrayBuffer | undefined} made when it is first needed */
  memory: undefined,
  used: 0,
};

/**
 * A Buffer with memory of its own, whose bytes are whatever they were.
 * @param {number} size
 */
export function unsafeBuffer(size) {
  return new FastBuffer(allocate(size));
}

/**
 * The same, from the pool if it is small.
 * @param {number} size
 */
export function pooledBuffer(size) {
  if (size >= pool.size >>> 1) return unsafeBuffer(size);
  if (size === 0) return new FastBuffer();
  const at = takeFromPool(size);
  return new FastBuffer(pool.memory, at, size);
}

/** The place in pool.memory of `size` bytes. */
export function takeFromPool(size) {
  // Views of other types may want to lie over it, so each begins at a multiple of 8.
  let at = (pool.used + 7) & ~7;
  if (pool.memory === undefined || at + size > pool.memory.byteLength) {
    pool.memory = allocate(pool.size);
    // Whoever moved it would take the bytes of other Buffers along.
    markUntransferable(pool.memory);
    at = 0;
  }
  pool.used = at + size;
  return at;
}

/** How many bytes a Uint8Array has, whatever a script says that they are. */
export function byteLengthOf(bytes) {
  return getByteLength.call(bytes);
}

const getByteLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "byteLength").get;
