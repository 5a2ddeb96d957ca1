// How C++ takes part in AbortSignals: a call that was given `{ signal }`
// subscribes with a token, and is told the token when the signal aborts.

import { abortCall } from "internal:runtime";
import { AbortController } from "./abort_controller.js";
import { follow, isAbortSignal, unfollow } from "./abort_signal.js";
import { invalidArgType } from "./errors.js";

/** Followers by token. */
const followers = new Map();

/**
 * @param {unknown} signal
 * @param {number} token
 * @returns {boolean} true if it has aborted already
 */
export function subscribeAbort(signal, token) {
  if (!isAbortSignal(signal)) throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  if (signal.aborted) return true;
  const follower = follow(signal, () => {
    followers.delete(token);
    abortCall(token);
  });
  followers.set(token, follower);
  return false;
}

/**
 * @param {AbortSignal} signal
 * @param {number} token
 */
export function unsubscribeAbort(signal, token) {
  const follower = followers.get(token);
  if (follower === undefined) return;
  followers.delete(token);
  unfollow(follower);
}

/** An AbortController for a task whose cancellation is to reach JS. */
export function makeAbortController() {
  return new AbortController();
}
