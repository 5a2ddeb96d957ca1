import fs, { open, readFile, writeFile } from "node:fs/promises";
import { deepEqual, equal, ok, rejects, test } from "../../web/testing/harness.js";

/** A new directory for each test; each runs in a process of its own. */
async function folder() {
  return fs.mkdtemp("/tmp/braid-fs-");
}

async function inFolder(body) {
  const dir = await folder();
  try {
    await body(dir);
  } finally {
    await fs.rm(dir, { recursive: true, force: true });
  }
}

test("writeFile and readFile", () =>
  inFolder(async (dir) => {
    await writeFile(`${dir}/a`, "héllo");
    equal(await readFile(`${dir}/a`, "utf8"), "héllo");
    deepEqual([...(await readFile(`${dir}/a`))], [0x68, 0xc3, 0xa9, 0x6c, 0x6c, 0x6f]);
    await writeFile(`${dir}/a`, new Uint8Array([1, 2, 3]));
    equal((await readFile(`${dir}/a`)).length, 3);
    equal(await readFile(`${dir}/a`, { encoding: "hex" }), "010203");
    await writeFile(`${dir}/b`, (async function* parts() {
      yield "x";
      yield new Uint8Array([0x79]);
    })());
    equal(await readFile(new URL(`file://${dir}/b`), "latin1"), "xy");
  }));

test("a large file", () =>
  inFolder(async (dir) => {
    const bytes = new Uint8Array(3_000_001).map((_, i) => i * 7);
    await writeFile(`${dir}/big`, bytes);
    const back = await readFile(`${dir}/big`);
    equal(back.length, bytes.length);
    ok(back.every((byte, i) => byte === bytes[i]));
  }));

test("a file that says it is empty", async () => {
  ok((await readFile("/proc/self/status", "utf8")).includes("Name:"));
});

test("errors are Node's", async () => {
  await rejects(readFile("/nowhere/x"), {
    name: "Error",
    code: "ENOENT",
    errno: -2,
    syscall: "open",
    path: "/nowhere/x",
    message: "ENOENT: no such file or directory, open '/nowhere/x'",
  });
  await rejects(fs.stat("/nowhere"), { message: "ENOENT: no such file or directory, stat '/nowhere'" });
  await rejects(fs.readdir("/nowhere"), { syscall: "scandir" });
  await rejects(fs.rename("/nowhere/a", "/nowhere/b"), {
    message: "ENOENT: no such file or directory, rename '/nowhere/a' -> '/nowhere/b'",
    path: "/nowhere/a",
    dest: "/nowhere/b",
  });
  await rejects(fs.mkdir("/tmp"), { code: "EEXIST", message: "EEXIST: file already exists, mkdir '/tmp'" });
  await rejects(fs.rmdir("/etc/passwd"), { code: "ENOTDIR" });
  await rejects(readFile("/tmp"), { code: "EISDIR", syscall: "read" });
});

test("wrong arguments", async () => {
  await rejects(readFile(1.5), { code: "ERR_INVALID_ARG_TYPE" });
  await rejects(readFile("a\0b"), { code: "ERR_INVALID_ARG_VALUE" });
  await rejects(readFile("/tmp", "klingon"), { code: "ERR_INVALID_ARG_VALUE" });
  await rejects(open("/tmp/x", "q"), { code: "ERR_INVALID_ARG_VALUE" });
  await rejects(writeFile("/tmp/x", 5), { code: "ERR_INVALID_ARG_TYPE" });
  await rejects(readFile(new URL("http://a/b")), { code: "ERR_INVALID_URL_SCHEME" });
});

test("appendFile", () =>
  inFolder(async (dir) => {
    await fs.appendFile(`${dir}/a`, "one");
    await fs.appendFile(`${dir}/a`, "two");
    equal(await readFile(`${dir}/a`, "utf8"), "onetwo");
  }));

test("flags", () =>
  inFolder(async (dir) => {
    await writeFile(`${dir}/a`, "1");
    await rejects(writeFile(`${dir}/a`, "2", { flag: "wx" }), { code: "EEXIST" });
    await writeFile(`${dir}/a`, "2", { flag: "a" });
    equal(await readFile(`${dir}/a`, { encoding: "utf8", flag: "r+" }), "12");
  }));

test("stat and lstat", () =>
  inFolder(async (dir) => {
    await writeFile(`${dir}/a`, "12345");
    await fs.symlink("a", `${dir}/l`);
    const stats = await fs.stat(`${dir}/l`);
    equal(stats.size, 5);
    equal(stats.isFile(), true);
    equal(stats.isDirectory(), false);
    ok(stats.mtime instanceof Date && Math.abs(stats.mtime - Date.now()) < 60_000);
    ok(stats.mtimeMs > 1e12);
    equal((await fs.lstat(`${dir}/l`)).isSymbolicLink(), true);
    equal((await fs.stat(dir)).isDirectory(), true);
    const big = await fs.stat(`${dir}/a`, { bigint: true });
    equal(big.size, 5n);
    equal(typeof big.mtimeNs, "bigint");
    equal(await fs.readlink(`${dir}/l`), "a");
    equal(await fs.realpath(`${dir}/l`), await fs.realpath(`${dir}/a`));
  }));

test("mkdir recursive", () =>
  inFolder(async (dir) => {
    equal(await fs.mkdir(`${dir}/a/b/c`, { recursive: true }), `${dir}/a`);
    equal(await fs.mkdir(`${dir}/a/b/c`, { recursive: true }), undefined);
    equal(await fs.mkdir(`${dir}/a/d/`, { recursive: true }), `${dir}/a/d/`);
    await writeFile(`${dir}/f`, "");
    await rejects(fs.mkdir(`${dir}/f/g`, { recursive: true }), { code: "ENOTDIR" });
    await rejects(fs.mkdir(`${dir}/f`, { recursive: true }), { code: "EEXIST" });
    await rejects(fs.mkdir(`${dir}/x/y`), { code: "ENOENT" });
  }));

test("readdir", () =>
  inFolder(async (dir) => {
    await fs.mkdir(`${dir}/d/e`, { recursive: true });
    await writeFile(`${dir}/a`, "");
    await writeFile(`${dir}/d/b`, "");
    deepEqual((await fs.readdir(dir)).sort(), ["a", "d"]);
    deepEqual((await fs.readdir(dir, { recursive: true })).sort(), ["a", "d", "d/b", "d/e"]);
    const types = await fs.readdir(dir, { withFileTypes: true, recursive: true });
    const b = types.find((entry) => entry.name === "b");
    equal(b.isFile(), true);
    equal(b.parentPath, `${dir}/d`);
    equal(types.find((entry) => entry.name === "e").isDirectory(), true);
  }));

test("rm", () =>
  inFolder(async (dir) => {
    await fs.mkdir(`${dir}/d/e/f`, { recursive: true });
    for (let i = 0; i < 20; i++) await writeFile(`${dir}/d/${i}`, "");
    await fs.symlink("/etc", `${dir}/d/link`);
    await rejects(fs.rm(`${dir}/d`), { code: "ERR_FS_EISDIR" });
    await fs.rm(`${dir}/d`, { recursive: true });
    await rejects(fs.stat(`${dir}/d`), { code: "ENOENT" });
    await rejects(fs.rm(`${dir}/d`), { code: "ENOENT" });
    await fs.rm(`${dir}/d`, { force: true });
    ok((await fs.stat("/etc")).isDirectory());
  }));

test("rename, copyFile, unlink, link", () =>
  inFolder(async (dir) => {
    await writeFile(`${dir}/a`, "text", { mode: 0o640 });
    await fs.rename(`${dir}/a`, `${dir}/b`);
    await fs.copyFile(`${dir}/b`, `${dir}/c`);
    equal(await readFile(`${dir}/c`, "utf8"), "text");
    equal((await fs.stat(`${dir}/c`)).mode & 0o777, 0o640);
    await rejects(fs.copyFile(`${dir}/b`, `${dir}/c`, fs.constants.COPYFILE_EXCL), { code: "EEXIST", dest: `${dir}/c` });
    await fs.copyFile(`${dir}/b`, `${dir}/b`);
    equal(await readFile(`${dir}/b`, "utf8"), "text");
    await fs.link(`${dir}/b`, `${dir}/l`);
    equal((await fs.stat(`${dir}/l`)).nlink, 2);
    await fs.unlink(`${dir}/b`);
    deepEqual((await fs.readdir(dir)).sort(), ["c", "l"]);
  }));

test("access, chmod, truncate, utimes", () =>
  inFolder(async (dir) => {
    const file = `${dir}/a`;
    await writeFile(file, "123456");
    await fs.access(file, fs.constants.R_OK | fs.constants.W_OK);
    await rejects(fs.access(`${dir}/none`), { message: `ENOENT: no such file or directory, access '${dir}/none'` });
    await fs.chmod(file, "600");
    equal((await fs.stat(file)).mode & 0o777, 0o600);
    await fs.truncate(file, 3);
    equal(await readFile(file, "utf8"), "123");
    await fs.utimes(file, 1, new Date(2_500));
    const stats = await fs.stat(file);
    equal(stats.atimeMs, 1000);
    equal(stats.mtime.getTime(), 2500);
  }));

test("FileHandle", () =>
  inFolder(async (dir) => {
    const handle = await open(`${dir}/a`, "w+");
    ok(handle.fd > 2);
    deepEqual(await handle.write("hello world").then((r) => r.bytesWritten), 11);
    equal((await handle.write(new Uint8Array([74]), 0, 1, 0)).bytesWritten, 1);
    const { bytesRead, buffer } = await handle.read(new Uint8Array(8), 2, 5, 0);
    equal(bytesRead, 5);
    equal(new TextDecoder().decode(buffer.subarray(2, 7)), "Jello");
    equal((await handle.stat()).size, 11);
    await handle.truncate(5);
    await handle.sync();
    await handle.datasync();
    await handle.writev([new Uint8Array([65]), new Uint8Array([66])], 0);
    const [one, two] = [new Uint8Array(2), new Uint8Array(3)];
    equal((await handle.readv([one, two], 0)).bytesRead, 5);
    equal(new TextDecoder().decode(two), "llo");
    await handle.chmod(0o600);
    await handle.utimes(5, 6);
    equal((await handle.stat()).mtimeMs, 6000);
    await handle.close();
    equal(handle.fd, -1);
    await rejects(handle.stat(), { code: "EBADF" });
    await handle.close();
    await using again = await open(`${dir}/a`);
    equal(await again.readFile("utf8"), "ABllo");
  }));

test("close waits for operations", () =>
  inFolder(async (dir) => {
    const handle = await open(`${dir}/a`, "w+");
    const writes = Array.from({ length: 8 }, (_, i) => handle.write("x", i));
    await handle.close();
    equal((await Promise.all(writes)).length, 8);
    equal(await readFile(`${dir}/a`, "utf8"), "xxxxxxxx");
  }));

test("a signal that has aborted", async () => {
  const error = await rejects(readFile("/etc/passwd", { signal: AbortSignal.abort("why") }), {
    name: "AbortError",
    code: "ABORT_ERR",
    message: "The operation was aborted",
    cause: "why",
  });
  ok(error instanceof Error);
  await rejects(writeFile("/tmp/never", "x", { signal: AbortSignal.abort() }), { code: "ABORT_ERR" });
});

test("a signal that aborts meanwhile", () =>
  inFolder(async (dir) => {
    const controller = new AbortController();
    const writing = writeFile(
      `${dir}/a`,
      (async function* endless() {
        for (let i = 0; ; i++) {
          if (i === 3) controller.abort();
          yield "x";
        }
      })(),
      { signal: controller.signal },
    );
    await rejects(writing, { name: "AbortError" });
  }));

test("many at once", () =>
  inFolder(async (dir) => {
    await Promise.all(Array.from({ length: 200 }, (_, i) => writeFile(`${dir}/${i}`, `${i}`)));
    const texts = await Promise.all(Array.from({ length: 200 }, (_, i) => readFile(`${dir}/${i}`, "utf8")));
    deepEqual(texts, Array.from({ length: 200 }, (_, i) => `${i}`));
  }));
