// CustomEvent (https://dom.spec.whatwg.org/#interface-customevent).

import { Event } from "./event.js";
import { exposeInterface, requireArguments } from "./webidl.js";

/** An event that carries a value of the program's own. */
export class CustomEvent extends Event {
  #detail;

  /**
   * @param {string} type
   * @param {{ detail?: unknown, bubbles?: boolean, cancelable?: boolean, composed?: boolean }} [init]
   */
  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, "Failed to construct 'CustomEvent'");
    super(type, init);
    const detail = init?.detail;
    this.#detail = detail === undefined ? null : detail;
  }

  get detail() {
    return this.#detail;
  }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    requireArguments(arguments.length, 1, "Failed to execute 'initCustomEvent' on 'CustomEvent'");
    if (this.eventPhase !== Event.NONE) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

exposeInterface(CustomEvent);
