// ReadStream and WriteStream: files as streams of node:stream.
//
// Functions and not classes, since packages call them on objects of theirs. The
// streams below them are loaded with the first one that is made.

import { requireBuiltin } from "internal:ops/modules";
import { codedError, invalidArgType, outOfRange, validateFunction, validateInteger } from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";
import { toFd, toFlags, toMode, toOptions, toPath } from "./fs_arguments.js";
import { FileHandle } from "./file_handle.js";
import { Buffer } from "./buffer.js";
import { unsafeBuffer } from "./fast_buffer.js";

const kFs = Symbol("kFs");
const kHandle = Symbol("kHandle");
/** Whether an operation on the descriptor is under way, which close() waits for. */
const kIsBusy = Symbol("kIsBusy");
const kIdle = Symbol("kIdle");

/** node:stream, once it is loaded. */
let streams;
/** node:fs: programs may have replaced its functions. */
let publicFs;

function loadStreams() {
  streams = requireBuiltin("node:stream");
  publicFs = requireBuiltin("node:fs");
  for (const [Class, Base] of [
    [ReadStream, streams.Readable],
    [WriteStream, streams.Writable],
  ]) {
    Object.setPrototypeOf(Class.prototype, Base.prototype);
    Object.setPrototypeOf(Class, Base);
  }
}

/** The functions of a file system that a program gives instead of this one. */
function checkFs(fs, names) {
  for (const name of names) validateFunction(fs[name], `options.fs.${name}`);
  return fs;
}

/** The functions that read and write by a FileHandle. */
function handleFs(handle) {
  const then = (promise, callback, pick) => {
    promise.then(
      (result) => nextTick(callback, null, pick?.(result)),
      (error) => nextTick(callback, error),
    );
  };
  return {
    read: (_fd, buffer, offset, length, position, callback) =>
      then(handle.read(buffer, offset, length, position), callback, (result) => result.bytesRead),
    write: (_fd, buffer, offset, length, position, callback) =>
      then(handle.write(buffer, offset, length, position), callback, (result) => result.bytesWritten),
    writev: (_fd, buffers, position, callback) =>
      then(handle.writev(buffers, position), callback, (result) => result.bytesWritten),
    close: (_fd, callback) => then(handle.close(), callback),
  };
}

/** What both streams take; gives the options for the stream below. */
function setUp(stream, path, options, defaults) {
  const { fd, fs } = options;
  stream[kFs] = fs ? checkFs(fs, defaults.needed) : publicFs;
  stream[kIsBusy] = false;
  stream.fd = null;
  stream.path = undefined;
  stream.flags = options.flags ?? defaults.flags;
  stream.mode = options.mode === undefined ? 0o666 : toMode(options.mode);
  if (fd === undefined || fd === null) {
    stream.path = toPath(path);
    toFlags(stream.flags);
  } else if (fd instanceof FileHandle) {
    if (fs) throw codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED", "The FileHandle with fs method is not implemented");
    stream[kHandle] = fd;
    stream[kFs] = handleFs(fd);
    stream.fd = fd.fd;
    fd.on("close", () => stream.destroy());
  } else {
    stream.fd = toFd(fd);
    if (path !== undefined && path !== null) stream.path = toPath(path);
  }
  stream.start = options.start;
  if (stream.start !== undefined) validateInteger(stream.start, "start", 0);
  stream.pos = stream.start;
  return { ...options, autoDestroy: options.autoClose ?? true, emitClose: options.emitClose ?? true, encoding: undefined };
}

/** What opens the file when no package has put its own open() in the stream. */
function open() {}

const common = {
  _construct(callback) {
    if (typeof this.fd === "number") {
      callback();
      return;
    }
    if (this.open !== open) {
      openByOverride(this, callback);
      return;
    }
    this[kFs].open(this.path, this.flags, this.mode, (error, fd) => {
      if (error) {
        callback(error);
        return;
      }
      this.fd = fd;
      callback();
      // What was written before has to come before what listeners write: it takes
      // the stream two ticks to begin with it.
      nextTick(nextTick, () => {
        this.emit("open", fd);
        this.emit("ready");
      });
    });
  },

  _destroy(error, callback) {
    if (this[kIsBusy]) this.once(kIdle, (late) => closeFile(this, error ?? late ?? null, callback));
    else closeFile(this, error, callback);
  },

  get autoClose() {
    return (this._readableState ?? this._writableState).autoDestroy;
  },
  set autoClose(value) {
    (this._readableState ?? this._writableState).autoDestroy = value;
  },

  get pending() {
    return this.fd === null;
  },
};

/** Packages replace open(); theirs emits "open" or "error". */
function openByOverride(stream, callback) {
  const { emit } = stream;
  stream.emit = function emitOnce(type, ...args) {
    if (type === "open" || type === "error") {
      this.emit = emit;
      callback(...(type === "error" ? args : []));
      if (type === "error") return true;
    }
    return Reflect.apply(emit, this, [type, ...args]);
  };
  stream.open();
}

function closeFile(stream, error, callback) {
  if (typeof stream.fd === "number") stream[kFs].close(stream.fd, (failed) => callback(error ?? failed));
  else callback(error);
  stream.fd = null;
}

/** An operation on the descriptor has ended. @returns {boolean} whether the stream is gone */
function endOperation(stream, error) {
  stream[kIsBusy] = false;
  if (!stream.destroyed) return false;
  stream.emit(kIdle, error);
  return true;
}

/**
 * @param {string | Uint8Array | URL} path
 * @param {string | { flags?: string, encoding?: string, fd?: number | FileHandle, mode?: number,
 *     autoClose?: boolean, emitClose?: boolean, start?: number, end?: number,
 *     highWaterMark?: number, fs?: object, signal?: AbortSignal }} [options]
 */
export function ReadStream(path, options = undefined) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, options);
  if (streams === undefined) loadStreams();
  const given = toOptions(options, {});
  const below = setUp(this, path, given, { flags: "r", needed: ["open", "read", "close"] });
  below.highWaterMark ??= 64 * 1024;
  this.bytesRead = 0;
  this.end = given.end ?? Infinity;
  if (this.end !== Infinity) {
    validateInteger(this.end, "end", 0);
    if (this.start !== undefined && this.start > this.end) {
      throw outOfRange("start", `<= "end" (here: ${this.end})`, this.start);
    }
  }
  Reflect.apply(streams.Readable, this, [below]);
  if (given.encoding) this.setEncoding(given.encoding);
  return this;
}

Object.defineProperties(ReadStream.prototype, Object.getOwnPropertyDescriptors(common));
Object.assign(ReadStream.prototype, {
  open,

  _read(size) {
    const done = this.pos === undefined ? this.bytesRead : this.pos;
    const wanted = Math.min(this.end - done + 1, size);
    if (wanted <= 0) {
      this.push(null);
      return;
    }
    const buffer = unsafeBuffer(wanted);
    this[kIsBusy] = true;
    this[kFs].read(this.fd, buffer, 0, wanted, this.pos, (error, count) => {
      if (endOperation(this, error)) return;
      if (error) {
        fail(this, error);
        return;
      }
      if (count === 0) {
        this.push(null);
        return;
      }
      if (this.pos !== undefined) this.pos += count;
      this.bytesRead += count;
      // A short chunk would keep the memory of a long one.
      this.push(count === wanted ? buffer : Buffer.from(buffer.subarray(0, count)));
    });
  },

  close(callback = undefined) {
    if (typeof callback === "function") streams.finished(this, callback);
    this.destroy();
  },
});

function fail(stream, error) {
  if (stream.autoClose) stream.destroy(error);
  else stream.emit("error", error);
}

/**
 * @param {string | Uint8Array | URL} path
 * @param {string | { flags?: string, encoding?: string, fd?: number | FileHandle, mode?: number,
 *     autoClose?: boolean, emitClose?: boolean, start?: number, highWaterMark?: number,
 *     flush?: boolean, fs?: object, signal?: AbortSignal }} [options]
 */
export function WriteStream(path, options = undefined) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  if (streams === undefined) loadStreams();
  const given = toOptions(options, {});
  if (given.fs && !given.fs.write && !given.fs.writev) {
    throw invalidArgType("options.fs.write", "of type function", given.fs.write);
  }
  const needed = ["open", "close", "write", "writev"].filter((name) => name[0] !== "w" || given.fs?.[name]);
  const below = setUp(this, path, given, { flags: "w", needed });
  if (given.fs && !given.fs.writev) this._writev = null;
  below.decodeStrings = true;
  this.bytesWritten = 0;
  this.flush = given.flush ?? false;
  if (typeof this.flush !== "boolean") throw invalidArgType("options.flush", "of type boolean", this.flush);
  Reflect.apply(streams.Writable, this, [below]);
  if (given.encoding) this.setDefaultEncoding(given.encoding);
  return this;
}

Object.defineProperties(WriteStream.prototype, Object.getOwnPropertyDescriptors(common));
Object.assign(WriteStream.prototype, {
  open,

  _write(chunk, _encoding, callback) {
    this[kIsBusy] = true;
    const writeRest = (bytes) => {
      this[kFs].write(this.fd, bytes, 0, bytes.length, this.pos, (error, count) => {
        if (!error) advance(this, count);
        // What the kernel did not take is written next.
        if (!error && count > 0 && count < bytes.length && !this.destroyed) {
          writeRest(bytes.subarray(count));
          return;
        }
        finishWrite(this, error ?? null, callback);
      });
    };
    writeRest(chunk);
  },

  _writev(entries, callback) {
    const chunks = entries.map((entry) => entry.chunk);
    const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this[kIsBusy] = true;
    this[kFs].writev(this.fd, chunks, this.pos, (error, count) => {
      if (!error) advance(this, count);
      if (!error && count < size && !this.destroyed) {
        const rest = Buffer.concat(chunks).subarray(count);
        WriteStream.prototype._write.call(this, rest, "buffer", callback);
        return;
      }
      finishWrite(this, error ?? null, callback);
    });
  },

  _final(callback) {
    if (!this.flush) callback();
    else if (this[kHandle]) this[kHandle].sync().then(() => callback(), callback);
    else (this[kFs].fsync ?? publicFs.fsync)(this.fd, callback);
  },

  close(callback = undefined) {
    if (typeof callback === "function") {
      if (this.closed) {
        nextTick(callback);
        return;
      }
      this.on("close", callback);
    }
    // Without autoClose nothing closes it when it has ended.
    if (!this.autoClose) this.on("finish", this.destroy);
    this.end();
  },
});
WriteStream.prototype.destroySoon = function destroySoon(...args) {
  return this.end(...args);
};

function advance(stream, count) {
  stream.bytesWritten += count;
  if (stream.pos !== undefined) stream.pos += count;
}

function finishWrite(stream, error, callback) {
  endOperation(stream, error);
  callback(error);
}
