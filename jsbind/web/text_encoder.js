// TextEncoder (https://encoding.spec.whatwg.org/#interface-textencoder).

import { encode, encodeInto, encodeIntoResult } from "internal:ops/encoding";
import { customInspect } from "./inspect_value.js";
import { exposeInterface, requireArguments, throwIllegalInvocation, toDOMString } from "./webidl.js";

/** Makes UTF-8 of strings. */
export class TextEncoder {
  #brand = undefined;

  get encoding() {
    if (!(#brand in this)) throwIllegalInvocation("TextEncoder");
    return "utf-8";
  }

  /**
   * @param {string} [input] lone surrogates become U+FFFD
   * @returns {Uint8Array}
   */
  encode(input = "") {
    if (!(#brand in this)) throwIllegalInvocation("TextEncoder");
    return encode(toDOMString(input));
  }

  /**
   * Writes as many whole characters as there is room for.
   * @param {string} source
   * @param {Uint8Array} destination
   * @returns {{ read: number, written: number }} UTF-16 units read, bytes written
   */
  encodeInto(source, destination) {
    if (!(#brand in this)) throwIllegalInvocation("TextEncoder");
    const context = "Failed to execute 'encodeInto' on 'TextEncoder'";
    requireArguments(arguments.length, 2, context);
    source = toDOMString(source);
    if (!(destination instanceof Uint8Array)) {
      throw new TypeError(`${context}: parameter 2 is not of type 'Uint8Array'.`);
    }
    encodeInto(source, destination);
    return { read: encodeIntoResult[0], written: encodeIntoResult[1] };
  }

  [customInspect](depth, options, inspect) {
    return `TextEncoder ${inspect({ encoding: "utf-8" }, options)}`;
  }
}

exposeInterface(TextEncoder);
