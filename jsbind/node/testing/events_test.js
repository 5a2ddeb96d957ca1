import EventEmitter, * as events from "node:events";
import { deepEqual, equal, ok, rejects, test, throws } from "../../web/testing/harness.js";

const { errorMonitor, on, once } = events;

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

test("a constructor of one's own that calls EventEmitter", () => {
  function Old() {
    EventEmitter.call(this);
  }
  Old.prototype = Object.create(EventEmitter.prototype);
  const old = new Old();
  let got;
  old.on("x", (value) => (got = value));
  old.emit("x", 5);
  equal(got, 5);
  const plain = {};
  Object.assign(plain, EventEmitter.prototype);
  EventEmitter.call(plain);
  plain.once("y", (value) => (got = value));
  plain.emit("y", 6);
  equal(got, 6);
  equal(new EventEmitter().constructor, EventEmitter);
});

test("on() gives the events that come, in order", async () => {
  const emitter = new EventEmitter();
  const iterator = on(emitter, "x", { close: ["end"] });
  emitter.emit("x", 1, 2);
  emitter.emit("x", 3);
  deepEqual(await iterator.next(), { value: [1, 2], done: false });
  deepEqual(await iterator.next(), { value: [3], done: false });
  const waiting = [iterator.next(), iterator.next()];
  emitter.emit("x", 4);
  deepEqual((await waiting[0]).value, [4]);
  emitter.emit("end");
  equal((await waiting[1]).done, true);
  equal((await iterator.next()).done, true);
  deepEqual(emitter.eventNames(), []);
});

test("on() throws what goes wrong, after what came before", async () => {
  const emitter = new EventEmitter();
  const seen = [];
  const failing = (async () => {
    for await (const [value] of on(emitter, "x")) seen.push(value);
  })();
  emitter.emit("x", 1);
  emitter.emit("error", new RangeError("no"));
  await rejects(failing, RangeError);
  deepEqual(seen, [1]);
  deepEqual(emitter.eventNames(), []);
  const controller = new AbortController();
  const aborted = on(new EventTarget(), "x", { signal: controller.signal }).next();
  controller.abort(new Error("why"));
  equal((await rejects(aborted, { name: "AbortError", code: "ABORT_ERR" })).cause.message, "why");
  throws(() => on(emitter, "x", { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("on() pauses an emitter that is too fast", async () => {
  const log = [];
  const emitter = Object.assign(new EventEmitter(), { pause: () => log.push("pause"), resume: () => log.push("resume") });
  const iterator = on(emitter, "x", { highWaterMark: 2, lowWaterMark: 1 });
  for (let i = 0; i < 4; i++) emitter.emit("x", i);
  deepEqual(log, ["pause"]);
  for (let i = 0; i < 4; i++) await iterator.next();
  deepEqual(log, ["pause", "resume"]);
  await iterator.return();
});

test("captureRejections makes rejected listeners error events", async () => {
  const emitter = new EventEmitter({ captureRejections: true });
  const error = new Error("late");
  emitter.on("x", async () => {
    throw error;
  });
  const caught = once(emitter, "error");
  emitter.emit("x");
  equal((await caught)[0], error);
  const own = new EventEmitter({ captureRejections: true });
  const asked = new Promise((resolve) => (own[Symbol.for("nodejs.rejection")] = (...args) => resolve(args)));
  own.on("y", () => Promise.reject(error));
  own.emit("y", 1, 2);
  deepEqual((await asked).slice(1), ["y", 1, 2]);
  throws(() => new EventEmitter({ captureRejections: 5 }), { code: "ERR_INVALID_ARG_TYPE" });
});

test("addAbortListener", async () => {
  const controller = new AbortController();
  const log = [];
  events.addAbortListener(controller.signal, ({ type }) => log.push(type));
  events.addAbortListener(controller.signal, () => log.push("taken back"))[Symbol.dispose]();
  controller.signal.addEventListener("abort", (event) => event.stopImmediatePropagation());
  controller.abort();
  deepEqual(log, ["abort"]);
  events.addAbortListener(controller.signal, () => log.push("late"));
  deepEqual(log, ["abort"]);
  await null;
  deepEqual(log, ["abort", "late"]);
  throws(() => events.addAbortListener(undefined, () => {}), { code: "ERR_INVALID_ARG_TYPE" });
});

test("the functions of node:events take targets, too", () => {
  const target = new EventTarget();
  const listener = () => {};
  target.addEventListener("x", listener);
  equal(events.getEventListeners(target, "x")[0], listener);
  equal(events.listenerCount(target, "x"), 1);
  equal(events.getMaxListeners(target), 10);
  equal(events.getMaxListeners(new EventEmitter().setMaxListeners(3)), 3);
  throws(() => events.getEventListeners({}, "x"), { code: "ERR_INVALID_ARG_TYPE" });
});
