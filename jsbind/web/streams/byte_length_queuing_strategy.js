// ByteLengthQueuingStrategy (https://streams.spec.whatwg.org/#blqs-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface } from "../webidl.js";
import { readHighWaterMark } from "./strategy_init.js";

/** The `size` of every ByteLengthQueuingStrategy. */
const { size: byteLengthSize } = {
  size(chunk) {
    return chunk.byteLength;
  },
};

/** Counts bytes. */
export class ByteLengthQueuingStrategy {
  #highWaterMark;

  /** @param {{ highWaterMark: number }} init */
  constructor(init) {
    this.#highWaterMark = readHighWaterMark(init, arguments.length, "ByteLengthQueuingStrategy");
  }

  get highWaterMark() {
    return this.#highWaterMark;
  }

  get size() {
    void this.#highWaterMark; // Throws for another `this`.
    return byteLengthSize;
  }

  [customInspect](depth, options, inspect) {
    if (!(#highWaterMark in this)) return this;
    return `ByteLengthQueuingStrategy ${inspect({ highWaterMark: this.#highWaterMark }, options)}`;
  }
}

exposeInterface(ByteLengthQueuingStrategy);
