// WritableStream (https://streams.spec.whatwg.org/#ws-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, throwIllegalInvocation, toDictionary } from "../webidl.js";
import { lockers } from "./lockers.js";
import { invalidState, invoke, invokeForChunk, invokeStart, rejectedWith } from "./promises.js";
import { readFunction } from "./readable_set_up.js";
import { extractHighWaterMark, extractSize, readStrategy } from "./strategy.js";
import { WritableController } from "./writable_controller.js";
import { WritableCore } from "./writable_core.js";
import { makeWritableController } from "./writable_stream_default_controller.js";

/** @type {(value: unknown) => value is WritableStream} */
export let isWritableStream;
/** The core of a stream; throws for what is none. @type {(stream: WritableStream) => WritableCore} */
export let writableCoreOf;

/** Where data goes, chunk by chunk. */
export class WritableStream {
  /** @type {WritableCore} */
  #core;

  /**
   * @param {UnderlyingSink} [underlyingSink]
   * @param {QueuingStrategy} [strategy]
   */
  constructor(underlyingSink = undefined, strategy = undefined) {
    // A core is something that no program can name: wrapWritable().
    if (underlyingSink instanceof WritableCore) {
      this.#core = underlyingSink;
      return;
    }
    const context = "Failed to construct 'WritableStream'";
    if (underlyingSink !== undefined && !isObject(underlyingSink)) {
      throw new TypeError(`${context}: parameter 1 is not of type 'object'.`);
    }
    this.#core = new WritableCore();
    setUp(this.#core, underlyingSink, readStrategy(strategy, context), context);
  }

  /** Whether a writer has it. */
  get locked() {
    return writableCoreOf(this).locked;
  }

  /**
   * Ends it at once; what is queued is lost.
   * @param {unknown} [reason]
   * @returns {Promise<undefined>}
   */
  abort(reason = undefined) {
    try {
      return writableCoreOf(this).abortUnlocked(reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /** Ends it after what is queued. @returns {Promise<undefined>} */
  close() {
    try {
      const core = writableCoreOf(this);
      if (core.locked) throw invalidState("WritableStream is locked");
      if (core.isClosing) throw invalidState("The stream is closing already");
      return core.close();
    } catch (error) {
      return rejectedWith(error);
    }
  }

  /**
   * Locks it to a writer.
   * @returns {import("./writable_stream_default_writer.js").WritableStreamDefaultWriter}
   */
  getWriter() {
    writableCoreOf(this);
    return new lockers.Writer(this);
  }

  [customInspect](depth, options, inspect) {
    if (!(#core in this)) return this;
    const { locked, state } = this.#core;
    return `WritableStream ${inspect({ locked, state }, options)}`;
  }

  static {
    isWritableStream = (value) => isObject(value) && #core in value;
    writableCoreOf = (stream) => {
      if (!isWritableStream(stream)) throwIllegalInvocation("WritableStream");
      return stream.#core;
    };
  }
}

exposeInterface(WritableStream);

/** What a program sees of a core. @param {WritableCore} core */
export function wrapWritable(core) {
  return new WritableStream(core);
}

/** @implements {import("./writable_controller.js").SinkAlgorithms} */
class UnderlyingSink {
  #object;
  #functions;
  /** What its functions get, the controller that the program sees. */
  controller = null;

  constructor(object, functions) {
    this.#object = object;
    this.#functions = functions;
  }

  write(chunk) {
    return invokeForChunk(this.#functions.write, this.#object, [chunk, this.controller]);
  }

  close() {
    return invoke(this.#functions.close, this.#object, []);
  }

  abort(reason) {
    return invoke(this.#functions.abort, this.#object, [reason]);
  }
}

/** SetUpWritableStreamDefaultControllerFromUnderlyingSink. Throws what start() throws. */
function setUp(stream, object, strategy, context) {
  const functions = readSink(object, context);
  const highWaterMark = extractHighWaterMark(strategy, 1);
  const sink = new UnderlyingSink(object, functions);
  const controller = new WritableController(stream, sink, highWaterMark, extractSize(strategy));
  sink.controller = makeWritableController(controller);
  controller.start(invokeStart(functions.start, object, sink.controller));
}

/** The members of an UnderlyingSink, converted in the standard's order. */
function readSink(object, context) {
  const dictionary = toDictionary(object, context);
  const abort = readFunction(dictionary, "abort", context);
  const close = readFunction(dictionary, "close", context);
  const start = readFunction(dictionary, "start", context);
  if (dictionary.type !== undefined) {
    throw new RangeError(`${context}: the underlying sink must have no type.`);
  }
  const write = readFunction(dictionary, "write", context);
  return { abort, close, start, write };
}
