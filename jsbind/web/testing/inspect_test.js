import { inspect } from "braid:inspect";
import { equal, ok, test } from "./harness.js";

/** Each pair: a value, and how Node shows it. */
function shows(cases) {
  for (const [value, expected, options] of cases) equal(inspect(value, options), expected);
}

class Foo {
  constructor() {
    this.z = 1;
  }
  get g() {
    return 1;
  }
}

test("primitives", () =>
  shows([
    [-0, "-0"],
    [1e21, "1e+21"],
    [10n, "10n"],
    ["it's", `"it's"`],
    [`it's "q"`, '`it\'s "q"`'],
    ["\n\x01\u{1F600}\ud800", "'\\n\\x01😀\\ud800'"],
    [Symbol("a b"), "Symbol(a b)"],
    [undefined, "undefined"],
    [null, "null"],
    [1234567.891, "1_234_567.891", { numericSeparator: true }],
    ["x".repeat(5), "'xxx'... 2 more characters", { maxStringLength: 3 }],
  ]));

test("objects", () =>
  shows([
    [{}, "{}"],
    [{ a: 1, "b-c": "x", __proto__: null }, "[Object: null prototype] { a: 1, 'b-c': 'x' }"],
    [{ a: { b: { c: { d: 1 } } } }, "{ a: { b: { c: [Object] } } }"],
    [{ a: { b: { c: {} } } }, "{ a: { b: { c: {} } } }"],
    [{ [Symbol("k")]: 1 }, "{ Symbol(k): 1 }"],
    [{ get a() { return 1; }, set b(v) {}, get c() { return 1; }, set c(v) {} },
      "{ a: [Getter], b: [Setter], c: [Getter/Setter] }"],
    [new Foo(), "Foo { z: 1 }"],
    [Object.create(Foo.prototype), "Foo {}"],
    [{ [Symbol.toStringTag]: "T" }, "{ Symbol(Symbol.toStringTag): 'T' }"],
    [new (class Tagged { get [Symbol.toStringTag]() { return "bar"; } })(), "Tagged [bar] {}"],
    [Object.setPrototypeOf({ a: 1 }, new Foo()), "Foo { a: 1 }"],
    [(function args() { return arguments; })(1, 2), "[Arguments] { '0': 1, '1': 2 }"],
  ]));

test("arrays", () =>
  shows([
    [[1, [2, [3, [4]]]], "[ 1, [ 2, [ 3, [Array] ] ] ]"],
    // eslint-disable-next-line no-sparse-arrays
    [[1, , 2, , , 3], "[ 1, <1 empty item>, 2, <2 empty items>, 3 ]"],
    [Object.assign([1], { x: 2 }), "[ 1, x: 2 ]"],
    [new Array(3), "[ <3 empty items> ]"],
    [Array.from({ length: 8 }, (_, i) => i * 37), "[\n    0,  37,  74, 111,\n  148, 185, 222, 259\n]"],
    [["a", "b", "c", "d", "e", "f", "g"], "[\n  'a', 'b', 'c',\n  'd', 'e', 'f',\n  'g'\n]"],
    [[1, 2, 3, 4, 5], "[ 1, 2, 3, ... 2 more items ]", { maxArrayLength: 3 }],
    [["a".repeat(40), "b".repeat(40)], `[\n  '${"a".repeat(40)}',\n  '${"b".repeat(40)}'\n]`],
  ]));

test("more than a hundred items", () => {
  const text = inspect(new Array(200).fill(7));
  ok(text.endsWith("7, 7, 7, 7,\n  ... 100 more items\n]"));
});

test("maps, sets and their iterators", () =>
  shows([
    [new Map([["a", { b: 1 }]]), "Map(1) { 'a' => { b: 1 } }"],
    [new Set([1, [2]]), "Set(2) { 1, [ 2 ] }"],
    [new Map(), "Map(0) {}"],
    [new Map([[1, 2]]).entries(), "[Map Entries] { [ 1, 2 ] }"],
    [new Map([[1, 2]]).keys(), "[Map Iterator] { 1 }"],
    [new Set([5]).values(), "[Set Iterator] { 5 }"],
    [new WeakMap(), "WeakMap { <items unknown> }"],
    [new (class Sub extends Map {})([[1, 2]]), "Sub(1) [Map] { 1 => 2 }"],
    [[][Symbol.iterator](), "Object [Array Iterator] {}"],
  ]));

test("functions and classes", () =>
  shows([
    [function named() {}, "[Function: named]"],
    [() => {}, "[Function (anonymous)]"],
    [async () => {}, "[AsyncFunction (anonymous)]"],
    [function* g() {}, "[GeneratorFunction: g]"],
    [async function* ag() {}, "[AsyncGeneratorFunction: ag]"],
    [class A {}, "[class A]"],
    [class B extends Foo {}, "[class B extends Foo]"],
    [class {}, "[class (anonymous)]"],
    [Object.assign(() => {}, { a: 1 }), "[Function (anonymous)] { a: 1 }"],
  ]));

test("promises", () => {
  const rejected = Promise.reject(new Foo());
  rejected.catch(() => {});
  shows([
    [Promise.resolve(4), "Promise { 4 }"],
    [new Promise(() => {}), "Promise { <pending> }"],
    [rejected, "Promise { <rejected> Foo { z: 1 } }"],
  ]);
});

test("boxed values, dates, regular expressions", () =>
  shows([
    [Object(1), "[Number: 1]"],
    [Object("str"), "[String: 'str']"],
    [Object(Symbol("x")), "[Symbol: Symbol(x)]"],
    [Object.assign(Object("ab"), { c: 1 }), "[String: 'ab'] { c: 1 }"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(NaN), "Invalid Date"],
    [/a\/b/gi, "/a\\/b/gi"],
  ]));

test("buffers", () =>
  shows([
    [new Uint8Array([1, 2]), "Uint8Array(2) [ 1, 2 ]"],
    [new Float64Array([1.5, -0]), "Float64Array(2) [ 1.5, -0 ]"],
    [new BigInt64Array(1), "BigInt64Array(1) [ 0n ]"],
    [new ArrayBuffer(3), "ArrayBuffer { [Uint8Contents]: <00 00 00>, [byteLength]: 3 }"],
    [new DataView(new ArrayBuffer(1)),
      "DataView {\n  [byteLength]: 1,\n  [byteOffset]: 0,\n" +
      "  [buffer]: ArrayBuffer { [Uint8Contents]: <00>, [byteLength]: 1 }\n}"],
  ]));

test("proxies are looked through without their traps", () => {
  const trap = () => {
    throw new Error("a trap ran");
  };
  const handler = { get: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  shows([
    [new Proxy({ a: 1 }, handler), "Proxy({ a: 1 })"],
    [new Proxy({ a: 1 }, {}), "Proxy [ { a: 1 }, {} ]", { showProxy: true }],
    [proxy, "<Revoked Proxy>"],
  ]);
});

test("circular references", () => {
  const object = { n: 1 };
  object.self = object;
  object.list = [object, { object }];
  equal(
    inspect(object),
    "<ref *1> {\n  n: 1,\n  self: [Circular *1],\n  list: [ [Circular *1], { object: [Circular *1] } ]\n}",
  );
});

test("errors", () => {
  const plain = new TypeError("boom");
  plain.stack = "TypeError: boom\n    at f (a.js:1:1)";
  plain.code = "E";
  plain.cause = Object.assign(new Error("inner"), { stack: "Error: inner\n    at g (b.js:1:1)" });
  equal(
    inspect(plain),
    "TypeError: boom\n    at f (a.js:1:1) {\n  code: 'E',\n" +
      "  cause: Error: inner\n      at g (b.js:1:1)\n}",
  );
  const cause = new Error("outer", { cause: 5 });
  cause.stack = "Error: outer\n    at f (a.js:1:1)";
  equal(inspect(cause), "Error: outer\n    at f (a.js:1:1) {\n  [cause]: 5\n}");
  const bare = new Error("no stack");
  bare.stack = undefined;
  equal(inspect(bare), "[Error: no stack]");
  class Custom extends Error {}
  const custom = new Custom("x");
  custom.stack = "Error: x\n    at f (a.js:1:1)";
  equal(inspect(custom), "Custom [Error]: x\n    at f (a.js:1:1)");
  ok(inspect(new AggregateError([new Error("one")], "all")).includes("[errors]: ["));
});

test("frames shared with the cause are left out", () => {
  const frames = Array.from({ length: 8 }, (_, i) => `\n    at f${i} (x.js:${i}:1)`).join("");
  const inner = new Error("inner");
  inner.stack = `Error: inner${frames}`;
  const outer = new Error("outer", { cause: inner });
  outer.stack = `Error: outer\n    at top (y.js:1:1)${frames}`;
  const text = inspect(outer);
  ok(text.includes("    ... 6 lines matching cause stack trace ..."));
  ok(text.includes("at f0 (x.js:0:1)\n    ...") && text.includes("...\n    at f7 (x.js:7:1) {"));
});

test("custom inspect functions", () => {
  const custom = {
    [inspect.custom](depth, options, inspectAgain) {
      return `custom ${depth} ${options.compact} ${inspectAgain([1])}`;
    },
  };
  equal(inspect(custom), "custom 2 3 [ 1 ]");
  equal(inspect({ a: { [inspect.custom]: () => ({ b: 1 }) } }), "{ a: { b: 1 } }");
  ok(inspect(custom, { customInspect: false }).includes("[Symbol(nodejs.util.inspect.custom)]") === false);
});

test("options", () =>
  shows([
    [{ a: { b: 1 } }, "{ a: [Object] }", { depth: 0 }],
    [{ a: { b: 1 } }, "{\n  a: {\n    b: 1\n  }\n}", { compact: false }],
    [{ b: 1, a: 2 }, "{ a: 2, b: 1 }", { sorted: true }],
    [{ get a() { return 5; } }, "{ a: [Getter: 5] }", { getters: true }],
    [Object.defineProperty({}, "h", { value: 1 }), "{ [h]: 1 }", { showHidden: true }],
    [{ a: 1, b: "x" }, "{ a: \u001b[33m1\u001b[39m, b: \u001b[32m'x'\u001b[39m }", { colors: true }],
  ]));

test("the web's own objects", () => {
  ok(inspect(new URL("http://a/b")).startsWith("URL {\n  href: 'http://a/b',\n  origin: 'http://a',"));
  equal(inspect(new Headers({ b: "2" })), "Headers { b: '2' }");
  equal(inspect(new URLSearchParams("a=1")), "URLSearchParams { 'a' => '1' }");
  equal(inspect(new AbortController().signal), "AbortSignal { aborted: false }");
});
