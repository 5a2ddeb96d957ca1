// What inspect() calls an object: its constructor, its tag and its prototype.

import { constructorName } from "internal:ops/inspect";

// The engine's own constructors. This module is evaluated before anything is
// added to the global object.
const kBuiltIns = new Set(
  Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z][a-zA-Z0-9]+$/.test(name)),
);

/**
 * Whether a constructor's name is that of one of the engine.
 * @param {string} name
 */
export function isBuiltIn(name) {
  return kBuiltIns.has(name);
}

function isInstance(object, constructor) {
  try {
    return object instanceof constructor;
  } catch {
    return false;
  }
}

/**
 * The name of the constructor that made an object, as far as its prototypes
 * tell: "Foo", "Foo <Bar>" for an object whose prototype was replaced, or null
 * for an object without a prototype.
 * @param {import("./inspect_context.js").InspectContext} context
 * @param {object} object
 * @param {number} depth
 * @param {(object: object, first: object) => void} [onPrototype] told where the prototype's
 *     own properties begin, unless the constructor is one of the engine
 * @param {(value: unknown, options: object) => string} [inspect]
 * @returns {string | null}
 */
export function constructorNameOf(context, object, depth, onPrototype, inspect) {
  let first;
  for (let layer = object; layer !== null; ) {
    const constructor = Object.getOwnPropertyDescriptor(layer, "constructor")?.value;
    if (
      typeof constructor === "function" &&
      constructor.name !== "" &&
      isInstance(object, constructor)
    ) {
      if (onPrototype !== undefined && (first !== layer || !kBuiltIns.has(constructor.name))) {
        onPrototype(object, first ?? object);
      }
      return String(constructor.name);
    }
    layer = Object.getPrototypeOf(layer);
    first ??= layer === null && first === undefined ? null : layer;
    if (first === null) return null;
  }
  const own = constructorName(object);
  if (context.depth !== null && depth > context.depth) return `${own} <Complex prototype>`;
  const inherited = constructorNameOf(context, first, depth + 1, onPrototype, inspect);
  if (inherited !== null) return `${own} <${inherited}>`;
  return `${own} <${inspect(first, { ...context.optionsForCustom(-1), customInspect: false })}>`;
}

/**
 * "Foo(2) [tag] ": what stands before the brace.
 * @param {string | null} constructor
 * @param {string} tag
 * @param {string} fallback the name of an object without a prototype
 * @param {string} [size] as "(2)"
 * @returns {string}
 */
export function prefixOf(constructor, tag, fallback, size = "") {
  if (constructor === null) {
    const shownTag = tag !== "" && fallback !== tag ? `[${tag}] ` : "";
    return `[${fallback}${size}: null prototype] ${shownTag}`;
  }
  if (tag === "") return `${constructor}${size} `;
  // "Intl.Collator" says all that "Collator" says.
  const dot = tag.lastIndexOf(".");
  if (constructor === (dot >= 1 ? tag.slice(dot + 1) : tag)) return `${tag}${size} `;
  return `${constructor}${size} [${tag}] `;
}

/**
 * As prefixOf(), for objects of no special type.
 * @param {object} object
 * @param {string | null} constructor
 * @param {string} tag
 */
export function objectPrefixOf(object, constructor, tag) {
  let fallback = "";
  if (constructor === null) {
    fallback = constructorName(object);
    if (fallback === tag) fallback = "Object";
  }
  return prefixOf(constructor, tag, fallback);
}

/**
 * The Symbol.toStringTag, unless it will be listed as an own property.
 * @param {import("./inspect_context.js").InspectContext} context
 * @param {object} object
 * @returns {string}
 */
export function tagOf(context, object) {
  let tag;
  try {
    tag = object[Symbol.toStringTag];
  } catch {
    return ""; // The object's own getter failed: it has no tag to show.
  }
  if (typeof tag !== "string" || tag === "") return "";
  const listed = context.showHidden
    ? Object.hasOwn(object, Symbol.toStringTag)
    : Object.prototype.propertyIsEnumerable.call(object, Symbol.toStringTag);
  return listed ? "" : tag;
}

/** "[Function: name]", "[AsyncFunction (anonymous)]", ... */
export function functionBase(value, flavour, constructor, tag, format) {
  const type = `${flavour}Function`;
  let base = `[${type}`;
  if (constructor === null) base += " (null prototype)";
  const { name } = value;
  if (name === "") base += " (anonymous)";
  else base += `: ${typeof name === "string" ? name : format(name)}`;
  base += "]";
  if (constructor !== type && constructor !== null) base += ` ${constructor}`;
  if (tag !== "" && constructor !== tag) base += ` [${tag}]`;
  return base;
}

/** "[class Name extends Base]". */
export function classBase(value, constructor, tag) {
  const name = (Object.hasOwn(value, "name") && value.name) || "(anonymous)";
  let base = `class ${name}`;
  if (constructor !== "Function" && constructor !== null) base += ` [${constructor}]`;
  if (tag !== "" && constructor !== tag) base += ` [${tag}]`;
  if (constructor === null) {
    base += " extends null";
  } else {
    const superName = Object.getPrototypeOf(value).name;
    if (superName) base += ` extends ${superName}`;
  }
  return `[${base}]`;
}

/**
 * Whether a function was written as a class.
 * @param {Function} value
 */
export function isClass(value) {
  const source = Function.prototype.toString.call(value);
  if (!source.startsWith("class") || !source.endsWith("}")) return false;
  const body = source.slice(5, -1);
  const brace = body.indexOf("{");
  if (brace === -1) return false;
  // "classify(x) {...}" is a method; "class A extends f(x) {...}" is a class.
  if (!body.slice(0, brace).includes("(")) return true;
  const bare = body.replace(/\/\/.*?\n|\/\*[\s\S]*?\*\//g, "");
  return /^(\s+[^(]*?)\s*\{/.test(bare) || /^\s+[^(\s]*\s+extends\s/.test(bare);
}
