// How inspect() writes one value: finds what it is, then its own text and its
// contents; its properties follow (inspect_property.js).

import { externalAddress, Kind, kindOf, ownNonIndexKeys, proxyDetails } from "internal:ops/inspect";
import {
  formatArray,
  formatArrayBuffer,
  formatIterator,
  formatMap,
  formatModuleNamespace,
  formatPromise,
  formatSet,
  formatTypedArray,
  formatWeakEntries,
} from "./inspect_collections.js";
import { plainStyle } from "./inspect_context.js";
import { formatError } from "./inspect_error.js";
import { kArrayParts, kObjectParts, layOut } from "./inspect_layout.js";
import {
  classBase,
  constructorNameOf,
  functionBase,
  isClass,
  objectPrefixOf,
  prefixOf,
  tagOf,
} from "./inspect_names.js";
import { formatExtra, formatProperty, inheritedProperties, keysOf, kProperty } from "./inspect_property.js";
import { formatPrimitive } from "./inspect_text.js";

/** @typedef {import("./inspect_context.js").InspectContext} InspectContext */

export const customInspect = Symbol.for("nodejs.util.inspect.custom");

// More output than this at one indentation ends the descent.
const kWrittenMax = 2 ** 27;

let inspectFunction;
/** Tells this module the public inspect(), which custom functions are given. */
export function setInspect(inspect) {
  inspectFunction = inspect;
}

/**
 * @param {InspectContext} context
 * @param {unknown} value
 * @param {number} depth of the object that holds it
 * @param {boolean} [bufferOfView] the value is the buffer of a typed array, shown in short
 * @returns {string}
 */
export function formatValue(context, value, depth, bufferOfView = false) {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return value === null ? context.stylize("null", "null") : formatPrimitive(context, value);
  }
  // Proxies are looked through natively: no trap of theirs is ever called.
  const original = value;
  let proxies = 0;
  for (let details; (details = proxyDetails(value)) !== undefined; proxies++) {
    const [target, handler] = details;
    if (context.showProxy && target !== null) return formatProxy(context, target, handler, depth);
    if (target === null) return wrapInProxies(context, revokedProxy(context), proxies);
    value = target;
  }
  if (context.customInspect) {
    const custom = value[customInspect];
    if (
      typeof custom === "function" &&
      custom !== inspectFunction &&
      // A prototype is no instance: its function would find no state.
      Object.getOwnPropertyDescriptor(value, "constructor")?.value?.prototype !== value
    ) {
      const left = context.depth === null ? null : context.depth - depth;
      const result = custom.call(original, left, context.optionsForCustom(left), inspectFunction);
      if (result !== original) {
        if (typeof result !== "string") return formatValue(context, result, depth);
        return result.replaceAll("\n", `\n${" ".repeat(context.indentation)}`);
      }
    }
  }
  if (context.seen.includes(value)) return circularReference(context, value);
  return wrapInProxies(context, formatObject(context, value, depth, bufferOfView), proxies);
}

function revokedProxy(context) {
  return context.stylize("<Revoked Proxy>", "special");
}

function wrapInProxies(context, text, proxies) {
  for (let i = 0; i < proxies; i++) {
    text = `${context.stylize("Proxy(", "special")}${text}${context.stylize(")", "special")}`;
  }
  return text;
}

function formatProxy(context, target, handler, depth) {
  if (context.depth !== null && depth > context.depth) {
    return context.stylize("Proxy [Array]", "special");
  }
  context.indentation += 2;
  const parts = [formatValue(context, target, depth + 1), formatValue(context, handler, depth + 1)];
  context.indentation -= 2;
  return layOut(context, parts, "", ["Proxy [", "]"], kArrayParts, depth + 1);
}

function circularReference(context, value) {
  context.circular ??= new Map();
  let number = context.circular.get(value);
  if (number === undefined) {
    number = context.circular.size + 1;
    context.circular.set(value, number);
  }
  return context.stylize(`[Circular *${number}]`, "special");
}

/**
 * What describe() finds out about an object.
 * @typedef {object} Description
 * @property {string} [text] the whole output, if nothing else is to be shown
 * @property {string} [base] what stands before the braces
 * @property {[string, string]} [braces]
 * @property {PropertyKey[]} [keys] of the properties to list
 * @property {PropertyKey[]} [extras] accessors of the prototype to list first, in brackets
 * @property {number} [parts] kObjectParts or kArrayParts
 * @property {() => string[]} [contents] the parts that are no properties
 */

function formatObject(context, value, depth, bufferOfView) {
  let inherited;
  let onPrototype;
  if (context.showHidden && (context.depth === null || depth <= context.depth)) {
    onPrototype = (object, first) => {
      inherited = inheritedProperties(context, object, first, depth);
    };
  }
  const constructor = constructorNameOf(context, value, depth, onPrototype, inspectFunction);
  const tag = tagOf(context, value);
  const isBare = (keys) => keys.length === 0 && !inherited?.length;
  const description = describe(context, value, constructor, tag, depth, bufferOfView, isBare);
  if (description.text !== undefined) return description.text;

  if (context.depth !== null && depth > context.depth) {
    const name = objectPrefixOf(value, constructor, tag).slice(0, -1);
    return context.stylize(constructor === null ? name : `[${name}]`, "special");
  }
  let { base = "" } = description;
  const { braces, keys, extras = [], parts = kObjectParts, contents } = description;
  context.seen.push(value);
  context.currentDepth = depth + 1;
  const { indentation } = context;
  let output;
  try {
    output = contents === undefined ? [] : contents(depth + 1);
    for (const key of extras) output.push(formatExtra(context, value, depth + 1, key));
    const type = kProperty;
    for (const key of keys) output.push(formatProperty(context, value, depth + 1, key, type, parts));
    if (inherited !== undefined) output.push(...inherited);
  } catch (error) {
    if (!(error instanceof RangeError) || !/call stack/.test(error.message)) throw error;
    context.seen.length = 0;
    context.indentation = indentation;
    const name = objectPrefixOf(value, constructor, tag).slice(0, -1);
    const message = `[${name}: Inspection interrupted prematurely. Maximum call stack size exceeded.]`;
    return context.stylize(message, "special");
  }
  context.seen.pop();
  const reference = context.circular?.get(value);
  if (reference !== undefined) {
    const mark = context.stylize(`<ref *${reference}>`, "special");
    if (context.compact === true) braces[0] = `${mark} ${braces[0]}`;
    else base = base === "" ? mark : `${mark} ${base}`;
  }
  if (context.sorted) sortParts(context, output, parts, keys.length);
  const text = layOut(context, output, base, braces, parts, depth + 1, value);
  const written = (context.written[context.indentation] ?? 0) + text.length;
  context.written[context.indentation] = written;
  if (written > kWrittenMax) context.depth = -1;
  return text;
}

function sortParts(context, output, parts, keys) {
  const compare = context.sorted === true ? undefined : context.sorted;
  // The elements of an array keep their order; its properties follow.
  const from = parts === kArrayParts ? output.length - keys : 0;
  const sorted = output.slice(from).sort(compare);
  output.splice(from, sorted.length, ...sorted);
}

/** @returns {Description} */
function describe(context, value, constructor, tag, depth, bufferOfView, isBare) {
  const kind = kindOf(value);
  switch (kind) {
    case Kind.Array: {
      const keys = ownNonIndexKeys(value, context.showHidden);
      const plain = constructor === "Array" && tag === "";
      const prefix = plain ? "" : prefixOf(constructor, tag, "Array", `(${value.length})`);
      if (value.length === 0 && isBare(keys)) return { text: `${prefix}[]` };
      const contents = (inner) => formatArray(context, value, inner);
      return { braces: [`${prefix}[`, "]"], keys, parts: kArrayParts, contents };
    }
    case Kind.TypedArray:
      return describeTypedArray(context, value, constructor, tag);
    case Kind.Set:
    case Kind.Map: {
      const type = kind === Kind.Set ? Set : Map;
      const size = Object.getOwnPropertyDescriptor(type.prototype, "size").get.call(value);
      const prefix = prefixOf(constructor, tag, type.name, `(${size})`);
      const keys = keysOf(value, context.showHidden);
      if (size === 0 && isBare(keys)) return { text: `${prefix}{}` };
      const format = kind === Kind.Set ? formatSet : formatMap;
      return { braces: [`${prefix}{`, "}"], keys, contents: (inner) => format(context, value, inner) };
    }
    case Kind.MapIterator:
    case Kind.SetIterator: {
      const name = kind === Kind.MapIterator ? "Map Iterator" : "Set Iterator";
      const shown = tag === name || tag === "" ? name : `${tag}] [${name}`;
      const braces = [`[${shown}] {`, "}"];
      const contents = (inner) => formatIterator(context, value, inner, braces);
      return { braces, keys: keysOf(value, context.showHidden), parts: kArrayParts, contents };
    }
    default:
      return describeOther(context, value, kind, constructor, tag, depth, bufferOfView, isBare);
  }
}

function describeTypedArray(context, value, constructor, tag) {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype);
  const read = (key) => Object.getOwnPropertyDescriptor(prototype, key).get.call(value);
  const length = read("length");
  const name = read(Symbol.toStringTag);
  // Without a prototype, an array has no accessors: read from another view.
  const readable = constructor === null ? new globalThis[name](value) : value;
  const prefix = prefixOf(constructor, tag, name, `(${length})`);
  const keys = ownNonIndexKeys(value, context.showHidden);
  if (length === 0 && keys.length === 0 && !context.showHidden) return { text: `${prefix}[]` };
  return {
    braces: [`${prefix}[`, "]"],
    keys,
    extras: context.showHidden
      ? ["BYTES_PER_ELEMENT", "length", "byteLength", "byteOffset", "buffer"]
      : [],
    parts: kArrayParts,
    contents: () => formatTypedArray(context, readable, length),
  };
}

function describeOther(context, value, kind, constructor, tag, depth, bufferOfView, isBare) {
  const keys = keysOf(value, context.showHidden);
  const open = (name) => [`${prefixOf(constructor, tag, name)}{`, "}"];
  const named = (base, name, style) => {
    const prefix = prefixOf(constructor, tag, name);
    const text = context.stylize(prefix === `${name} ` ? base : `${prefix}${base}`, style);
    return isBare(keys) ? { text } : { base: text, braces: ["{", "}"], keys };
  };
  switch (kind) {
    case Kind.Function:
    case Kind.AsyncFunction:
    case Kind.GeneratorFunction:
    case Kind.AsyncGeneratorFunction: {
      const base = describeFunction(context, value, kind, constructor, tag, depth);
      if (isBare(keys)) return { text: context.stylize(base, "special") };
      return { base, braces: ["{", "}"], keys };
    }
    case Kind.RegExp: {
      const text = RegExp.prototype.toString.call(constructor === null ? new RegExp(value) : value);
      const description = named(text, "RegExp", "regexp");
      const tooDeep = context.depth !== null && depth > context.depth;
      return tooDeep ? { text: description.text ?? description.base } : description;
    }
    case Kind.Date: {
      const time = Date.prototype.getTime.call(value);
      const write = Number.isNaN(time) ? Date.prototype.toString : Date.prototype.toISOString;
      return named(write.call(value), "Date", "date");
    }
    case Kind.ArrayBuffer:
    case Kind.SharedArrayBuffer: {
      const braces = open(kind === Kind.ArrayBuffer ? "ArrayBuffer" : "SharedArrayBuffer");
      if (bufferOfView && isBare(keys)) {
        return { text: `${braces[0]} ${formatExtra(context, value, depth, "byteLength")} }` };
      }
      const contents = bufferOfView ? undefined : () => formatArrayBuffer(context, value);
      return { braces, keys, extras: ["byteLength"], contents };
    }
    case Kind.DataView:
      return { braces: open("DataView"), keys, extras: ["byteLength", "byteOffset", "buffer"] };
    case Kind.Promise:
      return { braces: open("Promise"), keys, contents: (inner) => formatPromise(context, value, inner) };
    case Kind.WeakSet:
    case Kind.WeakMap: {
      const contents = (inner) =>
        context.showHidden
          ? formatWeakEntries(context, value, inner)
          : [context.stylize("<items unknown>", "special")];
      return { braces: open(kind === Kind.WeakSet ? "WeakSet" : "WeakMap"), keys, contents };
    }
    case Kind.ModuleNamespace: {
      const contents = (inner) => formatModuleNamespace(context, value, inner, keys);
      return { braces: open("Module"), keys: [], contents };
    }
    case Kind.NumberObject:
    case Kind.StringObject:
    case Kind.BooleanObject:
    case Kind.BigIntObject:
    case Kind.SymbolObject: {
      const base = describeBoxed(context, value, kind, constructor, tag, keys);
      return isBare(keys) ? { text: base } : { base, braces: ["{", "}"], keys };
    }
    case Kind.External:
      return { text: context.stylize(`[External: ${externalAddress(value)}]`, "special") };
    default:
      return describePlain(context, value, kind, constructor, tag, keys, isBare);
  }
}

function describePlain(context, value, kind, constructor, tag, keys, isBare) {
  if (kind === Kind.Error || value instanceof Error) {
    const base = formatError(context, value, constructor, tag, keys);
    return isBare(keys) ? { text: base } : { base, braces: ["{", "}"], keys };
  }
  let open = "{";
  if (kind === Kind.Arguments && constructor === "Object") open = "[Arguments] {";
  else if (constructor !== "Object") open = `${objectPrefixOf(value, constructor, tag)}{`;
  else if (tag !== "") open = `${prefixOf(constructor, tag, "Object")}{`;
  return isBare(keys) ? { text: `${open}}` } : { braces: [open, "}"], keys };
}

function describeFunction(context, value, kind, constructor, tag, depth) {
  if (kind === Kind.Function && isClass(value)) return classBase(value, constructor, tag);
  const flavour =
    kind === Kind.AsyncFunction
      ? "Async"
      : kind === Kind.GeneratorFunction
        ? "Generator"
        : kind === Kind.AsyncGeneratorFunction
          ? "AsyncGenerator"
          : "";
  return functionBase(value, flavour, constructor, tag, (name) => formatValue(context, name, depth));
}

function describeBoxed(context, value, kind, constructor, tag, keys) {
  const type =
    kind === Kind.NumberObject
      ? Number
      : kind === Kind.StringObject
        ? String
        : kind === Kind.BooleanObject
          ? Boolean
          : kind === Kind.BigIntObject
            ? BigInt
            : Symbol;
  const primitive = type.prototype.valueOf.call(value);
  // The indices of a string object would only repeat it.
  if (type === String) keys.splice(0, primitive.length);
  let base = `[${type.name}`;
  if (constructor !== type.name) base += constructor === null ? " (null prototype)" : ` (${constructor})`;
  base += `: ${formatPrimitive(context, primitive, plainStyle)}]`;
  if (tag !== "" && tag !== constructor) base += ` [${tag}]`;
  return keys.length === 0 ? context.stylize(base, type.name.toLowerCase()) : base;
}
