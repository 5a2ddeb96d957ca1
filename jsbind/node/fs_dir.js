// Dir: a directory whose entries are read one after the other.

import { codedError, validateFunction } from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";

/** What opendir() gives. The names are read when it is opened. */
export class Dir {
  #path;
  #entries;
  #next = 0;
  #isClosed = false;

  /**
   * @param {string | Uint8Array | URL} path
   * @param {Dirent[]} entries
   */
  constructor(path, entries) {
    this.#path = path;
    this.#entries = entries;
  }

  get path() {
    return this.#path;
  }

  /** The next entry, or null. @returns {Dirent | null} */
  readSync() {
    if (this.#isClosed) throw closed();
    return this.#next < this.#entries.length ? this.#entries[this.#next++] : null;
  }

  /** @param {(error: Error | null, entry?: Dirent | null) => void} [callback] otherwise a promise */
  read(callback = undefined) {
    return answer(() => this.readSync(), callback);
  }

  closeSync() {
    if (this.#isClosed) throw closed();
    this.#isClosed = true;
    this.#entries = [];
  }

  close(callback = undefined) {
    return answer(() => this.closeSync(), callback);
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (let entry; (entry = this.readSync()) !== null; ) yield entry;
    } finally {
      this.#isClosed = true;
    }
  }

  entries() {
    return this[Symbol.asyncIterator]();
  }

  [Symbol.dispose]() {
    if (!this.#isClosed) this.closeSync();
  }

  async [Symbol.asyncDispose]() {
    if (!this.#isClosed) this.closeSync();
  }
}

function answer(operation, callback) {
  if (callback === undefined) return new Promise((resolve) => resolve(operation()));
  validateFunction(callback, "callback");
  try {
    const result = operation();
    nextTick(callback, null, result);
  } catch (error) {
    nextTick(callback, error);
  }
  return undefined;
}

function closed() {
  return codedError(Error, "ERR_DIR_CLOSED", "Directory handle was closed", closed);
}

/** The error of opendir(), which Node calls by its own name. */
export function asOpendirError(error) {
  if (error?.syscall === "scandir") {
    error.syscall = "opendir";
    error.message = error.message.replace(", scandir ", ", opendir ");
    error.stack = error.stack.replace(", scandir ", ", opendir ");
  }
  return error;
}
