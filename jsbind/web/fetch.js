// fetch() (https://fetch.spec.whatwg.org/#fetch-method), over the HTTP client
// in C++. Where browsers and Node differ (there is no origin here, no cookie
// jar and no forbidden header), it does as Node.

import { encode } from "internal:ops/encoding";
import { request as send, Upload } from "internal:ops/fetch";
import { version } from "internal:ops/navigator";
import { dropSource } from "./body_stream.js";
import { parseDataUrl } from "./data_url.js";
import { FetchedBody } from "./fetched_body.js";
import { networkError } from "./fetch_error.js";
import { findHeader } from "./header_list.js";
import { Request, requestPartsOf } from "./request.js";
import { makeFetchedResponse } from "./response.js";
import { UploadSource } from "./upload_source.js";
import { requireArguments } from "./webidl.js";

/** Headers that the client sets by what it does; what a copied request says about them is nobody's wish. */
const kHopHeaders = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);
const kNullBodyStatuses = new Set([101, 103, 204, 205, 304]);

/**
 * Makes a request, and gives its response when the head has come.
 * @param {string | URL | Request} input
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
export async function fetch(input, init = undefined) {
  requireArguments(arguments.length, 1, "fetch");
  const parts = requestPartsOf(new Request(input, init));
  const { signal, body, url } = parts;
  if (signal?.aborted) {
    if (body !== null) dropBody(body, signal.reason);
    throw signal.reason;
  }
  if (parts.integrity !== "") throw networkError(new Error("the option integrity is not supported yet"));
  const scheme = url.slice(0, url.indexOf(":"));
  if (scheme === "http" || scheme === "https") return fetchOverHttp(parts);
  if (scheme === "data") return fetchData(parts);
  throw networkError(unknownScheme(scheme));
}

function unknownScheme(scheme) {
  if (scheme === "file") return new Error("file: URLs are not fetched: use node:fs");
  return new Error(`unknown scheme: ${scheme}:`);
}

function dropBody(body, reason) {
  const source = body.take();
  if (isStreamed(source)) dropSource(source, reason);
}

function isStreamed(source) {
  return typeof source !== "string" && !(source instanceof Uint8Array);
}

function fetchData({ url, method }) {
  const data = parseDataUrl(withoutFragment(url));
  if (data === null) throw networkError(new Error("invalid data: URL"));
  return makeFetchedResponse({
    status: 200,
    head: `HTTP/1.1 200 OK\r\ncontent-type: ${data.type}\r\n\r\n`,
    url: withoutFragment(url),
    redirected: false,
    body: method === "HEAD" ? null : data.bytes,
  });
}

async function fetchOverHttp({ url, method, list, body, signal, redirect }) {
  let upload = null;
  let payload;
  if (body !== null) {
    payload = body.take();
    if (isStreamed(payload)) upload = new UploadSource(payload, (payload = new Upload()));
  }
  let answer;
  try {
    const options = { redirect, signal: signal ?? undefined, ...framingOf(list, payload) };
    const lines = headerLines(list);
    const answering = send(url, method, lines, payload, options);
    upload?.send();
    answer = await answering;
    signal?.throwIfAborted();
  } catch (error) {
    answer?.[5]?.close();
    if (signal?.aborted) error = signal.reason;
    else error = networkError((upload?.failure ?? { error }).error, url);
    upload?.drop(error);
    throw error;
  }
  const [status, head, finalUrl, redirected, bytes, rest] = answer;
  let source = bytes;
  if (method === "HEAD" || kNullBodyStatuses.has(status)) {
    rest?.close();
    source = null;
  } else if (rest !== undefined) {
    source = new FetchedBody(rest, signal, upload);
  }
  return makeFetchedResponse({ status, head, url: withoutFragment(finalUrl), redirected, body: source });
}

function withoutFragment(url) {
  const hash = url.indexOf("#");
  return hash === -1 ? url : url.slice(0, hash);
}

function headerLines(list) {
  let lines = "";
  for (let i = 0; i < list.length; i += 2) {
    if (!kHopHeaders.has(list[i])) lines += `${list[i]}: ${list[i + 1]}\r\n`;
  }
  if (findHeader(list, "accept") === -1) lines += "accept: */*\r\n";
  if (findHeader(list, "accept-language") === -1) lines += "accept-language: *\r\n";
  if (findHeader(list, "user-agent") === -1) lines += `user-agent: Braid/${version()}\r\n`;
  return lines;
}

/** What the headers that the client sets itself ask for. */
function framingOf(list, payload) {
  const framing = {};
  for (let i = 0; i < list.length; i += 2) {
    const value = list[i + 1];
    if (list[i] === "connection") {
      const option = value.toLowerCase();
      if (option === "close") framing.keepAlive = false;
      else if (option !== "keep-alive") throw new TypeError(`invalid connection header: ${value}`);
    } else if (list[i] === "content-length") {
      if (!/^\d{1,15}$/.test(value)) throw new TypeError(`invalid content-length header: ${value}`);
      if (payload instanceof Upload) framing.contentLength = Number(value);
      else checkLength(Number(value), payload);
    }
  }
  return framing;
}

function checkLength(announced, payload) {
  const length = payload === undefined ? 0 : typeof payload === "string" ? encode(payload).length : payload.length;
  if (announced === length) return;
  const error = new TypeError(`The body has ${length} bytes, but its content-length header says ${announced}`);
  error.code = "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH";
  throw error;
}
