// node:url.

import { domainToUnicode as toUnicode } from "internal:ops/url";
import { URL } from "../web/url.js";
import { URLSearchParams } from "../web/url_search_params.js";
import { fileURLToPath, pathToFileURL } from "./file_url.js";
import { Url, domainToASCII, urlFormat, urlParse, urlResolve } from "./url_legacy.js";

/** @param {string} domain @returns {string} "" if it is none */
export function domainToUnicode(domain) {
  return toUnicode(domainToASCII(domain));
}

/**
 * A URL as the options of http.request().
 * @param {URL} url
 */
export function urlToHttpOptions(url) {
  const { hostname, pathname, port, username, password, search } = url;
  const options = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname ?? ""}${search ?? ""}`,
    href: url.href,
  };
  if (port !== "") options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

export {
  URL,
  URLSearchParams,
  Url,
  domainToASCII,
  fileURLToPath,
  pathToFileURL,
  urlFormat as format,
  urlParse as parse,
  urlResolve as resolve,
};

export default {
  URL,
  URLSearchParams,
  Url,
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  format: urlFormat,
  parse: urlParse,
  pathToFileURL,
  resolve: urlResolve,
  urlToHttpOptions,
};
