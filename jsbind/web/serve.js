// serve() of "braid:http", and `export default { fetch }`.

import * as ops from "internal:ops/http";
import { writeStderr } from "internal:ops/stdio";
import { ref, unref } from "internal:runtime";
import { follow, isAbortSignal, unfollow } from "./abort_signal.js";
import { customInspect } from "./inspect_value.js";
import { inspect } from "./inspect.js";
import { dropResponse, sendResponse } from "./http_answer.js";
import { abortExchange, HttpExchange } from "./http_exchange.js";
import { invalidArgType, validateFunction, validateObject } from "./errors.js";
import { makeServerRequest } from "./request.js";
import { isResponse, Response } from "./response.js";

/** How long shutdown() lets requests finish, in ms. */
const kGraceMs = 10_000;

/**
 * @typedef {object} ServeOptions
 * @property {number} [port] 8000 by default; 0 for a free one
 * @property {string} [hostname] the address to listen on; "0.0.0.0" by default
 * @property {boolean} [reusePort] lets other processes listen on the same port
 * @property {AbortSignal} [signal] aborting it shuts the server down
 * @property {(address: { hostname: string, port: number }) => void} [onListen]
 * @property {(error: unknown) => Response | Promise<Response>} [onError] answers for a handler
 *     that failed; by default the error goes to stderr and the peer gets a 500
 * @property {Handler} [fetch] the handler, unless it is given by itself
 * @property {number} [maxBodyBytes] and other limits, as HttpServerOptions of C++ has them
 */

/**
 * @typedef {(request: Request, info: RequestInfo) => Response | Promise<Response>} Handler
 */

/** What a handler can learn about a request's connection. */
class RequestInfo {
  #exchange;
  #remoteAddr = null;
  constructor(exchange) {
    this.#exchange = exchange;
  }
  /** The peer's address. To be read for the first time before the response is sent. */
  get remoteAddr() {
    return (this.#remoteAddr ??= this.#exchange.peer());
  }
}

/** A running server. */
export class Server {
  #native;
  #finished;
  #follower = null;
  #isRefed = true;

  constructor(native, signal) {
    this.#native = native;
    this.#finished = native.run().finally(() => {
      if (this.#follower !== null) unfollow(this.#follower);
      this.ref();
    });
    if (signal !== undefined) {
      this.#follower = follow(signal, () => void this.shutdown());
    }
  }

  get hostname() {
    return this.#native.hostname;
  }

  get port() {
    return this.#native.port;
  }

  /** As a client on this machine would write it. */
  get url() {
    const { hostname } = this;
    const shown = hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
    return `http://${shown.includes(":") ? `[${shown}]` : shown}:${this.port}/`;
  }

  /** Settles when the server has ended. */
  get finished() {
    return this.#finished;
  }

  /**
   * Accepts nothing more, lets requests that are being answered finish, and
   * ends the connections.
   * @param {{ graceMs?: number }} [options] requests that take longer are cancelled
   */
  async shutdown({ graceMs = kGraceMs } = {}) {
    await this.#native.drain(graceMs);
    await this.#finished;
  }

  /** Lets the process end although the server runs. */
  unref() {
    if (this.#isRefed) unref();
    this.#isRefed = false;
    return this;
  }

  ref() {
    if (!this.#isRefed) ref();
    this.#isRefed = true;
    return this;
  }

  async [Symbol.asyncDispose]() {
    await this.shutdown();
  }

  [customInspect](depth, options, inspectValue) {
    return `Server ${inspectValue({ url: this.url }, options)}`;
  }
}

/**
 * Starts an HTTP server.
 *
 *     serve({ port: 8000 }, (request) => new Response("Hello, World!"));
 *
 * @param {Handler | ServeOptions} first the handler, or options
 * @param {Handler | ServeOptions} [second] the other one
 * @returns {Server}
 */
export function serve(first, second = undefined) {
  const [handler, options] = readArguments(first, second);
  const { signal, onListen, onError = reportAndAnswer } = options;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  }
  if (onListen !== undefined) validateFunction(onListen, "options.onListen");
  validateFunction(onError, "options.onError");
  signal?.throwIfAborted();
  const listener = { port: 0 };
  const native = ops.listen(options, options, makeDispatch(handler, onError, listener), abortExchange);
  listener.port = native.port;
  const server = new Server(native, signal);
  onListen?.({ hostname: server.hostname, port: server.port });
  return server;
}

function readArguments(first, second) {
  if (typeof first === "function") {
    return [first, second === undefined ? {} : validateObject(second, "options")];
  }
  const options = validateObject(first, "options");
  const handler = second ?? options.fetch;
  if (typeof handler !== "function") throw invalidArgType("handler", "of type function", handler);
  // `fetch` may be a method that uses `this`.
  return [second === undefined ? (request, info) => options.fetch(request, info) : handler, options];
}

/**
 * Serves a program whose default export has a fetch().
 * @param {{ default?: { fetch?: Handler } & ServeOptions }} module
 * @param {ServeOptions} [options] go before those of the default export
 * @returns {Server}
 */
export function serveModule(module, options = {}) {
  const program = module.default;
  if (typeof program?.fetch !== "function") {
    throw new TypeError("The module to serve must `export default` an object with a fetch() function");
  }
  return serve({ ...program, ...options }, (request, info) => program.fetch(request, info));
}

/**
 * What C++ calls for each request.
 * @param {Handler} handler
 * @param {(error: unknown) => Response | Promise<Response>} onError
 * @param {{ port: number }} listener
 */
function makeDispatch(handler, onError, listener) {
  const takesInfo = handler.length !== 1;

  async function finish(exchange, promise) {
    let response;
    try {
      response = await promise;
    } catch (error) {
      return fail(exchange, error);
    }
    return answer(exchange, response);
  }

  function answer(exchange, response) {
    if (!isResponse(response)) {
      const error = new TypeError(`The handler must return a Response, but returned ${inspect(response)}`);
      return fail(exchange, error);
    }
    try {
      send(exchange, response);
    } catch (error) {
      return fail(exchange, error);
    }
  }

  async function fail(exchange, error) {
    if (exchange.hasEnded) return reportUnlessAborted(error);
    // Where the peer was at fault, as with a body that is too long, the server
    // has the answer.
    if (exchange.refuse()) return;
    exchange.suspend();
    try {
      const response = await onError(error);
      if (!isResponse(response)) throw new TypeError("onError must return a Response");
      send(exchange, response);
    } catch (second) {
      reportError(second);
      if (!exchange.hasEnded) sendResponse(exchange, internalServerError());
    }
  }

  return function dispatch(id) {
    const exchange = new HttpExchange(id, listener);
    let response;
    try {
      const request = makeServerRequest(exchange);
      response = takesInfo ? handler(request, new RequestInfo(exchange)) : handler(request);
    } catch (error) {
      fail(exchange, error);
      return;
    }
    if (isResponse(response)) {
      answer(exchange, response);
      if (!exchange.hasEnded) exchange.suspend(); // It sends a stream.
    } else {
      exchange.suspend();
      finish(exchange, response);
    }
  };
}

function send(exchange, response) {
  // The peer may have gone meanwhile; then there is nobody to answer.
  if (exchange.hasEnded) dropResponse(response);
  else sendResponse(exchange, response)?.catch((error) => reportStreamError(exchange, error));
}

function internalServerError() {
  return new Response("Internal Server Error", { status: 500 });
}

function reportError(error) {
  writeStderr(`${inspect(error)}\n`);
}

function reportStreamError(exchange, error) {
  (exchange.wasAborted ? reportUnlessAborted : reportError)(error);
}

/** Reports an error of a handler whose peer has gone, but for what that brings about itself. */
function reportUnlessAborted(error) {
  if (error?.name !== "AbortError") reportError(error);
}

function reportAndAnswer(error) {
  reportError(error);
  return internalServerError();
}
