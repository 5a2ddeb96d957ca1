// multipart/form-data: reading it
// (https://andreubotella.github.io/multipart-form-data/#multipart-form-data-parser)
// and writing it
// (https://html.spec.whatwg.org/#multipart-form-data).

import { decodeLatin1, decodeUtf8, encode } from "internal:ops/encoding";
import { blobBytesOf } from "./blob.js";
import { concatenate } from "./bytes.js";
import { File } from "./file.js";
import { formEntriesOf, FormData } from "./form_data.js";

/**
 * @param {Uint8Array} bytes
 * @param {string} boundary
 * @returns {FormData | null} null if they are malformed
 */
export function parseMultipart(bytes, boundary) {
  // As text of one byte a character, so that positions are those of bytes.
  const text = decodeLatin1(bytes);
  const delimiter = `--${boundary}`;
  const form = new FormData();
  let at = 0;
  while (text.startsWith("\r\n", at)) at += 2;
  if (!text.startsWith(delimiter, at)) return null;
  for (;;) {
    at += delimiter.length;
    if (text.startsWith("--", at)) return form; // What follows is not looked at.
    if (!text.startsWith("\r\n", at)) return null;
    const headers = readHeaders(text, at + 2);
    if (headers === null) return null;
    const end = text.indexOf(`\r\n${delimiter}`, headers.end);
    if (end === -1) return null;
    addEntry(form, headers, bytes.subarray(headers.end, end));
    at = end + 2;
  }
}

function addEntry(form, { name, filename, type }, bytes) {
  const key = utf8Of(name);
  if (filename === null) form.append(key, decodeUtf8(bytes, false));
  else form.append(key, new File([bytes], utf8Of(filename), { type: type ?? "text/plain" }));
}

/** The headers of a part, and where they end; null if they are malformed. */
function readHeaders(text, from) {
  const headers = { name: null, filename: null, type: null, end: 0 };
  for (let at = from; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return null;
    if (lineEnd === at) {
      headers.end = at + 2;
      return headers.name === null ? null : headers;
    }
    const line = text.slice(at, lineEnd);
    const colon = line.indexOf(":");
    if (colon === -1) return null;
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, colon).trim().toLowerCase()) {
      case "content-disposition":
        if (!readDisposition(value, headers)) return null;
        break;
      case "content-type":
        headers.type = value;
        break;
    }
    at = lineEnd + 2;
  }
}

/** `form-data; name="a"; filename="b"`, in any order, quoted or not. */
function readDisposition(value, headers) {
  const parameters = /;\s*([^\s=;"]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))\s*/gy;
  const type = /^form-data\s*/i.exec(value);
  if (type === null) return false;
  parameters.lastIndex = type[0].length;
  while (parameters.lastIndex < value.length) {
    const found = parameters.exec(value);
    if (found === null) return false;
    const [, name, quoted, token] = found;
    const content = quoted === undefined ? token : unescape(quoted);
    if (name.toLowerCase() === "name") headers.name = content;
    else if (name.toLowerCase() === "filename") headers.filename = content;
  }
  return true;
}

const kEscapes = { "\n": "%0A", "\r": "%0D", '"': "%22" };
const kEscaped = { "%0A": "\n", "%0D": "\r", "%22": '"' };

function unescape(text) {
  return text.replace(/%0A|%0D|%22/gi, (found) => kEscaped[found.toUpperCase()]);
}

function utf8Of(latin1) {
  return decodeUtf8(
    Uint8Array.from(latin1, (character) => character.charCodeAt(0)),
    false,
  );
}

/**
 * @param {FormData} form
 * @returns {{ bytes: Uint8Array, boundary: string }}
 */
export function serializeMultipart(form) {
  const parts = formEntriesOf(form).map(([name, value]) => {
    const disposition = `content-disposition: form-data; name="${escape(toLines(name))}"`;
    if (typeof value === "string") return [`${disposition}\r\n\r\n`, encode(toLines(value))];
    const type = value.type === "" ? "application/octet-stream" : value.type;
    const head = `${disposition}; filename="${escape(value.name)}"\r\ncontent-type: ${type}\r\n\r\n`;
    return [head, blobBytesOf(value)];
  });
  const boundary = chooseBoundary(parts);
  const pieces = parts.flatMap(([head, bytes], i) => [
    encode(`${i === 0 ? "" : "\r\n"}--${boundary}\r\n${head}`),
    bytes,
  ]);
  pieces.push(encode(`${parts.length === 0 ? "" : "\r\n"}--${boundary}--\r\n`));
  return { bytes: concatenate(pieces), boundary };
}

/** One that stands in no part, so that what a part says cannot end it. */
function chooseBoundary(parts) {
  const texts = parts.flatMap(([head, bytes]) => [head, decodeLatin1(bytes)]);
  for (;;) {
    const boundary = `----BraidFormBoundary${Math.random().toString(36).slice(2, 14).padEnd(12, "0")}`;
    if (!texts.some((text) => text.includes(boundary))) return boundary;
  }
}

function escape(text) {
  return text.replace(/[\n\r"]/g, (found) => kEscapes[found]);
}

/** With the line ends of forms. */
function toLines(text) {
  return text.replace(/\r\n?|\n/g, "\r\n");
}
