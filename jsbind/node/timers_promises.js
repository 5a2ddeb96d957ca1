// node:timers/promises.

import { follow, isAbortSignal, unfollow } from "../web/abort_signal.js";
import { codedError, invalidArgType, validateBoolean, validateObject } from "../web/errors.js";
import * as immediates from "../web/immediate.js";
import { exposeInterface } from "../web/webidl.js";
import * as timers from "../web/timers.js";
import { AbortError } from "./abort_error.js";

const kPromisifyCustom = Symbol.for("nodejs.util.promisify.custom");

function readOptions(options = {}) {
  validateObject(options, "options");
  const { signal, ref = true } = options;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  }
  validateBoolean(ref, "options.ref");
  return { signal, ref };
}

function checkDelay(delay) {
  if (delay !== undefined && typeof delay !== "number") throw invalidArgType("delay", "of type number", delay);
}

/** Waits for a timer that `start(callback)` starts and `clear(timer)` takes back. */
async function wait(start, clear, value, { signal, ref }) {
  if (signal?.aborted) throw new AbortError(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers();
  const timer = start(() => resolve(value));
  if (!ref) timer.unref();
  if (signal === undefined) return promise;
  const follower = follow(signal, (reason) => {
    clear(timer);
    reject(new AbortError(reason));
  });
  try {
    return await promise;
  } finally {
    unfollow(follower);
  }
}

/**
 * @template T
 * @param {number} [delay] in ms
 * @param {T} [value]
 * @param {{ signal?: AbortSignal, ref?: boolean }} [options]
 * @returns {Promise<T>}
 */
export async function setTimeout(delay = undefined, value = undefined, options = undefined) {
  checkDelay(delay);
  return wait((callback) => timers.setTimeout(callback, delay), timers.clearTimeout, value, readOptions(options));
}

/**
 * @template T
 * @param {T} [value]
 * @param {{ signal?: AbortSignal, ref?: boolean }} [options]
 * @returns {Promise<T>}
 */
export async function setImmediate(value = undefined, options = undefined) {
  return wait(immediates.setImmediate, immediates.clearImmediate, value, readOptions(options));
}

/**
 * Gives the value at each interval, also those that have passed while nobody asked.
 * @template T
 * @param {number} [delay] in ms
 * @param {T} [value]
 * @param {{ signal?: AbortSignal, ref?: boolean }} [options]
 * @returns {AsyncGenerator<T>}
 */
export async function* setInterval(delay = undefined, value = undefined, options = undefined) {
  checkDelay(delay);
  const { signal, ref } = readOptions(options);
  if (signal?.aborted) throw new AbortError(signal.reason);
  let passed = 0;
  let wake;
  const timer = timers.setInterval(() => {
    passed++;
    wake?.();
  }, delay);
  if (!ref) timer.unref();
  const follower = signal === undefined ? undefined : follow(signal, () => wake?.());
  try {
    for (;;) {
      if (passed === 0 && !signal?.aborted) await new Promise((resolve) => (wake = resolve));
      wake = undefined;
      for (; passed > 0; passed--) yield value;
      if (signal?.aborted) throw new AbortError(signal.reason);
    }
  } finally {
    timers.clearInterval(timer);
    if (follower !== undefined) unfollow(follower);
  }
}

const kConstruct = Symbol("construct");

/** What the Prioritized Task Scheduling API has of scheduling, as far as Node has it. */
class Scheduler {
  constructor(key = undefined) {
    if (key !== kConstruct) throw codedError(TypeError, "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
  }

  /** @param {number} delay in ms @param {{ signal?: AbortSignal }} [options] */
  wait(delay, options = undefined) {
    return setTimeout(delay, undefined, options);
  }

  /** Lets everything else that is ready run first. */
  yield() {
    return setImmediate();
  }
}
exposeInterface(Scheduler);

export const scheduler = new Scheduler(kConstruct);

for (const [timer, promised] of [
  [timers.setTimeout, setTimeout],
  [immediates.setImmediate, setImmediate],
]) {
  Object.defineProperty(timer, kPromisifyCustom, { value: promised, enumerable: true, configurable: true });
}

export default { scheduler, setImmediate, setInterval, setTimeout };
