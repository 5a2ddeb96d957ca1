// Request (https://fetch.spec.whatwg.org/#request-class).
//
// A request that a server received stands for a record in C++: method, URL,
// headers, body and signal are fetched from it when they are looked at.

import { AbortSignal, isAbortSignal } from "./abort_signal.js";
import { AbortController } from "./abort_controller.js";
import { Body, extractBody, mixinBody } from "./body.js";
import { findHeader, readHeadersInit } from "./header_list.js";
import {
  headerListOf,
  isHeaders,
  kImmutable,
  kMutable,
  wrapHeaderList,
  wrapHeaderSource,
} from "./headers.js";
import { customInspect } from "./inspect_value.js";
import { URL } from "./url.js";
import {
  exposeInterface,
  requireArguments,
  throwIllegalInvocation,
  toByteString,
  toDictionary,
  toDOMString,
  toUSVString,
} from "./webidl.js";

/**
 * A request in C++. Valid as long as the request is being answered.
 * @typedef {object} NativeRequest
 * @property {() => string} method
 * @property {() => string} url
 * @property {{ get(name: string): string | null, list(): string[] }} headers
 * @property {() => import("./streams/native_source.js").NativeSource | null} body
 * @property {() => AbortSignal} signal aborts when the peer goes away
 */

/** @type {(value: unknown) => value is Request} */
export let isRequest;
/** @type {(native: NativeRequest) => Request} */
export let makeServerRequest;

/**
 * What fetch() needs of a request.
 * @type {(request: Request) => { method: string, url: string, list: string[], body: Body | null,
 *     signal: AbortSignal | null, redirect: string, integrity: string }}
 */
export let requestPartsOf;

let bodyOf;
let check;

const kNormalizedMethods = new Map(
  ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].flatMap((method) => [
    [method, method],
    [method.toLowerCase(), method],
  ]),
);
const kForbiddenMethods = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Members that only say how a browser would fetch, with what they may be. */
const kEnumerations = {
  mode: ["cors", "navigate", "no-cors", "same-origin"],
  credentials: ["same-origin", "include", "omit"],
  cache: ["default", "force-cache", "no-cache", "no-store", "only-if-cached", "reload"],
  redirect: ["follow", "error", "manual"],
  referrerPolicy: [
    ...["", "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin"],
    ...["same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"],
  ],
};
const kDefaults = Object.freeze({
  mode: "cors",
  credentials: "same-origin",
  cache: "default",
  redirect: "follow",
  referrerPolicy: "",
  referrer: "about:client",
  integrity: "",
  keepalive: false,
});

/** What only this module may construct with. */
const kNative = Symbol("native");

/** What is asked of a server. */
export class Request {
  /** @type {NativeRequest | null} */
  #native = null;
  /** Null until fetched from #native; so are #url and #headers. */
  #method = null;
  #url = null;
  #headers = null;
  /** @type {Body | null | undefined} Undefined until fetched from #native. */
  #body = undefined;
  /** Made when first asked for. */
  #signal = null;
  #settings = kDefaults;

  /**
   * @param {string | URL | Request} input
   * @param {RequestInit} [init]
   */
  constructor(input, init = undefined) {
    if (input === kNative) {
      this.#native = init;
      return;
    }
    requireArguments(arguments.length, 1, "Request constructor");
    const from = isRequest(input) ? input : null;
    if (from === null) input = toUSVString(input);
    init = toDictionary(init, "Request constructor");
    this.#url = from === null ? parseUrl(input) : from.url;
    this.#method = readMethod(init.method, from);
    this.#settings = readSettings(init, from);
    const { signal } = init;
    if (signal !== undefined && signal !== null && !isAbortSignal(signal)) {
      throw new TypeError("Request constructor: member signal is not of type 'AbortSignal'.");
    }
    const source = signal === undefined ? (from?.signal ?? null) : signal;
    if (source !== null) this.#signal = AbortSignal.any([source]);

    const { headers } = init;
    const list = headers === undefined ? (from === null ? [] : headerListOf(from.headers).slice()) : listOf(headers);
    this.#headers = wrapHeaderList(list, kMutable);
    this.#body = this.#readBody(init, from, list);
  }

  #readBody(init, from, list) {
    const given = init.body;
    const inherits = (given === undefined || given === null) && from !== null;
    const inherited = inherits ? bodyOf(from) : null;
    const hasGiven = given !== undefined && given !== null;
    if ((hasGiven || inherited !== null) && (this.#method === "GET" || this.#method === "HEAD")) {
      throw new TypeError("Request with GET/HEAD method cannot have body.");
    }
    if (hasGiven) {
      const { source, type } = extractBody(given);
      const isStream = typeof source === "object" && !(source instanceof Uint8Array);
      if (isStream && init.duplex === undefined) {
        throw new TypeError("RequestInit: duplex option is required when sending a body.");
      }
      if (isStream && init.keepalive) {
        throw new TypeError("Request constructor: a request with keepalive cannot send a stream.");
      }
      if (type !== null && findHeader(list, "content-type") === -1) list.push("content-type", type);
      return new Body(source);
    }
    return inherited === null ? null : new Body(inherited.take());
  }

  get method() {
    return (this.#method ??= this.#native.method());
  }

  get url() {
    return (this.#url ??= this.#native.url());
  }

  get headers() {
    return (this.#headers ??= wrapHeaderSource(this.#native.headers, kImmutable));
  }

  get signal() {
    if (this.#signal === null) {
      this.#signal = this.#native === null ? new AbortController().signal : this.#native.signal();
    }
    return this.#signal;
  }

  get destination() {
    check(this);
    return "";
  }
  get referrer() {
    return this.#settings.referrer;
  }
  get referrerPolicy() {
    return this.#settings.referrerPolicy;
  }
  get mode() {
    return this.#settings.mode;
  }
  get credentials() {
    return this.#settings.credentials;
  }
  get cache() {
    return this.#settings.cache;
  }
  get redirect() {
    return this.#settings.redirect;
  }
  get integrity() {
    return this.#settings.integrity;
  }
  get keepalive() {
    return this.#settings.keepalive;
  }
  get isReloadNavigation() {
    check(this);
    return false;
  }
  get isHistoryNavigation() {
    check(this);
    return false;
  }
  get duplex() {
    check(this);
    return "half";
  }

  clone() {
    const body = bodyOf(this);
    if (body !== null && (body.used || body.locked)) throw new TypeError("unusable");
    const copy = new Request(kNative, null);
    copy.#method = this.method;
    copy.#url = this.url;
    copy.#headers = wrapHeaderList(headerListOf(this.headers).slice(), kMutable);
    copy.#settings = this.#settings;
    copy.#signal = AbortSignal.any([this.signal]);
    copy.#body = body === null ? null : body.clone();
    return copy;
  }

  [customInspect](depth, options, inspect) {
    if (!(#url in this)) return this;
    const shown = {};
    for (const key of (
      "method url headers destination referrer referrerPolicy mode credentials cache redirect " +
      "integrity keepalive isReloadNavigation isHistoryNavigation signal"
    ).split(" ")) {
      shown[key] = this[key];
    }
    return `Request ${inspect(shown, { ...options, depth: depth ?? options.depth })}`;
  }

  static {
    isRequest = (value) => typeof value === "object" && value !== null && #url in value;
    check = (value) => {
      if (!isRequest(value)) throwIllegalInvocation("Request");
    };
    bodyOf = (request) => {
      check(request);
      if (request.#body === undefined) {
        const source = request.#native.body();
        request.#body = source === null ? null : new Body(source);
      }
      return request.#body;
    };
    makeServerRequest = (native) => new Request(kNative, native);
    requestPartsOf = (request) => ({
      method: request.method,
      url: request.url,
      list: headerListOf(request.headers),
      body: bodyOf(request),
      signal: request.#signal,
      redirect: request.#settings.redirect,
      integrity: request.#settings.integrity,
    });
  }
}

function parseUrl(input) {
  const url = URL.parse(input);
  if (url === null) throw new TypeError(`Failed to parse URL from ${input}`);
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${input}`);
  }
  return url.href;
}

function readMethod(method, from) {
  if (method === undefined) return from === null ? "GET" : from.method;
  const known = kNormalizedMethods.get(method);
  if (known !== undefined) return known;
  const text = toByteString(method, "Request constructor");
  const upper = text.toUpperCase();
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text) || kForbiddenMethods.has(upper)) {
    throw new TypeError(`'${text}' is not a valid HTTP method.`);
  }
  return kNormalizedMethods.has(text.toLowerCase()) ? upper : text;
}

function readSettings(init, from) {
  let settings = from === null ? kDefaults : { ...readAll(from) };
  const set = (key, value) => {
    if (settings === kDefaults) settings = { ...kDefaults };
    settings[key] = value;
  };
  for (const [key, allowed] of Object.entries(kEnumerations)) {
    if (init[key] === undefined) continue;
    const value = toDOMString(init[key]);
    if (!allowed.includes(value)) {
      throw new TypeError(`Request constructor: ${value} is not an accepted type for '${key}'.`);
    }
    set(key, value);
  }
  if (init.mode === "navigate") throw new TypeError("Request constructor: invalid request mode navigate.");
  if (settings.cache === "only-if-cached" && settings.mode !== "same-origin") {
    throw new TypeError("'only-if-cached' can be set only with 'same-origin' mode");
  }
  if (init.window !== undefined && init.window !== null) {
    throw new TypeError("Request constructor: 'window' option must be null");
  }
  if (init.referrer !== undefined) set("referrer", readReferrer(toUSVString(init.referrer)));
  if (init.integrity !== undefined) set("integrity", toDOMString(init.integrity));
  if (init.keepalive !== undefined) set("keepalive", !!init.keepalive);
  if (init.duplex !== undefined && init.duplex !== "half") {
    throw new TypeError(`Request constructor: ${init.duplex} is not an accepted type for 'duplex'.`);
  }
  return settings;
}

function readAll(request) {
  const settings = {};
  for (const key of Object.keys(kDefaults)) settings[key] = request[key];
  return settings;
}

function readReferrer(referrer) {
  if (referrer === "") return "";
  const url = URL.parse(referrer);
  if (url === null) throw new TypeError(`Referrer "${referrer}" is not a valid URL.`);
  // A server has no origin that another one's referrer could have.
  return "about:client";
}

function listOf(headers) {
  return isHeaders(headers) ? headerListOf(headers).slice() : readHeadersInit(headers, "Request constructor");
}

mixinBody(Request, bodyOf);
exposeInterface(Request);
