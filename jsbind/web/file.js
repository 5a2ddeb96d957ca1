// File (https://w3c.github.io/FileAPI/#file-section).

import { wallNow } from "internal:runtime";
import { Blob } from "./blob.js";
import { customInspect } from "./inspect_value.js";
import { makeSerializable } from "./structured_clone.js";
import {
  exposeInterface,
  isObject,
  requireArguments,
  toDictionary,
  toLongLong,
  toUSVString,
} from "./webidl.js";

/** @type {(value: unknown) => value is File} */
export let isFile;

/** A Blob with a name. */
export class File extends Blob {
  #name;
  #lastModified;

  /**
   * @param {Iterable<ArrayBuffer | ArrayBufferView | Blob | string>} bits
   * @param {string} name
   * @param {{ type?: string, endings?: string, lastModified?: number }} [options]
   */
  constructor(bits, name, options = undefined) {
    const context = "Failed to construct 'File'";
    requireArguments(arguments.length, 2, context);
    const init = toDictionary(options, context);
    // Missing bits are no empty list, as they are to Blob.
    super(bits === undefined ? null : bits, init);
    this.#name = toUSVString(name);
    const { lastModified } = init;
    this.#lastModified = lastModified === undefined ? Math.trunc(wallNow()) : toLongLong(lastModified);
  }

  get name() {
    return this.#name;
  }

  /** In ms since 1970. */
  get lastModified() {
    return this.#lastModified;
  }

  [customInspect](depth, options, inspect) {
    if (!(#name in this)) return this;
    const { size, type, name, lastModified } = this;
    return `File ${inspect({ size, type, name, lastModified }, options)}`;
  }

  static {
    isFile = (value) => isObject(value) && #name in value;
  }
}

exposeInterface(File);
// Its bytes do not change, so the copy shares them.
makeSerializable(isFile, (file) => {
  const { name, type, lastModified } = file;
  return new File([file], name, { type, lastModified });
});
