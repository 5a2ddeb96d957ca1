// util.styleText() and util.stripVTControlCharacters().

import { colors } from "../web/inspect_context.js";
import { invalidArgValue, validateBoolean, validateString } from "../web/errors.js";

/** Escape sequences of terminals: CSI, and OSC up to BEL or ST. */
const kControlSequences =
  // eslint-disable-next-line no-control-regex
  /[\u001b\u009b](?:\][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|[[\]()#;?]*(?:\d{1,4}(?:[;:]\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~])/g;

/** @param {string} text */
export function stripVTControlCharacters(text) {
  return validateString(text, "str").replace(kControlSequences, "");
}

/**
 * Text with the escape sequences of a format around it.
 * @param {string | string[]} format names of inspect.colors; of several the first is outermost
 * @param {string} text
 * @param {{ validateStream?: boolean, stream?: object }} [options] without sequences where the
 *     stream (stdout if left out) shows none
 */
export function styleText(format, text, options = {}) {
  validateString(text, "text");
  const { validateStream = true, stream = globalThis.process.stdout } = options;
  validateBoolean(validateStream, "options.validateStream");
  const codes = [format].flat().filter((name) => name !== "none").map((name) => {
    if (colors[name] === undefined) {
      throw invalidArgValue("format", name, `must be one of: ${Object.keys(colors).join(", ")}`);
    }
    return colors[name];
  });
  if (validateStream && !showsColors(stream)) return text;
  return codes.reduceRight((inner, [open, close]) => {
    const [begin, end] = [`\u001b[${open}m`, `\u001b[${close}m`];
    // What ended inside goes on to its own end.
    return `${begin}${inner.replaceAll(end, `${end}${begin}`)}${end}`;
  }, text);
}

function showsColors(stream) {
  const { NO_COLOR, FORCE_COLOR, NODE_DISABLE_COLORS, TERM } = globalThis.process.env;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (NO_COLOR || NODE_DISABLE_COLORS || TERM === "dumb") return false;
  return stream?.isTTY === true;
}
