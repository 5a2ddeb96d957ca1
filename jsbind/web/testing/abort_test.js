import { collectGarbage } from "braid:testing";
import { deepEqual, equal, ok, test, throws, turns } from "./harness.js";

test("abort tells listeners and keeps the reason", () => {
  const controller = new AbortController();
  const { signal } = controller;
  equal(signal, controller.signal);
  const seen = [];
  signal.onabort = () => seen.push("on");
  signal.addEventListener("abort", (event) => seen.push(event.isTrusted));
  signal.throwIfAborted();
  controller.abort("why");
  controller.abort("again");
  deepEqual(seen, ["on", true]);
  equal(signal.aborted, true);
  equal(signal.reason, "why");
  try {
    signal.throwIfAborted();
    ok(false);
  } catch (error) {
    equal(error, "why");
  }
});

test("the default reason is an AbortError", () => {
  const controller = new AbortController();
  controller.abort();
  const { reason } = controller.signal;
  ok(reason instanceof DOMException);
  equal(reason.name, "AbortError");
  equal(reason.code, 20);
  equal(AbortSignal.abort().reason.name, "AbortError");
  equal(AbortSignal.abort(5).reason, 5);
  throws(() => new AbortSignal(), TypeError);
});

test("timeout", async () => {
  const signal = AbortSignal.timeout(1);
  const keep = setTimeout(() => {}, 1000);
  await new Promise((resolve) => {
    signal.onabort = resolve;
  });
  clearTimeout(keep);
  equal(signal.reason.name, "TimeoutError");
  equal(signal.reason.code, 23);
  throws(() => AbortSignal.timeout(-1), TypeError);
  throws(() => AbortSignal.timeout(), TypeError);
});

test("a timeout does not keep the program alive", () => {
  AbortSignal.timeout(100_000).onabort = () => {};
});

test("any follows its sources", () => {
  const [a, b] = [new AbortController(), new AbortController()];
  const any = AbortSignal.any([a.signal, b.signal]);
  const nested = AbortSignal.any([any]);
  const order = [];
  any.addEventListener("abort", () => order.push("any"));
  nested.addEventListener("abort", () => order.push("nested"));
  b.signal.addEventListener("abort", () => order.push("source"));
  b.abort("b");
  a.abort("a");
  deepEqual(order, ["source", "any", "nested"]);
  equal(any.reason, "b");
  equal(nested.reason, "b");
  equal(AbortSignal.any([]).aborted, false);
  equal(AbortSignal.any([AbortSignal.abort(1), b.signal]).reason, 1);
  throws(() => AbortSignal.any([1]), TypeError);
  throws(() => AbortSignal.any(), TypeError);
});

test("onabort can be replaced and removed", () => {
  const controller = new AbortController();
  const seen = [];
  controller.signal.onabort = () => seen.push(1);
  controller.signal.onabort = () => seen.push(2);
  equal(typeof controller.signal.onabort, "function");
  controller.abort();
  deepEqual(seen, [2]);
  const other = new AbortController();
  other.signal.onabort = () => seen.push(3);
  other.signal.onabort = null;
  other.abort();
  deepEqual(seen, [2]);
});

test("any keeps a timeout that nothing else names", async () => {
  const any = AbortSignal.any([AbortSignal.any([AbortSignal.timeout(20)])]);
  await turns(1); // Till then weak references are strong.
  collectGarbage();
  await turns(); // For what is told of garbage.
  // Started later with the same delay, so it fires later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(any.aborted, true);
  equal(any.reason.name, "TimeoutError");
});

test("a timeout that nobody can see any more ends", async () => {
  const weak = new WeakRef(AbortSignal.any([AbortSignal.timeout(100_000)]));
  await turns(1);
  collectGarbage();
  await turns();
  equal(weak.deref(), undefined);
});
