import { readFile } from "node:fs/promises";
import { ok, test } from "../../web/testing/harness.js";

test("a file is read beside an interval that takes longer than its delay", async () => {
  let calls = 0;
  const slow = setInterval(() => {
    if (++calls === 1000) clearInterval(slow);
    const start = performance.now();
    while (performance.now() < start + 2);
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 1));
  await readFile("/proc/self/status");
  clearInterval(slow);
  ok(calls < 100);
});
