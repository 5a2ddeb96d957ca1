// structuredClone() (https://html.spec.whatwg.org/#structured-cloning), and the
// same for messages between ports.
//
// Both sides are the same realm, so StructuredSerialize and
// StructuredDeserialize are one pass that makes the copy at once. What is
// transferred is moved last, when nothing can fail any more; until then
// stand-ins hold its places in the copy.
//
// Platform classes take part by makeSerializable() and makeTransferable().

import { constructorName, Kind, kindOf, ownNonIndexKeys, proxyDetails } from "internal:ops/inspect";
import { copyWasmModule, describeView, isWasmModule, sharedBufferOver, viewOf } from "internal:ops/clone";
import { typedArrayName } from "./bytes.js";
import { DOMException, isDOMException } from "./dom_exception.js";
import { isObject, isPlatformObject, requireArguments, toDictionary, toSequence } from "./webidl.js";

/** @type {{ is(value: object): boolean, copy(value: object): object }[]} */
const serializables = [];

/** @type {{ is(value: object): boolean, isDetached(value: object): boolean, move(value: object): object }[]} */
const transferables = [];

/**
 * Lets objects of a class be cloned.
 * @param {(value: object) => boolean} is
 * @param {(value: object) => object} copy a new object
 */
export function makeSerializable(is, copy) {
  serializables.unshift({ is, copy }); // Classes before those that they extend.
}

/**
 * Lets objects of a class be moved.
 * @param {(value: object) => boolean} is
 * @param {(value: object) => boolean} isDetached it was moved before
 * @param {(value: object) => object} move gives the object that takes its place, and detaches it
 */
export function makeTransferable(is, isDetached, move) {
  transferables.push({ is, isDetached, move });
}

makeTransferable(
  (value) => kindOf(value) === Kind.ArrayBuffer,
  (buffer) => buffer.detached,
  (buffer) => (buffer.resizable ? buffer.transfer() : buffer.transferToFixedLength()),
);

makeSerializable(isDOMException, (error) => {
  const copy = withoutStack(() => new DOMException(error.message, error.name));
  hide(copy, "stack", error.stack);
  return copy;
});

/** @type {WeakSet<object>} */
const untransferable = new WeakSet();

/**
 * Lets an object be copied but never moved.
 * @param {object} object
 */
export function markUntransferable(object) {
  untransferable.add(object);
}

const kErrors = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const kViews = Object.fromEntries(
  [
    [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    [BigInt64Array, BigUint64Array, Float16Array, Float32Array, Float64Array],
  ]
    .flat()
    .map((Type) => [Type.name, Type]),
);
/** Up to here arrays are looked through by index, with or without holes. */
const kDenseLength = 1 << 16;

function notCloneable(value) {
  const text = isObject(value) && typeof value !== "function" ? `#<${constructorName(value)}>` : String(value);
  return new DOMException(`${text} could not be cloned.`, "DataCloneError");
}

/** Stands for a transferred object, or for a view on one, until that is moved. */
class StandIn {
  constructor(make) {
    this.make = make;
    this.made = undefined;
  }
  get() {
    return (this.made ??= this.make());
  }
}

/** One clone operation. */
class Cloner {
  /** Original to copy. @type {Map<object, object>} */
  #copies = new Map();
  /** What puts moved objects in the places of their stand-ins, in order. @type {(() => void)[]} */
  #placements = [];
  #transfer;

  constructor(transfer) {
    this.#transfer = transfer;
    for (const [original, type] of transfer) {
      this.#copies.set(original, new StandIn(() => type.move(original)));
    }
  }

  run(value) {
    const copy = this.clone(value);
    for (const [original, type] of this.#transfer) {
      // A getter may have detached it meanwhile.
      if (type.isDetached(original)) throw notCloneable(original);
    }
    const transferred = [...this.#transfer.keys()].map((original) => this.#copies.get(original).get());
    for (const place of this.#placements) place();
    return { copy: moved(copy), transferred };
  }

  clone(value) {
    if (typeof value !== "object" && typeof value !== "function") {
      if (typeof value === "symbol") throw notCloneable(value);
      return value;
    }
    if (value === null) return value;
    return this.#copies.get(value) ?? this.#cloneObject(value);
  }

  #cloneObject(value) {
    const kind = kindOf(value);
    switch (kind) {
      case 0:
        return this.#cloneOther(value);
      case Kind.Array:
        return this.#cloneArray(value);
      case Kind.Error:
        return this.#clonePlatformObject(value) ?? this.#cloneError(value);
      case Kind.Date:
        return this.#note(value, new Date(Date.prototype.getTime.call(value)));
      case Kind.RegExp:
        return this.#note(value, new RegExp(value.source, value.flags));
      case Kind.Map:
        return this.#cloneMap(value);
      case Kind.Set:
        return this.#cloneSet(value);
      case Kind.ArrayBuffer:
        return this.#note(value, copyBuffer(value));
      case Kind.SharedArrayBuffer:
        return this.#note(value, sharedBufferOver(value));
      case Kind.TypedArray:
      case Kind.DataView:
        return this.#cloneView(value, kind);
      case Kind.NumberObject:
      case Kind.StringObject:
      case Kind.BooleanObject:
      case Kind.BigIntObject:
        return this.#note(value, Object(value.valueOf()));
      case Kind.Arguments:
        return this.#cloneMembers(value, this.#note(value, {}), Object.keys(value));
      default:
        throw notCloneable(value);
    }
  }

  #note(original, copy) {
    this.#copies.set(original, copy);
    return copy;
  }

  #cloneOther(value) {
    if (proxyDetails(value) !== undefined) throw notCloneable(value);
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      const copy = this.#clonePlatformObject(value);
      if (copy !== undefined) return copy;
      if (isWasmModule(value)) return this.#note(value, copyWasmModule(value));
      if (isPlatformObject(value)) throw notCloneable(value);
    }
    return this.#cloneMembers(value, this.#note(value, {}), Object.keys(value));
  }

  #clonePlatformObject(value) {
    const type = serializables.find((each) => each.is(value));
    return type === undefined ? undefined : this.#note(value, type.copy(value));
  }

  /** Properties that a getter has removed meanwhile are left out. */
  #cloneMembers(value, copy, keys) {
    for (const key of keys) {
      if (Object.hasOwn(value, key)) this.#set(copy, key, this.clone(value[key]));
    }
    return copy;
  }

  #set(copy, key, member) {
    const isStandIn = member instanceof StandIn;
    if (isStandIn) this.#placements.push(() => define(copy, key, member.get()));
    define(copy, key, isStandIn ? undefined : member); // Keeps the place in the order.
  }

  #cloneArray(array) {
    const { length } = array;
    const copy = this.#note(array, new Array(length));
    if (length > kDenseLength) return this.#cloneMembers(array, copy, Object.keys(array));
    for (let i = 0; i < length; i++) {
      if (Object.hasOwn(array, i)) this.#set(copy, i, this.clone(array[i]));
    }
    return this.#cloneMembers(array, copy, ownNonIndexKeys(array, false));
  }

  #cloneError(error) {
    const { name } = error;
    const Type = Object.hasOwn(kErrors, `${name}`) ? kErrors[name] : Error;
    const copy = this.#note(error, withoutStack(() => new Type()));
    // What is an accessor is left alone: it would run code of the program.
    const message = Object.getOwnPropertyDescriptor(error, "message");
    if (message !== undefined && "value" in message) hide(copy, "message", `${message.value}`);
    const { stack } = error;
    hide(copy, "stack", typeof stack === "string" ? stack : undefined);
    const cause = Object.getOwnPropertyDescriptor(error, "cause");
    if (cause !== undefined && "value" in cause) {
      this.#set(copy, "cause", this.clone(cause.value));
      Object.defineProperty(copy, "cause", { enumerable: false });
    }
    return copy;
  }

  #cloneMap(map) {
    const copy = this.#note(map, new Map());
    const entries = [...Map.prototype.entries.call(map)];
    for (const entry of entries) {
      entry[0] = this.clone(entry[0]);
      entry[1] = this.clone(entry[1]);
    }
    this.#fill(entries.flat(), () => {
      for (const [key, value] of entries) copy.set(moved(key), moved(value));
    });
    return copy;
  }

  #cloneSet(set) {
    const copy = this.#note(set, new Set());
    const items = [...Set.prototype.values.call(set)].map((item) => this.clone(item));
    this.#fill(items, () => {
      for (const item of items) copy.add(moved(item));
    });
    return copy;
  }

  /** Fills a collection at once, or, since its order must stay, when all are moved. */
  #fill(members, fill) {
    if (members.some((each) => each instanceof StandIn)) this.#placements.push(fill);
    else fill();
  }

  #cloneView(view, kind) {
    const { buffer } = view;
    const copy = this.clone(buffer);
    let make;
    if (buffer.resizable === true || buffer.growable === true) {
      // Only V8 knows whether it follows the buffer's length.
      const description = describeView(view);
      make = (of) => viewOf(description, of);
    } else {
      const Type = kind === Kind.DataView ? DataView : kViews[typedArrayName(view)];
      const { byteOffset } = view;
      const length = kind === Kind.DataView ? view.byteLength : view.length;
      make = (of) => new Type(of, byteOffset, length);
    }
    return this.#note(view, copy instanceof StandIn ? new StandIn(() => make(copy.get())) : make(copy));
  }
}

/** What has taken the place of a stand-in. */
function moved(value) {
  return value instanceof StandIn ? value.get() : value;
}

function define(object, key, value) {
  // As CreateDataProperty: an assignment would find setters, as of "__proto__".
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

function hide(object, key, value) {
  if (value !== undefined) Object.defineProperty(object, key, { value, writable: true, configurable: true });
}

function withoutStack(make) {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const made = make();
  Error.stackTraceLimit = limit;
  return made;
}

function copyBuffer(buffer) {
  if (buffer.detached) throw notCloneable(buffer);
  if (!buffer.resizable) return buffer.slice(0);
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

/**
 * @param {unknown} list
 * @param {string} context
 * @returns {Map<object, object>} what is transferred, with how
 */
function readTransfer(list, context) {
  const transfer = new Map();
  for (const value of list) {
    const type = isObject(value) ? transferables.find((each) => each.is(value)) : undefined;
    if (type === undefined || untransferable.has(value)) {
      throw new DOMException(`${context}: Value not transferable.`, "DataCloneError");
    }
    if (transfer.has(value)) {
      throw new DOMException(`${context}: a value is in the transfer list twice.`, "DataCloneError");
    }
    if (type.isDetached(value)) {
      throw new DOMException(`${context}: a value in the transfer list is detached.`, "DataCloneError");
    }
    transfer.set(value, type);
  }
  return transfer;
}

/**
 * StructuredSerializeWithTransfer and StructuredDeserializeWithTransfer.
 * @param {unknown} value
 * @param {unknown[]} list what to move instead of copying it
 * @param {string} context
 * @returns {{ copy: unknown, transferred: object[] }} `transferred` in the order of `list`
 */
export function cloneWithTransfer(value, list, context) {
  return new Cloner(readTransfer(list, context)).run(value);
}

/**
 * A deep copy. Throws a DataCloneError for what cannot be copied, such as functions.
 * @template T
 * @param {T} value
 * @param {{ transfer?: Iterable<object> }} [options] what to move instead of copying it
 * @returns {T}
 */
export function structuredClone(value, options = undefined) {
  const context = "Failed to execute 'structuredClone'";
  requireArguments(arguments.length, 1, context);
  const { transfer } = toDictionary(options, context);
  const list = transfer === undefined ? [] : toSequence(transfer, (item) => item, context);
  return cloneWithTransfer(value, list, context).copy;
}
