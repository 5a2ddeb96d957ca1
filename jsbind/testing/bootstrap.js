// Installs the globals and hooks of the engine's own tests.
import { enqueueMicrotask, setHooks } from "internal:runtime";
import {
  AbortController,
  AbortSignal,
  makeAbortController,
  subscribeAbort,
  subscriptions,
  unsubscribeAbort,
} from "./abort.js";
import { emit, on } from "./events.js";
import { getExitCode } from "./exit_code.js";
import {
  nextTick,
  runImmediates,
  runTicks,
  runTimers,
  setImmediate,
  setTimeout,
} from "./queues.js";

setHooks({
  runTicks,
  runImmediates,
  runTimers,
  subscribeAbort,
  unsubscribeAbort,
  makeAbortController,
  onUncaught: (error, origin) => emit("uncaughtException", error, origin),
  onUnhandledRejection: (promise, reason) => emit("unhandledRejection", reason, promise),
  onRejectionHandled: (promise) => emit("rejectionHandled", promise),
  onBeforeExit: (code) => emit("beforeExit", code),
  onExit(code) {
    emit("exit", getExitCode() ?? code);
    return getExitCode() ?? code;
  },
});

Object.assign(globalThis, {
  nextTick,
  queueMicrotask: enqueueMicrotask,
  setImmediate,
  setTimeout,
  AbortController,
  AbortSignal,
  subscriptions,
  on,
});
