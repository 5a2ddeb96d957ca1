// TransformStreamDefaultController (https://streams.spec.whatwg.org/#ts-default-controller-class).

import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, throwIllegalInvocation } from "../webidl.js";
import { TransformCore } from "./transform_core.js";

/** @type {(core: TransformCore) => TransformStreamDefaultController} */
export let makeTransformController;

/** What a transformer puts chunks in with. */
export class TransformStreamDefaultController {
  /** @type {TransformCore} */
  #core;

  constructor(core = undefined) {
    // No program can name a core.
    if (!(core instanceof TransformCore)) throw new TypeError("Illegal constructor");
    this.#core = core;
  }

  static #coreOf(controller) {
    if (!isObject(controller) || !(#core in controller)) throwIllegalInvocation("TransformStreamDefaultController");
    return controller.#core;
  }

  /** How much fits in the readable side until its high-water mark. */
  get desiredSize() {
    return TransformStreamDefaultController.#coreOf(this).desiredSize;
  }

  /** @param {unknown} [chunk] for the readable side */
  enqueue(chunk = undefined) {
    TransformStreamDefaultController.#coreOf(this).enqueue(chunk);
  }

  /** Makes both sides fail. @param {unknown} [reason] */
  error(reason = undefined) {
    TransformStreamDefaultController.#coreOf(this).error(reason);
  }

  /** Ends the readable side, and makes the writable one fail. */
  terminate() {
    TransformStreamDefaultController.#coreOf(this).terminate();
  }

  [customInspect]() {
    return #core in this ? "TransformStreamDefaultController {}" : this;
  }

  static {
    makeTransformController = (core) => new TransformStreamDefaultController(core);
  }
}

exposeInterface(TransformStreamDefaultController);
