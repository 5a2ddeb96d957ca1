import timers from "node:timers";
import timersPromises, { setImmediate as immediate, setInterval as interval, setTimeout as timeout } from "node:timers/promises";
import util from "node:util";
import types from "node:util/types";
import { deepEqual, equal, ok, rejects, test, throws } from "../../web/testing/harness.js";

test("promisify", async () => {
  const add = util.promisify(function (a, callback) {
    callback(null, a + this.base);
  });
  equal(await add.call({ base: 1 }, 2), 3);
  await rejects(util.promisify((callback) => callback(new RangeError("no")))(), RangeError);
  equal(await util.promisify(setTimeout)(1, "value"), "value");
  equal(await util.promisify(setImmediate)("value"), "value");
  const custom = () => "own";
  const original = Object.assign(() => {}, { [util.promisify.custom]: custom });
  equal(util.promisify(original), custom);
  throws(() => util.promisify(5), { code: "ERR_INVALID_ARG_TYPE" });
});

test("callbackify", async () => {
  const called = (fn, ...args) => new Promise((resolve) => util.callbackify(fn)(...args, (...got) => resolve(got)));
  deepEqual(await called(async (x) => x * 2, 21), [null, 42]);
  const error = new Error("no");
  equal((await called(() => Promise.reject(error)))[0], error);
  equal((await called(() => Promise.reject(null)))[0].code, "ERR_FALSY_VALUE_REJECTION");
  throws(() => util.callbackify(async () => {})(5), { code: "ERR_INVALID_ARG_TYPE" });
});

test("isDeepStrictEqual", () => {
  const cyclic = () => {
    const object = { list: [1, { map: new Map([["k", new Set([1, { deep: true }])]]) }] };
    object.self = object;
    return object;
  };
  const same = [
    [cyclic(), cyclic()],
    [NaN, NaN],
    [new Set([[1], { a: 1 }]), new Set([{ a: 1 }, [1]])],
    [new Map([[{ k: 1 }, 2], ["x", 1]]), new Map([["x", 1], [{ k: 1 }, 2]])],
    [new Date(1), new Date(1)],
    [/a/g, /a/g],
    [Object(1n), Object(1n)],
    [new Float32Array([NaN, 1]), new Float32Array([NaN, 1])],
    [new Uint8Array([1, 2]).subarray(1), new Uint8Array([2])],
    [new Error("a", { cause: 1 }), new Error("a", { cause: 1 })],
  ];
  for (const [a, b] of same) ok(util.isDeepStrictEqual(a, b));
  const other = [
    [0, -0],
    [[0], [-0]],
    [1, "1"],
    [{ a: undefined }, {}],
    [{ a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    [[1, , 3], [1, undefined, 3]],
    [new Set([1]), new Set([2])],
    [new Set([1, 1.5, [2]]), new Set([1, [2], [2]])],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Date(1), new Date(2)],
    [/a/g, /a/i],
    [Object(1), Object(2)],
    [Object(1), 1],
    [new Uint8Array(1), new Int8Array(1)],
    [new Error("a"), new Error("b")],
    [new Error("a"), new TypeError("a")],
    [new WeakMap(), new WeakMap()],
    [Promise.resolve(1), Promise.resolve(1)],
    [{ [Symbol.for("s")]: 1 }, { [Symbol.for("s")]: 2 }],
    [() => {}, () => {}],
    [null, {}],
  ];
  for (const [a, b] of other) equal(util.isDeepStrictEqual(a, b), false);
});

test("types", () => {
  ok(types.isGeneratorObject((function* () {})()));
  ok(types.isProxy(new Proxy({}, {})) && !types.isProxy({}));
  ok(types.isAsyncFunction(async () => {}) && !types.isAsyncFunction(() => {}));
  ok(types.isBoxedPrimitive(Object(1n)) && !types.isBoxedPrimitive(1));
  ok(types.isUint8Array(new Uint8Array()) && !types.isUint8Array(new Int8Array()) && !types.isUint8Array({}));
  ok(types.isNativeError(new TypeError()) && !types.isNativeError(Object.create(Error.prototype)));
  ok(types.isAnyArrayBuffer(new SharedArrayBuffer(1)) && !types.isArrayBuffer(new SharedArrayBuffer(1)));
  equal(util.types, types);
});

test("inherits, deprecate and debuglog", async () => {
  function Old() {}
  util.inherits(Old, Array);
  equal(Old.super_, Array);
  ok(new Old() instanceof Array);
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const old = util.deprecate((x) => x + 1, "use another", "DEP_TEST");
  equal(old(1) + old(2), 5);
  const { name, code, message } = await warned;
  deepEqual([name, code, message], ["DeprecationWarning", "DEP_TEST", "use another"]);
  equal(util.debuglog("nobody-asked").enabled, false);
});

test("parseArgs", () => {
  const options = { foo: { type: "boolean", short: "f" }, bar: { type: "string", multiple: true }, n: { type: "string", default: "7" } };
  const { values, positionals } = util.parseArgs({
    args: ["-f", "--bar", "1", "--bar=2", "file", "--", "--foo"],
    options,
    allowPositionals: true,
  });
  deepEqual({ ...values }, { foo: true, bar: ["1", "2"], n: "7" });
  deepEqual(positionals, ["file", "--foo"]);
  const fails = (args, code, config = {}) => throws(() => util.parseArgs({ args, options, ...config }), { code });
  fails(["--none"], "ERR_PARSE_ARGS_UNKNOWN_OPTION");
  fails(["file"], "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL");
  fails(["--bar"], "ERR_PARSE_ARGS_INVALID_OPTION_VALUE");
  fails(["--bar", "-x"], "ERR_PARSE_ARGS_INVALID_OPTION_VALUE");
  fails(["--foo=1"], "ERR_PARSE_ARGS_INVALID_OPTION_VALUE");
  deepEqual({ ...util.parseArgs({ args: ["-ab", "--c=1"], strict: false }).values }, { a: true, b: true, c: "1" });
  equal(util.parseArgs({ args: ["--no-foo"], options, allowNegative: true }).values.foo, false);
  equal(util.parseArgs({ args: ["--__proto__"], strict: false }).values.constructor, undefined);
});

test("text for terminals", () => {
  equal(util.stripVTControlCharacters("\u001b[31mred\u001b[0m \u001b]8;;http://h\u0007link"), "red link");
  equal(util.styleText("red", "x", { validateStream: false }), "\u001b[31mx\u001b[39m");
  equal(util.styleText(["bold", "red"], "x", { validateStream: false }), "\u001b[1m\u001b[31mx\u001b[39m\u001b[22m");
  equal(util.styleText("red", "x", { stream: { isTTY: false } }), "x");
  throws(() => util.styleText("loud", "x"), { code: "ERR_INVALID_ARG_VALUE" });
});

test("errors of the system, settings, call sites", () => {
  equal(util.getSystemErrorName(-2), "ENOENT");
  equal(util.getSystemErrorMessage(-2), "no such file or directory");
  deepEqual(util.getSystemErrorMap().get(-13), ["EACCES", "permission denied"]);
  throws(() => util.getSystemErrorName(2), { code: "ERR_OUT_OF_RANGE" });
  deepEqual(util.parseEnv("A=1\nB='x y' # c\nC=\"a\\nb\"\n# no\nexport D = q # t\nE=\n"), {
    A: "1",
    B: "x y",
    C: "a\nb",
    D: "q",
    E: "",
  });
  ok(util.getCallSites()[0].scriptName.endsWith("util_test.js"));
  equal(util.toUSVString("a\ud800"), "a\ufffd");
});

test("aborted", async () => {
  const controller = new AbortController();
  const done = util.aborted(controller.signal, {});
  controller.abort();
  equal(await done, undefined);
  await rejects(util.aborted({}, {}), { code: "ERR_INVALID_ARG_TYPE" });
});

test("timers as promises", async () => {
  equal(await timeout(1, "a"), "a");
  equal(await immediate("b"), "b");
  const seen = [];
  for await (const value of interval(1, "c")) if (seen.push(value) === 3) break;
  deepEqual(seen, ["c", "c", "c"]);
  const controller = new AbortController();
  const waits = [timeout(1e6, 0, controller), immediate(0, controller), interval(1e6, 0, controller).next()];
  controller.abort(new Error("why"));
  for (const wait of waits) equal((await rejects(wait, { name: "AbortError", code: "ABORT_ERR" })).cause.message, "why");
  await rejects(timeout(1, 0, { signal: AbortSignal.abort() }), { name: "AbortError" });
  await rejects(timeout(1, 0, { signal: 5 }), { code: "ERR_INVALID_ARG_TYPE" });
  await rejects(timeout("1"), { code: "ERR_INVALID_ARG_TYPE" });
  await timersPromises.scheduler.wait(1);
  await timersPromises.scheduler.yield();
  equal(timers.promises, timersPromises);
  equal(timers.setTimeout, setTimeout);
});
