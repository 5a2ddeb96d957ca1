// node:string_decoder.

import { decodePart, decoderStateSize } from "internal:ops/buffer";
import { codedError, invalidArgType } from "../web/errors.js";
import { FastBuffer } from "./fast_buffer.js";
import { encodingName, encodingNumber, kUtf16le, kUtf8 } from "./string_encodings.js";

/** What the C++ holds of an unfinished character, and in its last byte how much. */
const kState = Symbol("state");
const kEncoding = Symbol("encoding");
/** The place of that number in the state. */
const kHeld = decoderStateSize - 1;
const kNothing = new Uint8Array(0);

/**
 * Text from bytes that come in pieces: what a piece ends with and is no whole
 * character waits for the next one. Callable without `new` on an object that
 * inherits from it, as old packages do.
 * @param {string} [encoding]
 */
export function StringDecoder(encoding = undefined) {
  const number = encodingNumber(encoding || "utf8");
  if (number === undefined) throw codedError(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${encoding}`);
  this.encoding = encodingName(encoding || "utf8");
  this[kEncoding] = number;
  this[kState] = new FastBuffer(decoderStateSize);
}

/** @param {ArrayBufferView | string} bytes; text is given back as it is */
StringDecoder.prototype.write = function write(bytes) {
  if (typeof bytes === "string") return bytes;
  if (!ArrayBuffer.isView(bytes)) {
    throw invalidArgType("buf", "an instance of Buffer, TypedArray, or DataView", bytes);
  }
  checkReceiver(this);
  return decodePart(bytes, this[kEncoding], this[kState], false);
};

/** The text of the last piece; what is no whole character by now never will be one. */
StringDecoder.prototype.end = function end(bytes = undefined) {
  const text = bytes === undefined ? "" : this.write(bytes);
  checkReceiver(this);
  return this[kState][kHeld] === 0 ? text : text + decodePart(kNothing, this[kEncoding], this[kState], true);
};

/** A piece from `offset` on, with nothing of the ones before. */
StringDecoder.prototype.text = function text(bytes, offset) {
  checkReceiver(this);
  this[kState].fill(0);
  return this.write(bytes.slice(offset));
};

function checkReceiver(decoder) {
  if (decoder[kState] === undefined) {
    throw codedError(TypeError, "ERR_INVALID_THIS", 'Value of "this" must be of type StringDecoder');
  }
}

Object.defineProperties(StringDecoder.prototype, {
  lastChar: {
    get() {
      return this[kState].subarray(0, kHeld);
    },
    configurable: true,
    enumerable: true,
  },
  /** How many bytes the unfinished character still lacks. */
  lastNeed: {
    get() {
      return Math.max(0, this.lastTotal - this[kState][kHeld]);
    },
    configurable: true,
    enumerable: true,
  },
  /** How many bytes it has in all. */
  lastTotal: {
    get() {
      return totalOf(this[kState], this[kEncoding]);
    },
    configurable: true,
    enumerable: true,
  },
});

function totalOf(state, encoding) {
  const held = state[kHeld];
  if (held === 0) return 0;
  switch (encoding) {
    case kUtf8:
      return state[0] < 0xe0 ? 2 : state[0] < 0xf0 ? 3 : 4;
    case kUtf16le:
      return held === 1 ? 2 : 4;
    default:
      return 3;
  }
}

export default { StringDecoder };
