// TextDecoder (https://encoding.spec.whatwg.org/#interface-textdecoder).

import { decodeUtf8, decodeUtf16, decodeWindows1252 } from "internal:ops/encoding";
import { concatenate } from "./bytes.js";
import { encodingOf } from "./encodings.js";
import { codedError } from "./errors.js";
import { customInspect } from "./inspect_value.js";
import { exposeInterface, throwIllegalInvocation, toDictionary, toDOMString } from "./webidl.js";

const kNoBytes = new Uint8Array(0);
const kByteOrderMark = "\ufeff";

/** Makes strings of bytes. */
export class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  /** The beginning of a character whose end has not come yet. */
  #pending = kNoBytes;
  /** Whether the next character may be a byte order mark, to be dropped. */
  #atStart = true;

  /**
   * @param {string} [label] of utf-8, utf-16le, utf-16be or windows-1252
   * @param {{ fatal?: boolean, ignoreBOM?: boolean }} [options]
   */
  constructor(label = "utf-8", options = undefined) {
    label = toDOMString(label);
    options = toDictionary(options, "Failed to construct 'TextDecoder'");
    const encoding = encodingOf(label);
    if (encoding === undefined) {
      throw codedError(
        RangeError,
        "ERR_ENCODING_NOT_SUPPORTED",
        `The "${label}" encoding is not supported`,
      );
    }
    this.#encoding = encoding;
    this.#fatal = !!options.fatal;
    this.#ignoreBOM = !!options.ignoreBOM;
  }

  get encoding() {
    return this.#encoding;
  }
  get fatal() {
    return this.#fatal;
  }
  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  /**
   * @param {ArrayBuffer | ArrayBufferView | SharedArrayBuffer} [input]
   * @param {{ stream?: boolean }} [options] stream: more input will follow
   * @returns {string}
   */
  decode(input = undefined, options = undefined) {
    if (!(#fatal in this)) throwIllegalInvocation("TextDecoder");
    const context = "Failed to execute 'decode' on 'TextDecoder'";
    let bytes = input === undefined ? kNoBytes : toBytes(input, context);
    const stream = options !== undefined && !!toDictionary(options, context).stream;
    // The common case: all of it at once.
    if (!stream && this.#atStart && this.#pending.length === 0) return this.#decodeAll(bytes);

    if (this.#pending.length > 0) bytes = concatenate([this.#pending, bytes]);
    const length = stream ? bytes.length - pendingLength(this.#encoding, bytes) : bytes.length;
    this.#pending = length === bytes.length ? kNoBytes : bytes.slice(length);
    let text;
    try {
      text = this.#convert(length === bytes.length ? bytes : bytes.subarray(0, length));
    } catch (error) {
      this.#reset();
      throw error;
    }
    if (this.#atStart && text !== "") {
      this.#atStart = false;
      if (!this.#ignoreBOM && text.startsWith(kByteOrderMark)) text = text.slice(1);
    }
    if (!stream) this.#reset();
    return text;
  }

  #decodeAll(bytes) {
    const text = this.#convert(bytes);
    return !this.#ignoreBOM && text.startsWith(kByteOrderMark) ? text.slice(1) : text;
  }

  #convert(bytes) {
    let text;
    switch (this.#encoding) {
      case "utf-8":
        text = decodeUtf8(bytes, this.#fatal);
        break;
      case "windows-1252":
        return decodeWindows1252(bytes);
      default:
        text = decodeUtf16(bytes, this.#encoding === "utf-16be", this.#fatal);
    }
    if (text === undefined) {
      throw codedError(
        TypeError,
        "ERR_ENCODING_INVALID_ENCODED_DATA",
        `The encoded data was not valid for encoding ${this.#encoding}`,
      );
    }
    return text;
  }

  #reset() {
    this.#pending = kNoBytes;
    this.#atStart = true;
  }

  [customInspect](depth, options, inspect) {
    const fields = { encoding: this.#encoding, fatal: this.#fatal, ignoreBOM: this.#ignoreBOM };
    return `TextDecoder ${inspect(fields, options)}`;
  }
}

exposeInterface(TextDecoder);

function toBytes(input, context) {
  if (input instanceof ArrayBuffer) return input.detached ? kNoBytes : new Uint8Array(input);
  if (input instanceof SharedArrayBuffer) return new Uint8Array(input).slice();
  if (!ArrayBuffer.isView(input)) {
    throw new TypeError(`${context}: parameter 1 is not of type 'ArrayBuffer' or 'ArrayBufferView'.`);
  }
  const { buffer, byteOffset, byteLength } = input;
  // Other threads may write into shared memory: decoding works on a copy.
  if (buffer instanceof SharedArrayBuffer) return new Uint8Array(buffer, byteOffset, byteLength).slice();
  if (input instanceof Uint8Array) return input;
  return buffer.detached ? kNoBytes : new Uint8Array(buffer, byteOffset, byteLength);
}

/** How many bytes at the end begin a character that they do not finish. */
function pendingLength(encoding, bytes) {
  switch (encoding) {
    case "utf-8":
      return pendingUtf8Length(bytes);
    case "windows-1252":
      return 0;
    default: {
      const odd = bytes.length % 2;
      const end = bytes.length - odd;
      if (end < 2) return odd;
      const high = bytes[encoding === "utf-16be" ? end - 2 : end - 1];
      return high >= 0xd8 && high <= 0xdb ? 2 + odd : odd;
    }
  }
}

function pendingUtf8Length(bytes) {
  const { length } = bytes;
  // A character has at most four bytes, so its first is among the last three.
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back];
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte < 0xc2 || byte > 0xf4 || size <= back) return 0;
    // Some first bytes narrow what the second may be; otherwise it is an error
    // already, to be shown now.
    if (back >= 2) {
      const second = bytes[length - back + 1];
      if (byte === 0xe0 && second < 0xa0) return 0;
      if (byte === 0xed && second > 0x9f) return 0;
      if (byte === 0xf0 && second < 0x90) return 0;
      if (byte === 0xf4 && second > 0x8f) return 0;
    }
    return back;
  }
  return 0;
}
