// What the rest of the built-in JS gets of the streams, through loader.js: the
// interfaces that are on the global object, and what bodies are made with.

export { ByteLengthQueuingStrategy } from "./byte_length_queuing_strategy.js";
export { CountQueuingStrategy } from "./count_queuing_strategy.js";
export { ReadableByteStreamController } from "./readable_byte_stream_controller.js";
export { ReadableStream } from "./readable_stream.js";
export { ReadableStreamBYOBReader } from "./readable_stream_byob_reader.js";
export { ReadableStreamBYOBRequest } from "./readable_stream_byob_request.js";
export { ReadableStreamDefaultController } from "./readable_stream_default_controller.js";
export { ReadableStreamDefaultReader } from "./readable_stream_default_reader.js";
export { TextDecoderStream } from "./text_decoder_stream.js";
export { TextEncoderStream } from "./text_encoder_stream.js";
export { TransformStream } from "./transform_stream.js";
export { TransformStreamDefaultController } from "./transform_stream_default_controller.js";
export { WritableStream } from "./writable_stream.js";
export { WritableStreamDefaultController } from "./writable_stream_default_controller.js";
export { WritableStreamDefaultWriter } from "./writable_stream_default_writer.js";

export { makeNativeCore, takeNativeSource } from "./native_source.js";
export { isReadableStream, readableCoreOf, wrapReadable } from "./readable_stream.js";
export { tee } from "./readable_tee.js";
export { acquireDefaultReader } from "./reader_core.js";
