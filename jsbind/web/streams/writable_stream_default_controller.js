// WritableStreamDefaultController (https://streams.spec.whatwg.org/#ws-default-controller-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, throwIllegalInvocation } from "../webidl.js";
import { WritableController } from "./writable_controller.js";

/** @type {(core: WritableController) => WritableStreamDefaultController} */
export let makeWritableController;

/** What the sink of a stream controls it with. */
export class WritableStreamDefaultController {
  /** @type {WritableController} */
  #core;

  constructor(core = undefined) {
    // No program can name a core.
    if (!(core instanceof WritableController)) throw new TypeError("Illegal constructor");
    this.#core = core;
  }

  static #coreOf(controller) {
    if (!isObject(controller) || !(#core in controller)) throwIllegalInvocation("WritableStreamDefaultController");
    return controller.#core;
  }

  /** Aborts when the stream is aborted. */
  get signal() {
    return WritableStreamDefaultController.#coreOf(this).signal;
  }

  /** Makes the stream fail. @param {unknown} [error] */
  error(error = undefined) {
    WritableStreamDefaultController.#coreOf(this).errorIfNeeded(error);
  }

  [customInspect]() {
    return #core in this ? "WritableStreamDefaultController {}" : this;
  }

  static {
    makeWritableController = (core) => new WritableStreamDefaultController(core);
  }
}

exposeInterface(WritableStreamDefaultController);
