// Child processes, by real programs of the system.

import { ChildProcess, exec, execFile, execFileSync, execSync, spawn, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { deepEqual, equal, ok, rejects, test, throws } from "../../web/testing/harness.js";

const next = (emitter, type) => new Promise((resolve) => emitter.once(type, (...args) => resolve(args)));

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

test("input, output, and events in their order", async () => {
  const child = spawn("sh", ["-c", "cat; echo wrong >&2; exit 3"]);
  const events = [];
  for (const type of ["spawn", "exit", "close"]) child.on(type, (...args) => events.push([type, ...args]));
  deepEqual([child.spawnfile, child.spawnargs[0], typeof child.pid, child.exitCode], ["sh", "sh", "number", null]);
  child.stdin.end("some text");
  deepEqual(await Promise.all([textOf(child.stdout), textOf(child.stderr)]), ["some text", "wrong\n"]);
  if (events.length < 3) await next(child, "close");
  deepEqual(events, [["spawn"], ["exit", 3, null], ["close", 3, null]]);
  deepEqual([child.exitCode, child.signalCode, child.killed], [3, null, false]);
});

test("a program that is not there is an error event, then a close", async () => {
  const child = spawn("nosuch-program", ["a"]);
  ok(child instanceof ChildProcess && child.pid === undefined);
  let hasExited = false;
  child.on("exit", () => (hasExited = true));
  const closed = next(child, "close");
  const [{ message, code, errno, syscall, path, spawnargs }] = await next(child, "error");
  deepEqual([message, code, errno], ["spawn nosuch-program ENOENT", "ENOENT", -2]);
  deepEqual([syscall, path, spawnargs], ["spawn nosuch-program", "nosuch-program", ["a"]]);
  deepEqual(await closed, [-2, null]);
  ok(!hasExited);
  equal((await next(spawn("true", { cwd: "/nonexistent" }), "error"))[0].message, "spawn true ENOENT");
});

test("kill() sends a signal until the child has ended", async () => {
  const child = spawn("sleep", ["1000"]);
  throws(() => child.kill("SIGNONE"), { code: "ERR_UNKNOWN_SIGNAL" });
  equal(child.killed, false);
  equal(child.kill(0), true);
  equal(child.kill("SIGINT"), true);
  equal(child.killed, true);
  deepEqual(await next(child, "exit"), [null, "SIGINT"]);
  deepEqual([child.kill(), child.signalCode], [false, "SIGINT"]);
});

test("a signal or a time-out ends the child", async () => {
  const controller = new AbortController();
  const child = spawn("sleep", ["1000"], { signal: controller.signal, killSignal: "SIGKILL" });
  const failed = next(child, "error");
  controller.abort("enough");
  const [{ name, code, cause }] = await failed;
  deepEqual([name, code, cause], ["AbortError", "ABORT_ERR", "enough"]);
  deepEqual(await next(child, "exit"), [null, "SIGKILL"]);
  const late = spawn("sleep", ["1000"], { timeout: 1 });
  deepEqual(await next(late, "exit"), [null, "SIGTERM"]);
});

test("stdio says what each descriptor is", async () => {
  const child = spawn("sh", ["-c", "cat <&3 >&4; read x || echo none >&2"], { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  deepEqual([child.stdin, child.stdout, child.stdio.length], [null, null, 5]);
  child.stdio[3].end("through three");
  deepEqual(await Promise.all([textOf(child.stdio[4]), textOf(child.stderr)]), ["through three", "none\n"]);
  throws(() => spawn("true", { stdio: "some" }), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => spawn("true", { stdio: ["ipc"] }), { code: "ERR_INVALID_ARG_VALUE" });
});

test("folder, environment, shell and argv0", async () => {
  const env = { NAME: "value", LEFT_OUT: undefined, PATH: process.env.PATH };
  const child = spawn("echo $NAME; pwd", { shell: true, cwd: new URL("file:///"), env });
  equal(await textOf(child.stdout), "value\n/\n");
  equal(await textOf(spawn("sh", ["-c", "echo $0"], { argv0: "other" }).stdout), "other\n");
});

test("a child that nobody reads does not hold up its close", async () => {
  const child = spawn("sh", ["-c", "yes | head -c 100000"]);
  deepEqual(await next(child, "close"), [0, null]);
});

test("output that is not read holds the child back", async () => {
  const child = spawn("yes");
  await next(child.stdout, "readable");
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  ok(child.stdout.readableLength <= 2 * child.stdout.readableHighWaterMark);
  child.stdout.destroy();
  // Whether it learns of it as of a broken pipe or as of a reset.
  const [code, signal] = await next(child, "exit");
  ok(code === 1 || signal === "SIGPIPE");
});

test("exec() and execFile() call back with what was written", async () => {
  const results = await new Promise((resolve) => exec("echo out; echo err >&2", (...args) => resolve(args)));
  deepEqual(results, [null, "out\n", "err\n"]);
  const [error, stdout] = await new Promise((resolve) => execFile("sh", ["-c", "echo x; exit 5"], (...args) => resolve(args)));
  deepEqual([error.code, error.killed, error.signal, error.cmd, stdout], [5, false, null, "sh -c echo x; exit 5", "x\n"]);
  const [, bytes] = await new Promise((resolve) => execFile("printf", ["\\377"], { encoding: "buffer" }, (...args) => resolve(args)));
  deepEqual([...bytes], [255]);
  const [, text] = await new Promise((resolve) => {
    const child = execFile("echo", ["é"], { encoding: "buffer" }, (...args) => resolve(args));
    child.stdout.setEncoding("utf8");
  });
  equal(text, "é\n");
});

test("exec() kills for a time-out and for too much output", async () => {
  const [late] = await new Promise((resolve) => exec("exec sleep 1000", { timeout: 1 }, (...args) => resolve(args)));
  deepEqual([late.killed, late.signal, late.code], [true, "SIGTERM", null]);
  const [much, stdout] = await new Promise((resolve) => execFile("yes", { maxBuffer: 5 }, (...args) => resolve(args)));
  deepEqual([much.code, much.name, stdout], ["ERR_CHILD_PROCESS_STDIO_MAXBUFFER", "RangeError", "y\ny\ny"]);
});

test("promisified, they give both streams, and the child", async () => {
  const promise = promisify(exec)("echo promised");
  ok(promise.child instanceof ChildProcess);
  deepEqual(await promise, { stdout: "promised\n", stderr: "" });
  const error = await rejects(promisify(execFile)("sh", ["-c", "echo x; exit 2"]), { code: 2 });
  equal(error.stdout, "x\n");
});

test("spawnSync() and its kin wait", () => {
  const { status, signal, stdout, stderr, output, pid } = spawnSync("sh", ["-c", "cat; echo e >&2; exit 4"], { input: "in", encoding: "utf8" });
  deepEqual([status, signal, stdout, stderr, output, typeof pid], [4, null, "in", "e\n", [null, "in", "e\n"], "number"]);
  const missing = spawnSync("nosuch-program");
  deepEqual([missing.error.message, missing.status, missing.stdout], ["spawnSync nosuch-program ENOENT", null, null]);
  const late = spawnSync("sleep", ["1000"], { timeout: 1 });
  deepEqual([late.error.code, late.signal, late.status], ["ETIMEDOUT", "SIGTERM", null]);
  equal(spawnSync("yes", { maxBuffer: 3 }).error.code, "ENOBUFS");
  equal(String(execSync("echo $0")), "/bin/sh\n");
  const error = throws(() => execFileSync("sh", ["-c", "echo no >&2; exit 1"], { stdio: "pipe", encoding: "utf8" }), { status: 1 });
  equal(error.message, "Command failed: sh -c echo no >&2; exit 1\nno\n");
});

test("wrong arguments are refused at once", () => {
  throws(() => spawn(""), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => spawn(5), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => spawn("a\0b"), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => spawn("a", ["b\0"]), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => spawn("a", { env: { X: "\0" } }), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => spawn("a", 5), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => spawn("a", { timeout: -1 }), { code: "ERR_OUT_OF_RANGE" });
  throws(() => spawn("a", { uid: process.getuid() + 1 }), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => exec("a", { maxBuffer: -1 }), { code: "ERR_OUT_OF_RANGE" });
  throws(() => exec(), { code: "ERR_INVALID_ARG_TYPE" });
});

test("a child that is not referenced does not keep the program running", async () => {
  const child = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
  child.unref();
  process.on("exit", () => child.kill("SIGKILL"));
});
