// URL (https://url.spec.whatwg.org/#url-class). Parsing is done natively; an
// object holds the serialised URL and where its parts begin, so a getter is a
// slice.

import { canParse, components, Part, parse, update } from "internal:ops/url";
import { customInspect } from "./inspect_value.js";
import { makeLinkedSearchParams, setSearchParamsList } from "./url_search_params.js";
import { exposeInterface, requireArguments, throwIllegalInvocation, toUSVString } from "./webidl.js";

// Where `components` holds what parse() and update() found. kNone stands for a
// part that the URL does not have.
const kProtocolEnd = 0;
const kUsernameEnd = 1;
const kHostStart = 2;
const kHostEnd = 3;
const kPort = 4;
const kPathnameStart = 5;
const kSearchStart = 6;
const kHashStart = 7;
const kNone = 0xffffffff;

const kSchemesWithOrigin = new Set(["http:", "https:", "ws:", "wss:", "ftp:"]);

/** Makes a URL of what was just parsed. */
const kParsed = Symbol("parsed");

/** A parsed URL, whose parts can be read and set. */
export class URL {
  #href = "";
  #protocolEnd = 0;
  #usernameEnd = 0;
  #hostStart = 0;
  #hostEnd = 0;
  #port = kNone;
  #pathnameStart = 0;
  #searchStart = kNone;
  #hashStart = kNone;
  #searchParams = null;

  /**
   * @param {string | URL} url
   * @param {string | URL} [base]
   */
  constructor(url, base = undefined) {
    if (url === kParsed) {
      this.#take(base);
      return;
    }
    requireArguments(arguments.length, 1, "Failed to construct 'URL'");
    url = toUSVString(url);
    if (base !== undefined) base = toUSVString(base);
    const href = parse(url, base);
    if (href === undefined) throw invalidUrl(url, base);
    this.#take(href);
  }

  /**
   * As the constructor, but null for what is no URL.
   * @param {string | URL} url
   * @param {string | URL} [base]
   * @returns {URL | null}
   */
  static parse(url, base = undefined) {
    requireArguments(arguments.length, 1, "Failed to execute 'parse' on 'URL'");
    const href = parse(toUSVString(url), base === undefined ? undefined : toUSVString(base));
    if (href === undefined) return null;
    return new URL(kParsed, href);
  }

  /**
   * @param {string | URL} url
   * @param {string | URL} [base]
   * @returns {boolean}
   */
  static canParse(url, base = undefined) {
    requireArguments(arguments.length, 1, "Failed to execute 'canParse' on 'URL'");
    return canParse(toUSVString(url), base === undefined ? undefined : toUSVString(base));
  }

  #take(href) {
    this.#href = href;
    this.#protocolEnd = components[kProtocolEnd];
    this.#usernameEnd = components[kUsernameEnd];
    this.#hostStart = components[kHostStart];
    this.#hostEnd = components[kHostEnd];
    this.#port = components[kPort];
    this.#pathnameStart = components[kPathnameStart];
    this.#searchStart = components[kSearchStart];
    this.#hashStart = components[kHashStart];
  }

  /** Sets a part as the standard's setters do: what does not fit is ignored. */
  #set(part, value) {
    const href = update(this.#href, part, toUSVString(value));
    if (href !== undefined) this.#take(href);
  }

  get href() {
    return this.#href;
  }
  set href(value) {
    value = toUSVString(value);
    const href = parse(value, undefined);
    if (href === undefined) throw invalidUrl(value);
    this.#take(href);
    this.#renewSearchParams();
  }

  get origin() {
    const { protocol } = this;
    if (kSchemesWithOrigin.has(protocol)) return `${protocol}//${this.host}`;
    if (protocol === "blob:") {
      const inner = URL.parse(this.pathname);
      if (inner !== null && (inner.protocol === "http:" || inner.protocol === "https:")) {
        return inner.origin;
      }
    }
    return "null";
  }

  get protocol() {
    return this.#href.slice(0, this.#protocolEnd);
  }
  set protocol(value) {
    this.#set(Part.Protocol, value);
  }

  get username() {
    const start = this.#protocolEnd + 2;
    return start < this.#usernameEnd ? this.#href.slice(start, this.#usernameEnd) : "";
  }
  set username(value) {
    this.#set(Part.Username, value);
  }

  get password() {
    return this.#hostStart > this.#usernameEnd
      ? this.#href.slice(this.#usernameEnd + 1, this.#hostStart)
      : "";
  }
  set password(value) {
    this.#set(Part.Password, value);
  }

  /** After the '@' that ends the credentials. */
  get #hostBegin() {
    return this.#href[this.#hostStart] === "@" ? this.#hostStart + 1 : this.#hostStart;
  }

  get host() {
    const start = this.#hostBegin;
    // After an empty host, "/." may stand before the path.
    return start >= this.#hostEnd ? "" : this.#href.slice(start, this.#pathnameStart);
  }
  set host(value) {
    this.#set(Part.Host, value);
  }

  get hostname() {
    return this.#href.slice(this.#hostBegin, this.#hostEnd);
  }
  set hostname(value) {
    this.#set(Part.Hostname, value);
  }

  get port() {
    return this.#port === kNone ? "" : `${this.#port}`;
  }
  set port(value) {
    this.#set(Part.Port, value);
  }

  get pathname() {
    const end =
      this.#searchStart !== kNone
        ? this.#searchStart
        : this.#hashStart !== kNone
          ? this.#hashStart
          : this.#href.length;
    return this.#href.slice(this.#pathnameStart, end);
  }
  set pathname(value) {
    this.#set(Part.Pathname, value);
  }

  get search() {
    if (this.#searchStart === kNone) return "";
    const end = this.#hashStart === kNone ? this.#href.length : this.#hashStart;
    return end - this.#searchStart <= 1 ? "" : this.#href.slice(this.#searchStart, end);
  }
  set search(value) {
    this.#set(Part.Search, value);
    this.#renewSearchParams();
  }

  get hash() {
    if (this.#hashStart === kNone || this.#href.length - this.#hashStart <= 1) return "";
    return this.#href.slice(this.#hashStart);
  }
  set hash(value) {
    this.#set(Part.Hash, value);
  }

  /** The query as a list of names and values; changes to it change the URL. */
  get searchParams() {
    if (!(#href in this)) throwIllegalInvocation("URL");
    return (this.#searchParams ??= makeLinkedSearchParams(this.search, (query) =>
      this.#set(Part.Search, query),
    ));
  }

  #renewSearchParams() {
    if (this.#searchParams !== null) setSearchParamsList(this.#searchParams, this.search);
  }

  toString() {
    return this.#href;
  }

  toJSON() {
    return this.#href;
  }

  [customInspect](depth, options, inspect) {
    if (!(#href in this) || (typeof depth === "number" && depth < 0)) return this;
    const shown = {};
    for (const key of (
      "href origin protocol username password host hostname port pathname search searchParams hash"
    ).split(" ")) {
      shown[key] = this[key];
    }
    return `${this.constructor.name} ${inspect(shown, options)}`;
  }
}

exposeInterface(URL);

function invalidUrl(input, base) {
  const error = new TypeError("Invalid URL");
  error.code = "ERR_INVALID_URL";
  error.input = input;
  if (base !== undefined) error.base = base;
  return error;
}
