// node:events: EventEmitter.

import { codedError, invalidArgType, validateFunction } from "../web/errors.js";
import { inspect } from "../web/inspect.js";
import { isAbortSignal } from "../web/abort_signal.js";
import { emitWarning } from "../web/warnings.js";
import { DOMException } from "../web/dom_exception.js";

const kErrorMonitor = Symbol("events.errorMonitor");
const kCaptureRejections = Symbol.for("nodejs.rejection");

let defaultMaxListeners = 10;

function checkMax(value) {
  if (typeof value !== "number" || Number.isNaN(value) || value < 0) {
    throw invalidArgType("n", "a non-negative number", value);
  }
  return value;
}

/**
 * Calls listeners by the name of an event. The fields' names are Node's, since
 * packages look at them; they are made when first used, so that objects whose
 * prototype is an emitter work without its constructor.
 */
export class EventEmitter {
  constructor() {
    this._events = undefined;
    this._eventsCount = 0;
    this._maxListeners = undefined;
    init(this);
  }

  static get defaultMaxListeners() {
    return defaultMaxListeners;
  }
  static set defaultMaxListeners(value) {
    defaultMaxListeners = checkMax(value);
  }

  setMaxListeners(n) {
    this._maxListeners = checkMax(n);
    return this;
  }

  getMaxListeners() {
    return this._maxListeners ?? defaultMaxListeners;
  }

  /**
   * Calls the listeners of an event in the order of their addition.
   * @returns {boolean} whether there was one
   */
  emit(type, ...args) {
    const events = this._events;
    if (type === "error") {
      if (events?.[kErrorMonitor] !== undefined) this.emit(kErrorMonitor, ...args);
      if (events?.error === undefined) throwUnhandled(args[0]);
    }
    const listeners = events?.[type];
    if (listeners === undefined) return false;
    if (typeof listeners === "function") {
      listeners.apply(this, args);
    } else {
      // The list is replaced by changes, so this one stays as it is.
      for (const listener of listeners) listener.apply(this, args);
    }
    return true;
  }

  addListener(type, listener) {
    return add(this, type, listener, false);
  }

  on(type, listener) {
    return add(this, type, listener, false);
  }

  prependListener(type, listener) {
    return add(this, type, listener, true);
  }

  once(type, listener) {
    return this.on(type, wrapOnce(this, type, listener));
  }

  prependOnceListener(type, listener) {
    return this.prependListener(type, wrapOnce(this, type, listener));
  }

  removeListener(type, listener) {
    validateFunction(listener, "listener");
    const listeners = this._events?.[type];
    if (listeners === undefined) return this;
    const list = typeof listeners === "function" ? [listeners] : listeners;
    const at = list.findLastIndex((each) => each === listener || each.listener === listener);
    if (at === -1) return this;
    store(this, type, list.toSpliced(at, 1));
    if (this._events.removeListener !== undefined) {
      this.emit("removeListener", type, list[at].listener ?? listener);
    }
    return this;
  }

  off(type, listener) {
    return this.removeListener(type, listener);
  }

  removeAllListeners(type) {
    const events = this._events;
    if (events === undefined) return this;
    if (events.removeListener === undefined) {
      if (arguments.length === 0) init(this, true);
      else store(this, type, []);
      return this;
    }
    // Somebody wants to hear of each of them, the last one added first.
    const types =
      arguments.length === 0
        ? [...Reflect.ownKeys(events).filter((key) => key !== "removeListener"), "removeListener"]
        : [type];
    for (const each of types) {
      for (const listener of rawList(this, each).reverse()) this.removeListener(each, listener);
    }
    return this;
  }

  listeners(type) {
    return rawList(this, type).map((each) => each.listener ?? each);
  }

  rawListeners(type) {
    return rawList(this, type);
  }

  listenerCount(type, listener = undefined) {
    const list = rawList(this, type);
    if (listener === undefined || listener === null) return list.length;
    return list.filter((each) => each === listener || each.listener === listener).length;
  }

  eventNames() {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [];
  }
}

function init(emitter, again = false) {
  if (again || emitter._events === undefined || !Object.hasOwn(emitter, "_events")) {
    emitter._events = Object.create(null);
    emitter._eventsCount = 0;
  }
}

function rawList(emitter, type) {
  const listeners = emitter._events?.[type];
  if (listeners === undefined) return [];
  return typeof listeners === "function" ? [listeners] : listeners.slice();
}

function store(emitter, type, list) {
  const events = emitter._events;
  if (list.length === 0) {
    if (events[type] === undefined) return;
    delete events[type];
    emitter._eventsCount--;
    return;
  }
  if (events[type] === undefined) emitter._eventsCount++;
  events[type] = list.length === 1 ? list[0] : list;
}

function add(emitter, type, listener, isPrepended) {
  validateFunction(listener, "listener");
  init(emitter);
  // Before it is added, so that a listener of "newListener" does not hear of itself.
  if (emitter._events.newListener !== undefined) {
    emitter.emit("newListener", type, listener.listener ?? listener);
  }
  const list = rawList(emitter, type);
  if (isPrepended) list.unshift(listener);
  else list.push(listener);
  const max = emitter.getMaxListeners();
  const { warned } = emitter._events[type] ?? {};
  store(emitter, type, list);
  if (list.length > 1) list.warned = warned;
  if (max > 0 && list.length > max && !list.warned) {
    list.warned = true;
    warnOfLeak(emitter, type, list.length, max);
  }
  return emitter;
}

function warnOfLeak(emitter, type, count, max) {
  const warning = new Error(
    `Possible EventEmitter memory leak detected. ${count} ${String(type)} listeners added to ` +
      `${inspect(emitter, { depth: -1 })}. MaxListeners is ${max}. Use emitter.setMaxListeners() to ` +
      "increase limit",
  );
  warning.name = "MaxListenersExceededWarning";
  Object.assign(warning, { emitter, type, count });
  emitWarning(warning);
}

function wrapOnce(emitter, type, listener) {
  validateFunction(listener, "listener");
  let fired = false;
  function once(...args) {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(type, once);
    return listener.apply(emitter, args);
  }
  once.listener = listener;
  return once;
}

/** What happens to an "error" event that nobody listens for. */
function throwUnhandled(error) {
  if (error instanceof Error) throw error;
  let text;
  try {
    text = inspect(error);
  } catch {
    text = String(error);
  }
  const made = codedError(Error, "ERR_UNHANDLED_ERROR", `Unhandled error. (${text})`);
  made.context = error;
  throw made;
}

/**
 * Waits for one event.
 * @param {EventEmitter | EventTarget} emitter
 * @param {string | symbol} type
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<unknown[]>} the event's arguments
 */
export async function once(emitter, type, options = {}) {
  const { signal } = options;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  }
  if (signal?.aborted) throw abortError(signal);
  const isTarget = typeof emitter.addEventListener === "function" && typeof emitter.on !== "function";
  const subscribe = (name, listener) =>
    isTarget ? emitter.addEventListener(name, listener) : emitter.on(name, listener);
  const unsubscribe = (name, listener) =>
    isTarget ? emitter.removeEventListener(name, listener) : emitter.removeListener(name, listener);
  const { promise, resolve, reject } = Promise.withResolvers();
  const onEvent = (...args) => resolve(args);
  const onAbort = () => reject(abortError(signal));
  const listensForError = !isTarget && type !== "error";
  subscribe(type, onEvent);
  if (listensForError) subscribe("error", reject);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await promise;
  } finally {
    unsubscribe(type, onEvent);
    if (listensForError) unsubscribe("error", reject);
    signal?.removeEventListener("abort", onAbort);
  }
}

function abortError(signal) {
  return new DOMException("The operation was aborted", { name: "AbortError", cause: signal.reason });
}

/**
 * Sets the limit above which added listeners look like a leak.
 * @param {number} [n]
 * @param {...EventEmitter} emitters the default for all if left out
 */
export function setMaxListeners(n = defaultMaxListeners, ...emitters) {
  if (emitters.length === 0) {
    EventEmitter.defaultMaxListeners = n;
    return;
  }
  for (const emitter of emitters) emitter.setMaxListeners?.(n);
}

/** @param {EventEmitter} emitter */
export function getEventListeners(emitter, type) {
  return emitter.listeners(type);
}

export function listenerCount(emitter, type) {
  return emitter.listenerCount(type);
}

export { kErrorMonitor as errorMonitor, kCaptureRejections as captureRejectionSymbol };

// As in Node, the module's default export is the class, with everything on it.
Object.assign(EventEmitter, {
  EventEmitter,
  once,
  setMaxListeners,
  getEventListeners,
  listenerCount,
  errorMonitor: kErrorMonitor,
  captureRejectionSymbol: kCaptureRejections,
});

export default EventEmitter;
