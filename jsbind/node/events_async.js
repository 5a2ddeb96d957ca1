// Promises and async iterators of events, and abort listeners: the functions
// of node:events that are about time.

import { follow, isAbortSignal, unfollow } from "../web/abort_signal.js";
import { Event } from "../web/event.js";
import { invalidArgType, validateFunction, validateInteger } from "../web/errors.js";
import { queueMicrotask } from "../web/task_queue.js";
import { AbortError } from "./abort_error.js";

function checkSignal(signal, name = "options.signal") {
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw invalidArgType(name, "an instance of AbortSignal", signal);
  }
  return signal;
}

function subscribe(emitter, type, listener) {
  if (typeof emitter?.on === "function") emitter.on(type, listener);
  else if (typeof emitter?.addEventListener === "function") emitter.addEventListener(type, listener);
  else throw invalidArgType("emitter", "an instance of EventEmitter", emitter);
}

function unsubscribe(emitter, type, listener) {
  if (typeof emitter.removeListener === "function") emitter.removeListener(type, listener);
  else emitter.removeEventListener(type, listener);
}

/** Only emitters have errors among their events. */
function tellsErrors(emitter) {
  return typeof emitter.on === "function";
}

/**
 * Waits for one event.
 * @param {import("./events.js").EventEmitter | EventTarget} emitter
 * @param {string | symbol} type
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<unknown[]>} the event's arguments
 */
export async function once(emitter, type, options = {}) {
  const signal = checkSignal(options?.signal);
  if (signal?.aborted) throw new AbortError(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers();
  const onEvent = (...args) => resolve(args);
  subscribe(emitter, type, onEvent);
  const listensForError = tellsErrors(emitter) && type !== "error";
  if (listensForError) subscribe(emitter, "error", reject);
  const follower = signal === undefined ? undefined : follow(signal, (reason) => reject(new AbortError(reason)));
  try {
    return await promise;
  } finally {
    unsubscribe(emitter, type, onEvent);
    if (listensForError) unsubscribe(emitter, "error", reject);
    if (follower !== undefined) unfollow(follower);
  }
}

/**
 * All events of a type, as they come; an "error" event or an abort is thrown.
 * @param {import("./events.js").EventEmitter | EventTarget} emitter
 * @param {string | symbol} type
 * @param {{ signal?: AbortSignal, close?: string[], highWaterMark?: number, lowWaterMark?: number }} [options]
 *     `close`: events that end it; the marks: how many may wait before emitter.pause() is called,
 *     and how few before emitter.resume()
 * @returns {AsyncIterableIterator<unknown[]>} of the events' arguments
 */
export function on(emitter, type, options = {}) {
  const signal = checkSignal(options.signal);
  if (signal?.aborted) throw new AbortError(signal.reason);
  const high = validateInteger(options.highWaterMark ?? Number.MAX_SAFE_INTEGER, "options.highWaterMark", 1);
  const low = validateInteger(options.lowWaterMark ?? 1, "options.lowWaterMark", 1);
  const waitingEvents = [];
  const waitingReaders = [];
  const subscriptions = [];
  let failure;
  let failed = false;
  let ended = false;
  let paused = false;
  let follower;

  const listen = (name, listener) => {
    subscribe(emitter, name, listener);
    subscriptions.push([name, listener]);
  };
  const end = () => {
    ended = true;
    for (const [name, listener] of subscriptions.splice(0)) unsubscribe(emitter, name, listener);
    if (follower !== undefined) unfollow(follower);
    for (const reader of waitingReaders.splice(0)) reader.resolve({ value: undefined, done: true });
  };
  const fail = (error) => {
    const reader = waitingReaders.shift();
    if (reader !== undefined) reader.reject(error);
    else [failure, failed] = [error, true];
    end();
  };

  listen(type, (...args) => {
    const reader = waitingReaders.shift();
    if (reader !== undefined) {
      reader.resolve({ value: args, done: false });
      return;
    }
    waitingEvents.push(args);
    if (!paused && waitingEvents.length > high) {
      paused = true;
      emitter.pause?.();
    }
  });
  if (type !== "error" && tellsErrors(emitter)) listen("error", fail);
  for (const name of options.close ?? []) listen(name, end);
  if (signal !== undefined) follower = follow(signal, (reason) => fail(new AbortError(reason)));

  return Object.setPrototypeOf(
    {
      async next() {
        if (waitingEvents.length > 0) {
          const value = waitingEvents.shift();
          if (paused && waitingEvents.length < low) {
            paused = false;
            emitter.resume?.();
          }
          return { value, done: false };
        }
        if (failed) {
          failed = false;
          throw failure;
        }
        if (ended) return { value: undefined, done: true };
        const reader = Promise.withResolvers();
        waitingReaders.push(reader);
        return reader.promise;
      },
      async return() {
        end();
        return { value: undefined, done: true };
      },
      throw(error) {
        if (!(error instanceof Error)) throw invalidArgType("EventEmitter.AsyncIterator", "an instance of Error", error);
        fail(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
    kAsyncIteratorPrototype,
  );
}

const kAsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

/**
 * Calls a listener once when a signal aborts, also if another listener stops the event, and at
 * once (in a microtask) if it has.
 * @param {AbortSignal} signal
 * @param {(event: Event) => void} listener
 * @returns {Disposable} takes it back
 */
export function addAbortListener(signal, listener) {
  if (signal === undefined) throw invalidArgType("signal", "an instance of AbortSignal", signal);
  checkSignal(signal, "signal");
  validateFunction(listener, "listener");
  const call = () => listener.call(signal, new Event("abort"));
  let follower;
  if (signal.aborted) queueMicrotask(call);
  else follower = follow(signal, call);
  return {
    [Symbol.dispose]() {
      if (follower !== undefined) unfollow(follower);
    },
  };
}
