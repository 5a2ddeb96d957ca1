// AssertionError: what node:assert throws.

import { validateObject } from "../web/errors.js";
import { inspect } from "../web/inspect.js";
import { customInspect } from "../web/inspect_value.js";
import { diffLines } from "./line_diff.js";

const kHeadings = {
  deepStrictEqual: "Expected values to be strictly deep-equal:",
  strictEqual: "Expected values to be strictly equal:",
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: "Expected values to be loosely deep-equal:",
  partialDeepStrictEqual: "Expected values to be partially and strictly deep-equal:",
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: "Values have same structure but are not reference-equal:",
};
/** Two values that are shorter together are shown in one line. */
const kShort = 12;
/** Equal lines in a row that are shown. */
const kEqualLines = 5;

function show(value) {
  return inspect(value, {
    compact: false,
    customInspect: false,
    depth: 1000,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
    showHidden: false,
    showProxy: false,
    sorted: true,
    getters: true,
  });
}

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

function compare(actual, expected, operator) {
  if (operator === "strictEqual" && isObject(actual) && isObject(expected)) operator = "strictEqualObject";
  const [shownActual, shownExpected] = [show(actual), show(expected)];
  if (shownActual === shownExpected && operator !== "deepEqual") {
    return `${kHeadings.notIdentical}\n\n${shownActual}\n`;
  }
  const isShort = !shownActual.includes("\n") && !shownExpected.includes("\n");
  if (isShort && !isObject(actual) && !isObject(expected) && shownActual.length + shownExpected.length <= kShort) {
    return `${kHeadings[operator]}\n\n${shownActual} !== ${shownExpected}\n`;
  }
  const lines = diffLines(shownActual.split("\n"), shownExpected.split("\n"));
  const { text, skipped } = collapse(lines);
  const note = skipped ? "\n... Skipped lines" : "";
  return `${kHeadings[operator]}\n+ actual - expected${note}\n\n${text.join("\n")}\n`;
}

/** Of a long run of equal lines the first ones and the last one stay. */
function collapse(lines) {
  const text = [];
  let skipped = false;
  for (let i = 0; i < lines.length; ) {
    let end = i + 1;
    while (end < lines.length && lines[i].sign === " " && lines[end].sign === " ") end++;
    const run = lines.slice(i, end).map((line) => `${line.sign} ${line.text}`);
    if (run.length >= kEqualLines + 3) {
      skipped = true;
      run.splice(kEqualLines, run.length - kEqualLines - 1, "...");
    }
    text.push(...run);
    i = end;
  }
  return { text, skipped };
}

function describe({ actual, expected, operator }) {
  switch (operator) {
    case "deepStrictEqual":
    case "strictEqual":
    case "partialDeepStrictEqual":
      return compare(actual, expected, operator);
    case "notDeepStrictEqual":
    case "notStrictEqual": {
      const key = operator === "notStrictEqual" && isObject(actual) ? "notStrictEqualObject" : operator;
      const shown = show(actual);
      return shown.includes("\n") || isObject(actual)
        ? `${kHeadings[key]}\n\n${shown}\n`
        : `${kHeadings[key]} ${shown}`;
    }
    case "deepEqual":
      return `${kHeadings.deepEqual}\n\n${show(actual)}\n\nshould loosely deep-equal\n\n${show(expected)}`;
    case "notDeepEqual":
      return `${kHeadings.notDeepEqual}\n\n${show(expected)}`;
    default:
      return `${inspect(actual)} ${operator} ${inspect(expected)}`;
  }
}

/** An assertion that did not hold. */
export class AssertionError extends Error {
  /**
   * @param {{ message?: string, actual?: unknown, expected?: unknown, operator?: string,
   *     stackStartFn?: Function }} options
   */
  constructor(options) {
    validateObject(options, "options");
    const { message, actual, expected, operator, stackStartFn } = options;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message === undefined || message === null ? describe(options) : String(message));
    Error.stackTraceLimit = limit;
    this.generatedMessage = message === undefined || message === null;
    this.code = "ERR_ASSERTION";
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
    // The stack's first line is made from the name when it is first read.
    Object.defineProperty(this, "name", { value: "AssertionError [ERR_ASSERTION]", configurable: true, writable: true });
    Error.captureStackTrace(this, stackStartFn ?? AssertionError);
    void this.stack;
    this.name = "AssertionError";
    Object.defineProperty(this, "name", { enumerable: false });
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  [customInspect](depth, options, inspectValue) {
    return inspectValue(this, { ...options, customInspect: false, depth: 0 });
  }
}
