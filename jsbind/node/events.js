// node:events: EventEmitter.

import { EventTarget, listenersOf } from "../web/event_target.js";
import { codedError, invalidArgType, validateBoolean, validateFunction } from "../web/errors.js";
import { inspect } from "../web/inspect.js";
import { nextTick } from "../web/task_queue.js";
import { emitWarning } from "../web/warnings.js";
import { addAbortListener, on, once } from "./events_async.js";

const kErrorMonitor = Symbol("events.errorMonitor");
const kRejection = Symbol.for("nodejs.rejection");
const kCapture = Symbol("kCapture");

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
 * prototype is an emitter work without its constructor. A function and not a
 * class, since packages call it on objects of theirs.
 * @param {{ captureRejections?: boolean }} [options] whether a promise that a listener gives and
 *     that is rejected becomes an "error" event
 */
export function EventEmitter(options) {
  EventEmitter.init.call(this, options);
}

let captureRejections = false;

class Methods {
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
    const captures = this[kCapture] === true;
    if (typeof listeners === "function") {
      const result = listeners.apply(this, args);
      if (captures) capture(this, result, type, args);
    } else {
      // The list is replaced by changes, so this one stays as it is.
      for (const listener of listeners) {
        const result = listener.apply(this, args);
        if (captures) capture(this, result, type, args);
      }
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

EventEmitter.prototype = Methods.prototype;
Object.assign(EventEmitter.prototype, {
  constructor: EventEmitter,
  _events: undefined,
  _eventsCount: 0,
  _maxListeners: undefined,
});
for (const key of Object.getOwnPropertyNames(EventEmitter.prototype)) {
  Object.defineProperty(EventEmitter.prototype, key, { enumerable: key !== "constructor" });
}
Object.defineProperty(EventEmitter.prototype, kCapture, { value: false, writable: true });

/** Packages call it on objects that are to become emitters. */
EventEmitter.init = function (options) {
  init(this);
  this._maxListeners = this._maxListeners || undefined; // Its own, as in Node.
  const wanted = options?.captureRejections;
  if (wanted !== undefined) validateBoolean(wanted, "options.captureRejections");
  if (wanted ?? captureRejections) this[kCapture] = true;
};

Object.defineProperties(EventEmitter, {
  defaultMaxListeners: {
    get: () => defaultMaxListeners,
    set(value) {
      defaultMaxListeners = checkMax(value);
    },
    enumerable: true,
  },
  captureRejections: {
    get: () => captureRejections,
    set(value) {
      captureRejections = validateBoolean(value, "EventEmitter.captureRejections");
    },
    enumerable: true,
  },
});

/** Lets a promise that a listener gave and that is rejected become an event, a tick later. */
function capture(emitter, result, type, args) {
  if (result === null || typeof result !== "object" || typeof result.then !== "function") return;
  result.then(undefined, (error) =>
    nextTick(() => {
      if (typeof emitter[kRejection] === "function") {
        emitter[kRejection](error, type, ...args);
        return;
      }
      // An error listener that fails, too, is not asked again.
      const captures = emitter[kCapture];
      try {
        emitter[kCapture] = false;
        emitter.emit("error", error);
      } finally {
        emitter[kCapture] = captures;
      }
    }),
  );
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

/** @param {EventEmitter | EventTarget} emitter */
export function getEventListeners(emitter, type) {
  if (typeof emitter.listeners === "function") return emitter.listeners(type);
  if (emitter instanceof EventTarget) return listenersOf(emitter, type);
  throw invalidArgType("emitter", "an instance of EventEmitter or EventTarget", emitter);
}

/** @param {EventEmitter | EventTarget} emitter */
export function listenerCount(emitter, type) {
  if (typeof emitter.listenerCount === "function") return emitter.listenerCount(type);
  return getEventListeners(emitter, type).length;
}

/** @param {EventEmitter | EventTarget} emitter */
export function getMaxListeners(emitter) {
  if (typeof emitter?.getMaxListeners === "function") return emitter.getMaxListeners();
  if (emitter instanceof EventTarget) return defaultMaxListeners;
  throw invalidArgType("emitter", "an instance of EventEmitter or EventTarget", emitter);
}

export { addAbortListener, kErrorMonitor as errorMonitor, kRejection as captureRejectionSymbol, on, once };

// As in Node, the module's default export is the class, with everything on it.
Object.assign(EventEmitter, {
  EventEmitter,
  addAbortListener,
  captureRejectionSymbol: kRejection,
  errorMonitor: kErrorMonitor,
  getEventListeners,
  getMaxListeners,
  listenerCount,
  on,
  once,
  setMaxListeners,
  // Old packages look whether domains are used.
  usingDomains: false,
});

export default EventEmitter;
