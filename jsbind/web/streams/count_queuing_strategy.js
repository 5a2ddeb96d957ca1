// CountQueuingStrategy (https://streams.spec.whatwg.org/#cqs-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface } from "../webidl.js";
import { readHighWaterMark } from "./strategy_init.js";

/** The `size` of every CountQueuingStrategy. */
export const { size: countSize } = {
  size() {
    return 1;
  },
};

/** Counts chunks. */
export class CountQueuingStrategy {
  #highWaterMark;

  /** @param {{ highWaterMark: number }} init */
  constructor(init) {
    this.#highWaterMark = readHighWaterMark(init, arguments.length, "CountQueuingStrategy");
  }

  get highWaterMark() {
    return this.#highWaterMark;
  }

  get size() {
    void this.#highWaterMark; // Throws for another `this`.
    return countSize;
  }

  [customInspect](depth, options, inspect) {
    if (!(#highWaterMark in this)) return this;
    return `CountQueuingStrategy ${inspect({ highWaterMark: this.#highWaterMark }, options)}`;
  }
}

exposeInterface(CountQueuingStrategy);
