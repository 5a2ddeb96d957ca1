// TextDecoderStream (https://encoding.spec.whatwg.org/#interface-textdecoderstream).

import { customInspect } from "../inspect_value.js";
import { TextDecoder } from "../text_decoder.js";
import { exposeInterface, isObject, throwIllegalInvocation } from "../webidl.js";
import { TransformPair } from "./transform_pair.js";

const kStreaming = { stream: true };

/** Makes strings of chunks of bytes, characters that are spread over chunks included. */
export class TextDecoderStream {
  #decoder;
  #pair;

  /**
   * @param {string} [label] as of TextDecoder
   * @param {{ fatal?: boolean, ignoreBOM?: boolean }} [options]
   */
  constructor(label = "utf-8", options = undefined) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#pair = new TransformPair(
      (chunk) => {
        // decode() takes undefined for nothing at all, here it is no chunk.
        if (chunk === undefined) throw new TypeError("A chunk is not of type 'ArrayBuffer' or 'ArrayBufferView'.");
        return nonEmpty(decoder.decode(chunk, kStreaming));
      },
      () => nonEmpty(decoder.decode()),
    );
  }

  static #check(stream) {
    if (!isObject(stream) || !(#pair in stream)) throwIllegalInvocation("TextDecoderStream");
    return stream;
  }

  get encoding() {
    return TextDecoderStream.#check(this).#decoder.encoding;
  }

  get fatal() {
    return TextDecoderStream.#check(this).#decoder.fatal;
  }

  get ignoreBOM() {
    return TextDecoderStream.#check(this).#decoder.ignoreBOM;
  }

  get readable() {
    return TextDecoderStream.#check(this).#pair.readable;
  }

  get writable() {
    return TextDecoderStream.#check(this).#pair.writable;
  }

  [customInspect](depth, options, inspect) {
    if (!(#pair in this)) return this;
    const { encoding, fatal, ignoreBOM } = this.#decoder;
    const { readable, writable } = this.#pair;
    return `TextDecoderStream ${inspect({ encoding, fatal, ignoreBOM, readable, writable }, options)}`;
  }
}

exposeInterface(TextDecoderStream);

function nonEmpty(text) {
  return text === "" ? undefined : text;
}
