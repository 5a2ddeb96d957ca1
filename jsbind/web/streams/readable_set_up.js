// Streams over what a program gives to the constructor of ReadableStream
// (https://streams.spec.whatwg.org/#rs-constructor).

import { toDictionary, toDOMString, toEnforcedUnsignedLongLong } from "../webidl.js";
import { ByteController } from "./byte_controller.js";
import { DefaultController } from "./default_controller.js";
import { invoke, invokeForChunk, invokeStart } from "./promises.js";
import { makeByteController } from "./readable_byte_stream_controller.js";
import { makeDefaultController } from "./readable_stream_default_controller.js";
import { extractHighWaterMark, extractSize } from "./strategy.js";

/** @implements {import("./source_controller.js").SourceAlgorithms} */
class UnderlyingSource {
  #object;
  #pull;
  #cancel;
  /** What its functions get, the controller that the program sees. */
  controller = null;

  constructor(object, pull, cancel) {
    this.#object = object;
    this.#pull = pull;
    this.#cancel = cancel;
  }

  pull() {
    return invokeForChunk(this.#pull, this.#object, [this.controller]);
  }

  cancel(reason) {
    return invoke(this.#cancel, this.#object, [reason]);
  }
}

/**
 * SetUpReadable…ControllerFromUnderlyingSource. Throws what start() throws.
 * @param {import("./readable_core.js").ReadableCore} stream
 * @param {object | undefined} object the underlying source
 * @param {ReturnType<import("./strategy.js").readStrategy>} strategy
 * @param {string} context
 */
export function setUpReadable(stream, object, strategy, context) {
  const { autoAllocateChunkSize, cancel, pull, start, type } = readSource(object, context);
  const source = new UnderlyingSource(object, pull, cancel);
  let controller;
  if (type === "bytes") {
    if (strategy.size !== undefined) {
      throw new RangeError(`${context}: the strategy of a byte stream must not have a size function.`);
    }
    const highWaterMark = extractHighWaterMark(strategy, 0);
    if (autoAllocateChunkSize === 0) {
      throw new TypeError(`${context}: autoAllocateChunkSize must be greater than 0.`);
    }
    controller = new ByteController(stream, source, highWaterMark, autoAllocateChunkSize);
    source.controller = makeByteController(controller);
  } else {
    const highWaterMark = extractHighWaterMark(strategy, 1);
    controller = new DefaultController(stream, source, highWaterMark, extractSize(strategy));
    source.controller = makeDefaultController(controller);
  }
  controller.start(invokeStart(start, object, source.controller));
}

/** The members of an UnderlyingSource, converted in the standard's order. */
function readSource(object, context) {
  const dictionary = toDictionary(object, context);
  let { autoAllocateChunkSize } = dictionary;
  if (autoAllocateChunkSize !== undefined) {
    autoAllocateChunkSize = toEnforcedUnsignedLongLong(autoAllocateChunkSize, `${context}: autoAllocateChunkSize`);
  }
  const cancel = readFunction(dictionary, "cancel", context);
  const pull = readFunction(dictionary, "pull", context);
  const start = readFunction(dictionary, "start", context);
  let { type } = dictionary;
  if (type !== undefined) {
    type = toDOMString(type);
    if (type !== "bytes") throw new TypeError(`${context}: '${type}' is not a valid type of an underlying source.`);
  }
  return { autoAllocateChunkSize, cancel, pull, start, type };
}

/**
 * A member that is a function, or undefined.
 * @param {object} dictionary
 * @param {string} key
 * @param {string} context
 */
export function readFunction(dictionary, key, context) {
  const value = dictionary[key];
  if (value === undefined || typeof value === "function") return value;
  throw new TypeError(`${context}: member ${key} is not a function.`);
}
