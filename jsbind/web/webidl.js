// Conversions between JavaScript values and Web IDL types, and the shape that
// Web IDL gives to interfaces (https://webidl.spec.whatwg.org/).
//
// `context` names what is being converted for error messages, as in
// "Failed to execute 'append' on 'Headers': parameter 1".

/**
 * Throws unless a function was called with enough arguments.
 * @param {number} given arguments.length
 * @param {number} required
 * @param {string} context as in "Failed to execute 'get' on 'Headers'"
 */
export function requireArguments(given, required, context) {
  if (given >= required) return;
  const noun = required === 1 ? "argument" : "arguments";
  throw new TypeError(`${context}: ${required} ${noun} required, but only ${given} present.`);
}

/**
 * DOMString. Symbols throw.
 * @param {unknown} value
 * @returns {string}
 */
export function toDOMString(value) {
  return typeof value === "string" ? value : `${value}`;
}

/**
 * USVString: lone surrogates become U+FFFD.
 * @param {unknown} value
 * @returns {string}
 */
export function toUSVString(value) {
  return (typeof value === "string" ? value : `${value}`).toWellFormed();
}

/**
 * ByteString: every unit must be at most 0xFF.
 * @param {unknown} value
 * @param {string} context
 * @returns {string}
 */
export function toByteString(value, context) {
  const string = typeof value === "string" ? value : `${value}`;
  // eslint-disable-next-line no-control-regex
  if (/[^\x00-\xff]/.test(string)) {
    const index = string.search(/[^\x00-\xff]/);
    throw new TypeError(
      `${context}: cannot convert to a ByteString because the character at index ${index} has ` +
        `the value ${string.charCodeAt(index)}, which is greater than 255.`,
    );
  }
  return string;
}

/**
 * unsigned short.
 * @param {unknown} value
 * @returns {number}
 */
export function toUnsignedShort(value) {
  return toNumber(value) & 0xffff;
}

/**
 * long long, as far as numbers are exact.
 * @param {unknown} value
 * @returns {number}
 */
export function toLongLong(value) {
  const number = toNumber(value);
  return Number.isFinite(number) ? Math.trunc(number) + 0 : 0;
}

/**
 * [Clamp] long long, as far as numbers are exact.
 * @param {unknown} value
 * @returns {number}
 */
export function toClampedLongLong(value) {
  const number = toNumber(value);
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(Math.max(number, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  const rounded = Math.round(clamped);
  // What lies between two goes to the even one.
  return Math.abs(clamped % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded + 0;
}

/**
 * [EnforceRange] unsigned long long.
 * @param {unknown} value
 * @param {string} context
 * @returns {number}
 */
export function toEnforcedUnsignedLongLong(value, context) {
  const number = toNumber(value);
  const integer = Math.trunc(number);
  if (!Number.isFinite(number) || integer < 0 || integer > Number.MAX_SAFE_INTEGER) {
    throw new TypeError(`${context}: ${number} is outside the accepted range of 0 to 2^53 - 1.`);
  }
  return integer + 0;
}

function toNumber(value) {
  return typeof value === "number" ? value : +value; // Throws for symbols and BigInts.
}

/**
 * Whether a value is an Object as Web IDL understands it: functions are.
 * @param {unknown} value
 * @returns {boolean}
 */
export function isObject(value) {
  return typeof value === "object" ? value !== null : typeof value === "function";
}

const kEmptyDictionary = Object.freeze(Object.create(null));

/**
 * A dictionary argument: undefined and null are the empty dictionary.
 * @param {unknown} value
 * @param {string} context
 * @returns {object}
 */
export function toDictionary(value, context) {
  if (value === undefined || value === null) return kEmptyDictionary;
  if (!isObject(value)) throw new TypeError(`${context}: the value is not an object.`);
  return value;
}

/**
 * A sequence of `convert`ed items from an iterable object.
 * @template T
 * @param {unknown} value
 * @param {(item: unknown) => T} convert
 * @param {string} context
 * @returns {T[]}
 */
export function toSequence(value, convert, context) {
  const method = isObject(value) ? value[Symbol.iterator] : undefined;
  if (typeof method !== "function") {
    throw new TypeError(`${context}: the value cannot be converted to a sequence.`);
  }
  return iterate(value, method, convert);
}

/**
 * As toSequence(), with the iterator method already looked up (looking it up
 * is observable and done once).
 * @template T
 * @param {object} value
 * @param {Function} method
 * @param {(item: unknown) => T} convert
 * @returns {T[]}
 */
export function iterate(value, method, convert) {
  const result = [];
  const items = { [Symbol.iterator]: () => method.call(value) };
  for (const item of items) result.push(convert(item));
  return result;
}

/**
 * Throws the error of a method that was called on a foreign `this`.
 * @param {string} name of the interface
 * @returns {never}
 */
export function throwIllegalInvocation(name) {
  const error = new TypeError(`Value of "this" must be of type ${name}`);
  error.code = "ERR_INVALID_THIS";
  throw error;
}

/** Prototypes of interfaces, and of what the engine has and that is more than its properties. */
const platformPrototypes = new WeakSet([
  Promise.prototype,
  WeakMap.prototype,
  WeakSet.prototype,
  WeakRef.prototype,
  FinalizationRegistry.prototype,
  Iterator.prototype,
  Object.getPrototypeOf(async function* () {}.prototype),
  ...Object.values(Object.getOwnPropertyDescriptors(Intl)).flatMap(({ value }) => value?.prototype ?? []),
]);

/**
 * Whether an object is more than its properties: an instance of an interface,
 * or of a class of the engine such as WeakMap, that has no kind of its own.
 * @param {object} value
 * @returns {boolean}
 */
export function isPlatformObject(value) {
  for (let object = Object.getPrototypeOf(value); object !== null; object = Object.getPrototypeOf(object)) {
    if (platformPrototypes.has(object)) return true;
  }
  return false;
}

/**
 * Gives a class the property attributes of a Web IDL interface: methods and
 * accessors are enumerable, and the prototype has a toStringTag.
 * @param {Function} type
 * @param {string} [name]
 */
export function exposeInterface(type, name = type.name) {
  platformPrototypes.add(type.prototype);
  makeEnumerable(type.prototype, ["constructor"]);
  makeEnumerable(type, ["length", "name", "prototype"]);
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

function makeEnumerable(object, except) {
  for (const key of Object.getOwnPropertyNames(object)) {
    if (!except.includes(key)) Object.defineProperty(object, key, { enumerable: true });
  }
}

/**
 * Defines Web IDL constants, on the interface and on its prototype.
 * @param {Function} type
 * @param {Record<string, number>} constants
 */
export function exposeConstants(type, constants) {
  for (const [key, value] of Object.entries(constants)) {
    const descriptor = { value, enumerable: true };
    Object.defineProperty(type, key, descriptor);
    Object.defineProperty(type.prototype, key, descriptor);
  }
}

function pick(entry, kind) {
  return kind === "key" ? entry[0] : kind === "value" ? entry[1] : [entry[0], entry[1]];
}

const kIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/**
 * Makes the class of a Web IDL iterator ("Headers Iterator").
 * @param {string} name of the interface it iterates over
 * @param {(target: object, index: number) => [unknown, unknown] | undefined} entryAt the pair at
 *     a position, computed anew each time as the standard wants it
 * @returns {(target: object, kind: "key" | "value" | "key+value") => object} makes an iterator
 */
export function makePairIterator(name, entryAt) {
  class PairIterator {
    #target;
    #kind;
    #index = 0;
    constructor(target, kind) {
      this.#target = target;
      this.#kind = kind;
    }
    next() {
      if (!(#target in this)) throwIllegalInvocation(`${name} Iterator`);
      const entry = entryAt(this.#target, this.#index);
      if (entry === undefined) return { value: undefined, done: true };
      this.#index++;
      return { value: pick(entry, this.#kind), done: false };
    }
    static remaining(iterator) {
      const rest = [];
      for (let i = iterator.#index; ; i++) {
        const entry = entryAt(iterator.#target, i);
        if (entry === undefined) return rest;
        rest.push(pick(entry, iterator.#kind));
      }
    }
  }
  const prototype = PairIterator.prototype;
  delete prototype.constructor;
  Object.setPrototypeOf(prototype, kIteratorPrototype);
  Object.defineProperties(prototype, {
    next: { enumerable: true },
    [Symbol.toStringTag]: { value: `${name} Iterator`, configurable: true },
    // How console.log shows it: what is left, in braces.
    [Symbol.for("nodejs.util.inspect.custom")]: {
      value(depth, options, inspect) {
        const items = PairIterator.remaining(this);
        return `${name} Iterator ${inspect(items, options).replace(/^\[/, "{").replace(/\]$/, "}")}`;
      },
      writable: true,
      configurable: true,
    },
  });
  return (target, kind) => new PairIterator(target, kind);
}
