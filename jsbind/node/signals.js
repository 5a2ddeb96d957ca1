// Signals as events of process: a signal is caught as long as somebody listens
// for it, and has its default effect otherwise. Catching one keeps no process
// alive.

import { nextSignal, signals, stopSignal } from "internal:ops/process";
import { ref, unref } from "internal:runtime";
import { reportException } from "../web/report_exception.js";
import { nextTick } from "../web/task_queue.js";

/** Names of the signals that are being caught. */
const caught = new Set();

/** @param {unknown} name of an event */
export function isSignal(name) {
  return typeof name === "string" && Object.hasOwn(signals, name);
}

/**
 * Catches a signal until release() is called.
 * @param {string} name "SIGINT"
 * @param {(name: string, number: number) => void} onSignal
 */
export function catchSignal(name, onSignal) {
  if (caught.has(name)) return;
  caught.add(name);
  watch(name, signals[name], onSignal);
}

async function watch(name, number, onSignal) {
  // The pending call alone would keep the process alive.
  unref();
  try {
    while (caught.has(name)) {
      if (!(await nextSignal(number))) break;
      // As a callback of the loop: ticks of a listener run before its microtasks.
      nextTick(onSignal, name, number);
    }
  } catch (error) {
    caught.delete(name);
    reportException(error);
  } finally {
    ref();
  }
}

/** @param {string} name */
export function releaseSignal(name) {
  if (!caught.delete(name)) return;
  stopSignal(signals[name]);
}
