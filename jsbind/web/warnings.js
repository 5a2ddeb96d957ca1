// process.emitWarning(): what the runtime and packages warn of.

import { writeWarning } from "internal:ops/stdio";
import { invalidArgType } from "./errors.js";
import { nextTick } from "./task_queue.js";

/** Called with each warning after it was printed; set by process.js. */
let listener;
const settings = { noDeprecation: false };

/**
 * @param {(warning: Error) => void} onWarning
 * @param {{ noDeprecation?: boolean }} flags looked at for each warning
 */
export function setWarningListener(onWarning, flags) {
  listener = onWarning;
  Object.setPrototypeOf(settings, flags);
  delete settings.noDeprecation;
}

function deliver(warning) {
  const isDeprecation = warning.name === "DeprecationWarning";
  if (!(isDeprecation && settings.noDeprecation)) {
    const code = warning.code === undefined ? "" : `[${warning.code}] `;
    const detail = typeof warning.detail === "string" ? `\n${warning.detail}` : "";
    writeWarning(`${code}${warning.name}: ${warning.message}${detail}\n`);
  }
  listener?.(warning);
}

/**
 * Prints a warning to stderr and emits process's 'warning', both a tick later.
 * @param {string | Error} warning
 * @param {string | { type?: string, code?: string, detail?: string }} [type] or options
 * @param {string} [code]
 */
export function emitWarning(warning, type = undefined, code = undefined) {
  let detail;
  if (type !== null && typeof type === "object" && !Array.isArray(type)) {
    ({ type, code, detail } = type);
  }
  type ??= "Warning";
  if (typeof type !== "string") throw invalidArgType("type", "of type string", type);
  if (code !== undefined && typeof code !== "string" && typeof code !== "function") {
    throw invalidArgType("code", "of type string", code);
  }
  if (typeof warning === "string") {
    const made = new Error(warning);
    made.name = type;
    Object.defineProperty(made, "name", { enumerable: false });
    if (typeof code === "string") made.code = code;
    if (typeof detail === "string") made.detail = detail;
    warning = made;
  } else if (!(warning instanceof Error)) {
    throw invalidArgType("warning", "of type string or an instance of Error", warning);
  }
  nextTick(deliver, warning);
}
