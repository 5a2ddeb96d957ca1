import { deepEqual, equal, ok, test, throws } from "./harness.js";

test("listeners run in order, once each", () => {
  const target = new EventTarget();
  const order = [];
  const listener = () => order.push("a");
  target.addEventListener("x", listener);
  target.addEventListener("x", listener);
  target.addEventListener("x", { handleEvent: (event) => order.push(event.type) });
  target.addEventListener("x", () => order.push("c"), { capture: true });
  equal(target.dispatchEvent(new Event("x")), true);
  deepEqual(order, ["c", "a", "x"]);
  target.removeEventListener("x", listener);
  target.dispatchEvent(new Event("x"));
  deepEqual(order, ["c", "a", "x", "c", "x"]);
});

test("once, passive, signal", () => {
  const target = new EventTarget();
  let count = 0;
  const controller = new AbortController();
  target.addEventListener("x", () => count++, { once: true });
  target.addEventListener("x", (event) => event.preventDefault(), { passive: true });
  target.addEventListener("x", () => (count += 10), { signal: controller.signal });
  const event = new Event("x", { cancelable: true });
  equal(target.dispatchEvent(event), true);
  equal(event.defaultPrevented, false);
  controller.abort();
  target.dispatchEvent(new Event("x"));
  equal(count, 11);
  target.addEventListener("x", () => (count += 100), { signal: controller.signal });
  target.dispatchEvent(new Event("x"));
  equal(count, 11);
});

test("preventDefault and stopImmediatePropagation", () => {
  const target = new EventTarget();
  const order = [];
  target.addEventListener("x", (event) => {
    order.push(1);
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  target.addEventListener("x", () => order.push(2));
  equal(target.dispatchEvent(new Event("x", { cancelable: true })), false);
  equal(target.dispatchEvent(new Event("x")), true);
  deepEqual(order, [1, 1]);
});

test("changes during a dispatch", () => {
  const target = new EventTarget();
  const order = [];
  const removed = () => order.push("removed");
  target.addEventListener("x", () => {
    order.push("first");
    target.removeEventListener("x", removed);
    target.addEventListener("x", () => order.push("added"), { once: true });
  });
  target.addEventListener("x", removed);
  target.dispatchEvent(new Event("x"));
  deepEqual(order, ["first"]);
});

test("event properties", () => {
  const event = new Event("x", { bubbles: true });
  const target = new EventTarget();
  equal(event.eventPhase, Event.NONE);
  equal(event.isTrusted, false);
  target.addEventListener("x", (e) => {
    equal(e, event);
    equal(e.target, target);
    equal(e.currentTarget, target);
    equal(e.eventPhase, Event.AT_TARGET);
    equal(e.composedPath()[0], target);
  });
  target.dispatchEvent(event);
  equal(event.target, target);
  equal(event.currentTarget, null);
  equal(event.bubbles, true);
  ok(event.timeStamp > 0 && event.timeStamp <= performance.now());
  equal(Object.prototype.toString.call(event), "[object Event]");
  equal(new CustomEvent("y", { detail: 5 }).detail, 5);
  equal(new CustomEvent("y").detail, null);
});

test("wrong use", () => {
  const target = new EventTarget();
  throws(() => target.dispatchEvent({}), TypeError);
  throws(() => target.addEventListener("x", 1), TypeError);
  throws(() => target.addEventListener("x"), TypeError);
  throws(() => target.addEventListener("x", () => {}, { signal: 1 }), TypeError);
  throws(() => new Event(), TypeError);
  throws(() => EventTarget.prototype.dispatchEvent.call({}, new Event("x")), { code: "ERR_INVALID_THIS" });
  const event = new Event("x");
  target.addEventListener("x", () => {
    throws(() => target.dispatchEvent(event), { name: "InvalidStateError" });
  });
  target.dispatchEvent(event);
  equal(target.addEventListener("x", null), undefined);
});

test("a subclass", () => {
  class Mine extends EventTarget {
    constructor() {
      super();
      this.seen = 0;
    }
  }
  const mine = new Mine();
  mine.addEventListener("x", function listener() {
    this.seen++;
  });
  mine.dispatchEvent(new Event("x"));
  equal(mine.seen, 1);
});

test("microtasks wait until the dispatch is over", () => {
  const target = new EventTarget();
  const order = [];
  target.addEventListener("x", () => {
    order.push("l1");
    queueMicrotask(() => order.push("micro"));
  });
  target.addEventListener("x", () => order.push("l2"));
  target.dispatchEvent(new Event("x"));
  order.push("after");
  deepEqual(order, ["l1", "l2", "after"]);
});
