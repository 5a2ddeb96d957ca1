// process.stdout and process.stderr: written to synchronously, so that nothing
// is lost when the process ends.

import { isTerminal, hasColors, writeStderr, writeStdout } from "internal:ops/stdio";
import { terminalSize } from "internal:ops/process";
import { invalidArgType } from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";
import { EventEmitter } from "./events.js";

/** A standard stream, as far as programs use it. */
export class StandardStream extends EventEmitter {
  #write;

  constructor(fd, write) {
    super();
    this.fd = fd;
    this.writable = true;
    this.#write = write;
    if (isTerminal(fd)) this.isTTY = true;
  }

  /**
   * @param {string | Uint8Array} chunk
   * @param {string | ((error?: Error) => void)} [encoding] of a string; only UTF-8 is written
   * @param {(error?: Error) => void} [callback]
   * @returns {boolean} always true: nothing is buffered
   */
  write(chunk, encoding = undefined, callback = undefined) {
    if (typeof chunk !== "string" && !ArrayBuffer.isView(chunk)) {
      throw invalidArgType("chunk", "of type string or an instance of Uint8Array", chunk);
    }
    this.#write(chunk);
    const done = typeof encoding === "function" ? encoding : callback;
    if (typeof done === "function") nextTick(done);
    return true;
  }

  end(chunk = undefined, encoding = undefined, callback = undefined) {
    if (chunk !== undefined && chunk !== null && typeof chunk !== "function") this.write(chunk, encoding);
    const done = [chunk, encoding, callback].find((each) => typeof each === "function");
    if (done !== undefined) nextTick(done);
    return this;
  }

  get columns() {
    return this.isTTY ? terminalSize(this.fd)[0] : undefined;
  }

  get rows() {
    return this.isTTY ? terminalSize(this.fd)[1] : undefined;
  }

  getWindowSize() {
    return terminalSize(this.fd);
  }

  hasColors() {
    return hasColors(this.fd);
  }

  getColorDepth() {
    return hasColors(this.fd) ? 4 : 1;
  }

  // Nothing waits, so there is nothing to hold back.
  cork() {}
  uncork() {}
}

let out;
let err;

// Made when they are first looked at: what they are depends on the process.
export function stdout() {
  out ??= new StandardStream(1, writeStdout);
  return out;
}
export function stderr() {
  err ??= new StandardStream(2, writeStderr);
  return err;
}
