import path, { basename, dirname, join, posix, resolve } from "node:path";
import { deepEqual, equal, test, throws } from "../../web/testing/harness.js";

test("basename", () => {
  equal(basename("/a/b.txt"), "b.txt");
  equal(basename("/a/b.txt", ".txt"), "b");
  equal(basename("/a/b/"), "b");
  equal(basename(".txt", ".txt"), "");
  equal(basename("/"), "");
  throws(() => basename({}), { code: "ERR_INVALID_ARG_TYPE" });
});

test("dirname", () => {
  equal(dirname("/a/b/c"), "/a/b");
  equal(dirname("/a"), "/");
  equal(dirname("//a"), "//");
  equal(dirname("a"), ".");
  equal(dirname("a/b/"), "a");
  equal(dirname(""), ".");
});

test("extname", () => {
  equal(path.extname("a.b.c"), ".c");
  equal(path.extname(".bashrc"), "");
  equal(path.extname("a/.x.y"), ".y");
  equal(path.extname("x."), ".");
  equal(path.extname(".."), "");
});

test("join and normalize", () => {
  equal(join("a", "", "../b", "./c/"), "b/c/");
  equal(join(), ".");
  equal(path.normalize("/a/../../b//c/."), "/b/c");
  equal(path.normalize("../a/.."), "..");
  equal(path.normalize(""), ".");
  throws(() => join("a", 1), {
    message: 'The "path" argument must be of type string. Received type number (1)',
  });
});

test("resolve begins at the working directory", () => {
  equal(resolve("/a", "b", "../c"), "/a/c");
  equal(resolve("/a", "/b", "c"), "/b/c");
  equal(resolve("x"), `${process.cwd()}/x`);
  equal(resolve(), process.cwd());
});

test("relative", () => {
  equal(path.relative("/a/b/c", "/a/d"), "../../d");
  equal(path.relative("/a", "/a"), "");
  equal(path.relative("/", "/a/b"), "a/b");
  equal(path.relative("/a/b", "/"), "../..");
});

test("parse and format", () => {
  deepEqual(path.parse("/home/x/f.tar.gz"), {
    root: "/",
    dir: "/home/x",
    base: "f.tar.gz",
    ext: ".gz",
    name: "f.tar",
  });
  deepEqual(path.parse("./a"), { root: "", dir: ".", base: "a", ext: "", name: "a" });
  equal(path.format({ dir: "/a", name: "b", ext: "c" }), "/a/b.c");
  equal(path.format({ root: "/", base: "b" }), "/b");
});

test("matchesGlob", () => {
  equal(path.matchesGlob("src/a/b.js", "src/**/*.js"), true);
  equal(path.matchesGlob("src/b.js", "src/**/*.js"), true);
  equal(path.matchesGlob("src/b.ts", "src/*.{js,mjs}"), false);
  equal(path.matchesGlob("a.b", "a?b"), true);
});

test("posix is the module itself", () => {
  equal(posix.join, join);
  equal(path.posix, posix);
  equal(path.sep + path.delimiter, "/:");
});
