// MessagePort and MessageChannel (https://html.spec.whatwg.org/#message-channels),
// within one thread.
//
// A message is a task: in each turn of the loop, after its I/O and before
// immediates, those that had come by then are delivered, one event each, with
// ticks and microtasks between them, as in Node. Like there, a port that
// listens keeps the program alive until either end is closed, unless unref()ed.

import { drain, ref, turnCounts, unref } from "internal:runtime";
import { Event } from "./event.js";
import { EventTarget, defineEventHandler, dispatchTrusted, kListenersChanged } from "./event_target.js";
import { customInspect } from "./inspect_value.js";
import { MessageEvent, setMessagePortTest } from "./message_event.js";
import { cloneWithTransfer, makeTransferable } from "./structured_clone.js";
import { kImmediateCount, kImmediateRefCount } from "./turn_counts.js";
import { DOMException } from "./dom_exception.js";
import { exposeInterface, isObject, requireArguments, throwIllegalInvocation, toSequence } from "./webidl.js";

const kConstruct = Symbol("construct");

/** Ends whose queues are to be looked at in the next turn. @type {Set<End>} */
let scheduled = new Set();

/**
 * One end of a channel: what stays when the port that stands for it is
 * transferred.
 */
class End {
  /** @type {End | null} null once closed */
  peer = null;
  /** @type {MessagePort | null} null while it is being moved */
  port = null;
  /** Messages that nobody has seen. @type {{ data: unknown, ports: MessagePort[] }[]} */
  queue = [];
  enabled = false;
  /** The other end was closed and this one has not been told yet. */
  closing = false;

  schedule() {
    if (!(this.enabled && this.queue.length > 0) && !this.closing) return;
    if (scheduled.has(this)) return;
    scheduled.add(this);
    // The phase of immediates begins with messages.
    turnCounts[kImmediateCount]++;
    turnCounts[kImmediateRefCount]++;
  }

  unschedule() {
    if (!scheduled.delete(this)) return;
    turnCounts[kImmediateCount]--;
    turnCounts[kImmediateRefCount]--;
  }
}

/** Delivers the messages that have come. For the loop, before its immediates. */
export function runMessages() {
  if (scheduled.size === 0) return;
  const ends = scheduled;
  scheduled = new Set();
  for (const end of ends) {
    turnCounts[kImmediateCount]--;
    turnCounts[kImmediateRefCount]--;
    deliver(end);
    const isHeard = end.enabled && end.port !== null;
    if (end.closing && !(isHeard && end.queue.length > 0)) closeEnd(end);
    else end.schedule();
  }
}

/** What comes while these are delivered waits for the next turn. */
function deliver(end) {
  const messages = end.queue;
  end.queue = [];
  let i = 0;
  // A listener may close the port or send it elsewhere.
  for (; i < messages.length && end.enabled; i++) {
    const { data, ports } = messages[i];
    dispatchTrusted(end.port, new MessageEvent("message", { data, ports }));
    drain();
  }
  if (i < messages.length && !end.closing) end.queue = [...messages.slice(i), ...end.queue];
}

/** @type {(value: unknown) => value is MessagePort} */
export let isMessagePort;
let endOf;
let detach;
let closeEnd;

/** One end of a channel; what is posted to it arrives at the other. */
export class MessagePort extends EventTarget {
  /** @type {End | null} null once it was transferred or closed */
  #end;
  #listeners = 0;
  #wantsRef = true;
  #isRefed = false;

  constructor(key = undefined, end = undefined) {
    if (key !== kConstruct) throw new TypeError("Illegal constructor");
    super();
    this.#end = end;
    end.port = this;
  }

  /**
   * Sends a copy of a value.
   * @param {unknown} message
   * @param {Iterable<object> | { transfer?: Iterable<object> }} [options] what to move
   */
  postMessage(message, options = undefined) {
    if (!isMessagePort(this)) throwIllegalInvocation("MessagePort");
    const context = "Failed to execute 'postMessage' on 'MessagePort'";
    requireArguments(arguments.length, 1, context);
    const list = readTransfer(options, context);
    if (list.includes(this)) {
      throw new DOMException(`${context}: the source port is in the transfer list.`, "DataCloneError");
    }
    const peer = this.#end?.peer ?? null;
    // A port that is sent through itself is lost, with the message.
    const isDoomed = peer?.port != null && list.includes(peer.port);
    const { copy, transferred } = cloneWithTransfer(message, list, context);
    if (peer === null || this.#end.closing || isDoomed) return;
    peer.queue.push({ data: copy, ports: transferred.filter(isMessagePort) });
    peer.schedule();
  }

  /** Begins to deliver what has come; setting onmessage does it, too. */
  start() {
    const end = this.#end;
    if (end === null || end.enabled) return;
    end.enabled = true;
    end.schedule();
  }

  /** Ends the channel: both ends get a "close" event, the other one after what was sent. */
  close() {
    const end = this.#end;
    if (end === null || end.closing) return;
    end.enabled = false;
    end.queue = [];
    end.closing = true;
    end.schedule();
  }

  /** Lets the port keep the program alive while it listens. That is so at first. */
  ref() {
    this.#wantsRef = true;
    this.#updateRef();
  }

  unref() {
    this.#wantsRef = false;
    this.#updateRef();
  }

  hasRef() {
    return this.#isRefed;
  }

  [kListenersChanged](type, count) {
    if (type !== "message") return;
    this.#listeners = count;
    this.#updateRef();
  }

  #updateRef() {
    const wanted = this.#wantsRef && this.#listeners > 0 && this.#end !== null;
    if (wanted === this.#isRefed) return;
    this.#isRefed = wanted;
    if (wanted) ref();
    else unref();
  }

  [customInspect](depth, options, inspect) {
    if (depth < 0) return "MessagePort";
    return `MessagePort ${inspect({ active: this.#end !== null, refed: this.#isRefed }, options)}`;
  }

  static {
    isMessagePort = (value) => isObject(value) && #end in value;
    endOf = (port) => port.#end;
    detach = (port) => {
      const end = port.#end;
      port.#end = null;
      port.#updateRef();
      end.unschedule();
      end.port = null;
      end.enabled = false;
      return end;
    };
    closeEnd = (end) => {
      const { peer, port } = end;
      end.peer = null;
      if (peer !== null) {
        peer.peer = null;
        peer.closing = true;
        peer.schedule();
      }
      port.#end = null;
      port.#updateRef();
      dispatchTrusted(port, new Event("close"));
      drain();
    };
  }
}

exposeInterface(MessagePort);
defineEventHandler(MessagePort, "message");
defineEventHandler(MessagePort, "messageerror");
defineEventHandler(MessagePort, "close");

// Setting onmessage starts the port.
{
  const descriptor = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  const { set } = descriptor;
  descriptor.set = {
    set onmessage(value) {
      set.call(this, value);
      this.start();
    },
  };
  descriptor.set = Object.getOwnPropertyDescriptor(descriptor.set, "onmessage").set;
  Object.defineProperty(MessagePort.prototype, "onmessage", descriptor);
}

setMessagePortTest((value) => isMessagePort(value));
makeTransferable(
  (value) => isMessagePort(value),
  (port) => endOf(port) === null || endOf(port).closing,
  (port) => {
    const end = detach(port);
    const moved = new MessagePort(kConstruct, end);
    end.schedule();
    return moved;
  },
);

function readTransfer(options, context) {
  if (options === undefined || options === null) return [];
  if (!isObject(options)) throw new TypeError(`${context}: parameter 2 is not of type 'Object'.`);
  const list = typeof options[Symbol.iterator] === "function" ? options : options.transfer;
  return list === undefined ? [] : toSequence(list, (item) => item, context);
}

/** Two ports, each the other's end. */
export class MessageChannel {
  #port1;
  #port2;

  constructor() {
    const ends = [new End(), new End()];
    [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
    [this.#port1, this.#port2] = ends.map((end) => new MessagePort(kConstruct, end));
  }

  get port1() {
    return this.#port1;
  }

  get port2() {
    return this.#port2;
  }
}

exposeInterface(MessageChannel);
