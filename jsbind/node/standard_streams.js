// process.stdout and process.stderr: written to synchronously, so that nothing
// is lost when the process ends.

import { isTerminal, hasColors } from "internal:ops/stdio";
import { requireBuiltin } from "internal:ops/modules";
import { terminalSize, writeStandard } from "internal:ops/process";
import { nextTick } from "../web/task_queue.js";

/** What a stream of the terminal has beside those of others. */
const terminal = {
  isTTY: true,
  get columns() {
    return terminalSize(this.fd)[0];
  },
  get rows() {
    return terminalSize(this.fd)[1];
  },
  getWindowSize() {
    return terminalSize(this.fd);
  },
  hasColors() {
    return hasColors(this.fd);
  },
  getColorDepth() {
    return hasColors(this.fd) ? 4 : 1;
  },
};

function makeStream(fd) {
  const { Writable } = requireBuiltin("node:stream");
  const stream = new Writable({
    // Chunks come as they are: C++ makes UTF-8 of text itself.
    decodeStrings: false,
    write(chunk, encoding, callback) {
      const isEncoded = typeof chunk === "string" && !/^utf-?8$/i.test(encoding);
      try {
        writeStandard(fd, isEncoded ? requireBuiltin("node:buffer").Buffer.from(chunk, encoding) : chunk);
      } catch (error) {
        callback(error);
        return;
      }
      callback();
    },
    // The process may say more, and others share the descriptor.
    destroy(error, callback) {
      callback(error);
      stream._undestroy();
      if (!stream._writableState.emitClose) nextTick(() => stream.emit("close"));
    },
    emitClose: false,
  });
  Object.defineProperties(stream, {
    fd: { value: fd, writable: true, enumerable: true, configurable: true },
    _type: { value: isTerminal(fd) ? "tty" : "fs", writable: true, enumerable: true, configurable: true },
    _isStdio: { value: true, writable: true, enumerable: true, configurable: true },
    ...(isTerminal(fd) ? Object.getOwnPropertyDescriptors(terminal) : {}),
  });
  stream.destroySoon = stream.destroy;
  return stream;
}

let out;
let err;

// Made when they are first looked at: what they are depends on the process.
export function stdout() {
  out ??= makeStream(1);
  return out;
}
export function stderr() {
  err ??= makeStream(2);
  return err;
}
