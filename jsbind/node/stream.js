// node:stream.

import {
  duplexFromWeb,
  duplexToWeb,
  readableFromWeb,
  readableToWeb,
  writableFromWeb,
  writableToWeb,
} from "./stream_adapters.js";
import { duplexPair } from "./stream_duplex_pair.js";
import { requireStreamFile } from "./stream_package.js";

const Stream = requireStreamFile("stream");
Stream.duplexPair = duplexPair;
// The package is older than the version of Node that this follows: chunks may
// be any view of bytes, and buffers are larger.
Stream._isUint8Array = ArrayBuffer.isView;
Stream.setDefaultHighWaterMark(false, 64 * 1024);
// And it does not know the streams of the web.
Object.assign(Stream.Readable, { fromWeb: readableFromWeb, toWeb: readableToWeb });
Object.assign(Stream.Writable, { fromWeb: writableFromWeb, toWeb: writableToWeb });
Object.assign(Stream.Duplex, { fromWeb: duplexFromWeb, toWeb: duplexToWeb });

export const {
  Duplex,
  PassThrough,
  Readable,
  Transform,
  Writable,
  _isUint8Array,
  _uint8ArrayToBuffer,
  addAbortSignal,
  compose,
  destroy,
  finished,
  getDefaultHighWaterMark,
  isDestroyed,
  isDisturbed,
  isErrored,
  isReadable,
  isWritable,
  pipeline,
  promises,
  setDefaultHighWaterMark,
} = Stream;
export { duplexPair, Stream, Stream as default };
