// Sends a Response as the answer to a request.

import * as ops from "internal:ops/http";
import { dropSource } from "./body_stream.js";
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
  if (!isSource(body)) {
    exchange.respond(status, lines, body);
    return undefined;
  }
  try {
    ops.setHead(exchange.id, status, lines);
  } catch (error) {
    dropSource(body, error);
    throw error;
  }
  return sendSource(exchange, new Sending(body));
}

/**
 * Ends the body of a response that nobody is left to get.
 * @param {import("./response.js").Response} response
 */
export function dropResponse(response) {
  let body;
  try {
    body = takeBody(response);
  } catch {
    return; // Somebody else has read it, or does, and will end it.
  }
  if (isSource(body)) dropSource(body);
}

function isSource(body) {
  return body !== null && typeof body !== "string" && !(body instanceof Uint8Array);
}

/** A source that is being sent: it is told once that it is to end, if it does not by itself. */
class Sending {
  /** Null once it has ended, or was told to. */
  #source;

  constructor(source) {
    this.#source = source;
  }

  /** The next chunk, or undefined at the end. */
  async pull() {
    let chunk;
    try {
      chunk = await this.#source?.pull();
    } catch (error) {
      this.#source = null;
      throw error;
    }
    if (chunk === undefined) this.#source = null;
    return chunk;
  }

  /** What is left of it, for C++ to send; undefined if it must be pulled. */
  get handle() {
    return this.#source?.handle?.();
  }

  stop(reason = undefined) {
    if (this.#source !== null) dropSource(this.#source, reason);
    this.#source = null;
  }
}

async function sendSource(exchange, sending) {
  const { id } = exchange;
  // A source that waits for something of its own learns at once that it waits in vain.
  exchange.onAbort = (reason) => sending.stop(reason);
  try {
    if (exchange.method() === "HEAD") {
      sending.stop();
      await ops.write(id, kHeadOnly);
    } else {
      await writeAll(exchange, sending);
    }
  } catch (error) {
    if (exchange.hasEnded) throw error;
    sending.stop(error);
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

async function writeAll(exchange, sending) {
  const { id } = exchange;
  let pulling = sending.pull();
  // The peer of a source that takes its time gets the head before.
  if (!(await settlesInThisTurn(pulling)) && !exchange.hasEnded) await ops.write(id, kHeadOnly);
  for (;;) {
    const chunk = await pulling;
    if (chunk === undefined || exchange.hasEnded) return;
    await ops.write(id, chunk);
    const { handle } = sending;
    if (handle !== undefined) return ops.writeAll(id, handle);
    pulling = sending.pull();
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
