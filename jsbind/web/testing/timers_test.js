import { deepEqual, equal, ok, test, throws, turns } from "./harness.js";

const delay = (ms, ...args) => new Promise((resolve) => setTimeout(resolve, ms, ...args));

test("arguments are passed", async () => {
  const seen = await new Promise((resolve) => setTimeout((...args) => resolve(args), 1, "a", 2));
  deepEqual(seen, ["a", 2]);
  equal(await delay(1, "x"), "x");
});

test("0 and 1 are the same delay, and due order decides", async () => {
  const order = [];
  setTimeout(() => order.push(2), 2);
  setTimeout(() => order.push(1), 1);
  setTimeout(() => order.push(0), 0);
  await delay(5);
  deepEqual(order, [1, 0, 2]);
});

test("ticks and microtasks run between timers", async () => {
  const order = [];
  setTimeout(() => {
    order.push("t1");
    queueMicrotask(() => order.push("m1"));
  }, 1);
  setTimeout(() => order.push("t2"), 1);
  await delay(3);
  deepEqual(order, ["t1", "m1", "t2"]);
});

test("clearTimeout", async () => {
  let fired = false;
  const timer = setTimeout(() => (fired = true), 1);
  clearTimeout(timer);
  clearTimeout(timer);
  clearTimeout(undefined);
  clearTimeout(null);
  clearTimeout({});
  await delay(3);
  equal(fired, false);
});

test("a timer may clear another one that is due", async () => {
  const order = [];
  let second;
  setTimeout(() => {
    order.push(1);
    clearTimeout(second);
  }, 1);
  second = setTimeout(() => order.push(2), 1);
  setTimeout(() => order.push(3), 1);
  await delay(3);
  deepEqual(order, [1, 3]);
});

test("a Timeout converts to a number that clears it", async () => {
  let fired = false;
  const timer = setTimeout(() => (fired = true), 1);
  const id = +timer;
  ok(Number.isInteger(id) && id > 0);
  equal(+timer, id);
  clearTimeout(`${id}`);
  await delay(3);
  equal(fired, false);
});

test("setInterval repeats until cleared", async () => {
  let count = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      if (++count === 3) {
        clearInterval(timer);
        resolve();
      }
    }, 1);
  });
  await delay(4);
  equal(count, 3);
});

test("ref, unref, hasRef, refresh, close", async () => {
  const timer = setTimeout(() => {}, 1000);
  equal(timer.hasRef(), true);
  equal(timer.unref(), timer);
  equal(timer.hasRef(), false);
  equal(timer.ref().hasRef(), true);
  equal(timer.refresh(), timer);
  timer.close();
  let count = 0;
  const again = setTimeout(() => count++, 1);
  await delay(3);
  equal(count, 1);
  again.refresh();
  await delay(3);
  equal(count, 2);
  again.close();
  again.refresh();
  await delay(3);
  equal(count, 2);
});

test("using disposes", async () => {
  let fired = false;
  {
    using timer = setTimeout(() => (fired = true), 1);
    ok(timer.hasRef());
  }
  await delay(3);
  equal(fired, false);
});

test("an unrefed timer does not keep the program alive", () => {
  setTimeout(() => log("fired"), 100_000).unref();
  setInterval(() => log("fired"), 100_000).unref();
});

test("delays are coerced as in Node", async () => {
  const done = [];
  setTimeout(() => done.push("text"), "1");
  setTimeout(() => done.push("null"), null);
  setTimeout(() => done.push("fraction"), 1.9);
  setTimeout(() => done.push("date"), new Date(1));
  await delay(5);
  equal(done.length, 4);
  throws(() => setTimeout(() => {}, Symbol("s")), TypeError);
});

test("a callback must be a function", () => {
  throws(() => setTimeout("code"), {
    code: "ERR_INVALID_ARG_TYPE",
    message: "The \"callback\" argument must be of type function. Received type string ('code')",
  });
  throws(() => setImmediate(), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => queueMicrotask({}), { code: "ERR_INVALID_ARG_TYPE" });
});

test("this is the Timeout", async () => {
  let self;
  const timer = setTimeout(function callback() {
    self = this;
  }, 1);
  await delay(3);
  equal(self, timer);
});

test("setImmediate: nested ones run in the next turn", async () => {
  const order = [];
  setImmediate(() => {
    order.push(1);
    setImmediate(() => order.push(3));
    queueMicrotask(() => order.push("m"));
  });
  setImmediate((value) => order.push(value), 2);
  await turns(3);
  deepEqual(order, [1, "m", 2, 3]);
});

test("clearImmediate", async () => {
  const order = [];
  let second;
  setImmediate(() => clearImmediate(second));
  second = setImmediate(() => order.push("cleared in its turn"));
  const third = setImmediate(() => order.push("cleared before"));
  clearImmediate(third);
  clearImmediate(third);
  setImmediate(() => order.push("last"));
  await turns();
  deepEqual(order, ["last"]);
});

test("an unrefed immediate does not keep the program alive", () => {
  const immediate = setImmediate(() => {});
  equal(immediate.hasRef(), true);
  equal(immediate.unref().hasRef(), false);
});

test("many timers", async () => {
  let fired = 0;
  for (let i = 0; i < 5000; i++) setTimeout(() => fired++, 1 + (i % 7));
  const cleared = Array.from({ length: 5000 }, (_, i) => setTimeout(() => fired++, 1 + (i % 11)));
  for (const timer of cleared) clearTimeout(timer);
  await delay(30);
  equal(fired, 5000);
});

test("a slow interval does not keep others from their turn", async () => {
  let calls = 0;
  let immediateAfter = 0;
  const slow = setInterval(() => {
    if (++calls === 1) setImmediate(() => (immediateAfter = calls));
    if (calls === 100) clearInterval(slow);
    const start = performance.now();
    while (performance.now() < start + 2); // Longer than the interval.
  }, 1);
  while (immediateAfter === 0) await turns(1);
  clearInterval(slow);
  equal(immediateAfter, 1);
});

test("a timer that becomes due while timers run waits for the next turn", async () => {
  const order = [];
  await new Promise((resolve) => {
    setTimeout(() => {
      setTimeout(() => {
        order.push("timeout");
        resolve();
      }, 1);
      setImmediate(() => order.push("immediate"));
      const start = performance.now();
      while (performance.now() < start + 2);
    }, 1);
  });
  deepEqual(order, ["immediate", "timeout"]);
});
