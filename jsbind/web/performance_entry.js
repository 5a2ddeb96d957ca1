// PerformanceEntry, PerformanceMark and PerformanceMeasure
// (https://w3c.github.io/performance-timeline/, https://w3c.github.io/user-timing/).

import { now } from "internal:runtime";
import { exposeInterface, requireArguments, toDictionary, toDOMString } from "./webidl.js";

const kConstruct = Symbol("construct");

/** Something that took time, or a moment. */
export class PerformanceEntry {
  #name;
  #type;
  #start;
  #duration;

  constructor(key = undefined, name, type, start, duration) {
    if (key !== kConstruct) throw new TypeError("Illegal constructor");
    this.#name = name;
    this.#type = type;
    this.#start = start;
    this.#duration = duration;
  }

  get name() {
    return this.#name;
  }
  get entryType() {
    return this.#type;
  }
  /** In ms since performance.timeOrigin. */
  get startTime() {
    return this.#start;
  }
  /** In ms. */
  get duration() {
    return this.#duration;
  }

  toJSON() {
    const { name, entryType, startTime, duration } = this;
    const json = { name, entryType, startTime, duration };
    if ("detail" in this) json.detail = this.detail;
    return json;
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    return `${this.constructor.name} ${inspect(this.toJSON(), options)}`;
  }
}

/** A moment that the program marked. */
export class PerformanceMark extends PerformanceEntry {
  #detail;

  /**
   * @param {string} name
   * @param {{ startTime?: number, detail?: unknown }} [options]
   */
  constructor(name, options = undefined) {
    requireArguments(arguments.length, 1, "Failed to construct 'PerformanceMark'");
    options = toDictionary(options, "Failed to construct 'PerformanceMark'");
    const { startTime = now(), detail = null } = options;
    if (startTime < 0) throw new TypeError("startTime must not be negative");
    super(kConstruct, toDOMString(name), "mark", +startTime, 0);
    this.#detail = detail;
  }

  get detail() {
    return this.#detail;
  }
}

/** The time between two moments. */
export class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(key = undefined, name, start, duration, detail) {
    super(key, name, "measure", start, duration);
    this.#detail = detail;
  }

  get detail() {
    return this.#detail;
  }
}

/** @returns {PerformanceMeasure} */
export function makeMeasure(name, start, duration, detail) {
  return new PerformanceMeasure(kConstruct, name, start, duration, detail);
}

exposeInterface(PerformanceEntry);
exposeInterface(PerformanceMark);
exposeInterface(PerformanceMeasure);
