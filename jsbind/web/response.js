// Response (https://fetch.spec.whatwg.org/#response-class).
//
// Most responses of a server are made and sent, and nobody ever looks at their
// headers or reads their body. So a response keeps what it was given, checked
// but as it was; a Headers object, a Body and a stream come into being when
// somebody asks for them. What a server sends is read by the functions at the
// top.

import { Body, extractBody, kTextType, mixinBody } from "./body.js";
import { findHeader, parseHead, readHeadersInit } from "./header_list.js";
import { Headers, headerListOf, isHeaders, kImmutable, kMutable, wrapHeaderList } from "./headers.js";
import { customInspect } from "./inspect_value.js";
import { URL } from "./url.js";
import {
  exposeInterface,
  requireArguments,
  throwIllegalInvocation,
  toByteString,
  toDictionary,
  toUnsignedShort,
  toUSVString,
} from "./webidl.js";

/** @type {(value: unknown) => value is Response} */
export let isResponse;
/** @type {(response: Response) => number} */
export let statusOf;
/**
 * The header list to send it with, or null if it has no headers but a content
 * type. Of a response that was fetched it is what concerns the next hop, too.
 * @type {(response: Response) => string[] | null}
 */
export let responseHeaderListOf;
/** The content type that goes with a null list; null for none. */
export let contentTypeOf;
/**
 * Takes the body to send it, if there is one. Throws if it was used before.
 * @type {(response: Response) => import("./body.js").TakenBody | null}
 */
export let takeBody;

/**
 * The response of a fetch.
 * @typedef {object} FetchedParts
 * @property {number} status
 * @property {string} head status line and headers as they came
 * @property {string} url without fragment
 * @property {boolean} redirected
 * @property {import("./body.js").BodySource | null} body
 */
/** @type {(parts: FetchedParts) => Response} */
export let makeFetchedResponse;

let bodyOf;
let check;

/** What a header says about the connection that it came on (RFC 9110, section 7.6.1). */
const kHopHeaders = new Set([
  ...["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"],
]);
const kJsonType = "application/json";
const kNullBodyStatuses = new Set([101, 103, 204, 205, 304]);
const kRedirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Stands for every body that was taken to be sent. */
const kUsed = new Body("");
kUsed.take();

/** What only this module may construct with. */
const kBare = Symbol("bare");

/** An answer to a request. */
export class Response {
  #status = 200;
  #statusText = "";
  /** Null while there is nothing in it but #contentType. */
  #list = null;
  #contentType = null;
  /** Made when first asked for, over #list. */
  #headers = null;
  /** @type {import("./body.js").BodySource | Body | null} */
  #body = null;
  #type = "default";
  /** Of a fetched response: the head that it came with, and where from. */
  #head = null;
  #url = "";
  #redirected = false;

  /**
   * @param {BodyInit | null} [body] a string, bytes, a Blob, FormData, URLSearchParams, a stream, an async iterable
   * @param {{ status?: number, statusText?: string, headers?: HeadersInit }} [init]
   */
  constructor(body = null, init = undefined) {
    if (typeof body === "string") {
      this.#body = body;
      this.#contentType = kTextType;
    } else if (body === kBare) {
      return;
    } else if (body !== null) {
      const { source, type } = extractBody(body);
      this.#body = source;
      this.#contentType = type;
    }
    if (init !== undefined) this.#initialize(init);
  }

  #initialize(init) {
    init = toDictionary(init, "Response constructor");
    const { headers, status, statusText } = init;
    if (status !== undefined) {
      const number = toUnsignedShort(status);
      if (number < 200 || number > 599) {
        throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
      }
      this.#status = number;
    }
    if (statusText !== undefined) {
      const text = toByteString(statusText, "Response constructor");
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw new TypeError("Invalid statusText");
      this.#statusText = text;
    }
    if (headers !== undefined) this.#list = listOf(headers);
    if (this.#body === null) return;
    if (kNullBodyStatuses.has(this.#status)) {
      throw new TypeError(`Response with null body status ${this.#status} cannot have a body`);
    }
    if (this.#list !== null && this.#contentType !== null) {
      if (findHeader(this.#list, "content-type") === -1) {
        this.#list.push("content-type", this.#contentType);
      }
    }
  }

  /** A response that stands for a failure of the network. */
  static error() {
    const response = new Response(kBare);
    response.#type = "error";
    response.#status = 0;
    response.#headers = wrapHeaderList((response.#list = []), kImmutable);
    return response;
  }

  /**
   * @param {unknown} data
   * @param {{ status?: number, statusText?: string, headers?: HeadersInit }} [init]
   */
  static json(data, init = undefined) {
    requireArguments(arguments.length, 1, "Failed to execute 'json' on 'Response'");
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("Value is not JSON serializable");
    const response = new Response(kBare);
    response.#body = text;
    response.#contentType = kJsonType;
    if (init !== undefined) response.#initialize(init);
    return response;
  }

  /**
   * @param {string | URL} url absolute
   * @param {number} [status] 301, 302, 303, 307 or 308
   */
  static redirect(url, status = 302) {
    requireArguments(arguments.length, 1, "Failed to execute 'redirect' on 'Response'");
    url = toUSVString(url);
    status = toUnsignedShort(status);
    const parsed = URL.parse(url);
    if (parsed === null) throw new TypeError(`Failed to parse URL from ${url}`);
    if (!kRedirectStatuses.has(status)) throw new RangeError(`Invalid status code ${status}`);
    const response = new Response(kBare);
    response.#status = status;
    response.#list = ["location", parsed.href];
    response.#headers = wrapHeaderList(response.#list, kImmutable);
    return response;
  }

  get type() {
    return this.#type;
  }

  get url() {
    return this.#url;
  }

  get redirected() {
    return this.#redirected;
  }

  get status() {
    return this.#status;
  }

  get ok() {
    return this.#status >= 200 && this.#status <= 299;
  }

  get statusText() {
    return this.#statusText;
  }

  get headers() {
    return (this.#headers ??= wrapHeaderList(this.#loadList(), this.#head === null ? kMutable : kImmutable));
  }

  clone() {
    const body = bodyOf(this);
    if (body !== null && (body.used || body.locked)) {
      throw new TypeError("Response.clone: Body has already been consumed.");
    }
    const copy = new Response(kBare);
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#list = this.#list === null ? null : this.#list.slice();
    copy.#contentType = this.#contentType;
    copy.#type = this.#type;
    copy.#head = this.#head;
    copy.#url = this.#url;
    copy.#redirected = this.#redirected;
    copy.#body = body === null ? null : body.clone();
    return copy;
  }

  #loadList() {
    if (this.#list !== null) return this.#list;
    if (this.#head !== null) this.#list = parseHead(this.#head);
    else this.#list = this.#contentType === null ? [] : ["content-type", this.#contentType];
    return this.#list;
  }

  [customInspect](depth, options, inspect) {
    if (!(#status in this)) return this;
    const shown = {};
    for (const key of (
      "status statusText headers body bodyUsed ok redirected type url"
    ).split(" ")) {
      shown[key] = this[key];
    }
    return `Response ${inspect(shown, { ...options, depth: depth ?? options.depth })}`;
  }

  static {
    isResponse = (value) => typeof value === "object" && value !== null && #status in value;
    check = (value) => {
      if (!isResponse(value)) throwIllegalInvocation("Response");
    };
    statusOf = (response) => response.#status;
    responseHeaderListOf = (response) => {
      if (response.#head === null) return response.#list;
      const list = response.#loadList();
      return list.filter((_, i) => !kHopHeaders.has(list[i - (i % 2)]));
    };
    makeFetchedResponse = ({ status, head, url, redirected, body }) => {
      const response = new Response(kBare);
      response.#status = status;
      // Behind "HTTP/1.1 200 ".
      response.#statusText = head.slice(13, head.indexOf("\r\n"));
      response.#type = "basic";
      response.#head = head;
      response.#url = url;
      response.#redirected = redirected;
      response.#body = body;
      return response;
    };
    contentTypeOf = (response) => response.#contentType;
    takeBody = (response) => {
      const body = response.#body;
      if (body === null) return null;
      if (typeof body !== "string" && !(body instanceof Uint8Array)) return bodyOf(response).take();
      // From here on it counts as used; the source itself is the caller's.
      response.#body = kUsed;
      return body;
    };
    bodyOf = (response) => {
      check(response);
      const body = response.#body;
      if (body === null || body instanceof Body) return body;
      return (response.#body = new Body(body));
    };
  }
}

function listOf(headers) {
  return isHeaders(headers)
    ? headerListOf(headers).slice()
    : readHeadersInit(headers, "Response constructor");
}

mixinBody(Response, bodyOf);
exposeInterface(Response);
