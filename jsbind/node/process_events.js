// What the runtime asks process's listeners: about errors that nobody caught,
// and about the end of the process.

import { setHooks } from "internal:runtime";

/**
 * @param {import("./process.js").Process} process
 */
export function installProcessHooks(process) {
  let exitEmitted = false;

  const exitCode = (code) => process.exitCode ?? code;

  /** Emits 'exit' once; gives the code to end with. */
  function emitExit(code) {
    if (exitEmitted) return exitCode(code);
    exitEmitted = true;
    process._exiting = true;
    // A listener may still set another one.
    process.exitCode = exitCode(code);
    process.emit("exit", Number(process.exitCode));
    return Number(exitCode(code));
  }

  setHooks({
    onUncaught(error, origin) {
      process.emit("uncaughtExceptionMonitor", error, origin);
      if (captureCallback !== null) {
        captureCallback(error);
        return true;
      }
      if (process.listenerCount("uncaughtException") > 0) {
        process.emit("uncaughtException", error, origin);
        return true;
      }
      // The process ends because of it: its code says so, whatever was set.
      process.exitCode = undefined;
      return false;
    },
    onUnhandledRejection(promise, reason) {
      return process.emit("unhandledRejection", reason, promise);
    },
    onRejectionHandled(promise) {
      process.emit("rejectionHandled", promise);
    },
    onBeforeExit(code) {
      process.emit("beforeExit", Number(exitCode(code)));
    },
    onExit: emitExit,
  });

  return emitExit;
}

let captureCallback = null;

/**
 * Sends all uncaught errors to one function instead of the listeners.
 * @param {((error: unknown) => void) | null} callback
 */
export function setUncaughtCapture(callback) {
  captureCallback = callback;
}

export function hasUncaughtCapture() {
  return captureCallback !== null;
}
