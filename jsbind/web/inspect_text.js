// How inspect() writes primitive values.

// What breaks a single-quoted literal: controls, the quote, the backslash and
// surrogates without their other half.
const kEscape =
  // eslint-disable-next-line no-control-regex
  /[\x00-\x1f\x27\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const kEscapes = new RegExp(kEscape, "g");
const kEscapeKeepingQuote =
  // eslint-disable-next-line no-control-regex
  /[\x00-\x1f\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const kShortEscapes = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "'": "\\'",
  "\\": "\\\\",
};

function escapeCharacter(character) {
  const short = kShortEscapes[character];
  if (short !== undefined) return short;
  const unit = character.charCodeAt(0);
  const hex = unit.toString(16);
  return unit < 0x100 ? `\\x${hex.toUpperCase().padStart(2, "0")}` : `\\u${hex}`;
}

/**
 * A string literal in the quotes that need the fewest escapes: ' then " then `.
 * @param {string} text
 * @returns {string}
 */
export function quote(text) {
  if (!kEscape.test(text)) return `'${text}'`;
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes("`") && !text.includes("${")) mark = "`";
  }
  const escapes = mark === "'" ? kEscapes : kEscapeKeepingQuote;
  return mark + text.replace(escapes, escapeCharacter) + mark;
}

/**
 * The text of a symbol, with what would break a line escaped.
 * @param {symbol} symbol
 * @returns {string}
 */
export function symbolKey(symbol) {
  return symbol.toString().replace(kEscapes, escapeCharacter);
}

function separateThousands(digits) {
  return digits.replace(/\B(?=(?:\d{3})+$)/g, "_");
}

/**
 * @param {number} number
 * @param {boolean} separator whether 1000000 is to be 1_000_000
 * @returns {string}
 */
export function numberText(number, separator) {
  if (Object.is(number, -0)) return "-0";
  const text = `${number}`;
  if (!separator || text.includes("e") || !Number.isFinite(number)) return text;
  const [integer, fraction] = text.split(".");
  const grouped = separateThousands(integer);
  if (fraction === undefined) return grouped;
  return `${grouped}.${fraction.replace(/(\d{3})(?=\d)/g, "$1_")}`;
}

/**
 * @param {bigint} bigint
 * @param {boolean} separator
 * @returns {string}
 */
export function bigintText(bigint, separator) {
  const text = `${bigint}`;
  return `${separator ? separateThousands(text) : text}n`;
}

// A string up to this long is never broken at its newlines.
const kUnbrokenStringMax = 16;

/**
 * A primitive value. Long strings are cut to maxStringLength and, where they
 * hold newlines, continued over several lines.
 * @param {import("./inspect_context.js").InspectContext} context
 * @param {unknown} value
 * @param {(text: string, style: string) => string} [style]
 * @returns {string}
 */
export function formatPrimitive(context, value, style = context.stylize) {
  switch (typeof value) {
    case "string":
      return formatString(context, value, style);
    case "number":
      return style(numberText(value, context.numericSeparator), "number");
    case "bigint":
      return style(bigintText(value, context.numericSeparator), "bigint");
    case "boolean":
      return style(`${value}`, "boolean");
    case "undefined":
      return style("undefined", "undefined");
    default:
      return style(value.toString(), "symbol");
  }
}

function formatString(context, value, style) {
  let trailer = "";
  if (value.length > context.maxStringLength) {
    const remaining = value.length - context.maxStringLength;
    value = value.slice(0, context.maxStringLength);
    trailer = `... ${remaining} more character${remaining > 1 ? "s" : ""}`;
  }
  if (
    context.compact !== true &&
    value.length > kUnbrokenStringMax &&
    value.length > context.breakLength - context.indentation - 4
  ) {
    const lines = value.split(/(?<=\n)/).map((line) => style(quote(line), "string"));
    return lines.join(` +\n${" ".repeat(context.indentation + 2)}`) + trailer;
  }
  return style(quote(value), "string") + trailer;
}
