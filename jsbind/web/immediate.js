// setImmediate(), clearImmediate() and Immediate, as in Node: the callbacks
// run once in each turn of the loop, after its I/O.

import { drain, turnCounts } from "internal:runtime";
import { validateFunction } from "./errors.js";
import { customInspect } from "./inspect_value.js";
import { reportException } from "./report_exception.js";
import { kImmediateCount, kImmediateRefCount } from "./turn_counts.js";

let first = null;
let last = null;

// The loop polls instead of waiting while there are any, and lives while one
// of them is refed.
function adjust(countChange, refChange) {
  turnCounts[kImmediateCount] += countChange;
  turnCounts[kImmediateRefCount] += refChange;
}

export class Immediate {
  constructor(callback, args) {
    this._idleNext = null;
    this._idlePrev = last;
    this._onImmediate = callback;
    this._argv = args;
    this._destroyed = false;
    this._isRefed = true;
    if (last === null) first = this;
    else last._idleNext = this;
    last = this;
    adjust(1, 1);
  }

  ref() {
    if (!this._isRefed) {
      this._isRefed = true;
      if (!this._destroyed) adjust(0, 1);
    }
    return this;
  }

  unref() {
    if (this._isRefed) {
      this._isRefed = false;
      if (!this._destroyed) adjust(0, -1);
    }
    return this;
  }

  hasRef() {
    return this._isRefed;
  }

  [Symbol.dispose]() {
    clearImmediate(this);
  }

  [customInspect](depth, options, inspect) {
    return inspect(this, { ...options, depth: 0, customInspect: false });
  }
}

/**
 * @param {(...args: unknown[]) => void} callback
 * @param {...unknown} args
 */
export function setImmediate(callback, ...args) {
  validateFunction(callback, "callback");
  return new Immediate(callback, args.length === 0 ? undefined : args);
}

/** @param {Immediate} immediate */
export function clearImmediate(immediate) {
  if (!(immediate instanceof Immediate) || immediate._destroyed) return;
  destroy(immediate);
  immediate._onImmediate = null;
  // One that is being run already was taken off the queue with its whole batch.
  const { _idlePrev: previous, _idleNext: next } = immediate;
  if (previous !== null) previous._idleNext = next;
  else if (first === immediate) first = next;
  if (next !== null) next._idlePrev = previous;
  else if (last === immediate) last = previous;
}

function destroy(immediate) {
  immediate._destroyed = true;
  adjust(-1, immediate._isRefed ? -1 : 0);
}

/**
 * Runs the callbacks that are queued now; those that they queue wait for the
 * next turn. Between two of them ticks and microtasks run.
 */
export function runImmediates() {
  let immediate = first;
  first = null;
  last = null;
  for (let isFirst = true; immediate !== null; isFirst = false) {
    if (!isFirst) drain();
    if (!immediate._destroyed) {
      destroy(immediate);
      const { _onImmediate: callback, _argv: args } = immediate;
      try {
        if (args === undefined) callback.call(immediate);
        else callback.apply(immediate, args);
      } catch (error) {
        reportException(error);
      }
    }
    immediate._onImmediate = null;
    immediate = immediate._idleNext;
  }
}
