import { equal, ok, test, throws } from "./harness.js";

test("name, message and code", () => {
  const error = new DOMException("text", "DataCloneError");
  equal(error.name, "DataCloneError");
  equal(error.message, "text");
  equal(error.code, 25);
  equal(new DOMException("x").name, "Error");
  equal(new DOMException("x", "Unknown").code, 0);
  equal(new DOMException().message, "");
  equal(DOMException.ABORT_ERR, 20);
  equal(error.INDEX_SIZE_ERR, 1);
});

test("it is an error", () => {
  const error = new DOMException("text", "AbortError");
  ok(error instanceof Error);
  equal(Error.isError?.(error) ?? true, true);
  ok(error.stack.startsWith("AbortError: text\n    at "));
  equal(String(error), "AbortError: text");
  equal(Object.prototype.toString.call(error), "[object DOMException]");
  equal(Object.getPrototypeOf(DOMException.prototype), Error.prototype);
  equal(new DOMException("x", { name: "TimeoutError", cause: 5 }).cause, 5);
  throws(() => DOMException.prototype.name, TypeError);
});
