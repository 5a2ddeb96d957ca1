// FileHandle: an open file of node:fs/promises.

import { File } from "internal:ops/fs";
import { requireBuiltin } from "internal:ops/modules";
import { codedError, invalidArgType, validateInteger } from "../web/errors.js";
import { toFlags, toId, toMode, toOptions, toPath, toReadPosition, toWritePosition, toSeconds, withAbortError } from "./fs_arguments.js";
import { Buffer } from "./buffer.js";
import { contents, requireBytes, writeData } from "./fs_data.js";
import { checkViews, partToFill, partToWrite, readArguments } from "./fs_ranges.js";
import { EventEmitter } from "./events.js";
import { makeStats } from "./stats.js";
import { normalizeEncoding } from "./string_encodings.js";
import { loadStreams } from "../web/streams/loader.js";

/** Whether a value is a FileHandle; for functions that take a path or one. */
export function isFileHandle(value) {
  return value instanceof FileHandle;
}

export class FileHandle extends EventEmitter {
  /** The open file in C++; null once closed. */
  #file;
  /** Operations that have not ended. */
  #pending = 0;
  /** Settles close() when they have. */
  #onIdle = null;
  #closing = null;

  /** @param {File} file */
  constructor(file) {
    super();
    this.#file = file;
  }

  /** The descriptor, or -1 once closed. */
  get fd() {
    return this.#file === null ? -1 : this.#file.fd;
  }

  /** Runs an operation on the file; close() waits for it. */
  async #run(syscall, operation) {
    if (this.#file === null) {
      const error = codedError(Error, "EBADF", "file closed");
      error.syscall = syscall;
      throw error;
    }
    this.#pending++;
    try {
      return await operation(this.#file);
    } finally {
      if (--this.#pending === 0) this.#onIdle?.();
    }
  }

  /**
   * Reads into a buffer.
   * @param {ArrayBufferView | object} [buffer] or options
   * @param {number | object} [offset] in the buffer; or options
   * @param {number} [length]
   * @param {number | bigint | null} [position] in the file; null for its own
   * @returns {Promise<{ bytesRead: number, buffer: ArrayBufferView }>}
   */
  async read(buffer = undefined, offset = undefined, length = undefined, position = undefined) {
    [buffer, offset, length, position] = readArguments(buffer, offset, length, position, () => Buffer.alloc(16_384));
    const view = partToFill(buffer, offset, length);
    const at = toReadPosition(position, view.byteLength);
    const bytesRead = view.byteLength === 0 ? 0 : await this.#run("read", (file) => file.read(view, at));
    return { bytesRead, buffer };
  }

  /**
   * Writes a buffer or a string.
   * @param {ArrayBufferView | string} data
   * @param {number | object | null} [offset] in the buffer, or options; the position for a string
   * @param {number | string} [length] or the encoding of a string
   * @param {number | null} [position] in the file; null for its own
   * @returns {Promise<{ bytesWritten: number, buffer: ArrayBufferView | string }>}
   */
  async write(data, offset = undefined, length = undefined, position = undefined) {
    let view;
    if (typeof data === "string") {
      view = requireBytes(data, typeof length === "string" ? normalizeEncoding(length) : "utf8");
      position = offset;
    } else {
      [data, offset, length, position] = readArguments(data, offset, length, position);
      view = partToWrite(data, offset, length);
    }
    if (view.byteLength === 0) return { bytesWritten: 0, buffer: data };
    const bytesWritten = await this.#run("write", (file) => file.write(view, toWritePosition(position)));
    return { bytesWritten, buffer: data };
  }

  /** Fills several buffers one after the other. */
  async readv(buffers, position = undefined) {
    let at = toReadPosition(position);
    let bytesRead = 0;
    for (const view of checkViews(buffers)) {
      const count = await this.#run("read", (file) => file.read(view, at));
      bytesRead += count;
      if (at >= 0) at += count;
      if (count < view.byteLength) break;
    }
    return { bytesRead, buffers };
  }

  /** Writes several buffers one after the other. */
  async writev(buffers, position = undefined) {
    let at = toWritePosition(position);
    let bytesWritten = 0;
    for (const view of checkViews(buffers)) {
      await this.#run("write", (file) => file.writeAll(view, at));
      bytesWritten += view.byteLength;
      if (at >= 0) at += view.byteLength;
    }
    return { bytesWritten, buffers };
  }

  /** From the file's own position to its end. */
  async readFile(options = undefined) {
    const { encoding, signal } = toOptions(options, { encoding: null });
    const reading = this.#run("read", (file) => file.readAll({ signal }));
    const bytes = await withAbortError(reading, signal);
    return contents(bytes, encoding);
  }

  /** Writes from the file's own position on; what is behind stays. */
  async writeFile(data, options = undefined) {
    const { encoding, signal } = toOptions(options, { encoding: "utf8" });
    const write = (bytes) => this.#run("write", (file) => file.writeAll(bytes, -1, { signal }));
    await withAbortError(writeData(data, encoding, write, signal), signal);
  }

  async appendFile(data, options = undefined) {
    await this.writeFile(data, options);
  }

  async stat(options = undefined) {
    return makeStats(await this.#run("fstat", (file) => file.stat()), options);
  }

  async truncate(length = 0) {
    validateInteger(length, "len");
    await this.#run("ftruncate", (file) => file.truncate(Math.max(0, length)));
  }

  async sync() {
    await this.#run("fsync", (file) => file.sync());
  }

  async datasync() {
    await this.#run("fdatasync", (file) => file.syncData());
  }

  async chmod(mode) {
    const bits = toMode(mode);
    await this.#run("fchmod", (file) => file.chmod(bits));
  }

  async utimes(atime, mtime) {
    const times = [toSeconds(atime, "atime"), toSeconds(mtime, "mtime")];
    await this.#run("futime", (file) => file.utimes(...times));
  }

  async chown(uid, gid) {
    const ids = [toId(uid, "uid"), toId(gid, "gid")];
    await this.#run("fchown", (file) => file.chown(...ids));
  }

  /** The file as a stream, which closes the handle when it has ended. */
  createReadStream(options = undefined) {
    return requireBuiltin("node:fs").createReadStream(undefined, { highWaterMark: 64 * 1024, ...options, fd: this });
  }

  createWriteStream(options = undefined) {
    return requireBuiltin("node:fs").createWriteStream(undefined, { ...options, fd: this });
  }

  /** The file as a ReadableStream of bytes, from its own position. */
  readableWebStream({ autoClose = false } = {}) {
    const handle = this;
    return new (loadStreams().ReadableStream)({
      type: "bytes",
      autoAllocateChunkSize: 16_384,
      async pull(controller) {
        const view = controller.byobRequest.view;
        const { bytesRead } = await handle.read(view);
        if (bytesRead === 0) {
          controller.close();
          if (autoClose) await handle.close();
        }
        controller.byobRequest.respond(bytesRead);
      },
      async cancel() {
        if (autoClose) await handle.close();
      },
    });
  }

  /** Closes the file when the operations on it have ended. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    if (this.#pending > 0) {
      await new Promise((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await file.close();
    this.emit("close");
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/**
 * @param {string | Uint8Array | URL} path
 * @param {string | number} [flags]
 * @param {string | number} [mode]
 * @returns {Promise<FileHandle>}
 */
export async function open(path, flags = "r", mode = 0o666) {
  return new FileHandle(await File.open(toPath(path), toFlags(flags), toMode(mode, 0o666)));
}
