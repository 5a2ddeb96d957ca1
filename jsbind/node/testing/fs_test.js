import fs from "node:fs";
import * as named from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { deepEqual, equal, ok, rejects, test, throws, turns } from "../../web/testing/harness.js";

async function inFolder(body) {
  const dir = fs.mkdtempSync("/tmp/braid-fs-");
  try {
    await body(dir);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** Calls a function of node:fs with a callback behind its arguments. */
function called(name, ...args) {
  return new Promise((resolve, reject) => {
    fs[name](...args, (error, value) => (error ? reject(error) : resolve(value)));
  });
}

/** The same work by the functions that block and by those with callbacks; gives what both gave. */
async function bothWays(body) {
  const results = [];
  for (const call of [async (name, ...args) => fs[`${name}Sync`](...args), called]) {
    await inFolder(async (dir) => results.push(await body(call, dir)));
  }
  deepEqual(results[0], results[1]);
  return results[0];
}

test("named exports and the default one are the same functions", () => {
  for (const [name, value] of Object.entries(named)) {
    if (name !== "default") equal(fs[name], value);
  }
  equal(fs.promises.constants, fs.constants);
  equal(fs.O_RDONLY ?? fs.constants.O_RDONLY, 0);
});

test("files are written and read", async () => {
  const result = await bothWays(async (call, dir) => {
    await call("writeFile", `${dir}/a`, "héllo");
    await call("appendFile", `${dir}/a`, new Uint8Array([0x21]));
    await call("writeFile", `${dir}/b`, "68692e", "hex");
    ok(Buffer.isBuffer(await call("readFile", `${dir}/a`)));
    return [
      await call("readFile", `${dir}/a`, "utf8"),
      (await call("readFile", `${dir}/a`)).length,
      await call("readFile", `${dir}/b`, { encoding: "latin1" }),
      await call("readFile", new URL(`file://${dir}/b`), "base64"),
    ];
  });
  deepEqual(result, ["héllo!", 7, "hi.", "aGku"]);
});

test("descriptors have positions of their own or the given ones", async () => {
  const result = await bothWays(async (call, dir) => {
    const fd = await call("open", `${dir}/a`, "w+");
    await call("write", fd, "0123456789");
    await call("write", fd, Buffer.from("xyz"), 1, 1, 4);
    await call("writev", fd, [Buffer.from("a"), new Uint8Array([0x62])]);
    const buffer = Buffer.alloc(4);
    const count = await call("read", fd, buffer, 1, 3, 3);
    await call("ftruncate", fd, 11);
    await call("fsync", fd);
    const { size } = await call("fstat", fd);
    const parts = [Buffer.alloc(2), Buffer.alloc(3)];
    const both = await call("readv", fd, parts, 9);
    await call("close", fd);
    return [count, buffer.toString(), size, both, parts.join("|"), await call("readFile", `${dir}/a`, "utf8")];
  });
  deepEqual(result, [3, "\x003y5", 11, 2, "9a|\0\0\0", "0123y56789a"]);
});

test("directories, links, modes and times", async () => {
  const result = await bothWays(async (call, dir) => {
    equal(await call("mkdir", `${dir}/x/y`, { recursive: true }), `${dir}/x`);
    await call("writeFile", `${dir}/x/y/f`, "f");
    await call("symlink", "y/f", `${dir}/x/l`);
    await call("link", `${dir}/x/y/f`, `${dir}/x/h`);
    await call("chmod", `${dir}/x/h`, 0o640);
    await call("utimes", `${dir}/x/h`, 1, new Date(2000));
    await call("access", `${dir}/x/h`, fs.constants.R_OK);
    await call("copyFile", `${dir}/x/h`, `${dir}/c`);
    await call("rename", `${dir}/c`, `${dir}/x/r`);
    await call("truncate", `${dir}/x/r`);
    const stats = await call("stat", `${dir}/x/l`);
    const entries = await call("readdir", `${dir}/x`, { withFileTypes: true });
    const tree = (await call("readdir", dir, { recursive: true })).sort();
    const real = (await call("realpath", `${dir}/x/l`)).slice(dir.length);
    const link = (await call("lstat", `${dir}/x/l`)).isSymbolicLink();
    await call("unlink", `${dir}/x/l`);
    await call("rm", `${dir}/x/y`, { recursive: true });
    await rejects(call("rmdir", `${dir}/x`), { code: "ENOTEMPTY", syscall: "rmdir" });
    return [
      (stats.mode & 0o777).toString(8), stats.mtimeMs, stats.nlink,
      entries.map((entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}`).sort(),
      tree, real, link, await call("readdir", `${dir}/x`).then((names) => names.sort()),
    ];
  });
  deepEqual(result, [
    "640", 2000, 2,
    ["h", "l", "r", "y/"],
    ["x", "x/h", "x/l", "x/r", "x/y", "x/y/f"],
    "/x/y/f", true, ["h", "r"],
  ]);
});

test("errors are Node's, whichever way they come", async () => {
  await bothWays(async (call, dir) => {
    await rejects(call("readFile", `${dir}/no`), {
      code: "ENOENT", errno: -2, syscall: "open", path: `${dir}/no`,
      message: `ENOENT: no such file or directory, open '${dir}/no'`,
    });
    await rejects(call("rename", `${dir}/a`, `${dir}/b`), {
      message: `ENOENT: no such file or directory, rename '${dir}/a' -> '${dir}/b'`,
      path: `${dir}/a`, dest: `${dir}/b`,
    });
    await rejects(call("readdir", `${dir}/no`), { syscall: "scandir" });
    await rejects(call("opendir", `${dir}/no`), { syscall: "opendir" });
    await rejects(call("mkdir", dir), { code: "EEXIST", syscall: "mkdir", path: dir });
    await rejects(call("readFile", dir), { code: "EISDIR", syscall: "read" });
    await rejects(call("rm", dir), { code: "ERR_FS_EISDIR", name: "SystemError" });
    await rejects(call("close", 9999), { code: "EBADF", syscall: "close" });
  });
  equal(fs.statSync("/nowhere", { throwIfNoEntry: false }), undefined);
  equal(fs.existsSync("/nowhere"), false);
  equal(fs.existsSync(7), false);
});

test("what makes no sense is refused before anything happens", () => {
  throws(() => fs.readFileSync(1.5), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => fs.readFile("/x"), {
    code: "ERR_INVALID_ARG_TYPE",
    message: 'The "cb" argument must be of type function. Received undefined',
  });
  throws(() => fs.stat("a\0b", () => {}), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => fs.openSync("/x", "z"), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => fs.writeFileSync("/nowhere", {}), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => fs.readSync(0, Buffer.alloc(2), 1, 2, 0), {
    code: "ERR_OUT_OF_RANGE",
    message: 'The value of "length" is out of range. It must be <= 1. Received 2',
  });
  throws(() => fs.readSync(0, Buffer.alloc(1), 0, 1, 2n ** 63n), { code: "ERR_OUT_OF_RANGE" });
  throws(() => fs.rm("/x", { recursive: 1 }, () => {}), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => fs.createReadStream("/x", { start: 2, end: 1 }), { code: "ERR_OUT_OF_RANGE" });
});

test("a callback comes later, alone, and what it throws is an uncaught exception", async () => {
  const seen = [];
  const caught = new Promise((resolve) => process.once("uncaughtException", resolve));
  fs.stat("/", () => {
    process.nextTick(() => seen.push("tick of 1"));
    seen.push("1");
    throw new Error("thrown");
  });
  fs.stat("/", () => seen.push("2"));
  seen.push("after");
  equal((await caught).message, "thrown");
  while (!seen.includes("2")) await turns(1);
  const first = seen.indexOf("1");
  deepEqual([seen[0], seen[first + 1]], ["after", "tick of 1"]);
});

test("promisify gives counts and buffers", async () => {
  const fd = fs.openSync("/proc/self/stat");
  const { bytesRead, buffer } = await promisify(fs.read)(fd, Buffer.alloc(3), 0, 3, 0);
  deepEqual([bytesRead, buffer.length], [3, 3]);
  fs.closeSync(fd);
  equal(await promisify(fs.exists)("/nowhere"), false);
});

test("a read stream gives a range, and events in Node's order", () =>
  inFolder(async (dir) => {
    fs.writeFileSync(`${dir}/a`, "0123456789");
    const events = [];
    const stream = fs.createReadStream(`${dir}/a`, { start: 2, end: 7, highWaterMark: 4, encoding: "utf8" });
    for (const event of ["open", "ready", "data", "end", "close"]) {
      stream.on(event, (value) => events.push(event === "data" ? value : event));
    }
    await once(stream, "close");
    deepEqual(events, ["open", "ready", "2345", "67", "end", "close"]);
    deepEqual([stream.bytesRead, stream.fd, stream.path], [6, null, `${dir}/a`]);
    const [error] = await once(fs.createReadStream(`${dir}/no`), "error");
    equal(error.code, "ENOENT");
  }));

test("a write stream keeps the order of what it is given", () =>
  inFolder(async (dir) => {
    const stream = fs.createWriteStream(`${dir}/a`, { flush: true });
    stream.write("before ");
    stream.on("open", () => {
      stream.write("open ");
      process.nextTick(() => {
        stream.write("tick ");
        for (let i = 0; i < 2000; i++) stream.write(String(i % 10));
        stream.end(" end");
      });
    });
    await once(stream, "close");
    equal(fs.readFileSync(`${dir}/a`, "utf8"), `before open tick ${"0123456789".repeat(200)} end`);
    equal(stream.bytesWritten, 2021);
    const more = fs.createWriteStream(`${dir}/a`, { flags: "r+", start: 7 });
    more.end("OPEN");
    await finished(more);
    ok(fs.readFileSync(`${dir}/a`, "utf8").startsWith("before OPEN tick"));
  }));

test("a large file is copied by streams, and their descriptors are closed", () =>
  inFolder(async (dir) => {
    const bytes = Buffer.alloc(3_000_001, "abcdefg");
    fs.writeFileSync(`${dir}/a`, bytes);
    const before = fs.readdirSync("/proc/self/fd").length;
    const copy = fs.createReadStream(`${dir}/a`).pipe(fs.createWriteStream(`${dir}/b`));
    await once(copy, "close");
    ok(fs.readFileSync(`${dir}/b`).equals(bytes));
    const dropped = fs.createReadStream(`${dir}/a`);
    await once(dropped, "data");
    dropped.destroy();
    await once(dropped, "close");
    const controller = new AbortController();
    const aborted = fs.createReadStream(`${dir}/a`, { signal: controller.signal });
    controller.abort();
    await rejects(finished(aborted), { name: "AbortError" });
    await new Promise((resolve) => (aborted.closed ? resolve() : aborted.once("close", resolve)));
    ok(fs.readdirSync("/proc/self/fd").length <= before);
  }));

test("a FileHandle as streams", () =>
  inFolder(async (dir) => {
    fs.writeFileSync(`${dir}/a`, "abcdef");
    const handle = await fs.promises.open(`${dir}/a`, "r+");
    let text = "";
    for await (const chunk of handle.createReadStream({ start: 1, autoClose: false })) text += chunk;
    equal(text, "bcdef");
    const web = handle.readableWebStream();
    equal((await web.getReader().read()).value.length, 6);
    await handle.close();
    equal(handle.fd, -1);
  }));

test("packages may replace the functions below streams, and open() of streams", () =>
  inFolder(async (dir) => {
    const { open } = fs;
    let opened = 0;
    fs.open = (...args) => {
      opened++;
      open(...args);
    };
    await finished(fs.createWriteStream(`${dir}/a`).end("x"));
    fs.open = open;
    equal(opened, 1);

    function Traced(...args) {
      fs.ReadStream.apply(this, args);
    }
    Traced.prototype = Object.create(fs.ReadStream.prototype);
    Traced.prototype.open = function openTraced() {
      this.fd = fs.openSync(this.path);
      this.emit("open", this.fd);
    };
    let text = "";
    const traced = new Traced(`${dir}/a`);
    traced.on("data", (chunk) => {
      text += chunk;
    });
    await once(traced, "end");
    equal(text, "x");
  }));

test("rm of a link that ends in a slash takes nothing from where it leads", () =>
  inFolder(async (dir) => {
    const kept = `${dir}/real/deep/data`;
    fs.mkdirSync(`${dir}/real/deep`, { recursive: true });
    fs.writeFileSync(kept, "data");
    fs.symlinkSync("real", `${dir}/link`);
    const options = { recursive: true, force: true };
    throws(() => fs.rmSync(`${dir}/link/`, options), { code: "ENOTDIR" });
    await rejects(fs.promises.rm(`${dir}/link/`, options), { code: "ENOTDIR" });
    await rejects(promisify(fs.rm)(`${dir}/link/`, options), { code: "ENOTDIR" });
    equal(fs.readFileSync(kept, "utf8"), "data");
    fs.rmSync(`${dir}/link`, options);
    equal(fs.readFileSync(kept, "utf8"), "data");
  }));

test("thousands of calls that end at once do not pile up", () =>
  inFolder(async (dir) => {
    const fd = fs.openSync(`${dir}/f`, "w+");
    let called = 0;
    await new Promise((done) => {
      const count = () => {
        if (++called === 20_000) done();
      };
      for (let i = 0; i < 20_000; ++i) fs.readv(fd, [], count);
    });
    fs.closeSync(fd);
    equal(called, 20_000);
  }));

test("cp copies trees", async () => {
  const result = await bothWays(async (call, dir) => {
    fs.mkdirSync(`${dir}/a/b`, { recursive: true });
    fs.writeFileSync(`${dir}/a/b/f`, "f");
    fs.writeFileSync(`${dir}/a/skipped`, "");
    fs.symlinkSync("b/f", `${dir}/a/l`);
    await rejects(call("cp", `${dir}/a`, `${dir}/c`), { code: "ERR_FS_EISDIR" });
    await call("cp", `${dir}/a`, `${dir}/c`, { recursive: true, filter: (from) => !from.endsWith("skipped") });
    await rejects(call("cp", `${dir}/a`, `${dir}/a/b/d`, { recursive: true }), { code: "ERR_FS_CP_EINVAL" });
    await rejects(call("cp", `${dir}/a/b/f`, `${dir}/c/b/f`, { force: false, errorOnExist: true }), {
      code: "ERR_FS_CP_EEXIST",
    });
    await rejects(call("cp", `${dir}/a/b/f`, `${dir}/c/b`), { code: "ERR_FS_CP_NON_DIR_TO_DIR" });
    return [
      fs.readdirSync(`${dir}/c`, { recursive: true }).sort(),
      fs.readFileSync(`${dir}/c/b/f`, "utf8"),
      fs.readlinkSync(`${dir}/c/l`) === `${dir}/a/b/f`,
    ];
  });
  deepEqual(result, [["b", "b/f", "l"], "f", true]);
});

test("opendir gives the entries one by one", () =>
  inFolder(async (dir) => {
    for (const name of ["a", "b", "c"]) fs.writeFileSync(`${dir}/${name}`, "");
    const names = [];
    for await (const entry of await fs.promises.opendir(dir)) names.push(entry.name);
    deepEqual(names.sort(), ["a", "b", "c"]);
    const opened = fs.opendirSync(dir);
    ok(opened.readSync().isFile());
    opened.closeSync();
    throws(() => opened.readSync(), { code: "ERR_DIR_CLOSED" });
  }));

test("a property that a program gives all objects breaks no error", () => {
  Object.defineProperty(Object.prototype, "errno", {
    get: () => 0,
    set() {
      throw new Error("set");
    },
    configurable: true,
  });
  throws(() => fs.readFileSync("/nowhere"), { code: "ENOENT", errno: -2 });
  delete Object.prototype.errno;
});

test("streams of Node and of the web become each other", async () => {
  const { Readable, Writable, Duplex } = await import("node:stream");
  const { text } = await import("node:stream/consumers");
  equal(await text(Readable.toWeb(Readable.from([Buffer.from("a"), Buffer.from("b")], { objectMode: false }))), "ab");
  equal(await text(Readable.fromWeb(new Blob(["cd"]).stream())), "cd");
  const chunks = [];
  const target = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, callback) {
      chunks.push(String(chunk));
      setImmediate(callback);
    },
  });
  await Readable.toWeb(Readable.from(["e", "f"])).pipeTo(Writable.toWeb(target));
  deepEqual([chunks.join(""), target.writableFinished], ["ef", true]);
  const upper = new TransformStream({ transform: (chunk, out) => out.enqueue(String(chunk).toUpperCase()) });
  const duplex = Duplex.fromWeb(upper, { encoding: "utf8" });
  duplex.end("gh");
  equal(await text(duplex), "GH");
  const failing = Readable.toWeb(new Readable({ read() { this.destroy(new Error("broken")); } }));
  await rejects(failing.getReader().read(), { message: "broken" });
  const cancelled = new Readable({ read() {} });
  await Readable.toWeb(cancelled).cancel();
  ok(cancelled.destroyed);
});
