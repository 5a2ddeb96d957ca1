// EventTarget (https://dom.spec.whatwg.org/#interface-eventtarget).

import { DOMException } from "./dom_exception.js";
import {
  beginDispatch,
  endDispatch,
  isDispatching,
  isEvent,
  isStopped,
  isStoppedImmediately,
  setInPassiveListener,
} from "./event.js";
import { customInspect } from "./inspect_value.js";
import { reportException } from "./report_exception.js";
import {
  exposeInterface,
  isObject,
  requireArguments,
  throwIllegalInvocation,
  toDictionary,
  toDOMString,
} from "./webidl.js";

/**
 * Tells whether a value is an AbortSignal and lets it run something when it
 * aborts. Set by abort_signal.js, which is built on this module.
 */
let abortSignalHooks = { isAbortSignal: () => false, addAlgorithm: undefined };
export function setAbortSignalHooks(hooks) {
  abortSignalHooks = hooks;
}

/** One addEventListener(). */
class Listener {
  constructor(callback, options) {
    this.callback = callback;
    this.capture = options.capture;
    this.once = options.once;
    this.passive = options.passive;
    this.removed = false;
    /** Ends the wait for the signal that would remove it. */
    this.unfollow = undefined;
  }

  remove() {
    this.removed = true;
    this.unfollow?.();
  }
}

/**
 * Dispatches an event of the runtime's own: isTrusted is true.
 * @type {(target: EventTarget, event: Event) => boolean}
 */
export let dispatchTrusted;

/** @type {(target: EventTarget, type: string) => (Function | object)[]} */
export let listenersOf;

/** A target's method that is told when the number of its listeners of a type changes. */
export const kListenersChanged = Symbol("listenersChanged");

/** Something that events happen to. */
export class EventTarget {
  /** @type {Map<string, Listener[]> | null} In the order of addition; made when first used. */
  #listeners = null;

  /**
   * @param {string} type
   * @param {((event: Event) => void) | { handleEvent(event: Event): void } | null} callback
   * @param {boolean | { capture?: boolean, once?: boolean, passive?: boolean,
   *     signal?: AbortSignal }} [options]
   */
  addEventListener(type, callback, options = undefined) {
    if (this === undefined || this === null) return globalThis.addEventListener(type, callback, options);
    if (!(#listeners in this)) throwIllegalInvocation("EventTarget");
    const context = "Failed to execute 'addEventListener' on 'EventTarget'";
    requireArguments(arguments.length, 2, context);
    type = toDOMString(type);
    checkCallback(callback, context);
    const flags = readOptions(options, context);
    if (callback === null || callback === undefined || flags.signal?.aborted) return;

    this.#listeners ??= new Map();
    const known = this.#listeners.get(type);
    if (known?.some((each) => each.callback === callback && each.capture === flags.capture)) return;
    const listener = new Listener(callback, flags);
    // The list may be in use by a dispatch, so it is replaced, not changed.
    this.#listeners.set(type, known === undefined ? [listener] : [...known, listener]);
    if (flags.signal !== undefined) {
      listener.unfollow = abortSignalHooks.addAlgorithm(flags.signal, () =>
        this.#remove(type, listener),
      );
    }
    this[kListenersChanged]?.(type, known === undefined ? 1 : known.length + 1);
  }

  /**
   * @param {string} type
   * @param {Function | object | null} callback
   * @param {boolean | { capture?: boolean }} [options]
   */
  removeEventListener(type, callback, options = undefined) {
    if (!(#listeners in this)) throwIllegalInvocation("EventTarget");
    const context = "Failed to execute 'removeEventListener' on 'EventTarget'";
    requireArguments(arguments.length, 2, context);
    type = toDOMString(type);
    checkCallback(callback, context);
    const capture = typeof options === "boolean" ? options : !!toOptions(options).capture;
    const listener = this.#listeners
      ?.get(type)
      ?.find((each) => each.callback === callback && each.capture === capture);
    if (listener !== undefined) this.#remove(type, listener);
  }

  #remove(type, listener) {
    if (listener.removed) return;
    listener.remove();
    const left = this.#listeners.get(type).filter((each) => each !== listener);
    if (left.length === 0) this.#listeners.delete(type);
    else this.#listeners.set(type, left);
    this[kListenersChanged]?.(type, left.length);
  }

  /**
   * Calls the listeners, before it returns.
   * @param {Event} event
   * @returns {boolean} false if a listener prevented the default
   */
  dispatchEvent(event) {
    if (!(#listeners in this)) throwIllegalInvocation("EventTarget");
    const context = "Failed to execute 'dispatchEvent' on 'EventTarget'";
    requireArguments(arguments.length, 1, context);
    if (!isEvent(event)) {
      throw new TypeError(`${context}: parameter 1 is not of type 'Event'.`);
    }
    if (isDispatching(event)) {
      throw new DOMException(`${context}: The event is already being dispatched.`, "InvalidStateError");
    }
    return this.#dispatch(event, false);
  }

  #dispatch(event, trusted) {
    beginDispatch(event, this, trusted);
    const listeners = this.#listeners?.get(event.type);
    if (listeners !== undefined) {
      // At the target, capturing listeners come first.
      this.#invoke(event, listeners, true);
      if (!isStopped(event)) this.#invoke(event, listeners, false);
    }
    endDispatch(event);
    return !event.defaultPrevented;
  }

  #invoke(event, listeners, capture) {
    for (const listener of listeners) {
      if (listener.removed || listener.capture !== capture) continue;
      if (listener.once) this.#remove(event.type, listener);
      if (listener.passive) setInPassiveListener(event, true);
      const { callback } = listener;
      try {
        if (typeof callback === "function") {
          callback.call(this, event);
        } else {
          callHandleEvent(callback, event);
        }
      } catch (error) {
        reportException(error);
      }
      setInPassiveListener(event, false);
      if (isStoppedImmediately(event)) return;
    }
  }

  [customInspect](depth, options, inspect) {
    const name = this.constructor.name;
    if (depth < 0) return name;
    return `${name} ${inspect({}, options)}`;
  }

  static {
    dispatchTrusted = (target, event) => target.#dispatch(event, true);
    listenersOf = (target, type) => (target.#listeners?.get(type) ?? []).map((each) => each.callback);
  }
}

function callHandleEvent(object, event) {
  const { handleEvent } = object;
  if (typeof handleEvent !== "function") {
    throw new TypeError("EventListener.handleEvent is not a function");
  }
  handleEvent.call(object, event);
}

function checkCallback(callback, context) {
  if (callback !== null && callback !== undefined && !isObject(callback)) {
    throw new TypeError(`${context}: parameter 2 is not of type 'Object'.`);
  }
}

// Where a dictionary or a boolean is expected, any other primitive is a boolean.
function toOptions(options) {
  return isObject(options) ? options : { capture: !!options };
}

function readOptions(options, context) {
  if (typeof options === "boolean" || options === undefined) {
    return { capture: !!options, once: false, passive: false, signal: undefined };
  }
  const { capture, once, passive, signal } = toDictionary(toOptions(options), context);
  if (signal !== undefined && !abortSignalHooks.isAbortSignal(signal)) {
    throw new TypeError(`${context}: member signal is not of type 'AbortSignal'.`);
  }
  return { capture: !!capture, once: !!once, passive: !!passive, signal };
}

exposeInterface(EventTarget);

/**
 * Defines an event handler attribute such as `onabort`
 * (https://html.spec.whatwg.org/#event-handler-idl-attributes). The handler
 * takes its place among the listeners when it is first set.
 * @param {Function} type the interface
 * @param {string} event
 */
export function defineEventHandler(type, event) {
  /** @type {WeakMap<EventTarget, { handler: Function | object | null }>} */
  const slots = new WeakMap();
  const descriptor = Object.getOwnPropertyDescriptor(
    {
      get handler() {
        return slots.get(this)?.handler ?? null;
      },
      set handler(value) {
        const handler = isObject(value) ? value : null;
        const slot = slots.get(this);
        if (slot !== undefined) {
          if (slot.handler === null && handler !== null) this.addEventListener(event, slot.listener);
          if (slot.handler !== null && handler === null) this.removeEventListener(event, slot.listener);
          slot.handler = handler;
          return;
        }
        if (handler === null) return;
        const made = { handler, listener: undefined };
        made.listener = function (dispatched) {
          if (typeof made.handler !== "function") return;
          const result = made.handler.call(this, dispatched);
          if (result === false) dispatched.preventDefault();
        };
        slots.set(this, made);
        this.addEventListener(event, made.listener);
      },
    },
    "handler",
  );
  Object.defineProperty(descriptor.get, "name", { value: `get on${event}` });
  Object.defineProperty(descriptor.set, "name", { value: `set on${event}` });
  Object.defineProperty(type.prototype, `on${event}`, { ...descriptor, enumerable: true, configurable: true });
}
