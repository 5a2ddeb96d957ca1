// Blob (https://w3c.github.io/FileAPI/#blob-section): bytes that do not change,
// with a type.

import { decodeUtf8, encode } from "internal:ops/encoding";
import { makeByteStream } from "./body_stream.js";
import { concatenate } from "./bytes.js";
import { customInspect } from "./inspect_value.js";
import { makeSerializable } from "./structured_clone.js";
import {
  exposeInterface,
  isObject,
  throwIllegalInvocation,
  toClampedLongLong,
  toDictionary,
  toDOMString,
  toSequence,
  toUSVString,
} from "./webidl.js";

/** @type {(value: unknown) => value is Blob} */
export let isBlob;
/** The bytes themselves: not to be changed, nor given away. @type {(blob: Blob) => Uint8Array} */
export let blobBytesOf;
/** A Blob over bytes that nobody else has. @type {(bytes: Uint8Array, type: string) => Blob} */
export let makeBlob;

let bytesOf;

/** What a stream gives at a time. */
const kChunkBytes = 64 * 1024;

/** Bytes that only this module may construct with. */
class OwnedBytes {
  constructor(bytes) {
    this.bytes = bytes;
  }
}

export class Blob {
  /** Slices of a blob share its buffer. @type {Uint8Array} */
  #bytes;
  #type;

  /**
   * @param {Iterable<ArrayBuffer | ArrayBufferView | Blob | string>} [parts]
   * @param {{ type?: string, endings?: "transparent" | "native" }} [options]
   */
  constructor(parts = undefined, options = undefined) {
    if (parts instanceof OwnedBytes) {
      this.#bytes = parts.bytes;
      this.#type = options;
      return;
    }
    const context = "Failed to construct 'Blob'";
    const list = parts === undefined ? [] : toSequence(parts, toPart, context);
    const { endings, type } = readOptions(toDictionary(options, context), context);
    this.#bytes = join(list, endings);
    this.#type = type;
  }

  get size() {
    return bytesOf(this).length;
  }

  get type() {
    return this.#type;
  }

  /**
   * A part of it, without a copy.
   * @param {number} [start] negative from the end
   * @param {number} [end] negative from the end
   * @param {string} [contentType]
   */
  slice(start = 0, end = undefined, contentType = "") {
    const bytes = bytesOf(this);
    const from = toClampedLongLong(start);
    const to = end === undefined ? bytes.length : toClampedLongLong(end);
    // subarray() counts negative positions from the end, too.
    return makeBlob(bytes.subarray(from, to), normalizeType(contentType));
  }

  /** @returns {ReadableStream} */
  stream() {
    const bytes = bytesOf(this);
    let at = 0;
    return makeByteStream({
      pull() {
        if (at >= bytes.length) return undefined;
        const chunk = bytes.slice(at, at + kChunkBytes);
        at += chunk.length;
        return chunk;
      },
      cancel() {
        at = bytes.length;
      },
    });
  }

  // Methods that give promises reject instead of throwing, for a wrong `this` too.

  async text() {
    const text = decodeUtf8(bytesOf(this), false);
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  async arrayBuffer() {
    return bytesOf(this).slice().buffer;
  }

  async bytes() {
    return bytesOf(this).slice();
  }

  [customInspect](depth, options, inspect) {
    if (!(#bytes in this)) return this;
    return `Blob ${inspect({ size: this.size, type: this.type }, options)}`;
  }

  static {
    isBlob = (value) => isObject(value) && #bytes in value;
    bytesOf = (blob) => {
      if (!isBlob(blob)) throwIllegalInvocation("Blob");
      return blob.#bytes;
    };
    blobBytesOf = (blob) => blob.#bytes;
    makeBlob = (bytes, type) => new Blob(new OwnedBytes(bytes), type);
  }
}

exposeInterface(Blob);
makeSerializable(isBlob, (blob) => makeBlob(blobBytesOf(blob), blob.type));

/** A part as bytes of its own or of another blob, or as text. */
function toPart(part) {
  if (isBlob(part)) return blobBytesOf(part);
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice();
  }
  if (part instanceof ArrayBuffer) return new Uint8Array(part.slice(0));
  return toUSVString(part);
}

function readOptions({ endings = "transparent", type = "" }, context) {
  const text = toDOMString(endings);
  if (text !== "transparent" && text !== "native") {
    throw new TypeError(`${context}: ${text} is not an accepted type for 'endings'.`);
  }
  return { endings: text, type: normalizeType(type) };
}

/** In lower case; "" if there is anything in it that is not visible ASCII or a space. */
function normalizeType(type) {
  const text = toDOMString(type);
  return /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : "";
}

function join(parts, endings) {
  const pieces = parts.map((part) => {
    if (typeof part !== "string") return part;
    return encode(endings === "native" ? part.replace(/\r\n?/g, "\n") : part);
  });
  return pieces.length === 1 ? pieces[0] : concatenate(pieces);
}
