// Loads the streams when they are first wanted: most programs do without, and
// start faster for it.

import { importBuiltin } from "internal:runtime";
import { defineLazily } from "../lazy.js";

const kInterfaces = [
  "ByteLengthQueuingStrategy",
  "CountQueuingStrategy",
  "ReadableByteStreamController",
  "ReadableStream",
  "ReadableStreamBYOBReader",
  "ReadableStreamBYOBRequest",
  "ReadableStreamDefaultController",
  "ReadableStreamDefaultReader",
  "TextDecoderStream",
  "TextEncoderStream",
  "TransformStream",
  "TransformStreamDefaultController",
  "WritableStream",
  "WritableStreamDefaultController",
  "WritableStreamDefaultWriter",
];

/** @type {typeof import("./streams.js") | null} */
let loaded = null;

/** The exports of streams.js. @returns {typeof import("./streams.js")} */
export function loadStreams() {
  return (loaded ??= importBuiltin("internal:web/streams/streams.js"));
}

/**
 * Whether a value is a ReadableStream. Without any there is nothing to load.
 * @type {(value: unknown) => value is ReadableStream}
 */
export function isReadableStream(value) {
  return loaded !== null && loaded.isReadableStream(value);
}

/** Puts the interfaces on the global object. */
export function defineStreams() {
  const makers = {};
  for (const name of kInterfaces) makers[name] = () => loadStreams()[name];
  defineLazily(globalThis, makers, { enumerable: false });
}
