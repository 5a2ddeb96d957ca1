// format(): printf-like text, as console.log makes it of its arguments
// (https://console.spec.whatwg.org/#formatter, in Node's flavour).

import { proxyDetails } from "internal:ops/inspect";
import { inspect } from "./inspect.js";
import { isBuiltIn } from "./inspect_names.js";
import { bigintText, numberText } from "./inspect_text.js";

/**
 * @param {import("./inspect_context.js").InspectOptions | undefined} options
 * @param {unknown[]} values
 * @returns {string}
 */
export function formatValues(options, values) {
  const [first] = values;
  if (values.length === 1) return typeof first === "string" ? first : inspect(first, options);
  let used = 0;
  let text = "";
  if (typeof first === "string") {
    text = first;
    used = 1;
    if (first.includes("%")) [text, used] = substitute(options, first, values);
  }
  for (; used < values.length; used++) {
    const value = values[used];
    const shown = typeof value === "string" ? value : inspect(value, options);
    text = used === 0 ? shown : `${text} ${shown}`;
  }
  return text;
}

/**
 * @param {unknown[]} values
 * @returns {string}
 */
export function format(...values) {
  return formatValues(undefined, values);
}

/** Fills the directives of a format; gives the text and how many values went into it. */
function substitute(options, template, values) {
  let text = "";
  let used = 1;
  let from = 0;
  for (let i = 0; i < template.length - 1; i++) {
    if (template[i] !== "%") continue;
    const directive = template[++i];
    let shown;
    if (directive === "%") {
      shown = "%";
    } else if (used < values.length && "sdifjoOc".includes(directive)) {
      shown = formatDirective(options, directive, values[used++]);
    } else {
      continue;
    }
    text += template.slice(from, i - 1) + shown;
    from = i + 1;
  }
  return [text + template.slice(from), used];
}

function formatDirective(options, directive, value) {
  const separator = options?.numericSeparator ?? inspect.defaultOptions.numericSeparator;
  switch (directive) {
    case "s":
      if (typeof value === "number") return numberText(value, separator);
      if (typeof value === "bigint") return bigintText(value, separator);
      if (typeof value !== "object" || value === null || !hasBuiltInToString(value)) {
        return String(value);
      }
      return inspect(value, { ...options, depth: 0, colors: false, compact: 3 });
    case "d":
      if (typeof value === "bigint") return bigintText(value, separator);
      return typeof value === "symbol" ? "NaN" : numberText(Number(value), separator);
    case "i":
      if (typeof value === "bigint") return bigintText(value, separator);
      return typeof value === "symbol" ? "NaN" : numberText(Number.parseInt(value), separator);
    case "f":
      return typeof value === "symbol" ? "NaN" : numberText(Number.parseFloat(value), separator);
    case "j":
      return stringify(value);
    case "o":
      return inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 });
    case "O":
      return inspect(value, options);
    default: // %c is CSS, which a terminal has no use for.
      return "";
  }
}

/** Whether String() of an object would only give "[object Object]" or the like. */
function hasBuiltInToString(object) {
  for (let details; (details = proxyDetails(object)) !== undefined; ) {
    if (details[0] === null) return true;
    [object] = details;
  }
  const keys = ["toString", Symbol.toPrimitive].filter((key) => typeof object[key] === "function");
  if (keys.length === 0) return true;
  const owns = (layer) => keys.some((key) => Object.hasOwn(layer, key));
  if (owns(object)) return false;
  let layer = object;
  do {
    layer = Object.getPrototypeOf(layer);
  } while (!owns(layer));
  const constructor = Object.getOwnPropertyDescriptor(layer, "constructor")?.value;
  return typeof constructor === "function" && isBuiltIn(constructor.name);
}

function stringify(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // The engine's message goes on with the path that leads back.
    if (error instanceof TypeError && error.message.includes("circular structure")) return "[Circular]";
    throw error;
  }
}
