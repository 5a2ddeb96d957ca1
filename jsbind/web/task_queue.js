// process.nextTick() and queueMicrotask().
//
// After every entry into JS the loop runs all ticks, then all microtasks,
// until both queues are empty.

import { enqueueMicrotask, turnCounts } from "internal:runtime";
import { validateFunction } from "./errors.js";
import { reportException } from "./report_exception.js";
import { kTickCount } from "./turn_counts.js";

// Callbacks and their arguments, alternately, in chunks: a queue that is
// always short keeps using one array, and one that was long gives it back.
const kChunkSize = 2048;

class Chunk {
  constructor() {
    this.items = new Array(kChunkSize).fill(undefined);
    this.next = null;
  }
}

class CallbackQueue {
  #head = new Chunk();
  #tail = this.#head;
  #first = 0;
  #end = 0;

  push(callback, args) {
    if (this.#end === kChunkSize) {
      const chunk = new Chunk();
      this.#tail.next = chunk;
      this.#tail = chunk;
      this.#end = 0;
    }
    const { items } = this.#tail;
    items[this.#end] = callback;
    items[this.#end + 1] = args;
    this.#end += 2;
  }

  /** Calls the first callback. REQUIRES: not empty. */
  callFirst() {
    const { items } = this.#head;
    const callback = items[this.#first];
    const args = items[this.#first + 1];
    items[this.#first] = undefined;
    items[this.#first + 1] = undefined;
    this.#first += 2;
    if (this.#head === this.#tail) {
      if (this.#first === this.#end) {
        this.#first = 0;
        this.#end = 0;
      }
    } else if (this.#first === kChunkSize) {
      this.#head = this.#head.next;
      this.#first = 0;
    }
    try {
      if (args === undefined) callback();
      else callback(...args);
    } catch (error) {
      reportException(error);
    }
  }
}

const ticks = new CallbackQueue();

/**
 * process.nextTick(): calls a function after the code that runs now, before
 * any microtask of a later entry into JS and before any I/O.
 * @param {(...args: unknown[]) => void} callback
 * @param {...unknown} args
 */
export function nextTick(callback, ...args) {
  validateFunction(callback, "callback");
  ticks.push(callback, args.length === 0 ? undefined : args);
  turnCounts[kTickCount]++;
}

/** Runs all ticks, those that they add included. For the loop. */
export function runTicks() {
  while (turnCounts[kTickCount] > 0) {
    turnCounts[kTickCount]--;
    ticks.callFirst();
  }
}

/**
 * @param {() => void} callback
 */
export function queueMicrotask(callback) {
  validateFunction(callback, "callback");
  enqueueMicrotask(callback);
}
