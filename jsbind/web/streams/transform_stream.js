// TransformStream (https://streams.spec.whatwg.org/#ts-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, throwIllegalInvocation, toDictionary } from "../webidl.js";
import { apply, Deferred, invoke, invokeForChunk, rejectedWith } from "./promises.js";
import { readFunction } from "./readable_set_up.js";
import { wrapReadable } from "./readable_stream.js";
import { extractHighWaterMark, extractSize, readStrategy } from "./strategy.js";
import { TransformCore } from "./transform_core.js";
import { makeTransformController } from "./transform_stream_default_controller.js";
import { wrapWritable } from "./writable_stream.js";

/** A pair of streams: what is written to one comes out of the other, changed. */
export class TransformStream {
  /** @type {TransformCore} */
  #core;
  #readable;
  #writable;

  /**
   * @param {Transformer} [transformer] without one chunks stay as they are
   * @param {QueuingStrategy} [writableStrategy]
   * @param {QueuingStrategy} [readableStrategy]
   */
  constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
    const context = "Failed to construct 'TransformStream'";
    if (transformer !== undefined && !isObject(transformer)) {
      throw new TypeError(`${context}: parameter 1 is not of type 'object'.`);
    }
    const writableOptions = readStrategy(writableStrategy, context);
    const readableOptions = readStrategy(readableStrategy, context);
    const functions = readTransformer(transformer, context);
    const readableHighWaterMark = extractHighWaterMark(readableOptions, 0);
    const readableSize = extractSize(readableOptions);
    const writableHighWaterMark = extractHighWaterMark(writableOptions, 1);
    const writableSize = extractSize(writableOptions);

    const { start } = functions;
    const started = start === undefined ? undefined : new Deferred();
    const algorithms = new Transformer(transformer, functions);
    this.#core = new TransformCore(algorithms, {
      started: started?.promise,
      writableHighWaterMark,
      writableSize,
      readableHighWaterMark,
      readableSize,
    });
    this.#readable = wrapReadable(this.#core.readable);
    this.#writable = wrapWritable(this.#core.writable);
    algorithms.core = this.#core;
    algorithms.controller = makeTransformController(this.#core);
    if (start !== undefined) started.resolve(apply(start, transformer, [algorithms.controller]));
  }

  get readable() {
    if (!isObject(this) || !(#core in this)) throwIllegalInvocation("TransformStream");
    return this.#readable;
  }

  get writable() {
    if (!isObject(this) || !(#core in this)) throwIllegalInvocation("TransformStream");
    return this.#writable;
  }

  [customInspect](depth, options, inspect) {
    if (!(#core in this)) return this;
    const { backpressure } = this.#core;
    return `TransformStream ${inspect({ readable: this.#readable, writable: this.#writable, backpressure }, options)}`;
  }
}

exposeInterface(TransformStream);

/** @implements {import("./transform_core.js").TransformAlgorithms} */
class Transformer {
  #object;
  #functions;
  /** @type {TransformCore} */
  core = null;
  /** What its functions get, the controller that the program sees. */
  controller = null;

  constructor(object, functions) {
    this.#object = object;
    this.#functions = functions;
  }

  transform(chunk) {
    const { transform } = this.#functions;
    if (transform !== undefined) return invokeForChunk(transform, this.#object, [chunk, this.controller]);
    try {
      this.core.enqueue(chunk);
      return undefined;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  flush() {
    return invoke(this.#functions.flush, this.#object, [this.controller]);
  }

  cancel(reason) {
    return invoke(this.#functions.cancel, this.#object, [reason]);
  }
}

/** The members of a Transformer, converted in the standard's order. */
function readTransformer(object, context) {
  const dictionary = toDictionary(object, context);
  const cancel = readFunction(dictionary, "cancel", context);
  const flush = readFunction(dictionary, "flush", context);
  const { readableType } = dictionary;
  const start = readFunction(dictionary, "start", context);
  const transform = readFunction(dictionary, "transform", context);
  const { writableType } = dictionary;
  if (readableType !== undefined) throw new RangeError(`${context}: there must be no readableType.`);
  if (writableType !== undefined) throw new RangeError(`${context}: there must be no writableType.`);
  return { cancel, flush, start, transform };
}
