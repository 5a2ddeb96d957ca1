// ChildProcess of node:child_process.

import { spawn as spawnNow } from "internal:ops/child";
import { nextTick } from "../web/task_queue.js";
import { clearTimeout, setTimeout } from "../web/timers.js";
import { AbortError } from "./abort_error.js";
import { nameOfSignal, toSignal, toStdio } from "./child_arguments.js";
import { EventEmitter } from "./events.js";
import { Hold } from "./hold.js";
import { kAttach, Socket } from "./net_socket.js";
import { systemError } from "./system_errors.js";

/** Failures to start that come as an event; others are thrown. */
const kLateErrors = new Set(["EACCES", "EAGAIN", "EMFILE", "ENFILE", "ENOENT"]);

export class ChildProcess extends EventEmitter {
  /** @type {number | undefined} */
  pid = undefined;
  connected = false;
  killed = false;
  exitCode = null;
  signalCode = null;
  spawnfile = null;
  spawnargs = [];
  stdin = null;
  stdout = null;
  stderr = null;
  stdio = [];
  /** The process in C++, until it has ended. */
  #child = null;
  #hold = new Hold();
  /** "close" comes after so many: the end and the streams. */
  #closesLeft = 1;

  /** @param {ReturnType<import("./child_arguments.js").toSpawn>} run */
  spawn(run) {
    this.spawnfile = run.file;
    this.spawnargs = run.args;
    const { entries, isPipe } = toStdio(run.stdio);
    let failure = null;
    try {
      this.#child = spawnNow({
        file: run.file,
        args: run.args,
        env: run.envPairs,
        cwd: run.cwd,
        stdio: entries,
        detached: Boolean(run.detached),
      });
    } catch (error) {
      if (!kLateErrors.has(error?.code)) throw systemError(error, "spawn");
      failure = error;
    }
    this.pid = this.#child?.pid;
    this.#makeStreams(isPipe);
    if (failure === null) {
      nextTick(() => this.emit("spawn"));
      this.#waitForEnd(this.#child);
    } else {
      nextTick(() => this.#onEnd(failure.errno, null, this.#spawnError(failure)));
    }
    this.#obey(run);
  }

  #makeStreams(isPipe) {
    this.stdio = isPipe.map((isPipe, i) => {
      if (!isPipe) return null;
      const stream = new Socket({ readable: i !== 0, writable: i !== 1 && i !== 2 });
      if (i > 0) {
        this.#closesLeft++;
        stream.once("close", () => this.#maybeClose());
      }
      if (this.#child === null) stream.destroy();
      else stream[kAttach](this.#child.takePipe(i));
      return stream;
    });
    [this.stdin, this.stdout, this.stderr] = this.stdio;
  }

  #spawnError(cause) {
    const error = systemError(cause, `spawn ${this.spawnfile}`);
    error.path = this.spawnfile;
    error.spawnargs = this.spawnargs.slice(1);
    return error;
  }

  async #waitForEnd(child) {
    let code = null;
    let signal = null;
    let failure = null;
    try {
      [code, signal] = await this.#hold.wait(child.wait());
    } catch (error) {
      // Somebody else in the process has taken the result.
      failure = error;
    }
    nextTick(() => this.#onEnd(code, signal, failure));
  }

  #onEnd(code, signal, failure) {
    this.#child = null;
    if (signal) this.signalCode = nameOfSignal(signal);
    else this.exitCode = code;
    this.stdin?.destroy();
    if (failure !== null) this.emit("error", failure);
    else this.emit("exit", this.exitCode, this.signalCode);
    // What nobody reads does not hold up the end.
    nextTick(() => {
      for (const stream of this.stdio) {
        if (stream !== null && stream.readable && stream.readableFlowing === null && stream.listenerCount("readable") === 0) {
          stream.resume();
        }
      }
    });
    this.#maybeClose();
  }

  #maybeClose() {
    if (--this.#closesLeft === 0) this.emit("close", this.exitCode, this.signalCode);
  }

  /** The options that end the process: a time-out and a signal. */
  #obey({ killSignal, signal, timeout }) {
    if (timeout > 0) {
      const timer = setTimeout(() => this.kill(killSignal), timeout);
      this.once("exit", () => clearTimeout(timer));
      this.once("error", () => clearTimeout(timer));
    }
    if (!signal) return;
    const abort = () => {
      if (this.#child === null || !this.kill(killSignal)) return;
      this.emit("error", new AbortError(signal.reason));
    };
    if (signal.aborted) {
      nextTick(abort);
    } else {
      signal.addEventListener("abort", abort, { once: true });
      this.once("exit", () => signal.removeEventListener("abort", abort));
    }
  }

  /**
   * @param {string | number} [signal]
   * @returns {boolean} whether it was sent
   */
  kill(signal = "SIGTERM") {
    const number = toSignal(signal);
    if (this.#child === null) return false;
    try {
      this.#child.kill(number);
    } catch (error) {
      if (error.code === "ESRCH") return false;
      if (error.code === "EINVAL") throw systemError(error, "kill");
      this.emit("error", systemError(error, "kill"));
      return false;
    }
    this.killed = true;
    return true;
  }

  ref() {
    this.#hold.ref();
  }

  unref() {
    this.#hold.unref();
  }

  [Symbol.dispose]() {
    if (!this.killed) this.kill();
  }
}
