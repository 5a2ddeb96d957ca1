// Headers (https://fetch.spec.whatwg.org/#headers-class).

import {
  combinedHeader,
  deleteHeader,
  findHeader,
  readHeadersInit,
  sortAndCombine,
  toHeaderName,
  toHeaderValue,
} from "./header_list.js";
import { customInspect } from "./inspect_value.js";
import {
  exposeInterface,
  isObject,
  makePairIterator,
  requireArguments,
  throwIllegalInvocation,
} from "./webidl.js";

/** Headers whose guard is "immutable". */
export const kImmutable = true;
export const kMutable = false;

/**
 * A Headers object over a list that somebody else holds, too: changes are seen
 * by both.
 * @type {(list: string[], isImmutable: boolean) => Headers}
 */
export let wrapHeaderList;

/**
 * A Headers object over headers that are fetched when they are looked at.
 * `source.get(name)` gives one (combined, or null), `source.list()` all.
 * @type {(source: { get(name: string): string | null, list(): string[] },
 *     isImmutable: boolean) => Headers}
 */
export let wrapHeaderSource;

/** The list behind a Headers object. @type {(headers: Headers) => string[]} */
export let headerListOf;

/** @type {(value: unknown) => value is Headers} */
export let isHeaders;

let entryAt;
let check;
const iteratorOf = makePairIterator("Headers", (headers, i) => entryAt(headers, i));

/** The headers of a request or a response. */
export class Headers {
  /** Names in lower case and values, alternately; null until fetched from #source. */
  #list = null;
  #source = null;
  #isImmutable = false;
  /** What iterators walk over; made anew after a change. */
  #sorted = null;

  /** @param {Headers | Iterable<[string, string]> | Record<string, string>} [init] */
  constructor(init = undefined) {
    if (init === undefined) this.#list = [];
    else if (isHeaders(init)) this.#list = headerListOf(init).slice();
    else this.#list = readHeadersInit(init, "Headers constructor");
  }

  append(name, value) {
    const context = check(this, arguments.length, 2, "append");
    name = toHeaderName(name, context);
    value = toHeaderValue(value, context);
    this.#change().push(name, value);
  }

  delete(name) {
    name = toHeaderName(name, check(this, arguments.length, 1, "delete"));
    deleteHeader(this.#change(), name);
  }

  /** All values of the name, joined by ", "; null if there are none. */
  get(name) {
    name = toHeaderName(name, check(this, arguments.length, 1, "get"));
    if (this.#list === null) return this.#source.get(name);
    return combinedHeader(this.#list, name);
  }

  /** The values of set-cookie, which cannot be joined. */
  getSetCookie() {
    check(this, 0, 0, "getSetCookie");
    const list = this.#load();
    return list.filter((_, i) => i % 2 === 1 && list[i - 1] === "set-cookie");
  }

  has(name) {
    name = toHeaderName(name, check(this, arguments.length, 1, "has"));
    if (this.#list === null) return this.#source.get(name) !== null;
    return findHeader(this.#list, name) !== -1;
  }

  /** Replaces all values of the name by one. */
  set(name, value) {
    const context = check(this, arguments.length, 2, "set");
    name = toHeaderName(name, context);
    value = toHeaderValue(value, context);
    const list = this.#change();
    const at = findHeader(list, name);
    if (at === -1) {
      list.push(name, value);
    } else {
      list[at + 1] = value;
      deleteHeader(list, name, at + 2);
    }
  }

  forEach(callback, thisArg = undefined) {
    const context = check(this, arguments.length, 1, "forEach");
    if (typeof callback !== "function") {
      throw new TypeError(`${context}: parameter 1 is not of type 'Function'.`);
    }
    for (let i = 0, entry; (entry = entryAt(this, i)) !== undefined; i++) {
      callback.call(thisArg, entry[1], entry[0], this);
    }
  }

  entries() {
    check(this, 0, 0, "entries");
    return iteratorOf(this, "key+value");
  }

  keys() {
    check(this, 0, 0, "keys");
    return iteratorOf(this, "key");
  }

  values() {
    check(this, 0, 0, "values");
    return iteratorOf(this, "value");
  }

  #load() {
    if (this.#list === null) {
      this.#list = this.#source.list();
      this.#source = null;
    }
    return this.#list;
  }

  #change() {
    if (this.#isImmutable) throw new TypeError("Headers are immutable");
    this.#sorted = null;
    return this.#load();
  }

  [customInspect](depth, options, inspect) {
    if (!(#list in this)) return this;
    const shown = {};
    for (const [name, value] of sortAndCombine(this.#load())) {
      shown[name] = Object.hasOwn(shown, name) ? [shown[name], value].flat() : value;
    }
    return `Headers ${inspect(shown, { ...options, depth: depth ?? options.depth })}`;
  }

  static {
    isHeaders = (value) => isObject(value) && #list in value;
    headerListOf = (headers) => headers.#load();
    entryAt = (headers, i) => (headers.#sorted ??= sortAndCombine(headers.#load()))[i];
    check = (headers, given, required, method) => {
      if (!isHeaders(headers)) throwIllegalInvocation("Headers");
      const context = `Headers.${method}`;
      if (given < required) requireArguments(given, required, context);
      return context;
    };
    wrapHeaderList = (list, isImmutable) => {
      const headers = new Headers();
      headers.#list = list;
      headers.#isImmutable = isImmutable;
      return headers;
    };
    wrapHeaderSource = (source, isImmutable) => {
      const headers = new Headers();
      headers.#list = null;
      headers.#source = source;
      headers.#isImmutable = isImmutable;
      return headers;
    };
  }
}

exposeInterface(Headers);
Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries,
  writable: true,
  configurable: true,
});
