// The text of console.table().

import { inspect } from "./inspect.js";
import { stringWidth } from "./string_width.js";
import { validateArray } from "./errors.js";

const kIndexColumn = "(index)";
const kIterationColumn = "(iteration index)";
const kKeyColumn = "Key";
const kValuesColumn = "Values";

/**
 * @param {unknown} data rows: an array, object, Map, Set or iterator of either
 * @param {string[] | undefined} only the columns to show
 * @param {import("./inspect_context.js").InspectOptions} options
 * @returns {string | undefined} undefined if the data is no table
 */
export function renderTable(data, only, options) {
  if (data === null || typeof data !== "object") return undefined;
  if (only !== undefined) validateArray(only, "properties");
  const show = (value) => showCell(value, options);

  const isMap = data instanceof Map;
  const tag = data[Symbol.toStringTag];
  if (isMap || (tag === "Map Iterator" && inspect(data).startsWith("[Map Entries]"))) {
    const entries = [...data];
    return draw(
      [kIterationColumn, kKeyColumn, kValuesColumn],
      [entries.map((_, i) => `${i}`), entries.map(([key]) => show(key)), entries.map(([, v]) => show(v))],
    );
  }
  if (data instanceof Set || tag === "Set Iterator" || tag === "Map Iterator") {
    const values = [...data];
    return draw(
      [kIterationColumn, kValuesColumn],
      [values.map((_, i) => `${i}`), values.map(show)],
    );
  }

  const rows = Object.keys(data);
  /** @type {Map<string, string[]>} columns by name, in the order of appearance */
  const columns = new Map();
  const plain = [];
  let hasPlain = false;
  rows.forEach((name, row) => {
    const item = data[name];
    if (item === null || (typeof item !== "object" && typeof item !== "function")) {
      if (only !== undefined) return;
      plain[row] = show(item);
      hasPlain = true;
      return;
    }
    for (const key of only ?? Object.keys(item)) {
      let column = columns.get(key);
      if (column === undefined) columns.set(key, (column = []));
      if (Object.hasOwn(item, key)) column[row] = show(item[key]);
    }
  });
  if (only !== undefined) for (const key of only) if (!columns.has(key)) columns.set(key, []);
  const heads = [kIndexColumn, ...columns.keys()];
  const cells = [rows, ...columns.values()];
  if (hasPlain) {
    heads.push(kValuesColumn);
    cells.push(plain);
  }
  return draw(heads, cells, rows.length);
}

function showCell(value, options) {
  const isDeep =
    value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 2;
  return inspect(value, { ...options, maxArrayLength: 3, breakLength: Infinity, depth: isDeep ? -1 : 0 });
}

/** @param {string[]} heads @param {string[][]} columns with holes for empty cells */
function draw(heads, columns, rowCount = columns[0].length) {
  const widths = columns.map((column, i) => {
    let width = stringWidth(heads[i]);
    for (let row = 0; row < rowCount; row++) {
      if (column[row] !== undefined) width = Math.max(width, stringWidth(column[row]));
    }
    return width + 2;
  });
  const rule = (left, middle, right) =>
    left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  const line = (cells) =>
    `│${cells.map((cell, i) => ` ${cell}${" ".repeat(widths[i] - stringWidth(cell) - 1)}`).join("│")}│`;
  const lines = [rule("┌", "┬", "┐"), line(heads), rule("├", "┼", "┤")];
  for (let row = 0; row < rowCount; row++) lines.push(line(columns.map((column) => column[row] ?? "")));
  lines.push(rule("└", "┴", "┘"));
  return lines.join("\n");
}
