// Socket of node:net.

import { codedError, validateFunction } from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";
import { clearTimeout, setTimeout } from "../web/timers.js";
import { Buffer } from "./buffer.js";
import { FastBuffer } from "./fast_buffer.js";
import { Hold } from "./hold.js";
import { describeAddress, toOptions, toTimeout } from "./net_arguments.js";
import { checkConnect, openConnection } from "./net_connect.js";
import { Duplex } from "./stream.js";
import { systemError } from "./system_errors.js";

/** For what the server does to its sockets, and child processes to their pipes. */
export const kAttach = Symbol("attach");

/**
 * A TCP connection or a Unix socket's, as a stream. It holds no more of what
 * the peer sends than its highWaterMark and what was on its way.
 */
export class Socket extends Duplex {
  connecting = false;
  /** The time-out in ms; 0 for none. */
  timeout = 0;
  server = null;
  #connection = null;
  #hold = new Hold();
  #isReading = false;
  /** Ends connecting. */
  #controller = null;
  #timer = undefined;
  #bytesRead = 0;
  #bytesWritten = 0;
  #local = undefined;
  #peer = undefined;
  #shouldReset = false;
  /** Whether it was ever told to connect, or given a connection. */
  #hasBegun = false;
  /** What was set before there was a connection. */
  #noDelay = undefined;
  #keepAlive = undefined;

  /** @param {object} [options] allowHalfOpen, readable, writable, highWaterMark, signal, noDelay, keepAlive */
  constructor(options = undefined) {
    if (options?.fd !== undefined && options.fd !== null) {
      throw codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED", "A socket cannot take a descriptor over here");
    }
    super({
      highWaterMark: options?.highWaterMark,
      readableHighWaterMark: options?.readableHighWaterMark,
      writableHighWaterMark: options?.writableHighWaterMark,
      signal: options?.signal,
      allowHalfOpen: Boolean(options?.allowHalfOpen),
      readable: options?.readable ?? true,
      writable: options?.writable ?? true,
      // Told with whether there was an error.
      emitClose: false,
    });
    if (options?.noDelay) this.setNoDelay(true);
    if (options?.keepAlive) this.setKeepAlive(true, options.keepAliveInitialDelay);
  }

  /**
   * @param {...unknown} args (options, listener), (port, host, listener) or (path, listener)
   */
  connect(...args) {
    const { options, callback } = toOptions(args, ["host"]);
    checkConnect(options);
    if (callback !== undefined) this.once("connect", callback);
    if (options.noDelay) this.setNoDelay(true);
    if (options.keepAlive) this.setKeepAlive(true, options.keepAliveInitialDelay);
    if (this.timeout > 0) this.#refreshTimer();
    this.connecting = true;
    this.#hasBegun = true;
    this.#controller = new AbortController();
    this.#open(options, this.#controller.signal);
    return this;
  }

  async #open(options, signal) {
    let connection;
    try {
      connection = await this.#hold.wait(
        openConnection(
          options,
          signal,
          (event, ...args) => signal.aborted || this.emit(event, ...args),
        ),
      );
    } catch (error) {
      if (signal.aborted) return;
      this.connecting = false;
      nextTick(() => this.destroy(error));
      return;
    }
    nextTick(() => this.#onConnected(connection, signal));
  }

  #onConnected(connection, signal) {
    if (signal.aborted) {
      connection.close();
      return;
    }
    this.connecting = false;
    this[kAttach](connection);
    this.emit("connect");
    this.emit("ready");
  }

  /** Takes a connection over. */
  [kAttach](connection, server = null) {
    this.#connection = connection;
    this.#hasBegun = true;
    this.server = server;
    if (this.#noDelay !== undefined) connection.setNoDelay(this.#noDelay);
    if (this.#keepAlive !== undefined) connection.setKeepAlive(...this.#keepAlive);
    this.#refreshTimer();
    // Begins to read ahead, so that the end is seen.
    if (this.readable && !this.isPaused()) {
      nextTick(() => {
        if (!this.destroyed && !this.isPaused()) this.read(0);
      });
    }
  }

  _read() {
    if (this.connecting) this.once("connect", () => this._read());
    else if (this.#connection !== null && !this.#isReading) this.#readOnce();
  }

  /** The stream asks again when it wants more. */
  async #readOnce() {
    this.#isReading = true;
    let bytes;
    try {
      bytes = await this.#hold.wait(this.#connection.read());
    } catch (error) {
      if (!this.destroyed) nextTick(() => this.destroy(systemError(error, "read")));
      return;
    }
    // What the listeners throw is no rejection.
    nextTick(() => this.#onRead(bytes));
  }

  #onRead(bytes) {
    this.#isReading = false;
    if (this.destroyed) return;
    this.#refreshTimer();
    if (bytes === undefined) {
      this.#isReading = true;
      this.push(null);
      this.read(0);
    } else {
      this.#bytesRead += bytes.length;
      this.push(new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.length));
    }
  }

  _write(chunk, encoding, callback) {
    this._writev([{ chunk, encoding }], callback);
  }

  _writev(chunks, callback) {
    if (this.connecting) {
      // A socket that is destroyed meanwhile calls back by itself.
      this.once("connect", () => this._writev(chunks, callback));
      return;
    }
    if (this.#connection === null) {
      callback(codedError(Error, "ERR_SOCKET_CLOSED", "Socket is closed"));
      return;
    }
    this.#writeAll(
      chunks.map(({ chunk, encoding }) => (typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk)),
      callback,
    );
  }

  async #writeAll(parts, callback) {
    this.#refreshTimer();
    let failure = null;
    try {
      await this.#hold.wait(this.#connection.write(parts));
      for (const part of parts) this.#bytesWritten += part.byteLength;
    } catch (error) {
      failure = this.destroyed
        ? codedError(Error, "ERR_SOCKET_CLOSED_BEFORE_CONNECTION", "Socket closed before the connection was established")
        : systemError(error, "write");
    }
    if (!this.destroyed) this.#refreshTimer();
    // What the callback's listeners throw is no rejection.
    nextTick(callback, failure);
  }

  _final(callback) {
    if (this.connecting) {
      this.once("connect", () => this._final(callback));
    } else if (this.#connection === null) {
      nextTick(callback);
    } else {
      // The peer may have gone meanwhile, which reading tells.
      const ended = () => nextTick(callback);
      this.#hold.wait(this.#connection.shutdownWrite()).then(ended, ended);
    }
  }

  _destroy(error, callback) {
    this.connecting = false;
    this.#controller?.abort();
    this.#clearTimer();
    const connection = this.#connection;
    this.#connection = null;
    const onClosed = () => {
      if (this.#hasBegun) this.emit("close", Boolean(error));
      else this.emit("close");
      this.server?.[kAttach](this);
    };
    callback(error);
    if (connection === null) nextTick(onClosed);
    else {
      const close = this.#shouldReset ? connection.reset() : connection.close();
      const closed = () => nextTick(onClosed);
      this.#hold.wait(close).then(closed, closed);
    }
  }

  /** Destroys the socket once all is written. */
  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  /** Closes the connection with a reset. */
  resetAndDestroy() {
    if (this.#connection === null && !this.connecting) {
      this.destroy(codedError(Error, "ERR_SOCKET_CLOSED", "Socket is closed"));
      return this;
    }
    this.#shouldReset = true;
    return this.destroy();
  }

  setTimeout(timeout, callback = undefined) {
    if (this.destroyed) return this;
    this.timeout = toTimeout(timeout, "msecs");
    if (callback !== undefined) validateFunction(callback, "callback");
    if (this.timeout === 0) {
      this.#clearTimer();
      if (callback !== undefined) this.removeListener("timeout", callback);
    } else {
      this.#refreshTimer();
      if (callback !== undefined) this.once("timeout", callback);
    }
    return this;
  }

  #refreshTimer() {
    if (this.timeout === 0 || this.destroyed) return;
    this.#clearTimer();
    this.#timer = setTimeout(() => this.emit("timeout"), this.timeout).unref();
  }

  #clearTimer() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  setNoDelay(on = true) {
    this.#noDelay = Boolean(on);
    this.#connection?.setNoDelay(this.#noDelay);
    return this;
  }

  /** @param {boolean} [on] @param {number} [delay] ms */
  setKeepAlive(on = false, delay = 0) {
    this.#keepAlive = [Boolean(on), Math.trunc(delay / 1000)];
    this.#connection?.setKeepAlive(...this.#keepAlive);
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

  get pending() {
    return this.#connection === null || this.connecting;
  }

  get readyState() {
    if (this.connecting) return "opening";
    if (this.readable && this.writable) return "open";
    if (this.readable) return "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  get bytesRead() {
    return this.#bytesRead;
  }

  /** Those that wait are counted too. */
  get bytesWritten() {
    return this.#bytesWritten + this.writableLength;
  }

  get bufferSize() {
    return this.writableLength;
  }

  address() {
    return describeAddress((this.#local = this.#connection?.localAddress ?? this.#local));
  }

  #peerAddress() {
    this.#peer ??= this.#connection?.peerAddress;
    return this.destroyed ? {} : describeAddress(this.#peer);
  }

  get localAddress() {
    return this.address().address;
  }
  get localPort() {
    return this.address().port;
  }
  get localFamily() {
    return this.address().family;
  }
  get remoteAddress() {
    return this.#peerAddress().address;
  }
  get remotePort() {
    return this.#peerAddress().port;
  }
  get remoteFamily() {
    return this.#peerAddress().family;
  }
}
