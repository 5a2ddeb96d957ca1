// duplexPair(): two streams, each of which reads what is written to the other.

import { nextTick } from "../web/task_queue.js";
import { requireStreamFile } from "./stream_package.js";

let Side;

/** Made with the first pair, so that importing this costs nothing. */
function sideClass() {
  const Duplex = requireStreamFile("internal/streams/duplex");
  return class DuplexSide extends Duplex {
    #other = null;
    /** Of the write that waits until what it wrote is asked for. */
    #callback = null;

    static join(options) {
      const [a, b] = [new DuplexSide(options), new DuplexSide(options)];
      a.#other = b;
      b.#other = a;
      return [a, b];
    }

    _read() {
      const callback = this.#callback;
      if (callback === null) return;
      this.#callback = null;
      callback();
    }

    _write(chunk, _encoding, callback) {
      if (chunk.length === 0) {
        nextTick(callback);
        return;
      }
      this.#other.push(chunk);
      this.#other.#callback = callback;
    }

    _final(callback) {
      this.#other.on("end", callback);
      this.#other.push(null);
    }
  };
}

/**
 * @param {object} [options] of both streams
 * @returns {[Duplex, Duplex]}
 */
export function duplexPair(options = undefined) {
  Side ??= sideClass();
  return Side.join(options);
}
