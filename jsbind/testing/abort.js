// AbortController, as far as the bridge needs it.
import { abortCall } from "internal:runtime";

class AbortError extends Error {
  name = "AbortError";
}

let subscribed = 0;
export const subscriptions = () => subscribed;

export class AbortSignal {
  aborted = false;
  reason = undefined;
  tokens = new Set();
  listeners = [];

  static abort(reason) {
    const controller = new AbortController();
    controller.abort(reason);
    return controller.signal;
  }

  addEventListener(_, listener) {
    this.listeners.push(listener);
  }
}

export class AbortController {
  signal = new AbortSignal();

  abort(reason = new AbortError("The operation was aborted")) {
    const { signal } = this;
    if (signal.aborted) return;
    signal.aborted = true;
    signal.reason = reason;
    subscribed -= signal.tokens.size;
    for (const token of signal.tokens) abortCall(token);
    signal.tokens.clear();
    for (const listener of signal.listeners) listener();
  }
}

export function subscribeAbort(signal, token) {
  if (!(signal instanceof AbortSignal)) throw new TypeError("not an AbortSignal");
  if (signal.aborted) return true;
  signal.tokens.add(token);
  subscribed++;
  return false;
}

export function unsubscribeAbort(signal, token) {
  if (signal.tokens.delete(token)) subscribed--;
}

export const makeAbortController = () => new AbortController();
