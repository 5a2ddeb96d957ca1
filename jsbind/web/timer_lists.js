// The pending timers. Programs use few different delays, so there is one list
// for each delay, in the order of the start and thereby of the end, and a heap
// of the lists by the next timer that is due: starting and clearing a timer is
// O(1) but for a delay that no other timer has. The loop is told one deadline.

import { drain, now, scheduleTimers, turnCounts } from "internal:runtime";
import { reportException } from "./report_exception.js";
import { TimerHeap } from "./timer_heap.js";
import { kTimerRefCount } from "./turn_counts.js";

/**
 * A list's head; also the sentinel of the ring of its timers.
 * @typedef {object} TimerList
 * @property {number} delay in ms
 * @property {number} expiry of the first timer, as a time of now(); may be too early
 * @property {number} heapIndex
 */
class List {
  constructor(delay, expiry) {
    this.delay = delay;
    this.expiry = expiry;
    this.heapIndex = 0;
    this._idleNext = this;
    this._idlePrev = this;
  }
  get isEmpty() {
    return this._idleNext === this;
  }
}

/** @type {Map<number, List>} */
const lists = new Map();
const heap = new TimerHeap();
/** When the loop will call runTimers(). */
let nextExpiry = Infinity;
/** The list whose timers are being called. */
let running = null;
let isRunning = false;

/**
 * Counts timers that keep the process alive.
 * @param {1 | -1} change
 */
export function adjustTimerRefs(change) {
  turnCounts[kTimerRefCount] += change;
}

function unlink(timer) {
  timer._idleNext._idlePrev = timer._idlePrev;
  timer._idlePrev._idleNext = timer._idleNext;
  timer._idleNext = null;
  timer._idlePrev = null;
}

/**
 * Starts a timer, or starts it anew.
 * @param {object} timer with the fields of a Timeout
 * @param {number} delay in ms, a whole number
 * @param {number} [start] now() if left out
 */
export function insert(timer, delay, start = now()) {
  if (timer._idleNext !== null) remove(timer);
  timer._idleStart = start;
  let list = lists.get(delay);
  if (list === undefined) {
    const expiry = start + delay;
    list = new List(delay, expiry);
    lists.set(delay, list);
    heap.push(list);
    if (expiry < nextExpiry) {
      nextExpiry = expiry;
      if (!isRunning) scheduleTimers(delay);
    }
  }
  const last = list._idlePrev;
  timer._idleNext = list;
  timer._idlePrev = last;
  last._idleNext = timer;
  list._idlePrev = timer;
}

/**
 * Takes a timer out, if it is pending.
 * @param {object} timer
 */
export function remove(timer) {
  const next = timer._idleNext;
  if (next === null) return;
  unlink(timer);
  // The only timer of a list lies between the list and itself.
  if (next instanceof List && next.isEmpty && next !== running) drop(next);
}

function drop(list) {
  lists.delete(list.delay);
  heap.remove(list);
}

/**
 * Calls the timers that were due at `time`. Between two of them ticks and
 * microtasks run. What becomes due meanwhile waits for the next turn: callbacks
 * that take longer than their interval would otherwise keep I/O from its turn.
 * @param {number} time as of now(), when the turn began
 * @returns {number} in how many ms to call it again, or -1
 */
export function runTimers(time) {
  let isFirst = true;
  isRunning = true;
  for (let list; (list = heap.first()) !== undefined && list.expiry <= time; ) {
    if (!isFirst) drain();
    isFirst = false;
    // Draining may have cleared its timers, and others have been started.
    if (heap.first() === list) runList(list, time);
  }
  isRunning = false;
  const first = heap.first();
  nextExpiry = first === undefined ? Infinity : first.expiry;
  return first === undefined ? -1 : Math.max(first.expiry - now(), 0);
}

function runList(list, time) {
  let isFirst = true;
  running = list;
  for (let timer; (timer = list._idleNext) !== list; ) {
    const expiry = timer._idleStart + list.delay;
    if (expiry > time) {
      // Started after the list's expiry was set.
      list.expiry = expiry;
      heap.sink(list);
      running = null;
      return;
    }
    if (!isFirst) {
      drain();
      // A tick may have cleared it.
      if (list._idleNext !== timer) continue;
    }
    isFirst = false;
    unlink(timer);
    fire(timer);
  }
  running = null;
  drop(list);
}

function fire(timer) {
  const callback = timer._onTimeout;
  const start = timer._repeat === null ? 0 : now();
  try {
    const args = timer._timerArgs;
    if (args === undefined) timer._onTimeout();
    else callback.apply(timer, args);
  } catch (error) {
    reportException(error);
  }
  if (timer._repeat !== null && timer._idleTimeout !== -1) {
    timer._idleTimeout = timer._repeat;
    insert(timer, timer._idleTimeout, start);
  } else if (timer._idleNext === null) {
    timer._onDestroyed();
  }
}
