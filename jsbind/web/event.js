// Event (https://dom.spec.whatwg.org/#interface-event).
//
// There is no tree here: an event has one target, and its path is that target.

import { now } from "internal:runtime";
import {
  exposeConstants,
  exposeInterface,
  requireArguments,
  throwIllegalInvocation,
  toDictionary,
  toDOMString,
} from "./webidl.js";
import { customInspect } from "./inspect_value.js";

const kNone = 0;
const kAtTarget = 2;

let isTrustedOf;

// What EventTarget needs of an event.
export let isEvent;
export let isDispatching;
export let beginDispatch;
export let endDispatch;
export let setInPassiveListener;
export let isStopped;
export let isStoppedImmediately;

// [LegacyUnforgeable]: an own property of every event.
const kIsTrusted = Object.getOwnPropertyDescriptor(
  {
    get isTrusted() {
      return isTrustedOf(this);
    },
  },
  "isTrusted",
);
kIsTrusted.configurable = false;

/** Something that happened. */
export class Event {
  #type;
  #bubbles;
  #cancelable;
  #composed;
  #timeStamp = now();
  #target = null;
  #currentTarget = null;
  #phase = kNone;
  #trusted = false;
  #stopped = false;
  #stoppedImmediately = false;
  #canceled = false;
  #inPassiveListener = false;
  #dispatching = false;

  /**
   * @param {string} type
   * @param {{ bubbles?: boolean, cancelable?: boolean, composed?: boolean }} [init]
   */
  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, "Failed to construct 'Event'");
    init = toDictionary(init, "Failed to construct 'Event'");
    this.#type = toDOMString(type);
    this.#bubbles = !!init.bubbles;
    this.#cancelable = !!init.cancelable;
    this.#composed = !!init.composed;
    Object.defineProperty(this, "isTrusted", kIsTrusted);
  }

  get type() {
    return this.#type;
  }
  get target() {
    return this.#target;
  }
  get currentTarget() {
    return this.#currentTarget;
  }
  get srcElement() {
    return this.#target;
  }
  get eventPhase() {
    return this.#phase;
  }
  get bubbles() {
    return this.#bubbles;
  }
  get cancelable() {
    return this.#cancelable;
  }
  get composed() {
    return this.#composed;
  }
  get defaultPrevented() {
    return this.#canceled;
  }
  /** Milliseconds since performance.timeOrigin. */
  get timeStamp() {
    return this.#timeStamp;
  }

  get returnValue() {
    return !this.#canceled;
  }
  set returnValue(value) {
    if (!value) this.preventDefault();
  }

  get cancelBubble() {
    return this.#stopped;
  }
  set cancelBubble(value) {
    if (value) this.#stopped = true;
  }

  composedPath() {
    return this.#currentTarget === null ? [] : [this.#currentTarget];
  }

  stopPropagation() {
    this.#stopped = true;
  }

  stopImmediatePropagation() {
    this.#stopped = true;
    this.#stoppedImmediately = true;
  }

  preventDefault() {
    if (this.#cancelable && !this.#inPassiveListener) this.#canceled = true;
  }

  initEvent(type, bubbles = false, cancelable = false) {
    requireArguments(arguments.length, 1, "Failed to execute 'initEvent' on 'Event'");
    type = toDOMString(type);
    if (this.#dispatching) return;
    this.#stopped = false;
    this.#stoppedImmediately = false;
    this.#canceled = false;
    this.#trusted = false;
    this.#target = null;
    this.#type = type;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
  }

  [customInspect](depth, options, inspect) {
    const name = this.constructor.name;
    if (depth < 0) return name;
    const fields = {
      type: this.#type,
      defaultPrevented: this.#canceled,
      cancelable: this.#cancelable,
      timeStamp: this.#timeStamp,
    };
    return `${name} ${inspect(fields, options)}`;
  }

  static {
    isTrustedOf = (event) => {
      if (!(#trusted in event)) throwIllegalInvocation("Event");
      return event.#trusted;
    };
    isEvent = (value) => typeof value === "object" && value !== null && #type in value;
    isDispatching = (event) => event.#dispatching;
    beginDispatch = (event, target, trusted) => {
      event.#dispatching = true;
      event.#trusted = trusted;
      event.#target = target;
      event.#currentTarget = target;
      event.#phase = kAtTarget;
    };
    endDispatch = (event) => {
      event.#dispatching = false;
      event.#currentTarget = null;
      event.#phase = kNone;
      event.#stopped = false;
      event.#stoppedImmediately = false;
    };
    setInPassiveListener = (event, value) => {
      event.#inPassiveListener = value;
    };
    isStopped = (event) => event.#stopped;
    isStoppedImmediately = (event) => event.#stoppedImmediately;
  }
}

exposeInterface(Event);
exposeConstants(Event, { NONE: kNone, CAPTURING_PHASE: 1, AT_TARGET: kAtTarget, BUBBLING_PHASE: 3 });
