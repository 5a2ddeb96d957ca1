// Sends a Response as the answer to a request.

import * as ops from "internal:ops/http";
import { isBodyStream } from "./body_stream.js";
import { kTextType } from "./body.js";
import { clearImmediate, setImmediate } from "./immediate.js";
import { contentTypeOf, responseHeaderListOf, statusOf, takeBody } from "./response.js";

const kTextLine = `content-type: ${kTextType}\r\n`;
const kJsonType = "application/json";
const kJsonLine = `content-type: ${kJsonType}\r\n`;
/** A piece of a body that sends the head, if it was not sent, and nothing else. */
const kHeadOnly = new Uint8Array(0);

/** The response's headers as lines; most responses have one that is known. */
function headerLines(response) {
  const list = responseHeaderListOf(response);
  if (list === null) {
    const type = contentTypeOf(response);
    if (type === kTextType) return kTextLine;
    if (type === kJsonType) return kJsonLine;
    return type === null ? "" : `content-type: ${type}\r\n`;
  }
  let lines = "";
  for (let i = 0; i < list.length; i += 2) lines += `${list[i]}: ${list[i + 1]}\r\n`;
  return lines;
}

/**
 * Sends a response. A body that is text or bytes goes out at once; a stream is
 * read as fast as the peer takes it. Throws if the response cannot be sent:
 * then nothing was, and another one may be.
 * @param {import("./http_exchange.js").HttpExchange} exchange
 * @param {import("./response.js").Response} response
 * @returns {Promise<void> | undefined} the end of a stream
 */
export function sendResponse(exchange, response) {
  const body = takeBody(response);
  const status = statusOf(response);
  const lines = headerLines(response);
  if (!isStream(body)) {
    exchange.respond(status, lines, body);
    return undefined;
  }
  const reader = readerOf(body);
  try {
    ops.setHead(exchange.id, status, lines);
  } catch (error) {
    stop(reader, error);
    throw error;
  }
  return sendStream(exchange, reader);
}

/**
 * Ends the body of a response that nobody is left to get.
 * @param {import("./response.js").Response} response
 */
export function dropResponse(response) {
  let reader;
  try {
    const body = takeBody(response);
    if (!isStream(body)) return;
    reader = readerOf(body);
  } catch {
    return; // Somebody else has read it, or does, and will end it.
  }
  stop(reader);
}

function isStream(body) {
  return body !== null && typeof body !== "string" && !(body instanceof Uint8Array);
}

function readerOf(body) {
  return (isBodyStream(body) ? body : body.stream()).getReader();
}

/** Tells the source of a body that nobody will read on. */
function stop(reader, reason = undefined) {
  reader.cancel(reason).catch(() => {}); // How the source ends concerns nobody any more.
}

async function sendStream(exchange, reader) {
  const { id } = exchange;
  // A source that waits for something of its own learns at once that it waits in vain.
  exchange.onAbort = (reason) => stop(reader, reason);
  try {
    if (exchange.method() === "HEAD") {
      stop(reader);
      await ops.write(id, kHeadOnly);
    } else {
      await writeAll(exchange, reader);
    }
  } catch (error) {
    if (exchange.hasEnded) throw error;
    stop(reader, error);
    exchange.detach();
    // A head that says 200 may be on its way: only a broken connection tells
    // the peer that the body is not whole.
    ops.fail(id);
    throw error;
  }
  if (exchange.hasEnded) return;
  exchange.detach();
  ops.finish(id);
}

async function writeAll(exchange, reader) {
  const { id } = exchange;
  let reading = reader.read();
  // The peer of a source that takes its time gets the head before.
  if (!(await settlesInThisTurn(reading)) && !exchange.hasEnded) await ops.write(id, kHeadOnly);
  for (;;) {
    const { value, done } = await reading;
    if (done || exchange.hasEnded) return;
    if (value.length > 0) await ops.write(id, value);
    reading = reader.read();
  }
}

/** @returns {Promise<boolean>} */
function settlesInThisTurn(promise) {
  return new Promise((resolve) => {
    const late = setImmediate(resolve, false);
    const settled = () => {
      clearImmediate(late);
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
