// MessageEvent (https://html.spec.whatwg.org/#messageevent).

import { Event } from "./event.js";
import { exposeInterface, isObject, requireArguments, toDictionary, toDOMString, toSequence, toUSVString } from "./webidl.js";

/** A message that has come. */
export class MessageEvent extends Event {
  #data;
  #origin;
  #lastEventId;
  #source;
  #ports;

  /**
   * @param {string} type
   * @param {{ data?: unknown, origin?: string, lastEventId?: string, source?: object | null,
   *     ports?: Iterable<MessagePort> }} [init]
   */
  constructor(type, init = undefined) {
    const context = "Failed to construct 'MessageEvent'";
    requireArguments(arguments.length, 1, context);
    super(type, init);
    const { data = null, origin = "", lastEventId = "", source = null, ports = [] } = toDictionary(init, context);
    this.#set(data, origin, lastEventId, source, ports, context);
  }

  #set(data, origin, lastEventId, source, ports, context) {
    this.#data = data;
    this.#origin = toUSVString(origin);
    this.#lastEventId = toDOMString(lastEventId);
    if (source !== null && !isObject(source)) {
      throw new TypeError(`${context}: member source is not of type 'MessagePort'.`);
    }
    this.#source = source;
    this.#ports = Object.freeze(toSequence(ports, toPort, context));
  }

  get data() {
    return this.#data;
  }
  get origin() {
    return this.#origin;
  }
  get lastEventId() {
    return this.#lastEventId;
  }
  get source() {
    return this.#source;
  }
  get ports() {
    return this.#ports;
  }

  initMessageEvent(
    type,
    bubbles = false,
    cancelable = false,
    data = null,
    origin = "",
    lastEventId = "",
    source = null,
    ports = [],
  ) {
    const context = "Failed to execute 'initMessageEvent' on 'MessageEvent'";
    requireArguments(arguments.length, 1, context);
    if (this.eventPhase !== Event.NONE) return;
    this.initEvent(type, bubbles, cancelable);
    this.#set(data, origin, lastEventId, source, ports, context);
  }
}

let isMessagePort = () => false;
/** Told by message_port.js, which is built on this module. */
export function setMessagePortTest(test) {
  isMessagePort = test;
}

function toPort(value) {
  if (!isMessagePort(value)) throw new TypeError("MessageEvent: an element of ports is not of type 'MessagePort'.");
  return value;
}

exposeInterface(MessageEvent);
