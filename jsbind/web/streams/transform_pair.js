// What TextEncoderStream and TextDecoderStream share: a transform stream whose
// transformer is ours ("generic transform stream",
// https://streams.spec.whatwg.org/#generictransformstream).

import { rejectedWith } from "./promises.js";
import { wrapReadable } from "./readable_stream.js";
import { TransformCore } from "./transform_core.js";
import { wrapWritable } from "./writable_stream.js";

export class TransformPair {
  /**
   * @param {(chunk: unknown) => unknown} transform what to put out for a chunk; undefined for
   *     nothing. It may throw.
   * @param {() => unknown} flush the same at the end
   */
  constructor(transform, flush) {
    const enqueue = (make, chunk) => {
      try {
        const result = make(chunk);
        if (result !== undefined) core.enqueue(result);
        return undefined;
      } catch (error) {
        return rejectedWith(error);
      }
    };
    const core = new TransformCore({
      transform: (chunk) => enqueue(transform, chunk),
      flush: () => enqueue(flush),
      cancel() {},
    });
    this.readable = wrapReadable(core.readable);
    this.writable = wrapWritable(core.writable);
  }
}
