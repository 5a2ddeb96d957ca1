// Sends a Response as the answer to a request.

import * as ops from "internal:ops/http";
import { isBodyStream } from "./body_stream.js";
import { kTextType } from "./body.js";
import { contentTypeOf, responseHeaderListOf, statusOf, takeBody } from "./response.js";

const kTextLine = `content-type: ${kTextType}\r\n`;
const kJsonType = "application/json";
const kJsonLine = `content-type: ${kJsonType}\r\n`;

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
 * read as fast as the peer takes it.
 * @param {import("./http_exchange.js").HttpExchange} exchange
 * @param {import("./response.js").Response} response
 * @returns {Promise<void> | undefined} the end of a stream
 */
export function sendResponse(exchange, response) {
  const body = takeBody(response);
  if (body === null || typeof body === "string" || body instanceof Uint8Array) {
    exchange.detach();
    ops.respond(exchange.id, statusOf(response), headerLines(response), body);
    return undefined;
  }
  return sendStream(exchange, response, isBodyStream(body) ? body : body.stream());
}

async function sendStream(exchange, response, stream) {
  const { id } = exchange;
  const status = statusOf(response);
  const lines = headerLines(response);
  const reader = stream.getReader();
  const stop = (reason) => {
    reader.cancel(reason).catch(() => {}); // How the source ends concerns nobody any more.
  };
  // A source that waits for something of its own learns at once that it waits in vain.
  exchange.onAbort = stop;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done || exchange.hasEnded) break;
      if (value.length > 0) await ops.write(id, status, lines, value);
    }
  } catch (error) {
    if (exchange.hasEnded) return;
    stop(error);
    exchange.detach();
    // A head that says 200 may be on its way: only a broken connection tells
    // the peer that the body is not whole.
    ops.fail(id);
    throw error;
  }
  if (exchange.hasEnded) return;
  exchange.detach();
  ops.finish(id, status, lines);
}
