import EventEmitter, { errorMonitor, once } from "node:events";
import { deepEqual, equal, ok, rejects, test, throws } from "../../web/testing/harness.js";

test("listeners run in order, with arguments and this", () => {
  const emitter = new EventEmitter();
  const seen = [];
  emitter.on("x", function listener(a, b) {
    seen.push(a + b, this === emitter);
  });
  emitter.prependListener("x", () => seen.push("first"));
  equal(emitter.emit("x", 1, 2), true);
  equal(emitter.emit("none"), false);
  deepEqual(seen, ["first", 3, true]);
  equal(EventEmitter.EventEmitter, EventEmitter);
});

test("once and off", () => {
  const emitter = new EventEmitter();
  let count = 0;
  const listener = () => count++;
  emitter.once("x", listener);
  emitter.on("x", listener);
  equal(emitter.listenerCount("x"), 2);
  emitter.emit("x");
  emitter.off("x", listener);
  emitter.emit("x");
  equal(count, 2);
  emitter.once("y", listener);
  emitter.off("y", listener);
  equal(emitter.emit("y"), false);
});

test("changes during emit", () => {
  const emitter = new EventEmitter();
  const seen = [];
  const second = () => seen.push("second");
  emitter.on("x", () => {
    seen.push("first");
    emitter.off("x", second);
    emitter.on("x", () => seen.push("added"));
  });
  emitter.on("x", second);
  emitter.emit("x");
  deepEqual(seen, ["first", "second"]);
});

test("error without a listener throws", () => {
  const emitter = new EventEmitter();
  const error = new Error("boom");
  equal(throws(() => emitter.emit("error", error), Error), error);
  throws(() => emitter.emit("error", 5), { code: "ERR_UNHANDLED_ERROR", context: 5 });
  let monitored = 0;
  emitter.on(errorMonitor, () => monitored++);
  throws(() => emitter.emit("error", error), Error);
  emitter.on("error", () => {});
  equal(emitter.emit("error", error), true);
  equal(monitored, 2);
});

test("newListener and removeListener", () => {
  const emitter = new EventEmitter();
  const seen = [];
  emitter.on("newListener", (name) => seen.push(`+${name}`));
  emitter.on("removeListener", (name) => seen.push(`-${name}`));
  const listener = () => {};
  emitter.once("x", listener);
  emitter.off("x", listener);
  emitter.on("y", listener);
  emitter.removeAllListeners("y");
  deepEqual(seen, ["+removeListener", "+x", "-x", "+y", "-y"]);
  emitter.removeAllListeners();
  deepEqual(emitter.eventNames(), []);
});

test("listeners are told apart", () => {
  const emitter = new EventEmitter();
  const listener = () => {};
  emitter.once("x", listener);
  deepEqual(emitter.listeners("x").map((each) => each === listener), [true]);
  deepEqual(emitter.rawListeners("x").map((each) => each.listener === listener), [true]);
  deepEqual(emitter.eventNames(), ["x"]);
  throws(() => emitter.on("x", 5), { code: "ERR_INVALID_ARG_TYPE" });
});

test("too many listeners look like a leak", async () => {
  const emitter = new EventEmitter();
  const warning = new Promise((resolve) => process.once("warning", resolve));
  for (let i = 0; i < 12; i++) emitter.on("x", () => {});
  const { name, count } = await warning;
  deepEqual([name, count], ["MaxListenersExceededWarning", 11]);
  equal(new EventEmitter().setMaxListeners(0).getMaxListeners(), 0);
});

test("once() as a promise", async () => {
  const emitter = new EventEmitter();
  const waiting = once(emitter, "x");
  emitter.emit("x", 1, 2);
  deepEqual(await waiting, [1, 2]);
  const failing = once(emitter, "x");
  emitter.emit("error", new TypeError("no"));
  await rejects(failing, TypeError);
  equal(emitter.listenerCount("x") + emitter.listenerCount("error"), 0);
  await rejects(once(emitter, "x", { signal: AbortSignal.abort() }), { name: "AbortError" });
  const target = new EventTarget();
  const event = once(target, "y");
  target.dispatchEvent(new Event("y"));
  ok((await event)[0] instanceof Event);
});

test("a class of one's own, without super()", () => {
  function Old() {}
  Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
  const [a, b] = [new Old(), new Old()];
  let count = 0;
  a.on("x", () => count++);
  a.emit("x");
  b.emit("x");
  equal(count, 1);
});
