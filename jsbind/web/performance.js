// Performance (https://w3c.github.io/hr-time/ and, in its simplest form,
// https://w3c.github.io/user-timing/).

import { now, wallNow } from "internal:runtime";
import { DOMException } from "./dom_exception.js";
import { EventTarget } from "./event_target.js";
import { customInspect } from "./inspect_value.js";
import { PerformanceMark, PerformanceMeasure, makeMeasure } from "./performance_entry.js";
import { exposeInterface, requireArguments, toDOMString } from "./webidl.js";

const kConstruct = Symbol("construct");
/** Marks and measures that are kept; the oldest go first. */
const kEntriesMax = 10_000;

let origin;

/** When the runtime began, in ms since 1970. */
function timeOrigin() {
  origin ??= wallNow() - now();
  return origin;
}

/** The process's clock, and marks on it. */
export class Performance extends EventTarget {
  /** @type {import("./performance_entry.js").PerformanceEntry[]} */
  #entries = [];

  constructor(key = undefined) {
    if (key !== kConstruct) throw new TypeError("Illegal constructor");
    super();
  }

  /** Milliseconds since timeOrigin; never goes back. */
  now() {
    return now();
  }

  /** When the process began, in ms since 1970. */
  get timeOrigin() {
    return timeOrigin();
  }

  /**
   * @param {string} name
   * @param {{ startTime?: number, detail?: unknown }} [options]
   */
  mark(name, options = undefined) {
    requireArguments(arguments.length, 1, "Failed to execute 'mark' on 'Performance'");
    return this.#add(new PerformanceMark(name, options));
  }

  /**
   * @param {string} name
   * @param {string | { start?: string | number, end?: string | number, duration?: number,
   *     detail?: unknown }} [startOrOptions]
   * @param {string} [endMark]
   */
  measure(name, startOrOptions = undefined, endMark = undefined) {
    requireArguments(arguments.length, 1, "Failed to execute 'measure' on 'Performance'");
    name = toDOMString(name);
    const given =
      startOrOptions !== null && typeof startOrOptions === "object"
        ? startOrOptions
        : { start: startOrOptions, end: endMark };
    const { duration, detail } = given;
    let start = this.#timeOf(given.start);
    let end = this.#timeOf(given.end);
    if (duration !== undefined) {
      if (start !== undefined && end !== undefined) {
        throw new TypeError("measure() takes two of start, end and duration, not all three");
      }
      if (end === undefined && start !== undefined) end = start + duration;
      else if (end !== undefined) start = end - duration;
    }
    end ??= now();
    start ??= 0;
    return this.#add(makeMeasure(name, start, end - start, detail ?? null));
  }

  #timeOf(mark) {
    if (mark === undefined || typeof mark === "number") return mark;
    const name = toDOMString(mark);
    const found = this.#entries.findLast((entry) => entry.entryType === "mark" && entry.name === name);
    if (found === undefined) {
      throw new DOMException(`The "${name}" performance mark has not been set`, "SyntaxError");
    }
    return found.startTime;
  }

  #add(entry) {
    if (this.#entries.length >= kEntriesMax) this.#entries.shift();
    this.#entries.push(entry);
    return entry;
  }

  clearMarks(name = undefined) {
    this.#clear("mark", name);
  }

  clearMeasures(name = undefined) {
    this.#clear("measure", name);
  }

  #clear(type, name) {
    const goes = (entry) => entry.entryType === type && (name === undefined || entry.name === `${name}`);
    this.#entries = this.#entries.filter((entry) => !goes(entry));
  }

  getEntries() {
    return this.#entries.toSorted((a, b) => a.startTime - b.startTime);
  }

  getEntriesByName(name, type = undefined) {
    requireArguments(arguments.length, 1, "Failed to execute 'getEntriesByName' on 'Performance'");
    return this.getEntries().filter(
      (entry) => entry.name === `${name}` && (type === undefined || entry.entryType === type),
    );
  }

  getEntriesByType(type) {
    requireArguments(arguments.length, 1, "Failed to execute 'getEntriesByType' on 'Performance'");
    return this.getEntries().filter((entry) => entry.entryType === `${type}`);
  }

  toJSON() {
    return { timeOrigin: timeOrigin() };
  }

  [customInspect](depth, options, inspect) {
    return `Performance ${inspect({ timeOrigin: timeOrigin() }, options)}`;
  }
}

exposeInterface(Performance);

/** The global performance. */
export const performance = new Performance(kConstruct);
export { PerformanceMark, PerformanceMeasure };
