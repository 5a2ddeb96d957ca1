// AbortController (https://dom.spec.whatwg.org/#interface-abortcontroller).

import { createAbortSignal, signalAbort } from "./abort_signal.js";
import { customInspect } from "./inspect_value.js";
import { exposeInterface } from "./webidl.js";

/** Aborts what its signal was given to. */
export class AbortController {
  /** Made when first looked at. */
  #signal = null;

  get signal() {
    return (this.#signal ??= createAbortSignal());
  }

  /** @param {unknown} [reason] an AbortError if left out */
  abort(reason = undefined) {
    signalAbort(this.signal, reason);
  }

  [customInspect](depth, options, inspect) {
    const name = this.constructor.name;
    return depth < 0 ? name : `${name} ${inspect({ signal: this.signal }, options)}`;
  }
}

exposeInterface(AbortController);
