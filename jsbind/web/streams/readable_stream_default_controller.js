// ReadableStreamDefaultController (https://streams.spec.whatwg.org/#rs-default-controller-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, throwIllegalInvocation } from "../webidl.js";
import { DefaultController } from "./default_controller.js";
import { invalidState } from "./promises.js";

/** @type {(core: DefaultController) => ReadableStreamDefaultController} */
export let makeDefaultController;

/** What the source of a stream puts chunks in with. */
export class ReadableStreamDefaultController {
  /** @type {DefaultController} */
  #core;

  constructor(core = undefined) {
    // No program can name a core.
    if (!(core instanceof DefaultController)) throw new TypeError("Illegal constructor");
    this.#core = core;
  }

  static #coreOf(controller) {
    if (!isObject(controller) || !(#core in controller)) throwIllegalInvocation("ReadableStreamDefaultController");
    return controller.#core;
  }

  /** How much fits in until the high-water mark; null if the stream has failed. */
  get desiredSize() {
    return ReadableStreamDefaultController.#coreOf(this).desiredSize;
  }

  /** Ends the stream after what is in it. */
  close() {
    const core = ReadableStreamDefaultController.#coreOf(this);
    if (!core.canCloseOrEnqueue) throw invalidState("The stream is closed or closing, or has failed");
    core.close();
  }

  /** @param {unknown} [chunk] */
  enqueue(chunk = undefined) {
    const core = ReadableStreamDefaultController.#coreOf(this);
    if (!core.canCloseOrEnqueue) throw invalidState("The stream is closed or closing, or has failed");
    core.enqueue(chunk);
  }

  /** Makes the stream fail. @param {unknown} [error] */
  error(error = undefined) {
    ReadableStreamDefaultController.#coreOf(this).error(error);
  }

  [customInspect]() {
    return #core in this ? "ReadableStreamDefaultController {}" : this;
  }

  static {
    makeDefaultController = (core) => new ReadableStreamDefaultController(core);
  }
}

exposeInterface(ReadableStreamDefaultController);
