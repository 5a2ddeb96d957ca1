import { requireArguments, toDictionary } from "../webidl.js";

/**
 * The required member of a QueuingStrategyInit.
 * @param {unknown} init
 * @param {number} given arguments.length
 * @param {string} name of the interface
 * @returns {number}
 */
export function readHighWaterMark(init, given, name) {
  const context = `Failed to construct '${name}'`;
  requireArguments(given, 1, context);
  const { highWaterMark } = toDictionary(init, context);
  if (highWaterMark === undefined) {
    throw new TypeError(`${context}: required member highWaterMark is undefined.`);
  }
  return +highWaterMark;
}
