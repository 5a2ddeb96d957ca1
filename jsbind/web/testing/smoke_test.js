import { equal, test } from "./harness.js";

test("globals are there", () => {
  equal(typeof setTimeout, "function");
  equal(new URL("http://a/b?c").search, "?c");
  equal(new TextDecoder().decode(new TextEncoder().encode("é")), "é");
});

test("a timer fires", async () => {
  equal(await new Promise((resolve) => setTimeout(resolve, 1, 5)), 5);
});
