// Server of node:net.

import { isIP } from "internal:ops/dns";
import { Listener } from "internal:ops/net";
import { isAbortSignal } from "../web/abort_signal.js";
import { codedError, invalidArgType, invalidArgValue, validateFunction } from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";
import { setTimeout } from "../web/timers.js";
import { findAddresses, toLookup } from "./dns_lookup.js";
import { EventEmitter } from "./events.js";
import { Hold } from "./hold.js";
import { describeAddress, toOptions, toPort } from "./net_arguments.js";
import { kAttach, Socket } from "./net_socket.js";
import { systemErrorWithText } from "./system_errors.js";

const kBacklog = 511;
/** How long accepting rests when there are no descriptors left, in ms. */
const kRest = 50;

export class Server extends EventEmitter {
  allowHalfOpen = false;
  pauseOnConnect = false;
  maxConnections = undefined;
  /** @type {Listener | null} */
  #listener = null;
  /** From listen() on, also while the host is looked up. */
  #isListening = false;
  /** Counts listen() and close(), so that what belongs to a former one is known. */
  #epoch = 0;
  #path = null;
  #options;
  #hold = new Hold();
  #sockets = new Set();
  /** From close() until the listener has ended. */
  #isClosing = false;

  /** @param {object | Function} [options] allowHalfOpen, pauseOnConnect, noDelay, keepAlive @param {Function} [listener] */
  constructor(options = undefined, listener = undefined) {
    super();
    if (typeof options === "function") [options, listener] = [undefined, options];
    else if (options !== undefined && options !== null && typeof options !== "object") {
      throw invalidArgType("options", "of type object", options);
    }
    this.#options = { ...options };
    this.allowHalfOpen = Boolean(options?.allowHalfOpen);
    this.pauseOnConnect = Boolean(options?.pauseOnConnect);
    if (listener !== undefined) this.on("connection", validateFunction(listener, "connectionListener"));
  }

  get listening() {
    return this.#isListening;
  }

  /**
   * @param {...unknown} args (options, listener), (port, host, backlog, listener) or (path, backlog, listener)
   */
  listen(...args) {
    const { options, callback } = toOptions(args, ["host", "backlog"]);
    if (this.#isListening) {
      throw codedError(Error, "ERR_SERVER_ALREADY_LISTEN", "Listen method has been called more than once without closing.");
    }
    const { path, signal } = options;
    if (signal !== undefined && !isAbortSignal(signal)) throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
    if (options.port === undefined && path === undefined && (args.length === 0 || typeof args[0] !== "object" || args[0] === null)) {
      options.port = 0;
    }
    if (path === undefined && options.port === undefined) {
      throw invalidArgValue("options", args[0], 'must have the property "port" or "path"');
    }
    if (path === undefined) options.port = toPort(options.port ?? 0);
    if (callback !== undefined) this.once("listening", callback);
    this.#isListening = true;
    const epoch = ++this.#epoch;
    if (path !== undefined || !options.host || isIP(options.host) !== 0) this.#start(options, options.host, epoch);
    else this.#startAtName(options, epoch);
    if (signal?.aborted) nextTick(() => this.close());
    else signal?.addEventListener("abort", () => this.#epoch === epoch && this.close(), { once: true });
    return this;
  }

  async #startAtName(options, epoch) {
    try {
      const [{ address }] = await this.#hold.wait(findAddresses(options.host, toLookup(options.host)));
      if (this.#epoch === epoch) this.#start(options, address, epoch);
    } catch (error) {
      if (this.#epoch === epoch) this.#fail(error);
    }
  }

  #start({ path, port, backlog, reusePort }, host, epoch) {
    const queued = Number(backlog) > 0 ? Number(backlog) : kBacklog;
    try {
      if (path !== undefined) this.#listener = Listener.listenPath(path, queued);
      else if (host) this.#listener = Listener.listen(host, port, queued, Boolean(reusePort));
      else this.#listener = listenAnywhere(port, queued, Boolean(reusePort));
    } catch (error) {
      const place = path === undefined ? { address: host || "::", port } : { address: path, port: -1 };
      this.#fail(systemErrorWithText(error, "listen", place));
      return;
    }
    this.#path = path ?? null;
    this.#accept(this.#listener);
    nextTick(() => {
      if (this.#epoch === epoch) this.emit("listening");
    });
  }

  #fail(error) {
    this.#isListening = false;
    nextTick(() => this.emit("error", error));
  }

  async #accept(listener) {
    while (this.#listener === listener) {
      try {
        const connection = await this.#hold.wait(listener.accept());
        // What the listeners throw does not end the server.
        nextTick(() => this.#onConnection(connection));
      } catch (error) {
        if (this.#listener !== listener) return;
        // Out of descriptors or memory: connections wait in the backlog.
        if (typeof error?.errno !== "number") throw error;
        await this.#hold.wait(new Promise((resolve) => setTimeout(resolve, kRest).unref()));
      }
    }
  }

  #onConnection(connection) {
    if (this.maxConnections !== undefined && this.#sockets.size >= this.maxConnections) {
      const [localAddress, localPort, localFamily] = connection.localAddress ?? [];
      const [remoteAddress, remotePort, remoteFamily] = connection.peerAddress ?? [];
      connection.close();
      this.emit("drop", { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily });
      return;
    }
    const { highWaterMark, noDelay, keepAlive, keepAliveInitialDelay } = this.#options;
    const socket = new Socket({ allowHalfOpen: this.allowHalfOpen, highWaterMark, noDelay, keepAlive, keepAliveInitialDelay });
    if (this.pauseOnConnect) socket.pause();
    this.#sockets.add(socket);
    socket[kAttach](connection, this);
    this.emit("connection", socket);
  }

  /** A socket of this server has closed. */
  [kAttach](socket) {
    this.#sockets.delete(socket);
    this.#tellClosed();
  }

  /**
   * Accepts nothing more. "close" comes when the last connection has ended.
   * @param {(error?: Error) => void} [callback]
   */
  close(callback = undefined) {
    if (typeof callback === "function") {
      if (this.#isListening) this.once("close", callback);
      else this.once("close", () => callback(codedError(Error, "ERR_SERVER_NOT_RUNNING", "Server is not running.")));
    }
    const listener = this.#listener;
    this.#listener = null;
    this.#isListening = false;
    this.#epoch++;
    if (listener === null) {
      this.#tellClosed();
      return this;
    }
    this.#isClosing = true;
    this.#hold.wait(listener.close()).finally(() => {
      this.#isClosing = false;
      this.#tellClosed();
    });
    return this;
  }

  #tellClosed() {
    if (this.#isListening || this.#isClosing || this.#sockets.size > 0) return;
    nextTick(() => this.emit("close"));
  }

  async [Symbol.asyncDispose]() {
    if (!this.#isListening) return;
    await new Promise((resolve) => this.close(resolve));
  }

  /** @returns {{ address: string, family: string, port: number } | string | null} */
  address() {
    if (this.#listener === null) return null;
    return this.#path ?? describeAddress(this.#listener.address);
  }

  getConnections(callback) {
    nextTick(callback, null, this.#sockets.size);
    return this;
  }

  ref() {
    this.#hold.ref();
    return this;
  }

  unref() {
    this.#hold.unref();
    return this;
  }
}

/** Both families where the machine has IPv6. */
function listenAnywhere(port, backlog, reusePort) {
  try {
    return Listener.listen("::", port, backlog, reusePort);
  } catch (error) {
    if (error.code !== "EAFNOSUPPORT" && error.code !== "EADDRNOTAVAIL") throw error;
    return Listener.listen("0.0.0.0", port, backlog, reusePort);
  }
}
