import assert, { AssertionError } from "node:assert";
import strict from "node:assert/strict";
import { deepEqual, equal, ok, rejects, test, throws } from "../../web/testing/harness.js";

/** The message with which an assertion fails. */
function messageOf(body) {
  const error = throws(body, AssertionError);
  equal(error.code, "ERR_ASSERTION");
  return error.message;
}

test("assertions that hold", async () => {
  assert(1);
  assert.ok("x");
  assert.equal(1, "1");
  assert.notEqual(1, 2);
  assert.strictEqual(NaN, NaN);
  assert.notStrictEqual(0, -0);
  assert.deepEqual([1, { a: "1" }], ["1", { a: 1 }]);
  assert.deepStrictEqual(new Map([[1, [2]]]), new Map([[1, [2]]]));
  assert.notDeepEqual({ a: 1 }, { a: 2 });
  assert.notDeepStrictEqual({ a: 1 }, { a: "1" });
  assert.partialDeepStrictEqual({ a: [1, 2, 3], b: { c: 1, d: 2 }, e: 1 }, { a: [1, 3], b: { c: 1 } });
  assert.ifError(null);
  assert.match("abc", /b/);
  assert.doesNotMatch("abc", /x/);
  assert.doesNotThrow(() => {});
  await assert.doesNotReject(async () => {});
  equal(strict.equal, assert.strictEqual);
  equal(strict.strict, strict);
});

test("what failed assertions say", () => {
  equal(messageOf(() => assert.strictEqual(1, 2)), "Expected values to be strictly equal:\n\n1 !== 2\n");
  equal(messageOf(() => assert.equal(1, 2)), "1 == 2");
  equal(
    messageOf(() => assert.deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] })),
    "Expected values to be strictly deep-equal:\n+ actual - expected\n\n" +
      "  {\n    a: 1,\n    b: [\n      1,\n+     2\n-     3\n    ]\n  }\n",
  );
  equal(messageOf(() => assert.notStrictEqual(1, 1)), 'Expected "actual" to be strictly unequal to: 1');
  equal(messageOf(() => assert.strictEqual({}, {})).split("\n")[0], "Values have same structure but are not reference-equal:");
  equal(messageOf(() => assert.fail()), "Failed");
  equal(messageOf(() => assert.ifError(new Error("x"))), "ifError got unwanted exception: x");
  equal(messageOf(() => assert.ok()), "No value argument passed to `assert.ok()`");
  equal(messageOf(() => assert.strictEqual(1, 2, "mine")), "mine");
  const own = new RangeError("own");
  equal(throws(() => assert.strictEqual(1, 2, own), RangeError), own);
  const long = Array.from({ length: 40 }, (_, i) => i);
  const text = messageOf(() => assert.deepStrictEqual(long, [...long.slice(0, 39), "x"]));
  ok(text.includes("... Skipped lines") && text.includes("+   39\n-   'x'") && text.split("\n").length < 20);
});

test("an AssertionError tells what was compared", () => {
  const error = throws(() => assert.deepStrictEqual([1], [2]), AssertionError);
  deepEqual([error.actual, error.expected, error.operator, error.generatedMessage], [[1], [2], "deepStrictEqual", true]);
  equal(error.name, "AssertionError");
  ok(error.stack.startsWith("AssertionError [ERR_ASSERTION]: Expected values"));
  // The assertion itself is not in the stack.
  ok(/^\s+at .*assert_test\.js/m.exec(error.stack.slice(error.stack.indexOf("\n    at"))) !== null);
  ok(!error.stack.includes("internal:node/assert.js"));
  throws(() => assert.equal(1), { code: "ERR_MISSING_ARGS" });
});

test("assert.throws", () => {
  const fail = () => {
    throw Object.assign(new TypeError("bad value"), { code: "E_BAD", info: { a: 1 } });
  };
  assert.throws(fail);
  assert.throws(fail, TypeError);
  assert.throws(fail, /bad value$/);
  assert.throws(fail, { name: "TypeError", message: /value/, code: "E_BAD", info: { a: 1 } });
  assert.throws(fail, (error) => error.code === "E_BAD");
  equal(messageOf(() => assert.throws(() => {})), "Missing expected exception.");
  equal(messageOf(() => assert.throws(() => {}, TypeError, "why")), "Missing expected exception (TypeError): why");
  ok(messageOf(() => assert.throws(fail, RangeError)).startsWith('The error is expected to be an instance of "RangeError"'));
  ok(messageOf(() => assert.throws(fail, /other/)).startsWith("The input did not match the regular expression /other/"));
  ok(messageOf(() => assert.throws(fail, { message: "x" })).includes("+   message: 'bad value'\n-   message: 'x'"));
  let asked = 0;
  ok(messageOf(() => assert.throws(fail, () => ++asked)).includes("Received 1"));
  equal(asked, 1);
  ok(messageOf(() => assert.doesNotThrow(fail)).startsWith("Got unwanted exception."));
  throws(() => assert.throws("x"), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => assert.throws(fail, {}), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => assert.throws(fail, "bad value"), { code: "ERR_AMBIGUOUS_ARGUMENT" });
});

test("assert.rejects", async () => {
  await assert.rejects(Promise.reject(new TypeError("no")), TypeError);
  await assert.rejects(async () => {
    throw new Error("x");
  }, { message: "x" });
  await rejects(assert.rejects(async () => {}), { message: "Missing expected rejection." });
  await rejects(assert.rejects(() => 5), { code: "ERR_INVALID_RETURN_VALUE" });
  await rejects(assert.rejects(5), { code: "ERR_INVALID_ARG_TYPE" });
  await rejects(assert.doesNotReject(Promise.reject(new Error("x"))), AssertionError);
});
