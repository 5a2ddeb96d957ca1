// The options and the running state of one inspect() call.

/**
 * @typedef {object} InspectOptions
 * @property {boolean} [showHidden] also non-enumerable and inherited properties
 * @property {number | null} [depth] how deep to go; null or Infinity for all
 * @property {boolean} [colors]
 * @property {boolean} [customInspect] whether [nodejs.util.inspect.custom] is called
 * @property {boolean} [showProxy] target and handler instead of the target alone
 * @property {number | null} [maxArrayLength]
 * @property {number | null} [maxStringLength]
 * @property {number} [breakLength] columns of a line
 * @property {boolean | number} [compact] how many inner levels share a line
 * @property {boolean | ((a: string, b: string) => number)} [sorted]
 * @property {boolean | "get" | "set"} [getters] whether getters are called
 * @property {boolean} [numericSeparator]
 */

/** @type {Required<InspectOptions>} */
export const defaultOptions = Object.seal({
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100,
  maxStringLength: 10_000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
});

/** SGR codes: on, off. */
export const colors = Object.assign(Object.create(null), {
  reset: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  inverse: [7, 27],
  strikethrough: [9, 29],
  black: [30, 39],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  white: [37, 39],
  gray: [90, 39],
  grey: [90, 39],
});

/** The colour of each kind of value. */
export const styles = Object.assign(Object.create(null), {
  special: "cyan",
  number: "yellow",
  bigint: "yellow",
  boolean: "yellow",
  undefined: "grey",
  null: "bold",
  string: "green",
  symbol: "green",
  date: "magenta",
  regexp: "red",
  module: "underline",
});

/** @param {string} text */
export function plainStyle(text) {
  return text;
}

function colorStyle(text, style) {
  const color = colors[styles[style]];
  return color === undefined ? text : `\u001b[${color[0]}m${text}\u001b[${color[1]}m`;
}

export class InspectContext {
  /** @param {InspectOptions} options */
  constructor(options) {
    // Own properties in the order of the defaults, so that custom inspect
    // functions get them all by a spread.
    Object.assign(this, defaultOptions);
    /** Options of the caller that are none of ours, for custom functions. */
    this.userOptions = options;
    if (options !== undefined && options !== null) {
      for (const key of Object.keys(options)) {
        if (key in defaultOptions || key === "stylize") this[key] = options[key];
      }
    }
    this.stylize ??= this.colors ? colorStyle : plainStyle;
    if (this.maxArrayLength === null) this.maxArrayLength = Infinity;
    if (this.maxStringLength === null) this.maxStringLength = Infinity;
    /** The objects between the root and the current one. */
    this.seen = [];
    /** Objects that contain themselves, with their numbers. */
    this.circular = undefined;
    this.indentation = 0;
    /** The depth of the object that was entered last. */
    this.currentDepth = 0;
    /** Characters written at each indentation, to bound the whole. */
    this.written = [];
  }

  /**
   * The options that a custom inspect function is given.
   * @param {number | null} depth what is left
   */
  optionsForCustom(depth) {
    const options = { ...this.userOptions };
    for (const key of Object.keys(defaultOptions)) options[key] = this[key];
    options.depth = depth;
    options.stylize = this.stylize;
    return options;
  }
}
