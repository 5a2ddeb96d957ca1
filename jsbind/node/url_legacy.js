// url.parse(), url.format() and url.resolve(): Node's URLs before the standard's.

import { codedError, invalidArgType, validateString } from "../web/errors.js";
import { URL } from "../web/url.js";
import * as querystring from "./querystring.js";

/** Schemes whose URLs have a host and begin with "//". */
const kSlashed = new Set(["http:", "https:", "ftp:", "gopher:", "file:", "ws:", "wss:"]);
/** Characters that are escaped wherever they stand. */
const kUnsafe = /[\t\n\r "'<>\\^`{|}]/g;
/** Where a host ends. */
const kHostEnd = /[\t\n\r "%';<>\\^`{|}/?#]/;
// eslint-disable-next-line no-control-regex
const kNoHostCharacter = /[\0-*,/:-@[-^`{-\x7f]/;

/** @param {string} domain @returns {string} "" if it is none */
export function domainToASCII(domain) {
  try {
    return new URL(`ws://${domain}`).hostname;
  } catch {
    return "";
  }
}

function invalidUrl(input, caller) {
  const error = codedError(TypeError, "ERR_INVALID_URL", "Invalid URL", caller);
  error.input = input;
  return error;
}

/** A URL in parts, which may be changed. */
export class Url {
  constructor() {
    for (const key of kParts) this[key] = null;
  }

  parse(text, parseQueryString = false, slashesDenoteHost = false) {
    validateString(text, "url");
    let rest = text.trim();
    // Backslashes before a query mean slashes, as browsers have it.
    const queryAt = rest.search(/[?#]/);
    if (queryAt === -1) rest = rest.replaceAll("\\", "/");
    else rest = rest.slice(0, queryAt).replaceAll("\\", "/") + rest.slice(queryAt);

    const scheme = /^[a-z0-9.+-]+:/i.exec(rest)?.[0];
    if (scheme !== undefined) {
      this.protocol = scheme.toLowerCase();
      rest = rest.slice(scheme.length);
    }
    const isScript = this.protocol === "javascript:";
    if (
      !isScript &&
      rest.startsWith("//") &&
      (slashesDenoteHost || scheme !== undefined || /^\/\/[^@/]+@[^@/]+/.test(rest))
    ) {
      this.slashes = true;
      rest = rest.slice(2);
    }
    // Without slashes, a scheme that is not of the web has a host all the same ("mailto:").
    if (!isScript && (this.slashes || (scheme !== undefined && !kSlashed.has(this.protocol)))) {
      rest = this.#takeHost(rest, text);
    }
    if (!isScript) rest = rest.replace(kUnsafe, (found) => encodeURIComponent(found).replace("'", "%27"));

    const hashAt = rest.indexOf("#");
    if (hashAt !== -1) {
      this.hash = rest.slice(hashAt);
      rest = rest.slice(0, hashAt);
    }
    const questionAt = rest.indexOf("?");
    if (questionAt !== -1) {
      this.search = rest.slice(questionAt);
      this.query = rest.slice(questionAt + 1);
      rest = rest.slice(0, questionAt);
      if (parseQueryString) this.query = querystring.parse(this.query);
    } else if (parseQueryString) {
      this.search = null;
      this.query = Object.create(null);
    }
    if (rest !== "") this.pathname = rest;
    if (kSlashed.has(this.protocol) && this.hostname && this.pathname === null) this.pathname = "/";
    if (this.pathname !== null || this.search !== null) this.path = `${this.pathname ?? ""}${this.search ?? ""}`;
    this.href = this.format();
    return this;
  }

  /** Takes "user:password@host:port" off the front. */
  #takeHost(rest, input) {
    const authorityEnd = rest.search(/[/?#]/);
    const at = (authorityEnd === -1 ? rest : rest.slice(0, authorityEnd)).lastIndexOf("@");
    if (at !== -1) this.auth = decodeURIComponent(rest.slice(0, at));
    rest = rest.slice(at + 1);
    const end = rest.search(kHostEnd);
    let hostname = end === -1 ? rest : rest.slice(0, end);
    rest = end === -1 ? "" : rest.slice(end);
    const port = /:(\d*)$/.exec(hostname);
    if (port !== null) {
      hostname = hostname.slice(0, port.index);
      if (port[1] !== "") this.port = port[1];
    }
    const isAddress = /^\[.*\]$/.test(hostname);
    if (!isAddress) {
      // What cannot be in a name begins the path.
      const length = hostname.search(kNoHostCharacter);
      if (length !== -1) {
        rest = `/${hostname.slice(length)}${rest}`;
        hostname = hostname.slice(0, length);
      }
    }
    hostname = hostname.toLowerCase();
    // eslint-disable-next-line no-control-regex
    if (!isAddress && /[^\0-\x7f]/.test(hostname)) {
      hostname = domainToASCII(hostname);
      if (hostname === "") throw invalidUrl(input, Url.prototype.parse);
    }
    this.hostname = isAddress ? hostname.slice(1, -1) : hostname;
    this.host = `${hostname}${this.port === null ? "" : `:${this.port}`}`;
    return rest;
  }

  format() {
    let auth = this.auth || "";
    if (auth !== "") auth = `${encodeURIComponent(auth).replace(/%3A/i, ":")}@`;
    let protocol = this.protocol || "";
    let pathname = this.pathname || "";
    let hash = this.hash || "";
    let host = "";
    if (this.host) {
      host = auth + this.host;
    } else if (this.hostname) {
      const isV6 = this.hostname.includes(":") && !this.hostname.startsWith("[");
      host = `${auth}${isV6 ? `[${this.hostname}]` : this.hostname}${this.port ? `:${this.port}` : ""}`;
    }
    const query = this.query !== null && typeof this.query === "object" ? querystring.stringify(this.query) : "";
    let search = this.search || (query === "" ? "" : `?${query}`);
    if (protocol !== "" && !protocol.endsWith(":")) protocol += ":";
    pathname = pathname.replace(/[#?]/g, encodeURIComponent);
    if (this.slashes || ((protocol === "" || kSlashed.has(protocol)) && host !== "")) {
      if (host !== "" || this.slashes || protocol === "file:") {
        if (pathname !== "" && !pathname.startsWith("/")) pathname = `/${pathname}`;
        host = `//${host}`;
      }
    }
    search = search.replaceAll("#", "%23");
    if (hash !== "" && !hash.startsWith("#")) hash = `#${hash}`;
    if (search !== "" && !search.startsWith("?")) search = `?${search}`;
    return `${protocol}${host}${pathname}${search}${hash}`;
  }

  /** @param {string} relative */
  resolve(relative) {
    return this.resolveObject(urlParse(relative, false, true)).format();
  }

  /** @param {string | Url} relative */
  resolveObject(relative) {
    const given = typeof relative === "string" ? urlParse(relative, false, true) : relative;
    const result = Object.assign(new Url(), this, { hash: given.hash });
    if (given.href === "") return finish(result);
    if (given.slashes && !given.protocol) return finish(Object.assign(result, given, { protocol: this.protocol }));
    if (given.protocol && given.protocol !== this.protocol) return finish(Object.assign(result, given));
    if (given.host) return finish(Object.assign(result, given, { protocol: this.protocol, slashes: this.slashes }));
    if (given.pathname === null) {
      if (given.search !== null) Object.assign(result, { search: given.search, query: given.query });
      return finish(result);
    }
    const base = given.pathname.startsWith("/") ? "" : (this.pathname ?? "").replace(/[^/]*$/, "");
    const needsSlash = Boolean(result.host) || given.pathname.startsWith("/") || base.startsWith("/");
    result.pathname = joinPath(base + given.pathname, needsSlash);
    result.search = given.search;
    result.query = given.query;
    return finish(result);
  }

  parseHost() {
    const [, host, port] = /^(.*?)(?::(\d*))?$/.exec(this.host ?? "");
    if (port) this.port = port;
    if (host) this.hostname = host;
  }
}

function finish(url) {
  if (url.pathname !== null || url.search !== null) url.path = `${url.pathname ?? ""}${url.search ?? ""}`;
  url.href = url.format();
  return url;
}

/** Without "." and "..", as far as there is something to go up from. */
function joinPath(path, isAbsolute) {
  const kept = [];
  const parts = path.split("/");
  const last = parts.at(-1);
  let above = 0;
  for (const part of parts) {
    if (part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > (kept[0] === "" ? 1 : 0)) kept.pop();
    else above++;
  }
  if (!isAbsolute) kept.unshift(...Array(above).fill(".."));
  if (last === "." || last === "..") kept.push("");
  const joined = kept.join("/");
  return isAbsolute && !joined.startsWith("/") ? `/${joined}` : joined;
}

const kParts = [
  "protocol",
  "slashes",
  "auth",
  "host",
  "port",
  "hostname",
  "hash",
  "search",
  "query",
  "pathname",
  "path",
  "href",
];

/**
 * @param {string} text
 * @param {boolean} [parseQueryString] whether `query` becomes an object
 * @param {boolean} [slashesDenoteHost] whether "//host/path" has a host
 * @returns {Url}
 */
export function urlParse(text, parseQueryString = false, slashesDenoteHost = false) {
  return text instanceof Url ? text : new Url().parse(text, parseQueryString, slashesDenoteHost);
}

/**
 * @param {string | object} url of the standard's kind, with options, or legacy parts
 * @param {{ auth?: boolean, fragment?: boolean, search?: boolean, unicode?: boolean }} [options]
 * @returns {string}
 */
export function urlFormat(url, options = undefined) {
  if (typeof url === "string") return urlParse(url).format();
  if (url === null || typeof url !== "object") {
    throw invalidArgType("urlObject", "one of type object or string", url);
  }
  if (!(url instanceof URL)) return Url.prototype.format.call(url);
  const { auth = true, fragment = true, search = true } = options ?? {};
  const copy = new URL(url.href);
  if (!auth) [copy.username, copy.password] = ["", ""];
  if (!fragment) copy.hash = "";
  if (!search) copy.search = "";
  return copy.href;
}

/** @param {string} from @param {string} to @returns {string} */
export function urlResolve(from, to) {
  return urlParse(from, false, true).resolve(to);
}
