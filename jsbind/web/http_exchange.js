// One request that a server is answering, and its answer: the JS side of a
// record in C++ that is known by a number.
//
// What C++ has stays there until it is looked at. When the answer goes out the
// record ends; the text of the request's head is kept then, so that a program
// can still look at the request afterwards.

import * as ops from "internal:ops/http";
import { AbortController } from "./abort_controller.js";
import { DOMException } from "./dom_exception.js";
import { codedError } from "./errors.js";
import { combinedHeader, parseHead } from "./header_list.js";

/**
 * Exchanges that were not answered within the call of their handler, by number.
 * @type {Map<number, HttpExchange>}
 */
const pending = new Map();

/** @implements {import("./request.js").NativeRequest} */
export class HttpExchange {
  /** The head's text, once the record in C++ has ended. */
  #head = null;
  /** Header list, parsed from it. */
  #list = null;
  #controller = null;
  #wasAborted = false;
  /** Told when the peer goes away. */
  onAbort = null;

  /** @type {{ port: number }} */
  #listener;

  /**
   * @param {number} id
   * @param {{ port: number }} listener what it came to
   */
  constructor(id, listener) {
    this.id = id;
    this.#listener = listener;
  }

  /** Whether it was answered, or cannot be any more. */
  get hasEnded() {
    return this.#head !== null;
  }

  /** Whether it ended because the peer has gone, or the server ends. */
  get wasAborted() {
    return this.#wasAborted;
  }

  /** The answer will come later. */
  suspend() {
    pending.set(this.id, this);
  }

  /** To be called right before the operation that ends the record. */
  detach() {
    this.#end(ops.takeHead(this.id));
  }

  /**
   * Answers with a whole body. Throws for headers that HTTP does not allow;
   * the record goes on then.
   * @param {number} status
   * @param {string} lines
   * @param {string | Uint8Array | null} body
   */
  respond(status, lines, body) {
    const head = ops.takeHead(this.id);
    ops.respond(this.id, status, lines, body);
    this.#end(head);
  }

  #end(head) {
    this.#head = head;
    if (pending.size > 0) pending.delete(this.id);
  }

  /** Leaves the answer to the server if reading the body has failed. */
  refuse() {
    const head = ops.takeHead(this.id);
    if (!ops.refuse(this.id)) return false;
    this.#end(head);
    return true;
  }

  /**
   * For C++, through abortExchange().
   * @param {Error} reason
   * @param {string} head
   */
  abort(reason, head) {
    this.#head = head;
    this.#wasAborted = true;
    this.#controller?.abort(reason);
    this.onAbort?.(reason);
  }

  method() {
    if (this.#head !== null) return this.#head.slice(0, this.#head.indexOf(" "));
    const method = ops.method(this.id);
    return typeof method === "number" ? ops.methods[method] : method;
  }

  url() {
    if (this.#head === null) return ops.url(this.id);
    const target = this.#head.split(" ", 2)[1];
    return ops.makeUrl(target, this.get("host") ?? "", this.#listener.port);
  }

  /** The peer's address. Throws once the record has ended. */
  peer() {
    // Its number may be another request's by then.
    if (this.hasEnded) {
      throw codedError(Error, "ERR_HTTP_REQUEST_ENDED", "The request has been answered already");
    }
    return ops.peer(this.id);
  }

  /** It is its own source of headers. */
  get headers() {
    return this;
  }

  get(name) {
    return this.#head === null ? ops.header(this.id, name) : combinedHeader(this.list(), name);
  }

  list() {
    if (this.#head === null) return ops.headers(this.id);
    return (this.#list ??= parseHead(this.#head));
  }

  body() {
    // Of a body that nobody took before the answer nothing is left.
    return this.#head === null && ops.hasBody(this.id) ? new ReceivedBody(this) : null;
  }

  signal() {
    return (this.#controller ??= new AbortController()).signal;
  }
}

/**
 * For C++: the peer has gone, or the server ends.
 * @param {number} id
 * @param {string} message
 * @param {string} head the text of the request's head
 */
export function abortExchange(id, message, head) {
  const exchange = pending.get(id);
  pending.delete(id);
  exchange?.abort(new DOMException(message, "AbortError"), head);
}

/** @implements {import("./streams/native_source.js").NativeSource} */
class ReceivedBody {
  #exchange;

  constructor(exchange) {
    this.#exchange = exchange;
  }

  #id() {
    if (!this.#exchange.hasEnded) return this.#exchange.id;
    throw new TypeError("The body was not read before the response was sent");
  }

  async text() {
    const text = await ops.bodyText(this.#id());
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  async bytes() {
    return ops.bodyBytes(this.#id());
  }

  async pull() {
    return ops.readBody(this.#id());
  }

  handle() {
    return ops.bodySource(this.#id());
  }

  /** What is left is dropped by the server when the answer has been sent. */
  cancel() {
    if (!this.#exchange.hasEnded) ops.cancelBody(this.#exchange.id);
  }
}
