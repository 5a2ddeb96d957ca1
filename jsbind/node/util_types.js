// node:util/types: what the engine knows of a value, whatever its prototype is.

import { isGeneratorObject, Kind, kindOf, proxyDetails } from "internal:ops/inspect";
import { typedArrayName } from "../web/bytes.js";

/** @param {...string} names of kinds */
const isOneOf = (...names) => {
  const numbers = names.map((name) => Kind[name]);
  return numbers.length === 1 ? (value) => kindOf(value) === numbers[0] : (value) => numbers.includes(kindOf(value));
};

export const isArgumentsObject = isOneOf("Arguments");
export const isArrayBuffer = isOneOf("ArrayBuffer");
export const isAnyArrayBuffer = isOneOf("ArrayBuffer", "SharedArrayBuffer");
export const isAsyncFunction = isOneOf("AsyncFunction", "AsyncGeneratorFunction");
export const isBigIntObject = isOneOf("BigIntObject");
export const isBooleanObject = isOneOf("BooleanObject");
export const isBoxedPrimitive = isOneOf("NumberObject", "StringObject", "BooleanObject", "BigIntObject", "SymbolObject");
export const isDataView = isOneOf("DataView");
export const isDate = isOneOf("Date");
export const isExternal = isOneOf("External");
export const isGeneratorFunction = isOneOf("GeneratorFunction", "AsyncGeneratorFunction");
export const isMap = isOneOf("Map");
export const isMapIterator = isOneOf("MapIterator");
export const isModuleNamespaceObject = isOneOf("ModuleNamespace");
export const isNativeError = isOneOf("Error");
export const isNumberObject = isOneOf("NumberObject");
export const isPromise = isOneOf("Promise");
export const isRegExp = isOneOf("RegExp");
export const isSet = isOneOf("Set");
export const isSetIterator = isOneOf("SetIterator");
export const isSharedArrayBuffer = isOneOf("SharedArrayBuffer");
export const isStringObject = isOneOf("StringObject");
export const isSymbolObject = isOneOf("SymbolObject");
export const isTypedArray = isOneOf("TypedArray");
export const isWeakMap = isOneOf("WeakMap");
export const isWeakSet = isOneOf("WeakSet");
export const isArrayBufferView = ArrayBuffer.isView;
export const isProxy = (value) => proxyDetails(value) !== undefined;
export { isGeneratorObject };

/** There are no such objects here. */
export const isKeyObject = () => false;
export const isCryptoKey = () => false;

const isArrayOf = (name) => (value) => typedArrayName(value) === name;

export const isBigInt64Array = isArrayOf("BigInt64Array");
export const isBigUint64Array = isArrayOf("BigUint64Array");
export const isFloat16Array = isArrayOf("Float16Array");
export const isFloat32Array = isArrayOf("Float32Array");
export const isFloat64Array = isArrayOf("Float64Array");
export const isInt8Array = isArrayOf("Int8Array");
export const isInt16Array = isArrayOf("Int16Array");
export const isInt32Array = isArrayOf("Int32Array");
export const isUint8Array = isArrayOf("Uint8Array");
export const isUint8ClampedArray = isArrayOf("Uint8ClampedArray");
export const isUint16Array = isArrayOf("Uint16Array");
export const isUint32Array = isArrayOf("Uint32Array");

export default {
  isAnyArrayBuffer,
  isArgumentsObject,
  isArrayBuffer,
  isArrayBufferView,
  isAsyncFunction,
  isBigInt64Array,
  isBigIntObject,
  isBigUint64Array,
  isBooleanObject,
  isBoxedPrimitive,
  isCryptoKey,
  isDataView,
  isDate,
  isExternal,
  isFloat16Array,
  isFloat32Array,
  isFloat64Array,
  isGeneratorFunction,
  isGeneratorObject,
  isInt16Array,
  isInt32Array,
  isInt8Array,
  isKeyObject,
  isMap,
  isMapIterator,
  isModuleNamespaceObject,
  isNativeError,
  isNumberObject,
  isPromise,
  isProxy,
  isRegExp,
  isSet,
  isSetIterator,
  isSharedArrayBuffer,
  isStringObject,
  isSymbolObject,
  isTypedArray,
  isUint16Array,
  isUint32Array,
  isUint8Array,
  isUint8ClampedArray,
  isWeakMap,
  isWeakSet,
};
