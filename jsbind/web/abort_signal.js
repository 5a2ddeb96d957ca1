// AbortSignal (https://dom.spec.whatwg.org/#interface-AbortSignal).
//
// Beside events, a signal runs abort algorithms: what a function that takes
// `{ signal }` does to end early. follow() adds one in O(1) and its result
// removes it in O(1), so an operation costs no listener object, and a signal
// that lives for the whole process keeps nothing of operations that have ended.

import { makeAbortError, makeTimeoutError } from "./dom_exception.js";
import { Event } from "./event.js";
import {
  EventTarget,
  defineEventHandler,
  dispatchTrusted,
  kListenersChanged,
  setAbortSignalHooks,
} from "./event_target.js";
import { customInspect } from "./inspect_value.js";
import { startInternalTimer } from "./timers.js";
import { exposeInterface, requireArguments, toEnforcedUnsignedLongLong, toSequence } from "./webidl.js";

/** A new signal, for an AbortController. */
export let createAbortSignal;

/** Aborts a signal. @type {(signal: AbortSignal, reason?: unknown) => void} */
export let signalAbort;

/** @type {(value: unknown) => value is AbortSignal} */
export let isAbortSignal;

/**
 * Runs `algorithm(reason)` when the signal aborts, unless unfollow()ed before.
 * REQUIRES: it has not aborted.
 * @type {(signal: AbortSignal, algorithm: (reason: unknown) => void) => object}
 */
export let follow;

/** Takes back a follow(). May be called at any time. @type {(follower: object) => void} */
export let unfollow;

/** What only this module may construct with. */
const kConstruct = Symbol("construct");

/** An abort algorithm, in the list of its signal. */
class Follower {
  constructor(signal, algorithm) {
    this.signal = signal;
    this.algorithm = algorithm;
    this.previous = null;
    this.next = null;
  }
}

// Signals of timers that somebody follows: they may not be collected, although
// only their timer will touch them again.
const followedTimeouts = new Set();
const abandonedTimeouts = new FinalizationRegistry((timer) => timer.close());

/** Tells that something is to end early, and why. */
export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  #first = null;
  #last = null;
  #listeners = 0;
  /** Signals that abort when this one does: strongly if followed, else weakly. */
  #dependents = null;
  #followedDependents = null;
  /**
   * What this one depends on, if made by any(); null once it has aborted. Kept
   * alive by it: a source may be a timeout that nothing else names.
   */
  #sources = null;
  #isTimeout = false;

  constructor(key = undefined) {
    if (key !== kConstruct) throw new TypeError("Illegal constructor");
    super();
  }

  /**
   * A signal that has aborted.
   * @param {unknown} [reason] an AbortError if left out
   */
  static abort(reason = undefined) {
    const signal = new AbortSignal(kConstruct);
    signal.#aborted = true;
    signal.#reason = reason === undefined ? makeAbortError() : reason;
    return signal;
  }

  /**
   * A signal that aborts with a TimeoutError after some milliseconds. Its
   * timer does not keep the process alive.
   * @param {number} milliseconds
   */
  static timeout(milliseconds) {
    const context = "Failed to execute 'timeout' on 'AbortSignal'";
    requireArguments(arguments.length, 1, context);
    const delay = toEnforcedUnsignedLongLong(milliseconds, context);
    const signal = new AbortSignal(kConstruct);
    signal.#isTimeout = true;
    const weak = new WeakRef(signal);
    const timer = startInternalTimer(delay, () => {
      const alive = weak.deref();
      if (alive === undefined) return;
      followedTimeouts.delete(alive);
      alive.#abort(makeTimeoutError());
    });
    abandonedTimeouts.register(signal, timer);
    return signal;
  }

  /**
   * A signal that aborts as soon as one of `signals` does, with its reason.
   * @param {Iterable<AbortSignal>} signals
   */
  static any(signals) {
    const context = "Failed to execute 'any' on 'AbortSignal'";
    requireArguments(arguments.length, 1, context);
    const list = toSequence(
      signals,
      (item) => {
        if (isAbortSignal(item)) return item;
        throw new TypeError(`${context}: an element is not of type 'AbortSignal'.`);
      },
      context,
    );
    const result = new AbortSignal(kConstruct);
    const aborted = list.find((signal) => signal.#aborted);
    if (aborted !== undefined) {
      result.#aborted = true;
      result.#reason = aborted.#reason;
      return result;
    }
    // Only signals that depend on nothing are sources, so chains stay flat.
    const sources = new Set();
    for (const signal of list) {
      if (signal.#sources === null) {
        sources.add(signal);
        continue;
      }
      for (const source of signal.#sources) sources.add(source);
    }
    result.#sources = [...sources];
    for (const source of sources) (source.#dependents ??= new WeakList()).add(result);
    return result;
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  [customInspect](depth, options, inspect) {
    const name = this.constructor.name;
    return depth < 0 ? name : `${name} ${inspect({ aborted: this.#aborted }, options)}`;
  }

  [kListenersChanged](type, count) {
    if (type !== "abort") return;
    const wasFollowed = this.#isFollowed;
    this.#listeners = count;
    if (wasFollowed !== this.#isFollowed) this.#updateRetention();
  }

  get #isFollowed() {
    return this.#first !== null || this.#listeners > 0 || (this.#followedDependents?.size ?? 0) > 0;
  }

  /** A signal that somebody follows is kept by whatever may abort it. */
  #updateRetention() {
    const followed = this.#isFollowed && !this.#aborted;
    if (this.#isTimeout) {
      if (followed) followedTimeouts.add(this);
      else followedTimeouts.delete(this);
    }
    if (this.#sources === null) return;
    for (const source of this.#sources) {
      const wasFollowed = source.#isFollowed;
      if (followed) (source.#followedDependents ??= new Set()).add(this);
      else source.#followedDependents?.delete(this);
      if (wasFollowed !== source.#isFollowed) source.#updateRetention();
    }
  }

  #abort(reason) {
    if (this.#aborted) return;
    this.#setAborted(reason);
    const dependents = [];
    for (const dependent of this.#dependents ?? []) {
      if (dependent.#aborted) continue;
      dependent.#setAborted(reason);
      dependents.push(dependent);
    }
    this.#runAbortSteps();
    for (const dependent of dependents) dependent.#runAbortSteps();
  }

  #unlink(follower) {
    const { previous, next } = follower;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    follower.signal = null;
  }

  #setAborted(reason) {
    this.#aborted = true;
    this.#reason = reason;
  }

  #runAbortSteps() {
    // An algorithm may take back those after it.
    for (let follower; (follower = this.#first) !== null; ) {
      this.#unlink(follower);
      follower.algorithm(this.#reason);
    }
    if (this.#listeners > 0) dispatchTrusted(this, new Event("abort"));
    this.#dependents = null;
    this.#updateRetention();
    this.#followedDependents = null;
    this.#sources = null;
  }

  static {
    createAbortSignal = () => new AbortSignal(kConstruct);
    signalAbort = (signal, reason) => {
      signal.#abort(reason === undefined ? makeAbortError() : reason);
    };
    isAbortSignal = (value) => typeof value === "object" && value !== null && #aborted in value;
    follow = (signal, algorithm) => {
      const follower = new Follower(signal, algorithm);
      const wasFollowed = signal.#isFollowed;
      follower.previous = signal.#last;
      if (signal.#last === null) signal.#first = follower;
      else signal.#last.next = follower;
      signal.#last = follower;
      if (!wasFollowed) signal.#updateRetention();
      return follower;
    };
    unfollow = (follower) => {
      const { signal } = follower;
      if (signal === null) return; // It has aborted, or was unfollowed before.
      signal.#unlink(follower);
      if (!signal.#isFollowed) signal.#updateRetention();
    };
  }
}

/** Objects that are not kept alive, in the order of addition. */
class WeakList {
  #references = [];
  #sweepAt = 16;
  add(object) {
    if (this.#references.length >= this.#sweepAt) {
      this.#references = this.#references.filter((weak) => weak.deref() !== undefined);
      this.#sweepAt = Math.max(16, 2 * this.#references.length);
    }
    this.#references.push(new WeakRef(object));
  }
  *[Symbol.iterator]() {
    for (const weak of this.#references) {
      const object = weak.deref();
      if (object !== undefined) yield object;
    }
  }
}

setAbortSignalHooks({
  isAbortSignal,
  addAlgorithm(signal, algorithm) {
    const follower = follow(signal, algorithm);
    return () => unfollow(follower);
  },
});

exposeInterface(AbortSignal);
defineEventHandler(AbortSignal, "abort");
