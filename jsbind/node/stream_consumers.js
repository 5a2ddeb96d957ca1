// node:stream/consumers: the whole of a stream, or of any async iterable.

import { Blob } from "../web/blob.js";
import { TextDecoder } from "../web/text_decoder.js";
import { Buffer } from "./buffer.js";

/** @param {AsyncIterable<unknown> | Iterable<unknown>} stream */
export async function blob(stream) {
  const parts = [];
  for await (const chunk of stream) parts.push(chunk);
  return new Blob(parts);
}

export async function arrayBuffer(stream) {
  return (await blob(stream)).arrayBuffer();
}

export async function buffer(stream) {
  return Buffer.from(await arrayBuffer(stream));
}

export async function text(stream) {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of stream) {
    all += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return all + decoder.decode();
}

export async function json(stream) {
  return JSON.parse(await text(stream));
}

export async function bytes(stream) {
  return new Uint8Array(await arrayBuffer(stream));
}

export default { arrayBuffer, blob, buffer, bytes, json, text };
