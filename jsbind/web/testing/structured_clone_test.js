import { deepEqual, equal, ok, test, throws } from "./harness.js";

const fails = (value, options) => throws(() => structuredClone(value, options), { name: "DataCloneError", code: 25 });

test("structuredClone of primitives", () => {
  for (const value of [undefined, null, true, -0, NaN, 1n, "a\ud800"]) equal(structuredClone(value), value);
  fails(Symbol("s"));
  fails(() => {});
  throws(() => structuredClone(), TypeError);
});

test("structuredClone of objects and arrays", () => {
  const original = { a: 1, b: { c: [1, , 3], d: undefined }, ["__proto__"]: 5, [Symbol("s")]: 1 };
  Object.defineProperty(original, "hidden", { value: 1 });
  const copy = structuredClone(original);
  deepEqual(Object.keys(copy), ["a", "b", "__proto__"]);
  equal(Object.getPrototypeOf(copy), Object.prototype);
  equal(Object.getOwnPropertyDescriptor(copy, "__proto__").value, 5);
  ok(copy.b !== original.b);
  equal(1 in copy.b.c, false);
  equal(copy.b.c.length, 3);
  ok("d" in copy.b);
  const array = Object.assign([1, 2], { name: "x" });
  equal(structuredClone(array).name, "x");
  const sparse = [];
  sparse[4_000_000_000] = 1;
  equal(structuredClone(sparse).length, 4_000_000_001);
  class Point {
    x = 1;
    get y() {
      return 2;
    }
  }
  const point = structuredClone(new Point());
  equal(point instanceof Point, false);
  deepEqual(point, { x: 1 });
  // Getters run, in order, and what they remove is left out.
  const log = [];
  const live = {
    get one() {
      delete this.two;
      log.push("one");
      return 1;
    },
    two: 2,
  };
  deepEqual(structuredClone(live), { one: 1 });
  deepEqual(log, ["one"]);
});

test("structuredClone keeps cycles and shared references", () => {
  const shared = { n: 1 };
  const original = { x: shared, y: shared, map: new Map([[shared, shared]]), set: new Set() };
  original.self = original;
  original.set.add(original);
  const copy = structuredClone(original);
  equal(copy.self, copy);
  equal(copy.x, copy.y);
  equal(copy.map.get(copy.x), copy.x);
  ok(copy.set.has(copy));
  ok(copy.x !== shared);
});

test("structuredClone of built-in objects", () => {
  equal(structuredClone(new Date(5)).getTime(), 5);
  ok(Number.isNaN(structuredClone(new Date(NaN)).getTime()));
  const pattern = /a/giu;
  pattern.lastIndex = 3;
  const copied = structuredClone(pattern);
  deepEqual([copied.source, copied.flags, copied.lastIndex], ["a", "giu", 0]);
  for (const value of [1, "s", true, 2n]) {
    const wrapped = structuredClone(Object(value));
    equal(typeof wrapped, "object");
    equal(wrapped.valueOf(), value);
  }
  fails(Object(Symbol()));
  deepEqual([...structuredClone(new Map([["b", 1], ["a", { c: 2 }]]))], [["b", 1], ["a", { c: 2 }]]);
  deepEqual([...structuredClone(new Set(["b", "a"]))], ["b", "a"]);
  deepEqual(structuredClone((function () { return arguments; })(1, 2)), { 0: 1, 1: 2 });
});

test("structuredClone of errors", () => {
  const original = new RangeError("far", { cause: { deep: 1 } });
  original.extra = 1;
  const copy = structuredClone(original);
  ok(copy instanceof RangeError);
  equal(copy.message, "far");
  equal(copy.stack, original.stack);
  deepEqual(copy.cause, { deep: 1 });
  equal(copy.extra, undefined);
  deepEqual(Object.keys(copy), []);
  equal(Object.hasOwn(structuredClone(new Error()), "message"), false);
  class Own extends TypeError {}
  equal(structuredClone(new Own("x")).constructor, TypeError);
  const named = new Error("x");
  named.name = "SyntaxError";
  ok(structuredClone(named) instanceof SyntaxError);
  named.name = "hasOwnProperty";
  equal(structuredClone(named).constructor, Error);
});

test("structuredClone of platform objects", async () => {
  const error = structuredClone(new DOMException("m", "AbortError"));
  ok(error instanceof DOMException);
  deepEqual([error.message, error.name, error.code], ["m", "AbortError", 20]);
  ok(typeof error.stack === "string");
  const { list } = structuredClone({ list: [new File(["ab"], "n", { type: "a/b", lastModified: 7 }), new Blob(["c"])] });
  ok(list[0] instanceof File);
  deepEqual([list[0].name, list[0].type, list[0].lastModified, await list[0].text()], ["n", "a/b", 7, "ab"]);
  ok(!(list[1] instanceof File));
  equal(await list[1].text(), "c");
});

test("structuredClone refuses what is more than its properties", () => {
  const refused = [
    new WeakMap(),
    new WeakRef({}),
    Promise.resolve(),
    (function* () {})(),
    [][Symbol.iterator](),
    new Proxy({}, {}),
    new Intl.Collator(),
    new Headers(),
    new URL("http://h/"),
    new EventTarget(),
    new MessageChannel().port1,
  ];
  for (const value of refused) fails({ deep: [value] });
  equal(fails(new WeakMap()).message, "#<WeakMap> could not be cloned.");
  equal(fails(Symbol("a")).message, "Symbol(a) could not be cloned.");
});

test("structuredClone of buffers and views", () => {
  const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
  const { a, b, c } = structuredClone({ a: new Uint16Array(buffer, 2, 2), b: new DataView(buffer, 1), c: buffer });
  equal(a.buffer, c);
  equal(b.buffer, c);
  ok(c !== buffer);
  deepEqual([a.byteOffset, a.length, a[0], b.byteOffset, b.byteLength], [2, 2, 0x0403, 1, 7]);
  ok(structuredClone(new Float16Array(1)) instanceof Float16Array);
  const shared = new SharedArrayBuffer(4);
  const other = structuredClone(new Uint8Array(shared));
  new Uint8Array(shared)[0] = 9;
  equal(other[0], 9);
  ok(other.buffer instanceof SharedArrayBuffer && other.buffer !== shared);
  const gone = new ArrayBuffer(4);
  const view = new Uint8Array(gone);
  gone.transfer();
  fails(gone);
  fails(view);
});

test("structuredClone of resizable buffers", () => {
  const buffer = new ArrayBuffer(4, { maxByteLength: 16 });
  const following = new Uint8Array(buffer);
  following[3] = 7;
  const copy = structuredClone({ following, fixed: new Uint8Array(buffer, 1, 2) });
  equal(copy.following.buffer.maxByteLength, 16);
  equal(copy.following[3], 7);
  copy.following.buffer.resize(8);
  deepEqual([copy.following.length, copy.fixed.length], [8, 2]);
  const outside = new Uint8Array(buffer, 2, 2);
  buffer.resize(3);
  fails(outside);
  const growing = new SharedArrayBuffer(4, { maxByteLength: 8 });
  const shared = structuredClone({ following: new Uint8Array(growing), fixed: new Uint8Array(growing, 0, 2) });
  growing.grow(8);
  deepEqual([shared.following.length, shared.fixed.length], [8, 2]);
  const moving = new ArrayBuffer(4, { maxByteLength: 8 });
  const moved = structuredClone(new Uint16Array(moving), { transfer: [moving] });
  moved.buffer.resize(8);
  equal(moved.length, 4);
  equal(moving.detached, true);
});

test("structuredClone moves what it is told to", () => {
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const original = { before: 0, view: new Uint8Array(buffer, 1), buffer, after: 0, map: new Map([[buffer, 1], ["k", 2]]) };
  const copy = structuredClone(original, { transfer: [buffer] });
  equal(buffer.detached, true);
  deepEqual([...copy.view], [2, 3]);
  equal(copy.view.buffer, copy.buffer);
  deepEqual(Object.keys(copy), ["before", "view", "buffer", "after", "map"]);
  deepEqual([...copy.map.keys()].map((key) => key === copy.buffer), [true, false]);
  const alone = new ArrayBuffer(2);
  equal(structuredClone(alone, { transfer: [alone] }).byteLength, 2);
  equal(alone.detached, true);
});

test("structuredClone moves nothing when it fails", () => {
  const buffer = new ArrayBuffer(1);
  fails({ buffer, bad: () => {} }, { transfer: [buffer] });
  equal(buffer.detached, false);
  fails(1, { transfer: [buffer, buffer] });
  fails(1, { transfer: [{}] });
  fails(1, { transfer: [new SharedArrayBuffer(1)] });
  throws(() => structuredClone(1, { transfer: 5 }), TypeError);
  throws(() => structuredClone(1, 5), TypeError);
  equal(buffer.detached, false);
  buffer.transfer();
  fails(1, { transfer: [buffer] });
  const late = new ArrayBuffer(1);
  const trap = {
    get x() {
      late.transfer();
      return 1;
    },
  };
  fails(trap, { transfer: [late] });
});

test("structuredClone of a WebAssembly module", () => {
  const module = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  const copy = structuredClone(module);
  ok(copy instanceof WebAssembly.Module && copy !== module);
});
