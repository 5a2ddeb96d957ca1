// FormData (https://xhr.spec.whatwg.org/#interface-formdata).

import { isBlob } from "./blob.js";
import { File, isFile } from "./file.js";
import { customInspect } from "./inspect_value.js";
import {
  exposeInterface,
  isObject,
  makePairIterator,
  requireArguments,
  throwIllegalInvocation,
  toUSVString,
} from "./webidl.js";

/** @type {(value: unknown) => value is FormData} */
export let isFormData;
/** @type {(form: FormData) => [string, string | File][]} */
export let formEntriesOf;

let check;

const iteratorOf = makePairIterator("FormData", (form, i) => formEntriesOf(form)[i]);

/** The entries of a form: names with texts and files. */
export class FormData {
  /** @type {[string, string | File][]} */
  #entries = [];

  constructor(form = undefined) {
    if (form !== undefined) {
      throw new TypeError("Failed to construct 'FormData': there are no forms to take entries from.");
    }
  }

  /**
   * @param {string} name
   * @param {string | Blob} value
   * @param {string} [filename] for a Blob
   */
  append(name, value, filename = undefined) {
    check(this, arguments.length, 2, "append");
    this.#entries.push(makeEntry("append", name, value, filename, arguments.length));
  }

  delete(name) {
    check(this, arguments.length, 1, "delete");
    name = toUSVString(name);
    this.#entries = this.#entries.filter((entry) => entry[0] !== name);
  }

  /** The first value of the name, or null. */
  get(name) {
    check(this, arguments.length, 1, "get");
    name = toUSVString(name);
    return this.#entries.find((entry) => entry[0] === name)?.[1] ?? null;
  }

  getAll(name) {
    check(this, arguments.length, 1, "getAll");
    name = toUSVString(name);
    return this.#entries.filter((entry) => entry[0] === name).map((entry) => entry[1]);
  }

  has(name) {
    check(this, arguments.length, 1, "has");
    name = toUSVString(name);
    return this.#entries.some((entry) => entry[0] === name);
  }

  /** Replaces all values of the name by one. */
  set(name, value, filename = undefined) {
    check(this, arguments.length, 2, "set");
    const entry = makeEntry("set", name, value, filename, arguments.length);
    const at = this.#entries.findIndex((each) => each[0] === entry[0]);
    if (at === -1) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[at] = entry;
    this.#entries = this.#entries.filter((each, i) => i <= at || each[0] !== entry[0]);
  }

  forEach(callback, thisArg = undefined) {
    check(this, arguments.length, 1, "forEach");
    if (typeof callback !== "function") {
      throw new TypeError("Failed to execute 'forEach' on 'FormData': parameter 1 is not of type 'Function'.");
    }
    // Entries that the callback adds are seen, too.
    for (let i = 0; i < this.#entries.length; i++) {
      const [name, value] = this.#entries[i];
      callback.call(thisArg, value, name, this);
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

  [customInspect](depth, options, inspect) {
    if (!isFormData(this)) return this;
    const shown = {};
    for (const [name, value] of this.#entries) {
      shown[name] = Object.hasOwn(shown, name) ? [shown[name], value].flat() : value;
    }
    return `FormData ${inspect(shown, { ...options, depth: depth ?? options.depth })}`;
  }

  static {
    isFormData = (value) => isObject(value) && #entries in value;
    formEntriesOf = (form) => form.#entries;
    check = (form, given, required, method) => {
      if (!isFormData(form)) throwIllegalInvocation("FormData");
      requireArguments(given, required, `Failed to execute '${method}' on 'FormData'`);
    };
  }
}

exposeInterface(FormData);
Object.defineProperty(FormData.prototype, Symbol.iterator, {
  value: FormData.prototype.entries,
  writable: true,
  configurable: true,
});

/** "Create an entry": a Blob becomes a File, one with a file name gets that. */
function makeEntry(method, name, value, filename, given) {
  name = toUSVString(name);
  if (!isBlob(value)) {
    if (given > 2) {
      throw new TypeError(`Failed to execute '${method}' on 'FormData': parameter 2 is not of type 'Blob'.`);
    }
    return [name, toUSVString(value)];
  }
  if (isFile(value) && filename === undefined) return [name, value];
  const options = { type: value.type, lastModified: isFile(value) ? value.lastModified : undefined };
  return [name, new File([value], filename === undefined ? "blob" : filename, options)];
}
