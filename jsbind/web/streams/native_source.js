// Streams of bytes whose source is ours: C++ (a body that is received) or a few
// lines of built-in JS (a Blob's bytes).
//
// Such a stream is a byte stream to every program. But it has no queue: a read
// asks the source and gets what the source gives, one pull at a time, so that
// not more is in flight than one chunk. And whoever takes the whole of a stream
// that nobody has read from may leave the stream aside and use its source
// (takeNativeSource()): text() and bytes() of a body, the response of a server.
//
//   const body = new Body({
//     pull: () => ops.read(id),             // Promise<Uint8Array | undefined>
//     cancel: (reason) => ops.close(id),
//     bytes: () => ops.readAll(id),         // optional short cuts
//     text: () => ops.readAllText(id),
//   });
//
// Only a byob reader or a tee brings in the machinery of the standard.

import { Bytes, cloneBytes } from "./array_buffers.js";
import { ByteController } from "./byte_controller.js";
import { invoke, kResolved, then } from "./promises.js";
import { ReadableCore } from "./readable_core.js";
import { acquireDefaultReader } from "./reader_core.js";

/**
 * @typedef {object} NativeSource
 * @property {() => Uint8Array | undefined | Promise<Uint8Array | undefined>} pull
 *     The next chunk, not empty, whose buffer is nobody else's (but see borrows);
 *     undefined at the end. May throw or reject: that is the stream's error, and its end. Never
 *     called again before its promise has settled, nor after the end.
 * @property {(reason: unknown) => unknown} cancel
 *     Nobody will pull any more: ends what is under way, a pull included, whose
 *     outcome concerns nobody then. Not called after the end or an error. A
 *     promise of it is awaited.
 * @property {boolean} [borrows] the chunks' buffers may be a program's, which is not to lose them:
 *     readers of the stream get copies
 * @property {() => object} [handle] the BodySource (body_source.h) of all that was not pulled, for
 *     those who pass it on in C++; instead of pull() from then on
 * @property {() => Promise<Uint8Array>} [bytes] all of it, instead of pull(); the
 *     bytes are the caller's, and all of their buffer
 * @property {() => Promise<string>} [text] all of it decoded, a byte order mark
 *     left out, instead of pull()
 */

class NativeController {
  /** Null at the end, and once a ByteController has taken over. @type {NativeSource | null} */
  #source;
  #stream;
  /** What came for a reader that had gone. */
  #kept = undefined;
  /** While a pull is under way: fulfilled when its chunk was delivered. */
  #pulling = null;

  constructor(stream, source) {
    this.#stream = stream;
    this.#source = source;
    stream.controller = this;
  }

  get isByte() {
    return true;
  }

  get hasChunks() {
    return this.#kept !== undefined;
  }

  takeChunk() {
    const chunk = this.#kept;
    this.#kept = undefined;
    return chunk;
  }

  pullSteps(request) {
    if (this.hasChunks) {
      request.chunkSteps(this.takeChunk());
      return;
    }
    this.#stream.reader.requests.push(request);
    if (this.#pulling === null) this.#pull();
  }

  cancelSteps(reason) {
    this.#kept = undefined;
    return this.#cancel(reason);
  }

  #cancel(reason) {
    const source = this.#source;
    this.#source = null;
    return invoke(source.cancel, source, [reason]);
  }

  releaseSteps() {}

  /** Asks the source as long as somebody reads and it answers at once. */
  #pull() {
    do {
      let result;
      this.#pulling = kResolved; // The source may run code that reads on.
      try {
        result = this.#source.pull();
      } catch (error) {
        this.#pulling = null;
        this.#fail(error);
        return;
      }
      this.#pulling = null;
      if (result !== undefined && !(result instanceof Bytes)) {
        this.#wait(result);
        return;
      }
      this.#deliver(result);
    } while (this.#isWanted);
  }

  #wait(promise) {
    this.#pulling = then(
      promise,
      (chunk) => {
        this.#pulling = null;
        this.#deliver(chunk);
        if (this.#isWanted) this.#pull();
      },
      (error) => {
        this.#pulling = null;
        this.#fail(error);
      },
    );
  }

  /** Whether a read waits for which nothing was asked of the source. */
  get #isWanted() {
    const { controller, pendingReads } = this.#stream;
    return this.#source !== null && this.#pulling === null && controller === this && pendingReads > 0;
  }

  #deliver(chunk) {
    const stream = this.#stream;
    if (stream.state !== "readable") return; // It was cancelled meanwhile.
    const { controller } = stream;
    // Whoever reads it may give its buffer away.
    if (chunk !== undefined && this.#source.borrows) chunk = cloneBytes(chunk);
    if (controller !== this) {
      deliverTo(controller, chunk);
    } else if (chunk === undefined) {
      this.#source = null;
      stream.close();
    } else if (stream.pendingReads === 0) {
      this.#kept = chunk;
    } else {
      stream.reader.requests.shift().chunkSteps(chunk);
    }
  }

  #fail(error) {
    const stream = this.#stream;
    if (stream.state !== "readable") return;
    this.#source = null;
    stream.controller.error(error);
  }

  error(error) {
    this.#stream.error(error);
  }

  /** The source, if nothing was read from it; the stream is locked and at its end then. */
  takeSource() {
    const source = this.#source;
    if (source === null || this.#stream.disturbed) return null;
    this.#source = null;
    this.#stream.disturbed = true;
    acquireDefaultReader(this.#stream);
    this.#stream.close();
    return source;
  }

  /** Gives the stream the standard's controller, with all that it can do. */
  prepareByob() {
    const controller = new ByteController(
      this.#stream,
      {
        pull: () => {
          if (this.#pulling === null) this.#pull();
          return this.#pulling ?? undefined;
        },
        cancel: (reason) => this.#cancel(reason),
      },
      0,
    );
    controller.started = true;
    if (this.hasChunks) controller.enqueue(this.takeChunk());
  }
}

function deliverTo(controller, chunk) {
  if (chunk !== undefined) {
    controller.enqueue(chunk);
    return;
  }
  controller.close();
  // A byob read ends with its buffer given back.
  if (controller.byobRequest !== null) controller.respond(0);
}

/**
 * A stream of what a source gives.
 * @param {NativeSource} source
 * @returns {ReadableCore}
 */
export function makeNativeCore(source) {
  const stream = new ReadableCore();
  new NativeController(stream, source);
  return stream;
}

/**
 * Takes the source of a stream of which nothing was read, to use it instead of
 * the stream, which is locked and disturbed then. Null for any other stream.
 * REQUIRES: no reader has the stream.
 * @param {ReadableCore} stream
 * @returns {NativeSource | null}
 */
export function takeNativeSource(stream) {
  const { controller } = stream;
  return controller instanceof NativeController ? controller.takeSource() : null;
}
