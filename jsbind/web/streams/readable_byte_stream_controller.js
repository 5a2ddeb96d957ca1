// ReadableByteStreamController (https://streams.spec.whatwg.org/#rbs-controller-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, requireArguments, throwIllegalInvocation } from "../webidl.js";
import { ByteController } from "./byte_controller.js";
import { invalidState } from "./promises.js";
import { makeByobRequest } from "./readable_stream_byob_request.js";

/** @type {(core: ByteController) => ReadableByteStreamController} */
export let makeByteController;

/** What the source of a byte stream puts chunks in with. */
export class ReadableByteStreamController {
  /** @type {ByteController} */
  #core;

  constructor(core = undefined) {
    // No program can name a core.
    if (!(core instanceof ByteController)) throw new TypeError("Illegal constructor");
    this.#core = core;
  }

  static #coreOf(controller) {
    if (!isObject(controller) || !(#core in controller)) throwIllegalInvocation("ReadableByteStreamController");
    return controller.#core;
  }

  /** The buffer that a reader waits to be filled, if any. @returns {ReadableStreamBYOBRequest | null} */
  get byobRequest() {
    const request = ReadableByteStreamController.#coreOf(this).byobRequest;
    return request === null ? null : (request.wrapper ??= makeByobRequest(request));
  }

  /** How much fits in until the high-water mark; null if the stream has failed. */
  get desiredSize() {
    return ReadableByteStreamController.#coreOf(this).desiredSize;
  }

  /** Ends the stream after what is in it. */
  close() {
    const core = ReadableByteStreamController.#coreOf(this);
    if (!core.canCloseOrEnqueue) throw invalidState("The stream is closed or closing, or has failed");
    core.close();
  }

  /** Takes the chunk's buffer, which is detached. @param {ArrayBufferView} chunk not empty */
  enqueue(chunk) {
    const core = ReadableByteStreamController.#coreOf(this);
    const context = "Failed to execute 'enqueue' on 'ReadableByteStreamController'";
    requireArguments(arguments.length, 1, context);
    if (!ArrayBuffer.isView(chunk) || chunk.buffer instanceof SharedArrayBuffer) {
      throw new TypeError(`${context}: parameter 1 is not of type 'ArrayBufferView'.`);
    }
    if (chunk.byteLength === 0 || chunk.buffer.byteLength === 0) {
      throw invalidState("The chunk is empty, or its buffer is detached");
    }
    if (!core.canCloseOrEnqueue) throw invalidState("The stream is closed or closing, or has failed");
    core.enqueue(chunk);
  }

  /** Makes the stream fail. @param {unknown} [error] */
  error(error = undefined) {
    ReadableByteStreamController.#coreOf(this).error(error);
  }

  [customInspect]() {
    return #core in this ? "ReadableByteStreamController {}" : this;
  }

  static {
    makeByteController = (core) => new ReadableByteStreamController(core);
  }
}

exposeInterface(ReadableByteStreamController);
