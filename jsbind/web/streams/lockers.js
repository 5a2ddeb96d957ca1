/**
 * The classes that lock a stream, for its getReader() and getWriter(). Their
 * files import that of the stream, which therefore cannot import theirs.
 */
export const lockers = {
  /** @type {typeof import("./readable_stream_default_reader.js").ReadableStreamDefaultReader} */
  DefaultReader: null,
  /** @type {typeof import("./readable_stream_byob_reader.js").ReadableStreamBYOBReader} */
  ByobReader: null,
  /** @type {typeof import("./writable_stream_default_writer.js").WritableStreamDefaultWriter} */
  Writer: null,
};
