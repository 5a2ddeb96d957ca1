// URLSearchParams (https://url.spec.whatwg.org/#interface-urlsearchparams).

import { customInspect } from "./inspect_value.js";
import { parseUrlEncoded, serializeUrlEncoded } from "./url_encoded.js";
import {
  exposeInterface,
  isObject,
  iterate,
  makePairIterator,
  requireArguments,
  throwIllegalInvocation,
  toUSVString,
} from "./webidl.js";

/**
 * The parameters of a URL's query.
 * @type {(query: string, onChange: (query: string) => void) => URLSearchParams}
 */
export let makeLinkedSearchParams;
/**
 * Replaces what is in it, without telling the URL.
 * @type {(params: URLSearchParams, query: string) => void}
 */
export let setSearchParamsList;

const iteratorOf = makePairIterator("URLSearchParams", (params, i) => entryAt(params, i));
let entryAt;
let check;

/** Names with values, in order; a name may stand there several times. */
export class URLSearchParams {
  /** Names and values, alternately. */
  #list = [];
  /** Told the new query after a change; set if it belongs to a URL. */
  #onChange = null;

  /** @param {string | Iterable<[string, string]> | Record<string, string>} [init] */
  constructor(init = "") {
    if (!isObject(init)) {
      const query = toUSVString(init);
      this.#list = parseUrlEncoded(query.startsWith("?") ? query.slice(1) : query);
      return;
    }
    const method = init[Symbol.iterator];
    if (method !== undefined && method !== null) {
      this.#list = readPairs(init, method);
    } else {
      this.#list = readRecord(init);
    }
  }

  get size() {
    return this.#list.length / 2;
  }

  append(name, value) {
    check(this, arguments.length, 2, "append");
    this.#list.push(toUSVString(name), toUSVString(value));
    this.#changed();
  }

  delete(name, value = undefined) {
    check(this, arguments.length, 1, "delete");
    name = toUSVString(name);
    if (value !== undefined) value = toUSVString(value);
    const list = this.#list;
    const kept = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) continue;
      kept.push(list[i], list[i + 1]);
    }
    this.#list = kept;
    this.#changed();
  }

  get(name) {
    check(this, arguments.length, 1, "get");
    const at = this.#find(toUSVString(name));
    return at === -1 ? null : this.#list[at + 1];
  }

  getAll(name) {
    check(this, arguments.length, 1, "getAll");
    name = toUSVString(name);
    const values = [];
    for (let i = 0; i < this.#list.length; i += 2) {
      if (this.#list[i] === name) values.push(this.#list[i + 1]);
    }
    return values;
  }

  has(name, value = undefined) {
    check(this, arguments.length, 1, "has");
    name = toUSVString(name);
    if (value === undefined) return this.#find(name) !== -1;
    value = toUSVString(value);
    for (let i = 0; i < this.#list.length; i += 2) {
      if (this.#list[i] === name && this.#list[i + 1] === value) return true;
    }
    return false;
  }

  set(name, value) {
    check(this, arguments.length, 2, "set");
    name = toUSVString(name);
    value = toUSVString(value);
    const list = this.#list;
    const at = this.#find(name);
    if (at === -1) {
      list.push(name, value);
    } else {
      list[at + 1] = value;
      this.#list = list.filter((_, i) => i <= at + 1 || list[i - (i % 2)] !== name);
    }
    this.#changed();
  }

  sort() {
    check(this, 0, 0, "sort");
    const pairs = [];
    for (let i = 0; i < this.#list.length; i += 2) pairs.push([this.#list[i], this.#list[i + 1]]);
    // By UTF-16 units; equal names keep their order.
    pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#list = pairs.flat();
    this.#changed();
  }

  forEach(callback, thisArg = undefined) {
    check(this, arguments.length, 1, "forEach");
    if (typeof callback !== "function") {
      throw new TypeError(
        "Failed to execute 'forEach' on 'URLSearchParams': parameter 1 is not of type 'Function'.",
      );
    }
    for (let i = 0; i < this.#list.length; i += 2) {
      callback.call(thisArg, this.#list[i + 1], this.#list[i], this);
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

  toString() {
    check(this, 0, 0, "toString");
    return serializeUrlEncoded(this.#list);
  }

  #find(name) {
    for (let i = 0; i < this.#list.length; i += 2) {
      if (this.#list[i] === name) return i;
    }
    return -1;
  }

  #changed() {
    this.#onChange?.(serializeUrlEncoded(this.#list));
  }

  [customInspect](depth, options, inspect) {
    if (!(#list in this)) return this;
    if (typeof depth === "number" && depth < 0) return options.stylize("[Object]", "special");
    const parts = [];
    for (let i = 0; i < this.#list.length; i += 2) {
      parts.push(`${inspect(this.#list[i], options)} => ${inspect(this.#list[i + 1], options)}`);
    }
    if (parts.length === 0) return "URLSearchParams {}";
    const line = parts.join(", ");
    if (line.length <= options.breakLength) return `URLSearchParams { ${line} }`;
    return `URLSearchParams {\n  ${parts.join(",\n  ")} }`;
  }

  static {
    entryAt = (params, i) =>
      2 * i < params.#list.length ? [params.#list[2 * i], params.#list[2 * i + 1]] : undefined;
    check = (params, given, required, method) => {
      if (!isObject(params) || !(#list in params)) throwIllegalInvocation("URLSearchParams");
      requireArguments(given, required, `Failed to execute '${method}' on 'URLSearchParams'`);
    };
    makeLinkedSearchParams = (query, onChange) => {
      const params = new URLSearchParams(query);
      params.#onChange = onChange;
      return params;
    };
    setSearchParamsList = (params, query) => {
      params.#list = parseUrlEncoded(query.startsWith("?") ? query.slice(1) : query);
    };
  }
}

exposeInterface(URLSearchParams);
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
  value: URLSearchParams.prototype.entries,
  writable: true,
  configurable: true,
});

function readPairs(init, method) {
  const context = "Failed to construct 'URLSearchParams'";
  if (typeof method !== "function") throw new TypeError(`${context}: the value is not iterable.`);
  const list = [];
  iterate(init, method, (pair) => {
    const inner = isObject(pair) ? pair[Symbol.iterator] : undefined;
    if (typeof inner !== "function") {
      throw new TypeError(`${context}: each pair must be an iterable [name, value].`);
    }
    const parts = iterate(pair, inner, toUSVString);
    if (parts.length !== 2) {
      throw new TypeError(`${context}: each pair must have a name and a value, but has ${parts.length} parts.`);
    }
    list.push(parts[0], parts[1]);
  });
  return list;
}

function readRecord(init) {
  // A later key replaces an earlier one that is the same as a USVString.
  const record = new Map();
  for (const key of Reflect.ownKeys(init)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    record.set(toUSVString(key), toUSVString(init[key]));
  }
  return [...record].flat();
}
