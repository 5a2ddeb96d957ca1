// What byte streams do with buffers
// (https://streams.spec.whatwg.org/#js-abstract-ops).

const call = Function.prototype.call;
const getterOf = (type, key) => call.bind(Object.getOwnPropertyDescriptor(type.prototype, key).get);

/**
 * TransferArrayBuffer: a new one of the same bytes; the old one is detached.
 * Throws for one that cannot be.
 * @type {(buffer: ArrayBuffer) => ArrayBuffer}
 */
export const transferBuffer = call.bind(ArrayBuffer.prototype.transfer);

/** IsDetachedBuffer @type {(buffer: ArrayBuffer) => boolean} */
export const isDetached = getterOf(ArrayBuffer, "detached");

/** @type {(buffer: ArrayBuffer, start: number, end: number) => ArrayBuffer} */
export const sliceBuffer = call.bind(ArrayBuffer.prototype.slice);

const typedArrayName = getterOf(Object.getPrototypeOf(Uint8Array), Symbol.toStringTag);
const typedArrays = {
  ...{ Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array },
  ...{ Float32Array, Float64Array, BigInt64Array, BigUint64Array },
};
if (typeof Float16Array === "function") typedArrays.Float16Array = Float16Array;

/**
 * The constructor of a view's kind, whatever class it is of.
 * @param {ArrayBufferView} view
 */
export function viewConstructorOf(view) {
  return typedArrays[typedArrayName(view)] ?? DataView;
}

/** As `new Uint8Array(…)`, for names that a program may have replaced. */
export const Bytes = Uint8Array;

/** CopyDataBlockBytes */
export function copyBytes(to, toOffset, from, fromOffset, count) {
  new Bytes(to).set(new Bytes(from, fromOffset, count), toOffset);
}

/** CloneAsUint8Array. Throws if there is no memory. */
export function cloneBytes(view) {
  return new Bytes(sliceBuffer(view.buffer, view.byteOffset, view.byteOffset + view.byteLength));
}
