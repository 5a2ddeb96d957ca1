// Crypto (https://w3c.github.io/webcrypto/#crypto-interface): randomness, and
// `subtle`.

import { fillRandom } from "internal:ops/crypto";
import { typedArrayName } from "./bytes.js";
import { DOMException } from "./dom_exception.js";
import { SubtleCrypto, makeSubtleCrypto } from "./subtle_crypto.js";
import { exposeInterface, requireArguments, throwIllegalInvocation } from "./webidl.js";

const kConstruct = Symbol("construct");
const kRandomBytesMax = 65_536;
const kUuidBytes = 16;
/** As many at a time: asking the kernel costs more than all the rest. */
const kUuidsAtOnce = 128;

/** Bytes for UUIDs, each used once. Made with the first. @type {Uint8Array | undefined} */
let uuidBytes;
let uuidsUsed = kUuidsAtOnce;

/** The two digits of each byte. */
const kHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The type of the global crypto. */
export class Crypto {
  #subtle = makeSubtleCrypto();

  constructor(key = undefined) {
    if (key !== kConstruct) throw new TypeError("Illegal constructor");
  }

  get subtle() {
    return this.#subtle;
  }

  /**
   * Fills an array with random numbers and gives it back.
   * @template {ArrayBufferView} T
   * @param {T} array of integers, of at most 65,536 bytes
   * @returns {T}
   */
  getRandomValues(array) {
    if (!(#subtle in this)) throwIllegalInvocation("Crypto");
    const context = "Failed to execute 'getRandomValues' on 'Crypto'";
    requireArguments(arguments.length, 1, context);
    if (!ArrayBuffer.isView(array)) {
      throw new TypeError(`${context}: parameter 1 is not of type 'ArrayBufferView'.`);
    }
    // A DataView has no name.
    if (/^Float/.test(typedArrayName(array) ?? "Float")) {
      throw new DOMException(`${context}: the array's elements are not integers.`, "TypeMismatchError");
    }
    if (array.byteLength > kRandomBytesMax) {
      throw new DOMException(
        `${context}: the array has ${array.byteLength} bytes, which is more than ${kRandomBytesMax}.`,
        "QuotaExceededError",
      );
    }
    fillRandom(array);
    return array;
  }

  /** A new UUID of version 4 (https://www.rfc-editor.org/rfc/rfc9562#section-5.4). */
  randomUUID() {
    if (!(#subtle in this)) throwIllegalInvocation("Crypto");
    if (uuidsUsed === kUuidsAtOnce) {
      uuidBytes ??= new Uint8Array(kUuidsAtOnce * kUuidBytes);
      fillRandom(uuidBytes);
      uuidsUsed = 0;
    }
    const at = uuidsUsed++ * kUuidBytes;
    const hex = (i) => kHex[uuidBytes[at + i]];
    const version = kHex[(uuidBytes[at + 6] & 0x0f) | 0x40];
    const variant = kHex[(uuidBytes[at + 8] & 0x3f) | 0x80];
    return (
      `${hex(0)}${hex(1)}${hex(2)}${hex(3)}-${hex(4)}${hex(5)}-${version}${hex(7)}-` +
      `${variant}${hex(9)}-${hex(10)}${hex(11)}${hex(12)}${hex(13)}${hex(14)}${hex(15)}`
    );
  }
}

exposeInterface(Crypto);

/** The global crypto. */
export const crypto = new Crypto(kConstruct);
export { SubtleCrypto };
