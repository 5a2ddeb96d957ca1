// TextEncoderStream (https://encoding.spec.whatwg.org/#interface-textencoderstream).

import { encode } from "internal:ops/encoding";
import { customInspect } from "../inspect_value.js";
import { exposeInterface, isObject, throwIllegalInvocation, toDOMString } from "../webidl.js";
import { TransformPair } from "./transform_pair.js";

/** Makes UTF-8 of strings, characters whose halves are in two of them included. */
export class TextEncoderStream {
  #pair;
  /** The first half of a character whose second has not come yet. */
  #highSurrogate = "";

  constructor() {
    this.#pair = new TransformPair(
      (chunk) => this.#encode(chunk),
      () => (this.#highSurrogate === "" ? undefined : encode(this.#highSurrogate)),
    );
  }

  static #check(stream) {
    if (!isObject(stream) || !(#pair in stream)) throwIllegalInvocation("TextEncoderStream");
    return stream;
  }

  get encoding() {
    TextEncoderStream.#check(this);
    return "utf-8";
  }

  get readable() {
    return TextEncoderStream.#check(this).#pair.readable;
  }

  get writable() {
    return TextEncoderStream.#check(this).#pair.writable;
  }

  /** "Encode and enqueue a chunk" */
  #encode(chunk) {
    const given = toDOMString(chunk);
    if (given === "") return undefined;
    const text = this.#highSurrogate + given;
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    this.#highSurrogate = isHalf ? text.slice(-1) : "";
    const whole = isHalf ? text.slice(0, -1) : text;
    return whole === "" ? undefined : encode(whole);
  }

  [customInspect](depth, options, inspect) {
    if (!(#pair in this)) return this;
    const { readable, writable } = this.#pair;
    return `TextEncoderStream ${inspect({ encoding: "utf-8", readable, writable }, options)}`;
  }
}

exposeInterface(TextEncoderStream);
