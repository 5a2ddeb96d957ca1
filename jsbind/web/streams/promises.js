// What the streams do with promises: few of them, and not through anything
// that a program may have replaced.

import { codedError } from "../errors.js";

const NativePromise = Promise;

/** Promise.prototype.then(). @type {(promise: Promise, fulfilled?: Function, rejected?: Function) => Promise} */
export const then = Function.prototype.call.bind(Promise.prototype.then);
/** Promise.resolve(). @type {(value: unknown) => Promise} */
export const resolvedWith = Promise.resolve.bind(Promise);
/** Promise.reject(). @type {(reason: unknown) => Promise} */
export const rejectedWith = Promise.reject.bind(Promise);

/** Stands for every promise that is fulfilled with undefined and that no program sees. */
export const kResolved = resolvedWith(undefined);

/** Does nothing; as a reaction it gives a promise that settles one microtask later. */
export function ignore() {}

/** Sets [[PromiseIsHandled]]: nobody is told if it is rejected. */
export function markHandled(promise) {
  then(promise, undefined, ignore);
}

/** Calls a function that throws nothing, after the code that runs now. */
export function inMicrotask(callback) {
  then(kResolved, callback);
}

/** Reflect.apply() */
export const { apply } = Reflect;

/**
 * "A promise resolved with" what a program gave: a new one also for a promise,
 * which settles later.
 */
function adopt(value) {
  return value === undefined ? kResolved : new NativePromise((resolve) => resolve(value));
}

/**
 * Calls the start() that a program gave, if it did. Throws what that throws.
 * @returns {Promise}
 */
export function invokeStart(start, self, controller) {
  return start === undefined ? kResolved : adopt(apply(start, self, [controller]));
}

/**
 * Calls what a program gave for the end of a stream ("invoke a callback" with a
 * promise as its result).
 * @param {Function | undefined} callback
 * @param {unknown} self
 * @param {unknown[]} args
 * @returns {Promise | undefined} undefined for what gave undefined; never throws
 */
export function invoke(callback, self, args) {
  if (callback === undefined) return undefined;
  try {
    const result = apply(callback, self, args);
    return result === undefined ? undefined : adopt(result);
  } catch (error) {
    return rejectedWith(error);
  }
}

/**
 * As invoke(), for what is called for each chunk: it takes a promise as it is,
 * which settles earlier than the standard's new one.
 */
export function invokeForChunk(callback, self, args) {
  if (callback === undefined) return undefined;
  try {
    const result = apply(callback, self, args);
    return result === undefined ? undefined : resolvedWith(result);
  } catch (error) {
    return rejectedWith(error);
  }
}

/** A promise with what settles it. */
export class Deferred {
  constructor() {
    this.promise = new NativePromise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * A promise that is made when it is looked at: most programs look at neither
 * `closed` nor `ready`. Nobody is told of its rejection.
 */
export class LazyPromise {
  #state = "pending";
  #makeReason = null;
  #promise = null;
  /** While a promise was made and is pending. */
  #deferred = null;

  get isPending() {
    return this.#state === "pending";
  }

  get promise() {
    return (this.#promise ??= this.#make());
  }

  #make() {
    if (this.#state === "fulfilled") return resolvedWith(undefined);
    if (this.#state === "rejected") {
      const promise = rejectedWith(this.#makeReason());
      markHandled(promise);
      return promise;
    }
    this.#deferred = new Deferred();
    return this.#deferred.promise;
  }

  /** REQUIRES: pending. */
  resolve() {
    this.#state = "fulfilled";
    this.#deferred?.resolve(undefined);
    this.#deferred = null;
  }

  /**
   * Rejects it; one that is settled is replaced by a new one that is rejected.
   * @param {() => unknown} makeReason called once somebody looks: an error costs its stack
   */
  rejectWith(makeReason) {
    this.#state = "rejected";
    this.#makeReason = makeReason;
    if (this.#deferred === null) {
      this.#promise = null;
    } else {
      markHandled(this.#promise);
      this.#deferred.reject(makeReason());
      this.#deferred = null;
    }
  }

  /** As rejectWith(), for an error that there is. */
  reject(reason) {
    this.rejectWith(() => reason);
  }

  /** Replaces it by a new one that is pending. REQUIRES: not pending. */
  reset() {
    this.#state = "pending";
    this.#makeReason = null;
    this.#promise = null;
  }
}

/** The error of a call that a stream's state does not allow, as Node names it. */
export function invalidState(message) {
  return codedError(TypeError, "ERR_INVALID_STATE", `Invalid state: ${message}`);
}
