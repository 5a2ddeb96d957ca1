// The stream that a body is read through: the part of ReadableStream that
// bodies need (getReader, cancel, tee, async iteration), over byte chunks.
//
// A stream pulls from its source only when it is asked, one chunk at a time, so
// a slow reader holds the sender back.

import { concatenate } from "./bytes.js";
import { customInspect } from "./inspect_value.js";
import { exposeInterface, throwIllegalInvocation } from "./webidl.js";

/**
 * Where chunks come from.
 * @typedef {object} ByteSource
 * @property {() => Promise<Uint8Array | undefined>} pull the next chunk; undefined at the end.
 *     Not called again before its promise has settled, nor after the end or an error.
 * @property {(reason: unknown) => Promise<void> | void} cancel nobody will pull any more
 */

export let isBodyStream;
/** Whether something has been read from a stream, or it was cancelled. */
export let isDisturbed;

let acquire;

export class BodyStream {
  /** @type {ByteSource | null} Null at the end. */
  #source;
  #reader = null;
  #disturbed = false;
  #failed = false;
  #error = undefined;
  /** Ends when the pull before has ended: reads are served in order. */
  #lastPull = Promise.resolve();

  /** @param {ByteSource} source */
  constructor(source) {
    this.#source = source;
  }

  get locked() {
    return this.#reader !== null;
  }

  /** @returns {BodyReader} */
  getReader(options = undefined) {
    if (options?.mode !== undefined) {
      throw new TypeError(`A body stream has no reader of mode '${options.mode}'`);
    }
    if (this.#reader !== null) throw new TypeError("The stream is locked to a reader");
    return acquire(this);
  }

  /** Ends the stream before its end. */
  async cancel(reason = undefined) {
    if (this.#reader !== null) throw new TypeError("Cannot cancel a stream that is locked to a reader");
    await this.#cancel(reason);
  }

  async #cancel(reason) {
    this.#disturbed = true;
    if (this.#failed) throw this.#error;
    const source = this.#source;
    this.#source = null;
    if (source !== null) await source.cancel(reason);
  }

  /** Two streams of the same chunks; both have to be read, or one cancelled. */
  tee() {
    const reader = this.getReader();
    /** Chunks that one branch has not read yet. */
    const queues = [[], []];
    const cancelled = [false, false];
    const branch = (own, other) =>
      new BodyStream({
        async pull() {
          if (queues[own].length > 0) return queues[own].shift();
          const { value, done } = await reader.read();
          // While this one waited, the other may have read for both.
          if (queues[own].length > 0) {
            if (!done) queues[own].push(value);
            if (!done && !cancelled[other]) queues[other].push(value.slice());
            return queues[own].shift();
          }
          if (done) return undefined;
          if (!cancelled[other]) queues[other].push(value.slice());
          return value;
        },
        async cancel(reason) {
          cancelled[own] = true;
          queues[own].length = 0;
          if (cancelled[other]) await reader.cancel(reason);
        },
      });
    return [branch(0, 1), branch(1, 0)];
  }

  /** @param {{ preventCancel?: boolean }} [options] */
  async *values({ preventCancel = false } = {}) {
    const reader = this.getReader();
    let ended = false;
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) {
          ended = true;
          return;
        }
        yield value;
      }
    } catch (error) {
      ended = true;
      throw error;
    } finally {
      if (!ended && !preventCancel) await reader.cancel();
      reader.releaseLock();
    }
  }

  [customInspect](depth, options, inspect) {
    const state = this.#failed ? "errored" : this.#source === null ? "closed" : "readable";
    return `BodyStream ${inspect({ locked: this.locked, state }, options)}`;
  }

  #read() {
    this.#disturbed = true;
    const result = this.#lastPull.then(async () => {
      if (this.#failed) throw this.#error;
      if (this.#source === null) return { value: undefined, done: true };
      let value;
      try {
        value = await this.#source.pull();
      } catch (error) {
        this.#failed = true;
        this.#error = error;
        this.#source = null;
        throw error;
      }
      if (value === undefined) this.#source = null;
      return { value, done: value === undefined };
    });
    this.#lastPull = result.catch(() => {});
    return result;
  }

  static {
    isBodyStream = (value) => typeof value === "object" && value !== null && #source in value;
    isDisturbed = (stream) => stream.#disturbed;
    acquire = (stream) => {
      const reader = new BodyReader(
        () => stream.#read(),
        (reason) => stream.#cancel(reason),
        () => {
          stream.#reader = null;
        },
      );
      stream.#reader = reader;
      return reader;
    };
  }
}

/** Reads a stream that no other reader has. */
export class BodyReader {
  #read;
  #cancel;
  #release;
  #closed = Promise.withResolvers();

  constructor(read, cancel, release) {
    this.#read = read;
    this.#cancel = cancel;
    this.#release = release;
    this.#closed.promise.catch(() => {});
  }

  /** Settles when the stream ends or the reader is released. */
  get closed() {
    return this.#closed.promise;
  }

  /** @returns {Promise<{ value: Uint8Array | undefined, done: boolean }>} */
  async read() {
    if (!(#read in this)) throwIllegalInvocation("BodyReader");
    if (this.#read === null) throw new TypeError("The reader was released");
    try {
      const result = await this.#read();
      if (result.done) this.#closed.resolve();
      return result;
    } catch (error) {
      this.#closed.reject(error);
      throw error;
    }
  }

  async cancel(reason = undefined) {
    if (this.#read === null) throw new TypeError("The reader was released");
    await this.#cancel(reason);
    this.#closed.resolve();
  }

  releaseLock() {
    if (this.#read === null) return;
    this.#release();
    this.#closed.reject(new TypeError("The reader was released"));
    this.#read = null;
  }
}

exposeInterface(BodyStream);
exposeInterface(BodyReader);
Object.defineProperty(BodyStream.prototype, Symbol.asyncIterator, {
  value: BodyStream.prototype.values,
  writable: true,
  configurable: true,
});

/**
 * All chunks of a stream in one.
 * @param {BodyStream} stream
 * @returns {Promise<Uint8Array>}
 */
export async function readAllBytes(stream) {
  const reader = stream.getReader();
  const chunks = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError("Received a chunk of the body that is not a Uint8Array");
      await reader.cancel(error);
      throw error;
    }
    chunks.push(value);
  }
  return chunks.length === 1 ? chunks[0] : concatenate(chunks);
}

/**
 * A stream over an async iterable of bytes or strings.
 * @param {AsyncIterable<Uint8Array | string>} iterable
 * @param {(chunk: unknown) => Uint8Array} toBytes throws for what is no chunk, which ends the source
 */
export function streamFromIterable(iterable, toBytes) {
  const iterator = iterable[Symbol.asyncIterator]();
  return convertingStream(
    () => iterator.next(),
    async (reason) => iterator.return?.(reason),
    toBytes,
  );
}

/**
 * A stream over anything with ReadableStream's getReader().
 * @param {{ getReader(): object }} readable
 * @param {(chunk: unknown) => Uint8Array} toBytes as in streamFromIterable()
 */
export function streamFromReadable(readable, toBytes) {
  const reader = readable.getReader();
  return convertingStream(
    () => reader.read(),
    async (reason) => reader.cancel(reason),
    toBytes,
  );
}

function convertingStream(next, cancel, toBytes) {
  return new BodyStream({
    async pull() {
      const { value, done } = await next();
      if (done) return undefined;
      try {
        return toBytes(value);
      } catch (error) {
        // The stream asks for nothing more, so nobody else will end the source.
        cancel(error).catch(() => {}); // The first error is the one to tell.
        throw error;
      }
    },
    async cancel(reason) {
      await cancel(reason);
    },
  });
}
