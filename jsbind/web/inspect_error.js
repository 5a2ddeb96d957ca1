// How inspect() writes errors: the stack, corrected where it does not name
// the error as it is, shortened where it repeats its cause's.

import { prefixOf } from "./inspect_names.js";

// A run of frames shared with the cause is cut when it is longer than this.
const kSharedFramesMin = 4;

function stackOf(error) {
  return error.stack ? String(error.stack) : Error.prototype.toString.call(error);
}

/** A property of an error, or undefined where its getter throws. */
function read(error, key) {
  try {
    return error[key];
  } catch {
    return undefined;
  }
}

/**
 * @param {import("./inspect_context.js").InspectContext} context
 * @param {Error} error
 * @param {string | null} constructor
 * @param {string} tag
 * @param {PropertyKey[]} keys of the properties to be listed; adjusted
 * @returns {string} the text before the braces
 */
export function formatError(context, error, constructor, tag, keys) {
  let stack;
  try {
    stack = stackOf(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
  const message = read(error, "message");
  const name = read(error, "name");
  if (!context.showHidden) dropShownKeys(keys, stack, name, message);
  for (const key of ["cause", "errors"]) {
    if (!Object.hasOwn(error, key) || keys.includes(key)) continue;
    if (key === "cause" || Array.isArray(read(error, key))) keys.push(key);
  }

  stack = correctHeader(stack, constructor, name ?? "Error", tag);
  // The message may itself hold what looks like a frame.
  const messageAt = typeof message === "string" && message !== "" ? stack.indexOf(message) : -1;
  const framesAt = stack.indexOf("\n    at", messageAt === -1 ? 0 : messageAt + message.length);
  if (framesAt === -1) {
    stack = `[${stack}]`;
  } else {
    const frames = withoutSharedFrames(context, error, stack.slice(framesAt + 1).split("\n"));
    const shown = context.colors ? frames.map((line) => styleFrame(context, line)) : frames;
    stack = `${stack.slice(0, framesAt)}\n${shown.join("\n")}`;
  }
  if (context.indentation !== 0) {
    stack = stack.replaceAll("\n", `\n${" ".repeat(context.indentation)}`);
  }
  return stack;
}

/** Drops the keys whose values the stack shows. */
function dropShownKeys(keys, stack, name, message) {
  const drop = (key) => {
    const index = keys.indexOf(key);
    if (index !== -1) keys.splice(index, 1);
  };
  drop("stack");
  if (typeof message !== "string" || stack.includes(message)) drop("message");
  if (typeof name !== "string" || stack.includes(name)) drop("name");
}

/**
 * The stack is text from the time of the throw: its first line is made to name
 * the class of the error and the name that it has now.
 */
function correctHeader(stack, constructor, name, tag) {
  if (typeof name !== "string") name = String(name);
  const named =
    name.endsWith("Error") &&
    stack.startsWith(name) &&
    (stack.length === name.length || stack[name.length] === ":" || stack[name.length] === "\n");
  if (constructor !== null && !named) return stack;
  let fallback = "Error";
  let length = name.length;
  if (constructor === null) {
    const start =
      /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n\s+at)/.exec(stack) ?? /^([a-z_A-Z0-9-]*Error)$/.exec(stack);
    fallback = start?.[1] ?? "";
    length = fallback.length;
    fallback ||= "Error";
  }
  const prefix = prefixOf(constructor, tag, fallback).slice(0, -1);
  if (name === prefix) return stack;
  if (!prefix.includes(name)) return `${prefix} [${name}]${stack.slice(length)}`;
  return length === 0 ? `${prefix}: ${stack}` : `${prefix}${stack.slice(length)}`;
}

/** Replaces the frames that the error's cause repeats by a line that says so. */
function withoutSharedFrames(context, error, frames) {
  const cause = read(error, "cause");
  if (!(cause instanceof Error)) return frames;
  let causeStack;
  try {
    causeStack = stackOf(cause);
  } catch {
    return frames;
  }
  const at = causeStack.indexOf("\n    at");
  if (at === -1) return frames;
  const run = longestSharedRun(frames, causeStack.slice(at + 1).split("\n"));
  if (run.length < kSharedFramesMin) return frames;
  // The first and the last shared frame stay, for orientation.
  const skipped = run.length - 2;
  const line = context.stylize(
    `    ... ${skipped} lines matching cause stack trace ...`,
    "undefined",
  );
  return frames.toSpliced(run.start + 1, skipped, line);
}

function longestSharedRun(frames, others) {
  for (let i = 0; i < frames.length - 3; i++) {
    const at = others.indexOf(frames[i]);
    if (at === -1) continue;
    const rest = others.length - at;
    if (rest <= 3) continue;
    let length = 1;
    while (i + length < frames.length && length < rest && frames[i + length] === others[at + length]) {
      length++;
    }
    if (length > 3) return { length, start: i };
  }
  return { length: 0, start: 0 };
}

/** Greys out the runtime's own frames and underlines the names of packages. */
function styleFrame(context, line) {
  if (/(?:\(|at )(?:braid|node|internal|native):/.test(line)) {
    return context.stylize(line, "undefined");
  }
  return line.replace(
    /(node_modules[\\/])((?:@[^\\/]+[\\/])?[^\\/:)]+)/g,
    (all, folder, name) => folder + context.stylize(name, "module"),
  );
}
