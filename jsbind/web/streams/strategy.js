// Queuing strategies as streams take them (https://streams.spec.whatwg.org/#qs-abstract-ops).

import { toDictionary } from "../webidl.js";
import { countSize } from "./count_queuing_strategy.js";

/**
 * The members of a QueuingStrategy, converted.
 * @param {unknown} value
 * @param {string} context
 * @returns {{ highWaterMark: number | undefined, size: Function | undefined }}
 */
export function readStrategy(value, context) {
  const strategy = toDictionary(value, context);
  let { highWaterMark } = strategy;
  if (highWaterMark !== undefined) highWaterMark = +highWaterMark;
  const { size } = strategy;
  if (size !== undefined && typeof size !== "function") {
    throw new TypeError(`${context}: the strategy's member 'size' is not a function.`);
  }
  return { highWaterMark, size };
}

/** ExtractHighWaterMark */
export function extractHighWaterMark({ highWaterMark }, defaultValue) {
  if (highWaterMark === undefined) return defaultValue;
  if (Number.isNaN(highWaterMark) || highWaterMark < 0) {
    throw new RangeError(`The strategy's highWaterMark must be a number of at least 0, but is ${highWaterMark}`);
  }
  return highWaterMark;
}

/**
 * ExtractSizeAlgorithm
 * @returns {((chunk: unknown) => number) | null} null: each chunk counts as one
 */
export function extractSize({ size }) {
  return size === undefined || size === countSize ? null : size;
}

/** The size of a chunk. Throws what `sizeOf` throws, and for what is no size. */
export function checkedSize(sizeOf, chunk) {
  const size = +sizeOf(chunk);
  if (size >= 0 && size !== Infinity) return size;
  throw new RangeError(`The size of a chunk must be a finite number of at least 0, but is ${size}`);
}
