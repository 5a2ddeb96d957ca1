// How inspect() lays the parts of an object out on lines.

import { stringWidth, stripVTControlCharacters } from "./string_width.js";

/** What an object's parts are. */
export const kObjectParts = 0; // Properties.
export const kArrayParts = 1; // Elements, perhaps with properties after them.

// Above this many elements an array may be set in columns.
const kUngroupedMax = 6;
const kColumnsMax = 15;
// A character is about this much higher than wide: columns aim at a square.
const kCharacterHeight = 2.5;
const kSeparatorWidth = 2; // ", "

/**
 * Joins the parts of an object into one line or several.
 * @param {import("./inspect_context.js").InspectContext} context
 * @param {string[]} output the parts
 * @param {string} base what stands before the brace
 * @param {[string, string]} braces
 * @param {number} kind kObjectParts or kArrayParts
 * @param {number} depth of the object
 * @param {unknown} [value] the object, if it is an array
 * @returns {string}
 */
export function layOut(context, output, base, braces, kind, depth, value) {
  const [open, close] = braces;
  if (context.compact === true) return layOutCompact(context, output, base, open, close);
  const start = base === "" ? open : `${base} ${open}`;
  if (typeof context.compact === "number" && context.compact >= 1) {
    const entries = output.length;
    if (kind === kArrayParts && entries > kUngroupedMax) {
      output = groupElements(context, output, value);
    }
    // An object that holds at most `compact` levels may share one line, unless
    // it was set in columns.
    if (context.currentDepth - depth < context.compact && entries === output.length) {
      const used = output.length + context.indentation + open.length + base.length + 10;
      if (fitsOnLine(context, output, used, base)) {
        const joined = output.join(", ");
        if (!joined.includes("\n")) return `${start} ${joined} ${close}`;
      }
    }
  }
  const line = `\n${" ".repeat(context.indentation)}`;
  return `${start}${line}  ${output.join(`,${line}  `)}${line}${close}`;
}

function layOutCompact(context, output, base, open, close) {
  const spacedBase = base === "" ? "" : ` ${base}`;
  if (fitsOnLine(context, output, 0, base)) {
    return `${open}${spacedBase} ${output.join(", ")} ${close}`;
  }
  const line = `\n${" ".repeat(context.indentation)}`;
  const lead = base === "" && open.length === 1 ? " " : `${spacedBase}\n${line.slice(1)}  `;
  return `${open}${lead}${output.join(`,${line}  `)} ${close}`;
}

function fitsOnLine(context, output, used, base) {
  let total = output.length + used;
  if (total + output.length > context.breakLength) return false;
  for (const part of output) {
    total += context.colors ? stripVTControlCharacters(part).length : part.length;
    if (total > context.breakLength) return false;
  }
  return base === "" || !base.includes("\n");
}

/**
 * Sets the elements of a long array in columns, if they are of similar width.
 * The "... more items" line stays by itself.
 */
function groupElements(context, output, value) {
  const hasMore = context.maxArrayLength < output.length;
  const count = hasMore ? output.length - 1 : output.length;
  const widths = [];
  let total = 0;
  let widest = 0;
  for (let i = 0; i < count; i++) {
    const width = stringWidth(output[i]);
    widths.push(width);
    total += width + kSeparatorWidth;
    if (width > widest) widest = width;
  }
  const cell = widest + kSeparatorWidth;
  const similar = total / cell > 5 || widest <= 6;
  if (cell * 3 + context.indentation >= context.breakLength || !similar) return output;

  const bias = Math.sqrt(cell - total / output.length);
  const biasedCell = Math.max(cell - 3 - bias, 1);
  const columns = Math.min(
    Math.round(Math.sqrt(kCharacterHeight * biasedCell * count) / biasedCell),
    Math.floor((context.breakLength - context.indentation) / cell),
    context.compact * 4,
    kColumnsMax,
  );
  if (columns <= 1) return output;

  const columnWidths = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < count; i += columns) width = Math.max(width, widths[i]);
    columnWidths.push(width + kSeparatorWidth);
  }
  const alignRight = isNumeric(value, output.length);
  const rows = [];
  for (let first = 0; first < count; first += columns) {
    const end = Math.min(first + columns, count);
    let row = "";
    for (let i = first; i < end; i++) {
      const isLast = i === end - 1;
      const text = isLast ? output[i] : `${output[i]}, `;
      // Colours take characters but no columns.
      const invisible = output[i].length - widths[i];
      const width = columnWidths[i - first] + invisible;
      if (alignRight) row += text.padStart(isLast ? width - kSeparatorWidth : width);
      else row += isLast ? text : text.padEnd(width);
    }
    rows.push(row);
  }
  if (hasMore) rows.push(output[count]);
  return rows;
}

function isNumeric(value, length) {
  if (value === undefined) return true;
  for (let i = 0; i < length; i++) {
    if (typeof value[i] !== "number" && typeof value[i] !== "bigint") return false;
  }
  return true;
}
