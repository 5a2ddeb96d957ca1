// Timeout: what setTimeout() and setInterval() return, as in Node.

import { customInspect } from "./inspect_value.js";
import { adjustTimerRefs, insert, remove } from "./timer_lists.js";

/** Timers by the number that they were converted to, as long as they are pending. */
const timeoutsById = new Map();
let lastId = 0;

export class Timeout {
  /**
   * @param {Function} callback
   * @param {number} delay in ms, a whole number of at least 1
   * @param {unknown[] | undefined} args
   * @param {boolean} isRepeating
   * @param {boolean} isRefed whether it keeps the process alive
   */
  constructor(callback, delay, args, isRepeating, isRefed) {
    // The names are Node's: packages look at some of them.
    this._idleTimeout = delay;
    this._idlePrev = null;
    this._idleNext = null;
    this._idleStart = 0;
    this._onTimeout = callback;
    this._timerArgs = args;
    this._repeat = isRepeating ? delay : null;
    this._destroyed = false;
    this._isRefed = isRefed;
    this._id = 0;
    if (isRefed) adjustTimerRefs(1);
    insert(this, delay);
  }

  /** Lets it keep the process alive, as it does from the start. */
  ref() {
    if (!this._isRefed) {
      this._isRefed = true;
      if (!this._destroyed) adjustTimerRefs(1);
    }
    return this;
  }

  /** Lets the process end although it has not fired. */
  unref() {
    if (this._isRefed) {
      this._isRefed = false;
      if (!this._destroyed) adjustTimerRefs(-1);
    }
    return this;
  }

  hasRef() {
    return this._isRefed;
  }

  /** Starts it anew, also when it has fired, but not when it was cleared. */
  refresh() {
    if (this._idleTimeout < 0) return this;
    if (this._destroyed) {
      this._destroyed = false;
      if (this._isRefed) adjustTimerRefs(1);
      if (this._id !== 0) timeoutsById.set(this._id, this);
    }
    insert(this, this._idleTimeout);
    return this;
  }

  /** Clears it. */
  close() {
    this._idleTimeout = -1; // refresh() does nothing from now on.
    remove(this);
    this._onDestroyed();
    return this;
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** A number that clearTimeout() takes, too. */
  [Symbol.toPrimitive]() {
    if (this._id === 0) {
      this._id = ++lastId;
      if (!this._destroyed) timeoutsById.set(this._id, this);
    }
    return this._id;
  }

  [customInspect](depth, options, inspect) {
    return inspect(this, { ...options, depth: 0, customInspect: false });
  }

  /** It will not fire again, unless refreshed. */
  _onDestroyed() {
    if (this._destroyed) return;
    this._destroyed = true;
    if (this._isRefed) adjustTimerRefs(-1);
    if (this._id !== 0) timeoutsById.delete(this._id);
  }
}

/**
 * The pending timer that was converted to a number, or to that number's text.
 * @param {unknown} id
 * @returns {Timeout | undefined}
 */
export function findTimeout(id) {
  if (typeof id === "string") {
    const number = Number(id);
    return `${number}` === id ? timeoutsById.get(number) : undefined;
  }
  return typeof id === "number" ? timeoutsById.get(id) : undefined;
}
