// DOMException (https://webidl.spec.whatwg.org/#idl-DOMException).

import {
  exposeConstants,
  exposeInterface,
  throwIllegalInvocation,
  toDOMString,
} from "./webidl.js";

/** The names that have a legacy code, in the order of the codes, from 1. */
const kLegacyNames = [
  ["IndexSizeError", "INDEX_SIZE_ERR"],
  [undefined, "DOMSTRING_SIZE_ERR"],
  ["HierarchyRequestError", "HIERARCHY_REQUEST_ERR"],
  ["WrongDocumentError", "WRONG_DOCUMENT_ERR"],
  ["InvalidCharacterError", "INVALID_CHARACTER_ERR"],
  [undefined, "NO_DATA_ALLOWED_ERR"],
  ["NoModificationAllowedError", "NO_MODIFICATION_ALLOWED_ERR"],
  ["NotFoundError", "NOT_FOUND_ERR"],
  ["NotSupportedError", "NOT_SUPPORTED_ERR"],
  ["InUseAttributeError", "INUSE_ATTRIBUTE_ERR"],
  ["InvalidStateError", "INVALID_STATE_ERR"],
  ["SyntaxError", "SYNTAX_ERR"],
  ["InvalidModificationError", "INVALID_MODIFICATION_ERR"],
  ["NamespaceError", "NAMESPACE_ERR"],
  ["InvalidAccessError", "INVALID_ACCESS_ERR"],
  [undefined, "VALIDATION_ERR"],
  ["TypeMismatchError", "TYPE_MISMATCH_ERR"],
  ["SecurityError", "SECURITY_ERR"],
  ["NetworkError", "NETWORK_ERR"],
  ["AbortError", "ABORT_ERR"],
  ["URLMismatchError", "URL_MISMATCH_ERR"],
  ["QuotaExceededError", "QUOTA_EXCEEDED_ERR"],
  ["TimeoutError", "TIMEOUT_ERR"],
  ["InvalidNodeTypeError", "INVALID_NODE_TYPE_ERR"],
  ["DataCloneError", "DATA_CLONE_ERR"],
];

const codes = new Map(kLegacyNames.map(([name], i) => [name, i + 1]));
codes.delete(undefined);

// Lets a class put its private fields on an object that it did not make.
const Adopt = function (object) {
  return object;
};

/** The fields of a DOMException. The object itself is an Error of the engine. */
class Fields extends Adopt {
  #name;
  #message;
  constructor(exception, name, message) {
    super(exception);
    this.#name = name;
    this.#message = message;
  }
  static name(object) {
    if (!(#name in object)) throwIllegalInvocation("DOMException");
    return object.#name;
  }
  static has(object) {
    return #name in object;
  }
  static message(object) {
    if (!(#name in object)) throwIllegalInvocation("DOMException");
    return object.#message;
  }
}

/** An error of the web platform, told apart by its name. */
export class DOMException {
  /**
   * @param {string} [message]
   * @param {string | { name?: string, cause?: unknown }} [options] the name, or options
   */
  constructor(message = "", options = "Error") {
    message = toDOMString(message);
    // Error.isError() has to hold, so the engine makes the object. It keeps the
    // message for the stack's first line; the property would hide the accessor.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const self = Reflect.construct(Error, [message], new.target);
    Error.stackTraceLimit = limit;
    delete self.message;
    if (options !== null && typeof options === "object") {
      const name = options.name === undefined ? "Error" : toDOMString(options.name);
      if ("cause" in options) {
        Object.defineProperty(self, "cause", {
          value: options.cause,
          writable: true,
          configurable: true,
        });
      }
      new Fields(self, name, message);
    } else {
      new Fields(self, toDOMString(options), message);
    }
    if (limit > 0) Error.captureStackTrace(self, new.target);
    return self;
  }

  get name() {
    return Fields.name(this);
  }

  get message() {
    return Fields.message(this);
  }

  get code() {
    return codes.get(Fields.name(this)) ?? 0;
  }
}

Object.setPrototypeOf(DOMException.prototype, Error.prototype);
exposeInterface(DOMException);
exposeConstants(
  DOMException,
  Object.fromEntries(kLegacyNames.map(([, constant], i) => [constant, i + 1])),
);

/** @type {(value: object) => value is DOMException} */
export const isDOMException = Fields.has;

/** The reason of an abort that was given none. */
export function makeAbortError() {
  return new DOMException("This operation was aborted", "AbortError");
}

/** The reason of AbortSignal.timeout(). */
export function makeTimeoutError() {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}
