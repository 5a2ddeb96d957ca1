// process.stdin: read over the loop, and only while somebody wants what comes.

import { readStdin } from "internal:ops/process";
import { isTerminal } from "internal:ops/stdio";
import { ref, unref } from "internal:runtime";
import { codedError } from "../web/errors.js";
import { reportException } from "../web/report_exception.js";
import { nextTick } from "../web/task_queue.js";
import { TextDecoder } from "../web/text_decoder.js";
import { EventEmitter } from "./events.js";
import { bytesToString, normalizeEncoding } from "./string_encodings.js";

/**
 * The standard input, as an async iterable, by "data" events, or by "readable"
 * events and read(). At most one piece is read ahead. It keeps the process
 * alive only while somebody waits for it.
 */
export class StandardInput extends EventEmitter {
  fd = 0;
  /** @type {((bytes?: Uint8Array) => string) | null} From bytes to text, if that is wanted. */
  #decode = null;
  /** What was read and nobody has taken yet. */
  #chunks = [];
  /** The read that is under way. */
  #reading = null;
  #atEnd = false;
  #toldEnd = false;
  /** Null before the first "data" listener or resume(). @type {boolean | null} */
  #flowing = null;
  #isFlowing = false;
  #isAnnouncing = false;
  #iterating = 0;
  #isRefed = true;
  /** Whether the pending read was kept from keeping the process alive. */
  #isReleased = false;

  constructor() {
    super();
    if (isTerminal(0)) this.isTTY = true;
  }

  /** Whether there may be more. */
  get readable() {
    return !this.#toldEnd;
  }

  /**
   * Makes text of what comes from now on.
   * @param {string} [encoding] any but base64, whose characters begin within bytes
   */
  setEncoding(encoding = "utf8") {
    const name = normalizeEncoding(encoding);
    if (name.startsWith("base64")) {
      throw codedError(TypeError, "ERR_INVALID_ARG_VALUE", `stdin has no encoding '${encoding}'`);
    }
    if (name.startsWith("utf")) {
      const decoder = new TextDecoder(name === "utf8" ? "utf-8" : "utf-16le", { ignoreBOM: true });
      this.#decode = (bytes) => decoder.decode(bytes, { stream: bytes !== undefined });
    } else {
      this.#decode = (bytes) => (bytes === undefined ? "" : bytesToString(bytes, name));
    }
    return this;
  }

  on(type, listener) {
    super.on(type, listener);
    if (type === "data" && this.#flowing !== false) this.resume();
    if (type === "readable") {
      if (this.#chunks.length > 0) nextTick(() => this.#tell("readable"));
      else this.#announce();
    }
    return this;
  }

  addListener(type, listener) {
    return this.on(type, listener);
  }

  resume() {
    this.#flowing = true;
    this.#updateHold();
    this.#flow();
    return this;
  }

  pause() {
    this.#flowing = false;
    this.#updateHold();
    return this;
  }

  isPaused() {
    return this.#flowing === false;
  }

  /**
   * What has come and was not taken yet; null if that is nothing.
   * @returns {Uint8Array | string | null}
   */
  read() {
    const chunk = this.#chunks.shift() ?? null;
    if (this.#chunks.length === 0 && this.listenerCount("readable") > 0) this.#announce();
    return chunk;
  }

  ref() {
    this.#isRefed = true;
    this.#updateHold();
    return this;
  }

  unref() {
    this.#isRefed = false;
    this.#updateHold();
    return this;
  }

  /** Leaving the loop leaves the rest unread. */
  async *[Symbol.asyncIterator]() {
    this.#iterating++;
    this.#updateHold();
    try {
      for (let chunk; (chunk = await this.#next()) !== undefined; ) yield chunk;
      this.#tellEnd();
    } finally {
      this.#iterating--;
      this.#updateHold();
    }
  }

  /** The next chunk, or undefined at the end. */
  async #next() {
    while (this.#chunks.length === 0 && !this.#atEnd) await this.#fetch();
    return this.#chunks.shift();
  }

  #fetch() {
    if (this.#reading === null) {
      this.#reading = this.#readOnce();
      this.#updateHold();
    }
    return this.#reading;
  }

  async #readOnce() {
    try {
      const bytes = await readStdin();
      this.#atEnd = bytes === undefined;
      const chunk = this.#decode === null ? bytes : this.#decode(bytes);
      // Bytes of a character that is not whole yet give no text.
      if (chunk?.length > 0) this.#chunks.push(chunk);
    } catch (error) {
      this.#atEnd = true;
      throw error;
    } finally {
      this.#reading = null;
      this.#updateHold();
    }
  }

  async #flow() {
    if (this.#isFlowing) return;
    this.#isFlowing = true;
    try {
      while (this.#flowing) {
        const chunk = await this.#next();
        if (chunk === undefined) {
          this.#tellEnd();
          break;
        }
        if (this.#flowing) this.#tell("data", chunk);
        else this.#chunks.unshift(chunk); // It was paused meanwhile.
      }
    } catch (error) {
      this.#tell("error", error);
    } finally {
      this.#isFlowing = false;
    }
  }

  /** Emits "readable" whenever something has come and everything before was taken. */
  async #announce() {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    await undefined; // No event is emitted from within read().
    try {
      while (this.#chunks.length === 0 && !this.#atEnd && this.listenerCount("readable") > 0) {
        await this.#fetch();
        this.#tell("readable");
      }
      if (this.#atEnd && this.#chunks.length === 0) this.#tellEnd();
    } catch (error) {
      this.#tell("error", error);
    } finally {
      this.#isAnnouncing = false;
      this.#updateHold();
    }
  }

  #tellEnd() {
    if (this.#toldEnd) return;
    this.#toldEnd = true;
    this.#tell("end");
    this.#tell("close");
  }

  #tell(type, ...args) {
    try {
      this.emit(type, ...args);
    } catch (error) {
      reportException(error);
    }
  }

  #updateHold() {
    const isWanted = this.#isRefed && (this.#flowing || this.#isAnnouncing || this.#iterating > 0);
    const isReleased = this.#reading !== null && !isWanted;
    if (isReleased === this.#isReleased) return;
    this.#isReleased = isReleased;
    if (isReleased) unref();
    else ref();
  }
}

let made;

// Made when it is first looked at: what it is depends on the process.
export function stdin() {
  made ??= new StandardInput();
  return made;
}
