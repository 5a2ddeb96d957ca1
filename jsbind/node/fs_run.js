// Procedures of many steps, as removing a tree, are written once and run by the
// synchronous functions, by those with promises and so by those with callbacks.
//
// A procedure is a generator: it yields [name, ...args] for an operation of
// "internal:ops/fs" and gets its result, or its error thrown; a list of such
// for several whose order does not matter; ["wait", ms]; and ["await", value]
// for what may be a promise where those are allowed.

import * as ops from "internal:ops/fs";
import * as sync from "internal:ops/fs_sync";
import { setTimeout } from "../web/timers.js";

/** @typedef {[name: string, ...args: unknown[]]} Step */

function doNow([name, ...args]) {
  if (name === "await") return args[0];
  if (name === "wait") return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, args[0]);
  return sync[name](...args);
}

function doLater([name, ...args]) {
  if (name === "await") return args[0];
  if (name === "wait") return new Promise((resolve) => setTimeout(resolve, args[0]));
  return ops[name](...args);
}

/**
 * @template T
 * @param {Generator<Step | Step[], T>} procedure
 * @returns {T}
 */
export function runNow(procedure) {
  let step = procedure.next();
  while (!step.done) {
    let result;
    try {
      result = Array.isArray(step.value[0]) ? step.value.map(doNow) : doNow(step.value);
    } catch (error) {
      step = procedure.throw(error);
      continue;
    }
    step = procedure.next(result);
  }
  return step.value;
}

/**
 * @template T
 * @param {Generator<Step | Step[], T>} procedure
 * @returns {Promise<T>}
 */
export async function run(procedure) {
  let step = procedure.next();
  while (!step.done) {
    let result;
    try {
      result = await (Array.isArray(step.value[0]) ? Promise.all(step.value.map(doLater)) : doLater(step.value));
    } catch (error) {
      step = procedure.throw(error);
      continue;
    }
    step = procedure.next(result);
  }
  return step.value;
}
