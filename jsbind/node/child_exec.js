// exec() and execFile() of node:child_process.

import { codedError, validateString } from "../web/errors.js";
import { clearTimeout, setTimeout } from "../web/timers.js";
import { splitArguments, toSpawn } from "./child_arguments.js";
import { ChildProcess } from "./child_process_object.js";
import { Buffer } from "./buffer.js";
import { getSystemErrorName } from "./util.js";

const kMaxBuffer = 1024 * 1024;

/** What one of the child's streams brings, up to a limit. */
class Gathered {
  #parts = [];
  #bytes = 0;
  #encoding;

  constructor(stream, encoding, maxBuffer, onExcess) {
    this.#encoding = Buffer.isEncoding(encoding) ? encoding : null;
    if (stream === null) return;
    if (this.#encoding !== null) stream.setEncoding(this.#encoding);
    stream.on("data", (chunk) => {
      const size = typeof chunk === "string" ? Buffer.byteLength(chunk, this.#encoding) : chunk.length;
      const left = maxBuffer - this.#bytes;
      this.#bytes += size;
      this.#parts.push(size > left ? chunk.slice(0, left) : chunk);
      if (size > left) onExcess();
    });
  }

  /** Text also when the program has told the stream an encoding. */
  get value() {
    const isText = this.#encoding !== null || typeof this.#parts[0] === "string";
    return isText ? this.#parts.join("") : Buffer.concat(this.#parts);
  }
}

/**
 * Runs a program and calls back with all that it wrote.
 * @param {string} file
 * @param {...unknown} rest [args], [options], [callback]
 */
export function execFile(file, ...rest) {
  const { args, options: given, callback } = splitArguments(rest);
  const options = { encoding: "utf8", timeout: 0, maxBuffer: kMaxBuffer, ...given };
  const run = toSpawn(file, args, options);
  const child = new ChildProcess();
  child.spawn({ ...run, stdio: undefined, timeout: 0 });
  let failure = null;
  let isKilled = false;
  let isDone = false;
  let timer;

  const finish = (code, signal) => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    if (callback === undefined) return;
    const [stdout, stderr] = [out.value, err.value];
    if (failure === null && code === 0 && signal === null) {
      callback(null, stdout, stderr);
      return;
    }
    const command = args.length > 0 ? `${file} ${args.join(" ")}` : file;
    if (failure === null) {
      failure = new Error(`Command failed: ${command}\n${stderr}`);
      Object.assign(failure, {
        code: code < 0 ? getSystemErrorName(code) : code,
        killed: child.killed || isKilled,
        signal,
      });
    }
    failure.cmd = command;
    callback(failure, stdout, stderr);
  };
  const kill = () => {
    child.stdout?.destroy();
    child.stderr?.destroy();
    isKilled = true;
    try {
      child.kill(run.killSignal);
    } catch (error) {
      failure ??= error;
      finish();
    }
  };
  const onExcess = (name) => () => {
    failure ??= codedError(RangeError, "ERR_CHILD_PROCESS_STDIO_MAXBUFFER", `${name} maxBuffer length exceeded`);
    kill();
  };
  const out = new Gathered(child.stdout, options.encoding, options.maxBuffer ?? kMaxBuffer, onExcess("stdout"));
  const err = new Gathered(child.stderr, options.encoding, options.maxBuffer ?? kMaxBuffer, onExcess("stderr"));
  if (options.timeout > 0) timer = setTimeout(kill, options.timeout);
  child.on("close", finish);
  child.on("error", (error) => {
    failure = error;
    child.stdout?.destroy();
    child.stderr?.destroy();
    finish();
  });
  return child;
}

/**
 * The same with a line of the shell's.
 * @param {string} command
 * @param {object | Function} [options]
 * @param {(error: Error | null, stdout: string, stderr: string) => void} [callback]
 */
export function exec(command, options = undefined, callback = undefined) {
  validateString(command, "command");
  if (typeof options === "function") [options, callback] = [undefined, options];
  const shell = typeof options?.shell === "string" ? options.shell : true;
  return execFile(command, [], { ...options, shell }, callback);
}

/** As util.promisify() makes them: a promise with `child`, and errors with what was written. */
function promised(start) {
  return (...args) => {
    const { promise, resolve, reject } = Promise.withResolvers();
    promise.child = start(...args, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(Object.assign(error, { stdout, stderr }));
    });
    return promise;
  };
}

for (const start of [exec, execFile]) {
  Object.defineProperty(start, Symbol.for("nodejs.util.promisify.custom"), { value: promised(start) });
}
