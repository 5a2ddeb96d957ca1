// The async iterator of ReadableStream (https://streams.spec.whatwg.org/#rs-asynciterator,
// https://webidl.spec.whatwg.org/#js-asynchronous-iterator).

import { isObject, throwIllegalInvocation } from "../webidl.js";
import { Deferred, inMicrotask, rejectedWith, resolvedWith, then } from "./promises.js";

/**
 * What next() waits for. Its promise settles in a microtask of its own: in the
 * standard it is that of a read, passed on.
 */
class IteratorRead extends Deferred {
  #iterator;
  constructor(iterator) {
    super();
    this.#iterator = iterator;
  }
  chunkSteps(value) {
    this.#settle(() => this.resolve({ value, done: false }));
  }
  closeSteps() {
    this.#iterator.finish();
    this.#settle(() => this.resolve({ value: undefined, done: true }));
  }
  errorSteps(error) {
    this.#iterator.finish();
    this.#settle(() => this.reject(error));
  }
  #settle(settle) {
    inMicrotask(() => {
      this.#iterator.settled(this.promise);
      settle();
    });
  }
}

/** The state of an iterator. */
class IteratorCore {
  #reader;
  #preventCancel;
  #isFinished = false;
  /** The result of what was asked for last, while it is pending. */
  #ongoing = null;

  constructor(reader, preventCancel) {
    this.#reader = reader;
    this.#preventCancel = preventCancel;
  }

  /** Nothing more will come. */
  finish() {
    this.#isFinished = true;
    this.#reader.release();
  }

  settled(promise) {
    if (this.#ongoing === promise) this.#ongoing = null;
  }

  next() {
    return this.#ongoing === null ? this.#next() : this.#after(() => this.#next());
  }

  #next() {
    if (this.#isFinished) return resolvedWith({ value: undefined, done: true });
    const { stream } = this.#reader;
    // The common case: a chunk is there.
    if (stream.state === "readable" && stream.controller.hasChunks) return this.#reader.read();
    const request = new IteratorRead(this);
    this.#ongoing = request.promise;
    this.#reader.readSteps(request);
    return request.promise;
  }

  return(value) {
    return this.#ongoing === null ? this.#return(value) : this.#after(() => this.#return(value));
  }

  #return(value) {
    const result = { value, done: true };
    if (this.#isFinished) return resolvedWith(result);
    this.#isFinished = true;
    const cancelled = this.#preventCancel ? resolvedWith(undefined) : this.#reader.cancel(value);
    this.#reader.release();
    return this.#setOngoing(then(cancelled, () => result));
  }

  /** Does something once all that was asked for before has been done. */
  #after(steps) {
    return this.#setOngoing(then(this.#ongoing, steps, steps));
  }

  #setOngoing(promise) {
    this.#ongoing = promise;
    const settled = () => this.settled(promise);
    then(promise, settled, settled);
    return promise;
  }
}

/** @type {(iterator: object) => IteratorCore} */
let coreOf;

class ReadableStreamAsyncIterator {
  #core;
  constructor(core) {
    this.#core = core;
  }
  next() {
    try {
      return coreOf(this).next();
    } catch (error) {
      return rejectedWith(error);
    }
  }
  return(value) {
    try {
      return coreOf(this).return(value);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  static {
    coreOf = (iterator) => {
      if (!isObject(iterator) || !(#core in iterator)) throwIllegalInvocation("ReadableStream AsyncIterator");
      return iterator.#core;
    };
  }
}

/** %AsyncIteratorPrototype% */
const kAsyncIteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}.prototype),
);

const { prototype } = ReadableStreamAsyncIterator;
delete prototype.constructor;
Object.setPrototypeOf(prototype, kAsyncIteratorPrototype);
Object.defineProperties(prototype, {
  next: { enumerable: true },
  return: { enumerable: true },
  [Symbol.toStringTag]: { value: "ReadableStream AsyncIterator", configurable: true },
});

/**
 * @param {import("./reader_core.js").DefaultReaderCore} reader released at the end
 * @param {boolean} preventCancel whether return() leaves the stream as it is
 * @returns {AsyncIterator}
 */
export function makeAsyncIterator(reader, preventCancel) {
  return new ReadableStreamAsyncIterator(new IteratorCore(reader, preventCancel));
}
