// How inspect() writes the contents of arrays, sets, maps, buffers, promises
// and iterators. Each function gives the parts between the braces.

import { previewEntries, promiseDetails } from "internal:ops/inspect";
import { kArrayParts, layOut } from "./inspect_layout.js";
import { formatProperty, kElement } from "./inspect_property.js";
import { bigintText, numberText } from "./inspect_text.js";
import { formatValue } from "./inspect_value.js";

/** @typedef {import("./inspect_context.js").InspectContext} InspectContext */

function plural(count) {
  return count > 1 ? "s" : "";
}

function moreItems(count) {
  return `... ${count} more item${plural(count)}`;
}

/** How many of `size` items are shown. */
function shownOf(context, size) {
  return Math.min(Math.max(0, context.maxArrayLength), size);
}

/**
 * @param {InspectContext} context
 * @param {unknown[]} array
 * @param {number} depth
 * @returns {string[]}
 */
export function formatArray(context, array, depth) {
  const shown = shownOf(context, array.length);
  const output = [];
  for (let i = 0; i < shown; i++) {
    if (!Object.hasOwn(array, i)) return formatSparse(context, array, depth, shown, output, i);
    output.push(formatProperty(context, array, depth, i, kElement));
  }
  if (array.length > shown) output.push(moreItems(array.length - shown));
  return output;
}

/** The rest of an array from the first hole, `index`, on. */
function formatSparse(context, array, depth, shown, output, index) {
  const keys = Object.keys(array);
  for (let i = index; i < keys.length && output.length < shown; i++) {
    const key = keys[i];
    // An index is a canonical number below 2^32 - 1; what follows is a name.
    if (!/^(?:0|[1-9][0-9]*)$/.test(key) || Number(key) > 2 ** 32 - 2) break;
    if (`${index}` !== key) {
      const holes = Number(key) - index;
      output.push(context.stylize(`<${holes} empty item${plural(holes)}>`, "undefined"));
      index = Number(key);
      if (output.length === shown) break;
    }
    output.push(formatProperty(context, array, depth, key, kElement));
    index++;
  }
  const rest = array.length - index;
  if (output.length !== shown) {
    if (rest > 0) output.push(context.stylize(`<${rest} empty item${plural(rest)}>`, "undefined"));
  } else if (rest > 0) {
    output.push(moreItems(rest));
  }
  return output;
}

/** @returns {string[]} */
export function formatTypedArray(context, array, length) {
  const shown = shownOf(context, length);
  const isBigInt = length > 0 && typeof array[0] === "bigint";
  const output = [];
  for (let i = 0; i < shown; i++) {
    output.push(
      isBigInt
        ? context.stylize(bigintText(array[i], context.numericSeparator), "bigint")
        : context.stylize(numberText(array[i], context.numericSeparator), "number"),
    );
  }
  if (length > shown) output.push(moreItems(length - shown));
  return output;
}

/** @returns {string[]} */
export function formatArrayBuffer(context, buffer) {
  let bytes;
  try {
    bytes = new Uint8Array(buffer);
  } catch {
    return [context.stylize("(detached)", "special")];
  }
  const shown = shownOf(context, bytes.length);
  const hex = [];
  for (let i = 0; i < shown; i++) hex.push(bytes[i].toString(16).padStart(2, "0"));
  let text = hex.join(" ");
  const rest = bytes.length - shown;
  if (rest > 0) text += ` ... ${rest} more byte${plural(rest)}`;
  return [`${context.stylize("[Uint8Contents]", "special")}: <${text}>`];
}

/** @returns {string[]} */
export function formatSet(context, set, depth) {
  const shown = shownOf(context, set.size);
  const output = [];
  context.indentation += 2;
  for (const value of Set.prototype.values.call(set)) {
    if (output.length >= shown) break;
    output.push(formatValue(context, value, depth));
  }
  context.indentation -= 2;
  if (set.size > shown) output.push(moreItems(set.size - shown));
  return output;
}

/** @returns {string[]} */
export function formatMap(context, map, depth) {
  const shown = shownOf(context, map.size);
  const output = [];
  context.indentation += 2;
  for (const [key, value] of Map.prototype.entries.call(map)) {
    if (output.length >= shown) break;
    output.push(`${formatValue(context, key, depth)} => ${formatValue(context, value, depth)}`);
  }
  context.indentation -= 2;
  if (map.size > shown) output.push(moreItems(map.size - shown));
  return output;
}

/** The items of a WeakSet or WeakMap; only with showHidden, and in no order. */
export function formatWeakEntries(context, collection, depth) {
  const [entries, isKeyValue] = previewEntries(collection);
  return formatEntries(context, entries, isKeyValue ? " => " : undefined, depth).sort();
}

/**
 * What an iterator of a Map or Set has still to give.
 * @param {InspectContext} context
 * @param {object} iterator
 * @param {number} depth
 * @param {[string, string]} braces "Iterator" becomes "Entries" where it gives pairs
 * @returns {string[]}
 */
export function formatIterator(context, iterator, depth, braces) {
  const [entries, isKeyValue] = previewEntries(iterator);
  if (!isKeyValue) return formatEntries(context, entries, undefined, depth);
  braces[0] = braces[0].replace(/ Iterator\] \{$/, " Entries] {");
  return formatEntries(context, entries, ", ", depth);
}

/**
 * @param {InspectContext} context
 * @param {unknown[]} entries alternately keys and values, if there is a separator
 * @param {string | undefined} separator " => ", or ", " for pairs in brackets
 * @param {number} depth
 */
function formatEntries(context, entries, separator, depth) {
  const step = separator === undefined ? 1 : 2;
  const size = entries.length / step;
  const shown = shownOf(context, size);
  const output = [];
  context.indentation += 2;
  for (let i = 0; i < shown; i++) {
    const parts = [];
    for (let j = 0; j < step; j++) parts.push(formatValue(context, entries[i * step + j], depth));
    output.push(
      separator === ", "
        ? layOut(context, parts, "", ["[", "]"], kArrayParts, depth)
        : parts.join(separator),
    );
  }
  context.indentation -= 2;
  if (size > shown) output.push(moreItems(size - shown));
  return output;
}

/** @returns {string[]} */
export function formatPromise(context, promise, depth) {
  const [state, result] = promiseDetails(promise);
  if (state === 0) return [context.stylize("<pending>", "special")];
  context.indentation += 2;
  const text = formatValue(context, result, depth);
  context.indentation -= 2;
  return [state === 2 ? `${context.stylize("<rejected>", "special")} ${text}` : text];
}

/** The exports of a module; those that are not initialised yet say so. */
export function formatModuleNamespace(context, namespace, depth, keys) {
  return keys.map((key) => {
    try {
      return formatProperty(context, namespace, depth, key);
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      // The export's name is written as any other property's would be.
      const named = formatProperty(context, { [key]: "" }, depth, key);
      const end = named.lastIndexOf(" ");
      return named.slice(0, end + 1) + context.stylize("<uninitialized>", "special");
    }
  });
}
