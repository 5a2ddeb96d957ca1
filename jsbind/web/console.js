// console (https://console.spec.whatwg.org/), in the output format of Node.

import { hasColors, writeStderr, writeStdout } from "internal:ops/stdio";
import { now } from "internal:runtime";
import { formatValues } from "./format.js";
import { inspect } from "./inspect.js";
import { renderTable } from "./console_table.js";
import { emitWarning } from "./warnings.js";

const kIndentStep = 2;

/** Where a console's text goes. */
const streams = {
  out: { write: writeStdout, colors: undefined, fd: 1 },
  err: { write: writeStderr, colors: undefined, fd: 2 },
};

const kPlain = Object.freeze({ colors: false });
const kColored = Object.freeze({ colors: true });

function optionsFor(stream) {
  stream.colors ??= hasColors(stream.fd);
  return stream.colors ? kColored : kPlain;
}

let indentation = "";
const counts = new Map();
const timers = new Map();

function print(stream, values) {
  let text =
    values.length === 1 && typeof values[0] === "string"
      ? values[0]
      : formatValues(optionsFor(stream), values);
  if (indentation !== "") {
    text = indentation + (text.includes("\n") ? text.replaceAll("\n", `\n${indentation}`) : text);
  }
  stream.write(`${text}\n`);
}

/** "1.234ms", "2.500s", "1:02.345 (m:ss.mmm)", "1:00:02.345 (h:mm:ss.mmm)". */
function durationText(ms) {
  if (ms < 1000) return `${Number(ms.toFixed(3))}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(3)}s`;
  const seconds = ((ms % 60_000) / 1000).toFixed(3).padStart(6, "0");
  const minutes = Math.floor(ms / 60_000) % 60;
  const hours = Math.floor(ms / 3_600_000);
  if (hours === 0) return `${minutes}:${seconds} (m:ss.mmm)`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${seconds} (h:mm:ss.mmm)`;
}

function printTimer(label, values) {
  const start = timers.get(label);
  if (start === undefined) {
    emitWarning(`No such label '${label}' for console.time()`);
    return false;
  }
  const text = `${label}: ${durationText(now() - start)}`;
  // The label may hold what looks like a directive.
  print(streams.out, values.length === 0 ? [text] : ["%s", text, ...values]);
  return true;
}

// Methods are own properties, not constructors, and work without `this`.
const methods = {
  /** Prints a line to stdout. */
  log(...values) {
    print(streams.out, values);
  },
  /** Prints a line to stderr. */
  warn(...values) {
    print(streams.err, values);
  },
  /** Prints one value; options as of util.inspect. */
  dir(value, options) {
    const all = { customInspect: false, ...optionsFor(streams.out), ...options };
    print(streams.out, [inspect(value, all)]);
  },
  /** Starts a timer. */
  time(label = "default") {
    label = `${label}`;
    if (timers.has(label)) {
      emitWarning(`Label '${label}' already exists for console.time()`);
      return;
    }
    timers.set(label, now());
  },
  /** Prints a timer's value and ends it. */
  timeEnd(label = "default") {
    label = `${label}`;
    if (printTimer(label, [])) timers.delete(label);
  },
  /** Prints a timer's value. */
  timeLog(label = "default", ...values) {
    printTimer(`${label}`, values);
  },
  /** Prints the stack to stderr. */
  trace(...values) {
    const error = { name: "Trace", message: formatValues(optionsFor(streams.err), values) };
    Error.captureStackTrace(error, methods.trace);
    const first = error.message === "" ? "Trace" : `Trace: ${error.message}`;
    const frames = error.stack.slice(error.stack.indexOf("\n    at"));
    print(streams.err, [frames.startsWith("\n") ? first + frames : first]);
  },
  /** Prints to stderr if the condition is false. */
  assert(condition, ...values) {
    if (condition) return;
    if (typeof values[0] === "string") values[0] = `Assertion failed: ${values[0]}`;
    else values.unshift("Assertion failed");
    print(streams.err, values);
  },
  /** Clears the terminal, if stdout is one. */
  clear() {
    if (optionsFor(streams.out) === kColored) streams.out.write("\u001b[1;1H\u001b[0J");
  },
  /** Prints how many times it was called with this label. */
  count(label = "default") {
    label = `${label}`;
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    print(streams.out, [`${label}: ${count}`]);
  },
  countReset(label = "default") {
    label = `${label}`;
    if (!counts.delete(label)) emitWarning(`Count for '${label}' does not exist`);
  },
  /** Indents what follows, after a line of its own. */
  group(...values) {
    if (values.length > 0) print(streams.out, values);
    indentation += " ".repeat(kIndentStep);
  },
  groupEnd() {
    indentation = indentation.slice(kIndentStep);
  },
  /** Prints rows and columns. */
  table(data, columns) {
    const text = renderTable(data, columns, optionsFor(streams.out));
    print(streams.out, text === undefined ? [data] : [text]);
  },
};

const aliases = {
  info: methods.log,
  debug: methods.log,
  dirxml: methods.log,
  error: methods.warn,
  groupCollapsed: methods.group,
};

// A function of its own for each alias: they have names of their own.
for (const [name, method] of Object.entries(aliases)) {
  methods[name] = { [name]: (...values) => method(...values) }[name];
}

/** The global console. Its prototype is an empty object, as the standard says. */
export const console = Object.create({});
for (const name of (
  "log info debug warn error dir time timeEnd timeLog trace assert clear count countReset " +
  "group groupEnd table dirxml groupCollapsed"
).split(" ")) {
  Object.defineProperty(console, name, {
    value: methods[name],
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
Object.defineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });
