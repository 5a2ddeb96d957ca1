// Bodies of requests and responses (https://fetch.spec.whatwg.org/#bodies).
//
// A body is kept as it was given for as long as possible: text stays a string
// until somebody needs bytes, bytes are not wrapped in a stream until somebody
// asks for one, and what a server receives is not fetched before it is read.

import { decodeUtf8, encode } from "internal:ops/encoding";
import { blobBytesOf, isBlob, makeBlob } from "./blob.js";
import {
  isDisturbed,
  isLocked,
  isReadableStream,
  makeByteStream,
  makeUsedStream,
  readAllBytes,
  sourceFromIterable,
  sourceOfBytes,
  takeSource,
  teeStream,
} from "./body_stream.js";
import { FormData, isFormData } from "./form_data.js";
import { parseMimeType, serializeMimeType } from "./mime_type.js";
import { parseMultipart, serializeMultipart } from "./multipart.js";
import { structuredClone } from "./structured_clone.js";
import { parseUrlEncoded } from "./url_encoded.js";
import { URLSearchParams } from "./url_search_params.js";
import { isObject, toDOMString } from "./webidl.js";

/**
 * What a body is taken as, by those who take it to its end.
 * @typedef {string | Uint8Array | import("./streams/native_source.js").NativeSource} TakenBody
 */

/** @typedef {TakenBody | ReadableStream} BodySource */

export const kTextType = "text/plain;charset=UTF-8";
const kFormType = "application/x-www-form-urlencoded;charset=UTF-8";

/**
 * What a BodyInit stands for ("extract a body"). Bytes are copied, since the
 * caller may change them afterwards.
 * @param {unknown} init neither undefined nor null
 * @returns {{ source: BodySource, type: string | null }} type: the content type it implies
 */
export function extractBody(init) {
  if (typeof init === "string") return { source: init, type: kTextType };
  if (isObject(init)) {
    if (ArrayBuffer.isView(init)) {
      const bytes = new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice();
      return { source: bytes, type: null };
    }
    if (init instanceof ArrayBuffer) return { source: new Uint8Array(init.slice(0)), type: null };
    if (init instanceof URLSearchParams) return { source: init.toString(), type: kFormType };
    if (isBlob(init)) {
      return { source: blobBytesOf(init).slice(), type: init.type === "" ? null : init.type };
    }
    if (isFormData(init)) {
      const { bytes, boundary } = serializeMultipart(init);
      return { source: bytes, type: `multipart/form-data; boundary=${boundary}` };
    }
    if (isReadableStream(init)) {
      if (isLocked(init) || isDisturbed(init)) {
        throw new TypeError("Response body object should not be disturbed or locked");
      }
      return { source: init, type: null };
    }
    if (typeof init[Symbol.asyncIterator] === "function") {
      return { source: sourceFromIterable(init, toChunk), type: null };
    }
  }
  return { source: toDOMString(init), type: kTextType };
}

/** A chunk of an iterable: bytes or text. */
function toChunk(chunk) {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError("A chunk of a body must be a Uint8Array, an ArrayBuffer or a string");
}

/** The body of one Request or Response, and whether it was used. */
export class Body {
  /** @type {BodySource} Replaced by the stream once one was asked for. */
  #source;
  #used = false;

  /** @param {BodySource} source */
  constructor(source) {
    this.#source = source;
  }

  get used() {
    return this.#used || (isReadableStream(this.#source) && isDisturbed(this.#source));
  }

  get locked() {
    return isReadableStream(this.#source) && isLocked(this.#source);
  }

  /**
   * Marks it as used, by somebody who takes all of it. A stream is locked.
   * @returns {TakenBody}
   */
  take() {
    if (this.used) throw new TypeError("Body is unusable: Body has already been read");
    if (this.locked) throw new TypeError("Body is unusable: its stream is locked to a reader");
    this.#used = true;
    const source = this.#source;
    return isReadableStream(source) ? takeSource(source) : source;
  }

  /** The stream that gives the body, the same each time. @returns {ReadableStream} */
  get stream() {
    const source = this.#source;
    if (isReadableStream(source)) return source;
    return (this.#source = this.#used ? makeUsedStream() : makeByteStream(sourceOf(source)));
  }

  /** @returns {Promise<string>} */
  async text() {
    const source = this.take();
    if (typeof source === "string") return source.toWellFormed();
    if (source instanceof Uint8Array) return textOf(source);
    if (source.text !== undefined) return source.text();
    return textOf(await readAllBytes(source));
  }

  /** @returns {Promise<Uint8Array>} the caller's own */
  async bytes() {
    const source = this.take();
    if (typeof source === "string") return encode(source);
    return source instanceof Uint8Array ? source : readAllBytes(source);
  }

  /** Another body of the same bytes. REQUIRES: neither used nor locked. */
  clone() {
    const source = this.#source;
    if (typeof source === "string") return new Body(source);
    if (source instanceof Uint8Array) return new Body(source.slice());
    const [mine, theirs] = teeStream(this.stream, structuredClone);
    this.#source = mine;
    return new Body(theirs);
  }
}

function sourceOf(source) {
  if (typeof source === "string") return sourceOfBytes(encode(source));
  return source instanceof Uint8Array ? sourceOfBytes(source) : source;
}

function textOf(bytes) {
  const text = decodeUtf8(bytes, false);
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The form that bytes of a type stand for; null if they are none. */
function parseForm(bytes, type) {
  switch (type?.essence) {
    case "multipart/form-data": {
      const boundary = type.parameters.get("boundary");
      return boundary === undefined ? null : parseMultipart(bytes, boundary);
    }
    case "application/x-www-form-urlencoded": {
      const list = parseUrlEncoded(textOf(bytes));
      const form = new FormData();
      for (let i = 0; i < list.length; i += 2) form.append(list[i], list[i + 1]);
      return form;
    }
    default:
      return null;
  }
}

/**
 * Defines the members of the Body mixin.
 * @param {Function} type Request or Response
 * @param {(object: object) => Body | null} bodyOf throws if the object is none of the type
 */
export function mixinBody(type, bodyOf) {
  const bytesOf = async (object) => (await bodyOf(object)?.bytes()) ?? new Uint8Array(0);
  const mimeTypeOf = (object) => parseMimeType(object.headers.get("content-type"));
  // Methods that give promises reject instead of throwing, for a wrong `this` too.
  const members = {
    get body() {
      return bodyOf(this)?.stream ?? null;
    },
    get bodyUsed() {
      return bodyOf(this)?.used ?? false;
    },
    async arrayBuffer() {
      return (await bytesOf(this)).buffer;
    },
    async blob() {
      const bytes = await bytesOf(this);
      const mimeType = mimeTypeOf(this);
      return makeBlob(bytes, mimeType === null ? "" : serializeMimeType(mimeType).toLowerCase());
    },
    async bytes() {
      return bytesOf(this);
    },
    async formData() {
      const form = parseForm(await bytesOf(this), mimeTypeOf(this));
      if (form === null) throw new TypeError("The body is no form, or none of the type that its headers name");
      return form;
    },
    async json() {
      const body = bodyOf(this);
      return JSON.parse(body === null ? "" : await body.text());
    },
    async text() {
      const body = bodyOf(this);
      return body === null ? "" : body.text();
    },
  };
  Object.defineProperties(type.prototype, Object.getOwnPropertyDescriptors(members));
}
