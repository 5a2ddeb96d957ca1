// How inspect() writes the properties of an object.

import { Kind, kindOf } from "internal:ops/inspect";
import { kObjectParts } from "./inspect_layout.js";
import { isBuiltIn } from "./inspect_names.js";
import { quote, symbolKey } from "./inspect_text.js";
import { formatValue } from "./inspect_value.js";
import { stringWidth } from "./string_width.js";

/** @typedef {import("./inspect_context.js").InspectContext} InspectContext */

/** How a property is written: with its name, or as an element without. */
export const kProperty = 0;
export const kElement = 1;

// User-defined prototypes whose properties showHidden lists.
const kPrototypeLayersMax = 3;

/**
 * The properties to list.
 * @param {object} value
 * @param {boolean} showHidden
 * @returns {PropertyKey[]}
 */
export function keysOf(value, showHidden) {
  const symbols = Object.getOwnPropertySymbols(value);
  if (showHidden) return [...Object.getOwnPropertyNames(value), ...symbols];
  let keys;
  try {
    keys = Object.keys(value);
  } catch (error) {
    // A module whose exports are not initialised yet.
    if (!(error instanceof ReferenceError)) throw error;
    keys = Object.getOwnPropertyNames(value);
  }
  for (const symbol of symbols) {
    if (Object.prototype.propertyIsEnumerable.call(value, symbol)) keys.push(symbol);
  }
  return keys;
}

/** An accessor of the prototype that is shown as if it were a property. */
export function formatExtra(context, value, depth, key) {
  const name = context.stylize(`[${key}]`, "string");
  context.indentation += 2;
  let text;
  try {
    text = formatValue(context, value[key], depth, key === "buffer" && kindOf(value) === Kind.TypedArray);
  } catch (error) {
    // A view whose buffer was detached.
    text = formatValue(context, value.buffer[key] ?? error, depth);
  }
  context.indentation -= 2;
  return `${name}: ${text}`;
}

/**
 * @param {InspectContext} context
 * @param {object} value
 * @param {number} depth
 * @param {PropertyKey} key
 * @param {number} [type] kProperty or kElement
 * @param {number} [parts] of the object
 * @param {PropertyDescriptor} [descriptor]
 * @param {object} [receiver] for getters
 * @returns {string}
 */
export function formatProperty(
  context,
  value,
  depth,
  key,
  type = kProperty,
  parts = kObjectParts,
  descriptor = Object.getOwnPropertyDescriptor(value, key),
  receiver = value,
) {
  let gap = " ";
  let text;
  if (descriptor.value !== undefined) {
    const indent = context.compact === true && type === kProperty && parts === kObjectParts ? 3 : 2;
    context.indentation += indent;
    text = formatValue(context, descriptor.value, depth);
    if (indent === 3 && context.breakLength < stringWidth(text)) {
      gap = `\n${" ".repeat(context.indentation)}`;
    }
    context.indentation -= indent;
  } else if (descriptor.get !== undefined) {
    text = formatGetter(context, descriptor, receiver, depth);
  } else if (descriptor.set !== undefined) {
    text = context.stylize("[Setter]", "special");
  } else {
    text = context.stylize("undefined", "undefined");
  }
  if (type === kElement) return text;
  let name;
  if (typeof key === "symbol") name = context.stylize(symbolKey(key), "symbol");
  else if (key === "__proto__") name = "['__proto__']";
  else if (/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)) name = context.stylize(key, "name");
  else name = context.stylize(quote(key), "string");
  if (descriptor.enumerable === false) name = `[${name}]`;
  return `${name}:${gap}${text}`;
}

function formatGetter(context, descriptor, receiver, depth) {
  const label = descriptor.set === undefined ? "Getter" : "Getter/Setter";
  const special = (text) => context.stylize(text, "special");
  const wanted =
    context.getters === true ||
    (context.getters === "get" && descriptor.set === undefined) ||
    (context.getters === "set" && descriptor.set !== undefined);
  if (!wanted) return special(`[${label}]`);
  context.indentation += 2;
  let text;
  try {
    const value = descriptor.get.call(receiver);
    const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
    const shown = formatValue(context, value, depth);
    text = isObject ? `${special(`[${label}]`)} ${shown}` : `${special(`[${label}:`)} ${shown}${special("]")}`;
  } catch (error) {
    const thrown = formatValue(context, error, depth);
    text = `${special(`[${label}:`)} <Inspection threw (${thrown})>${special("]")}`;
  }
  context.indentation -= 2;
  return text;
}

/**
 * With showHidden: the properties that user-defined prototypes add, but for
 * methods and what is overridden.
 */
export function inheritedProperties(context, object, first, depth) {
  const output = [];
  const hidden = new Set();
  let layer = first;
  for (let i = 0; i < kPrototypeLayersMax; i++) {
    if (i !== 0 || layer === object) {
      layer = Object.getPrototypeOf(layer);
      if (layer === null) break;
      const constructor = Object.getOwnPropertyDescriptor(layer, "constructor")?.value;
      if (typeof constructor === "function" && isBuiltIn(constructor.name)) break;
    }
    const keys = Reflect.ownKeys(layer);
    context.seen.push(object);
    for (const key of keys) {
      if (key === "constructor" || Object.hasOwn(object, key) || hidden.has(key)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(layer, key);
      if (typeof descriptor.value === "function") continue;
      const text = formatProperty(
        context, layer, depth, key, kProperty, kObjectParts, descriptor, object,
      );
      output.push(context.colors ? `\u001b[2m${text}\u001b[22m` : text);
    }
    context.seen.pop();
    for (const key of keys) hidden.add(key);
  }
  return output;
}
