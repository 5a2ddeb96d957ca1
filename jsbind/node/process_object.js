// The global process.

import * as ops from "internal:ops/process";
import { args, execPath, exit as endProcess, mainPath, now } from "internal:runtime";
import { codedError, invalidArgType, validateFunction, validateInteger, validateString } from "../web/errors.js";
import { defineLazily } from "../web/lazy.js";
import { nextTick } from "../web/task_queue.js";
import { emitWarning, setWarningListener } from "../web/warnings.js";
import { EventEmitter } from "./events.js";
import { env } from "./process_env.js";
import { hasUncaughtCapture, installProcessHooks, setUncaughtCapture } from "./process_events.js";
import { catchSignal, isSignal, releaseSignal } from "./signals.js";
import { stdin } from "./standard_input.js";
import { stderr, stdout } from "./standard_streams.js";

/** The class of the process object; there is one. */
export class Process extends EventEmitter {
  #exitCode = undefined;

  /** What the process ends with if nothing else is said; an integer or its text. */
  get exitCode() {
    return this.#exitCode;
  }
  set exitCode(code) {
    checkExitCode(code);
    this.#exitCode = code;
  }
}

function checkExitCode(code) {
  if (code === undefined || code === null) return;
  const number = typeof code === "string" && code !== "" ? Number(code) : code;
  validateInteger(Number.isNaN(number) ? code : number, "code");
}

function hrtime(since = undefined) {
  const nanoseconds = ops.hrtime();
  const seconds = nanoseconds / 1_000_000_000n;
  const rest = nanoseconds % 1_000_000_000n;
  if (since === undefined) return [Number(seconds), Number(rest)];
  if (!Array.isArray(since)) throw invalidArgType("time", "an instance of Array", since);
  let [s, n] = [Number(seconds) - since[0], Number(rest) - since[1]];
  if (n < 0) {
    s--;
    n += 1e9;
  }
  return [s, n];
}

hrtime.bigint = function bigint() {
  return ops.hrtime();
};

function memoryUsage() {
  return ops.memoryUsage();
}

memoryUsage.rss = function rss() {
  return ops.memoryUsage().rss;
};

const methods = {
  abort() {
    ops.abort();
  },
  chdir(directory) {
    ops.chdir(validateString(directory, "directory"));
  },
  cpuUsage(previous = undefined) {
    const { user, system } = ops.cpuUsage();
    if (previous === undefined) return { user, system };
    return { user: user - previous.user, system: system - previous.system };
  },
  cwd() {
    return ops.cwd();
  },
  emitWarning,
  /** Ends the process, after 'exit' listeners have run. */
  exit(code = undefined) {
    if (code !== undefined) process.exitCode = code;
    const final = emitExit(process.exitCode ?? 0);
    endProcess(final);
  },
  reallyExit(code = 0) {
    endProcess(code);
  },
  getegid: ops.getegid,
  geteuid: ops.geteuid,
  getgid: ops.getgid,
  getuid: ops.getuid,
  hasUncaughtExceptionCaptureCallback: hasUncaughtCapture,
  hrtime,
  /**
   * Sends a signal.
   * @param {number} pid
   * @param {string | number} [signal]
   */
  kill(pid, signal = "SIGTERM") {
    validateInteger(pid, "pid");
    const number = typeof signal === "number" ? signal : ops.signals[signal];
    if (number === undefined) {
      throw codedError(TypeError, "ERR_UNKNOWN_SIGNAL", `Unknown signal: ${signal}`);
    }
    ops.kill(pid, number);
    return true;
  },
  memoryUsage,
  nextTick,
  resourceUsage() {
    return ops.resourceUsage();
  },
  setUncaughtExceptionCaptureCallback(callback) {
    if (callback !== null) validateFunction(callback, "fn");
    if (callback !== null && hasUncaughtCapture()) {
      throw codedError(
        Error,
        "ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET",
        "`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active",
      );
    }
    setUncaughtCapture(callback);
  },
  umask(mask = undefined) {
    if (mask === undefined) return ops.umask(undefined);
    const number = typeof mask === "string" ? Number.parseInt(mask, 8) : mask;
    return ops.umask(validateInteger(number, "mask", 0, 0o777));
  },
  /** Seconds since the process began. */
  uptime() {
    return now() / 1000;
  },
};

const values = {
  arch: "x64",
  config: Object.freeze({ target_defaults: {}, variables: {} }),
  env,
  execArgv: [],
  features: Object.freeze({ inspector: false, ipv6: true, tls: true, typescript: false }),
  platform: "linux",
  release: Object.freeze({ name: "braid" }),
  title: "braid",
};

/** The process. */
const process = new Process();
Object.defineProperties(process, Object.getOwnPropertyDescriptors({ ...values, ...methods }));
for (const key of ["arch", "platform", "release"]) {
  Object.defineProperty(process, key, { writable: false });
}
for (const key of ["_events", "_eventsCount", "_maxListeners"]) {
  Object.defineProperty(process, key, { enumerable: false });
}
// What depends on the process that runs is asked for when it is first looked at.
defineLazily(process, {
  // Code of the command line is in no file.
  argv: () => [process.execPath, ...(mainPath() === "" ? [] : [mainPath()]), ...args()],
  argv0: execPath,
  execPath: () => ops.execPath() ?? execPath(),
});
defineLazily(
  process,
  { pid: ops.pid, version: () => `v${ops.versions().node}`, versions: () => Object.freeze(ops.versions()) },
  { writable: false },
);
Object.defineProperties(process, {
  stdin: { get: stdin, enumerable: true, configurable: true },
  stdout: { get: stdout, enumerable: true, configurable: true },
  stderr: { get: stderr, enumerable: true, configurable: true },
  exitCode: {
    ...Object.getOwnPropertyDescriptor(Process.prototype, "exitCode"),
    enumerable: true,
  },
  ppid: { get: ops.ppid, enumerable: true, configurable: true },
  [Symbol.toStringTag]: { value: "process", configurable: true },
});
// `process instanceof process.constructor`, and the class is called "process".
Object.defineProperty(Process, "name", { value: "process" });

const emitExit = installProcessHooks(process);
setWarningListener((warning) => process.emit("warning", warning), process);

// A signal is caught while it has listeners.
process.on("newListener", (type) => {
  if (isSignal(type)) catchSignal(type, (name, number) => process.emit(name, name, number));
});
process.on("removeListener", (type) => {
  if (isSignal(type) && process.listenerCount(type) === 0) releaseSignal(type);
});

export default process;
