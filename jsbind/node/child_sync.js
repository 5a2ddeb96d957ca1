// spawnSync(), execSync() and execFileSync() of node:child_process. The program
// stands still meanwhile.

import { runSync } from "internal:ops/child";
import { invalidArgType, validateString } from "../web/errors.js";
import { Buffer } from "./buffer.js";
import { nameOfSignal, splitArguments, toSpawn, toStdio } from "./child_arguments.js";
import { FastBuffer } from "./fast_buffer.js";
import { systemError } from "./system_errors.js";

const kMaxBuffer = 1024 * 1024;

/**
 * @param {string} file
 * @param {string[] | object} [args]
 * @param {object} [options] as for spawn(), and input, encoding
 */
export function spawnSync(file, args = undefined, options = undefined) {
  const run = toSpawn(file, args, options);
  const { entries, isPipe } = toStdio(run.stdio ?? "pipe");
  const input = toInput(run.input);
  if (input !== undefined) [entries[0], isPipe[0]] = [toStdio("pipe").entries[0], true];
  let result;
  try {
    result = runSync(
      { file: run.file, args: run.args, env: run.envPairs, cwd: run.cwd, stdio: entries, detached: Boolean(run.detached) },
      { input, timeout: run.timeout ?? 0, maxBuffer: run.maxBuffer ?? kMaxBuffer, killSignal: run.killSignal },
    );
  } catch (cause) {
    const error = describe(cause, run);
    return { error, status: null, signal: null, output: null, pid: 0, stdout: null, stderr: null };
  }
  const toOutput = (bytes, i) => (isPipe[i] ? decode(bytes, run.encoding) : null);
  const output = [null, toOutput(result.stdout, 1), toOutput(result.stderr, 2), ...entries.slice(3).map(() => null)];
  const made = {
    status: result.signal === 0 ? result.code : null,
    signal: result.signal === 0 ? null : nameOfSignal(result.signal),
    output,
    pid: result.pid,
    stdout: output[1],
    stderr: output[2],
  };
  if (result.exceeded !== "") {
    const [code, errno] = result.exceeded === "time" ? ["ETIMEDOUT", -110] : ["ENOBUFS", -105];
    made.error = describe({ code, errno }, run);
  }
  return made;
}

function describe(cause, run) {
  const error = systemError(cause, `spawnSync ${run.file}`);
  if (typeof error.errno === "number") Object.assign(error, { path: run.file, spawnargs: run.args.slice(1) });
  return error;
}

function toInput(input) {
  if (input === undefined || input === null) return undefined;
  if (typeof input === "string") return Buffer.from(input);
  if (ArrayBuffer.isView(input)) return input;
  throw invalidArgType("options.stdio[0]", "one of type string, Buffer, TypedArray, or DataView", input);
}

function decode(bytes, encoding) {
  const buffer = new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.length);
  return encoding === undefined || encoding === null || encoding === "buffer" ? buffer : buffer.toString(encoding);
}

/** What execSync() and execFileSync() do with a result. */
function unwrap(result, command, options) {
  const isInherited = options?.stdio === undefined || options.stdio === null;
  if (isInherited && result.stderr !== null && result.stderr.length > 0) globalThis.process.stderr.write(result.stderr);
  if (result.error === undefined && result.status === 0) return result.stdout;
  let { error } = result;
  if (error === undefined) {
    const stderr = result.stderr !== null && result.stderr.length > 0 ? `\n${result.stderr}` : "";
    error = new Error(`Command failed: ${command}${stderr}`);
  }
  throw Object.assign(error, result);
}

/** @param {string} file @param {...unknown} rest [args], [options] */
export function execFileSync(file, ...rest) {
  const { args, options } = splitArguments(rest);
  return unwrap(spawnSync(file, args, options), [file, ...args].join(" "), options);
}

/** @param {string} command @param {object} [options] */
export function execSync(command, options = undefined) {
  validateString(command, "command");
  const shell = typeof options?.shell === "string" ? options.shell : true;
  return unwrap(spawnSync(command, [], { ...options, shell }), command, options);
}
