// ReadableStreamBYOBRequest (https://streams.spec.whatwg.org/#rs-byob-request-class).

import { customInspect } from "../inspect_value.js";
import {
  exposeInterface,
  isObject,
  requireArguments,
  throwIllegalInvocation,
  toEnforcedUnsignedLongLong,
} from "../webidl.js";
import { isDetached } from "./array_buffers.js";
import { ByobRequestCore } from "./byte_controller.js";
import { invalidState } from "./promises.js";

/** @type {(core: ByobRequestCore) => ReadableStreamBYOBRequest} */
export let makeByobRequest;

/** A buffer that a reader waits to be filled. */
export class ReadableStreamBYOBRequest {
  /** @type {ByobRequestCore} */
  #core;

  constructor(core = undefined) {
    // No program can name a core.
    if (!(core instanceof ByobRequestCore)) throw new TypeError("Illegal constructor");
    this.#core = core;
  }

  static #coreOf(request) {
    if (!isObject(request) || !(#core in request)) throwIllegalInvocation("ReadableStreamBYOBRequest");
    return request.#core;
  }

  /** Where to write to; null once it was answered. @returns {Uint8Array | null} */
  get view() {
    return ReadableStreamBYOBRequest.#coreOf(this).view;
  }

  /** @param {number} bytesWritten into the view */
  respond(bytesWritten) {
    const core = ReadableStreamBYOBRequest.#coreOf(this);
    const context = "Failed to execute 'respond' on 'ReadableStreamBYOBRequest'";
    requireArguments(arguments.length, 1, context);
    const count = toEnforcedUnsignedLongLong(bytesWritten, context);
    if (core.controller === null) throw invalidState("This BYOB request was answered already");
    if (isDetached(core.view.buffer)) throw new TypeError(`${context}: the view's buffer is detached.`);
    core.controller.respond(count);
  }

  /** @param {ArrayBufferView} view of the same place, as after a transfer of the buffer */
  respondWithNewView(view) {
    const core = ReadableStreamBYOBRequest.#coreOf(this);
    const context = "Failed to execute 'respondWithNewView' on 'ReadableStreamBYOBRequest'";
    requireArguments(arguments.length, 1, context);
    if (!ArrayBuffer.isView(view) || view.buffer instanceof SharedArrayBuffer) {
      throw new TypeError(`${context}: parameter 1 is not of type 'ArrayBufferView'.`);
    }
    if (core.controller === null) throw invalidState("This BYOB request was answered already");
    if (isDetached(view.buffer)) throw new TypeError(`${context}: the view's buffer is detached.`);
    core.controller.respondWithNewView(view);
  }

  [customInspect](depth, options, inspect) {
    if (!(#core in this)) return this;
    return `ReadableStreamBYOBRequest ${inspect({ view: this.#core.view }, options)}`;
  }

  static {
    makeByobRequest = (core) => new ReadableStreamBYOBRequest(core);
  }
}

exposeInterface(ReadableStreamBYOBRequest);
