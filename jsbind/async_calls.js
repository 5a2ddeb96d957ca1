// JavaScript's half of calls into C++ coroutines (pending_call.h): it makes and
// settles their promises, which takes compiled JS half of the time that it takes
// through V8's C++ API.
import { setHooks, turnCounts } from "internal:runtime";

import { rejectWithStack } from "./error_stacks.js";

const kSuspendedCall = 4; // TurnState::kSuspendedCall

// What scripts change of these later changes nothing here.
const { apply } = Reflect;
const { defineProperty } = Object;
const NativePromise = Promise;
const resolved = Promise.resolve.bind(Promise);
const rejected = Promise.reject.bind(Promise);

/**
 * What settles the promises of calls that are suspended, by their slots.
 * @type {(((value: unknown) => void) | undefined)[]}
 */
const resolvers = [];
/** @type {(((error: unknown) => void) | undefined)[]} */
const rejecters = [];
/** Those of them that belong to no promise. @type {(((error: unknown) => void) | undefined)[]} */
const callbacks = [];

/** The slot of the call whose promise is being made. */
let slot = 0;

/** @type {ConstructorParameters<typeof Promise>[0]} */
function keep(resolve, reject) {
  resolvers[slot] = resolve;
  rejecters[slot] = reject;
}

/** The promise of the call that C++ has just suspended. */
function promiseOfSuspended() {
  slot = turnCounts[kSuspendedCall] - 1;
  turnCounts[kSuspendedCall] = 0;
  return new NativePromise(keep);
}

/**
 * Where the result of a call goes that has just returned (ModuleDef::SuspendingFunction),
 * instead of a promise. Neither function may throw.
 * @param {(value: any) => void} fulfil
 * @param {(error: any) => void} reject
 * @returns {boolean} false if the call has not suspended: its result is at hand
 */
export function settleSuspendedWith(fulfil, reject) {
  const suspended = turnCounts[kSuspendedCall];
  if (suspended === 0) return false;
  turnCounts[kSuspendedCall] = 0;
  resolvers[suspended - 1] = fulfil;
  rejecters[suspended - 1] = reject;
  callbacks[suspended - 1] = reject;
  return true;
}

/**
 * An async function over `native`, which gives or throws the call's result, or
 * notes that the call has suspended.
 * @param {Function} native
 * @param {string} name
 * @param {number} length
 */
function wrapAsync(native, name, length) {
  // A method, since those cannot be called with `new`.
  const { [name]: wrapper } = {
    [name](...args) {
      let result;
      try {
        result = apply(native, this, args);
      } catch (error) {
        return rejected(error);
      }
      return turnCounts[kSuspendedCall] === 0 ? resolved(result) : promiseOfSuspended();
    },
  };
  return defineProperty(wrapper, "length", { value: length, configurable: true });
}

/**
 * Fulfils the promises of calls that have succeeded: `pairs` are slots and values.
 * @param {...any} pairs
 */
function fulfilCalls(...pairs) {
  for (let i = 0; i < pairs.length; i += 2) {
    const index = pairs[i];
    // None if the stack ended before the promise could be made.
    const resolve = resolvers[index];
    resolvers[index] = undefined;
    rejecters[index] = undefined;
    resolve?.(pairs[i + 1]);
  }
}

/**
 * Rejects the promise of a call that has failed.
 * @param {number} index its slot
 * @param {any} error
 * @param {boolean} withStack whether the error is the call's own, and takes its stack
 */
function rejectCall(index, error, withStack) {
  const resolve = resolvers[index];
  const reject = rejecters[index];
  resolvers[index] = undefined;
  rejecters[index] = undefined;
  if (reject === undefined) return;
  if (withStack && callbacks[index] !== reject) rejectWithStack(resolve, error);
  else reject(error);
}

setHooks({ fulfilCalls, promiseOfSuspended, rejectCall, wrapAsync });
