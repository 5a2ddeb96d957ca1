// SubtleCrypto (https://w3c.github.io/webcrypto/#subtlecrypto-interface): digest().

import { digest } from "internal:ops/crypto";
import { DOMException } from "./dom_exception.js";
import { exposeInterface, isObject, requireArguments, throwIllegalInvocation, toDOMString } from "./webidl.js";

const kConstruct = Symbol("construct");

/** The standard's names, in upper case, and OpenSSL's. */
const kDigests = new Map([
  ["SHA-1", "SHA1"],
  ["SHA-256", "SHA256"],
  ["SHA-384", "SHA384"],
  ["SHA-512", "SHA512"],
]);

/** @type {() => SubtleCrypto} */
export let makeSubtleCrypto;

/** The type of crypto.subtle. */
export class SubtleCrypto {
  #brand;

  constructor(key = undefined) {
    if (key !== kConstruct) throw new TypeError("Illegal constructor");
  }

  /**
   * The hash of some bytes.
   * @param {string | { name: string }} algorithm "SHA-1", "SHA-256", "SHA-384" or "SHA-512"
   * @param {ArrayBuffer | ArrayBufferView} data copied before this returns
   * @returns {Promise<ArrayBuffer>}
   */
  async digest(algorithm, data) {
    if (!(#brand in this)) throwIllegalInvocation("SubtleCrypto");
    const context = "Failed to execute 'digest' on 'SubtleCrypto'";
    requireArguments(arguments.length, 2, context);
    const name = toDOMString(isObject(algorithm) ? nameIn(algorithm, context) : algorithm);
    if (!ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer)) {
      throw new TypeError(`${context}: parameter 2 is not of type 'BufferSource'.`);
    }
    const found = kDigests.get(name.toUpperCase());
    if (found === undefined) {
      throw new DOMException(`${context}: unrecognized algorithm name '${name}'.`, "NotSupportedError");
    }
    return (await digest(found, data)).buffer;
  }

  static {
    makeSubtleCrypto = () => new SubtleCrypto(kConstruct);
  }
}

function nameIn(algorithm, context) {
  const { name } = algorithm;
  if (name === undefined) throw new TypeError(`${context}: the algorithm has no name.`);
  return name;
}

exposeInterface(SubtleCrypto);
