import { format } from "braid:format";
import { equal, test } from "./harness.js";

test("directives", () => {
  equal(format("%s %s %s %s", Symbol("x"), 12n, -0, { a: {} }), "Symbol(x) 12n -0 { a: {} }");
  equal(format("%d %i %f", "12.5", "12.5px", "1.5x"), "12.5 12 1.5");
  equal(format("%d %i %f", Symbol("s"), {}, "x"), "NaN NaN NaN");
  equal(format("%j", { a: [1] }), '{"a":[1]}');
  equal(format("%O", { a: { b: { c: { d: 1 } } } }), "{ a: { b: { c: [Object] } } }");
  equal(format("%o", [1]), "[ 1, [length]: 1 ]");
  equal(format("a%cb", "color: red"), "ab");
  equal(format("%s", { toString: () => "custom" }), "custom");
  equal(format("%s", class A {}), "class A {}");
});

test("circular JSON", () => {
  const circular = {};
  circular.self = circular;
  equal(format("%j", circular), "[Circular]");
});

test("what is left over", () => {
  equal(format("a", "b", { c: 1 }), "a b { c: 1 }");
  equal(format("%s"), "%s");
  equal(format("%s %s", 1), "1 %s");
  equal(format("%%"), "%%");
  equal(format("%% %s", 1), "% 1");
  equal(format("100%", "x"), "100% x");
  equal(format("%x", 1), "%x 1");
  equal(format(1, "a"), "1 a");
  equal(format(), "");
});
