// Async functions as JS sees them: their promises are made and settled by
// async_calls.js.

#include <gtest/gtest.h>

#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/task.h"
#include "jsbind/js_value.h"
#include "jsbind/module_def.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

using AsyncCallsTest = JsTest;

// A turn of the loop, without passing time.
Task<void> NextTurn() { CHECK_OK(co_await SleepFor(absl::ZeroDuration())); }

TEST_F(AsyncCallsTest, CallsThatEndInOneTurnSettleTogetherInTheirOrder) {
  Event event;
  runtime()
      .Module("native:t")
      .AsyncFunction("wait",
                     [&event](int n) -> Task<int> {
                       CHECK_OK(co_await event.Wait());
                       co_return n;
                     })
      .Function("set", [&event] { event.Set(); });
  EXPECT_EQ(Run(R"(import { wait, set } from "native:t";
                  for (const i of [1, 2, 3])
                    wait(i).then((n) => { log("then", n); Promise.resolve().then(() => log("micro", n)); });
                  set();)"),
            "then 1\nthen 2\nthen 3\nmicro 1\nmicro 2\nmicro 3\n");
}

TEST_F(AsyncCallsTest, ManyCallsSettleInOneTurn) {
  Event event;
  runtime()
      .Module("native:t")
      .AsyncFunction("wait",
                     [&event](int n) -> Task<absl::StatusOr<int>> {
                       CHECK_OK(co_await event.Wait());
                       if (n % 2 == 1) co_return absl::AbortedError("odd");
                       co_return n;
                     })
      .Function("set", [&event] { event.Set(); });
  EXPECT_EQ(Run(R"(import { wait, set } from "native:t";
                  const order = [];
                  const calls = Array.from({ length: 1000 }, (_, i) => {
                    const call = wait(i);
                    call.then(() => order.push(i), () => order.push(i));
                    return call;
                  });
                  set();
                  const ends = await Promise.allSettled(calls);
                  log(ends.every((end, i) => i % 2 ? end.reason?.message === "odd" : end.value === i));
                  log(order.every((n, i) => n === i), order.length);)"),
            "true\ntrue 1000\n");
}

// Settling a promise looks at its value's then(), which may be the program's.
TEST_F(AsyncCallsTest, CallsCanBeMadeWhileOthersSettle) {
  runtime()
      .Module("native:t")
      .AsyncFunction("later", [](JsValue value) -> Task<JsValue> {
        co_await NextTurn();
        co_return std::move(value);
      });
  EXPECT_EQ(Run(R"(import { later } from "native:t";
                  const inner = [];
                  const thenable = (n) => ({ get then() { inner.push(later(n)); } });
                  const outer = await Promise.all([later(thenable(1)), later(2), later(thenable(3)), later(4)]);
                  log(typeof outer[0], outer[1], typeof outer[2], outer[3]);
                  log(...(await Promise.all(inner.slice(0, 2))));)"),
            "object 2 object 4\n1 3\n");
}

TEST_F(AsyncCallsTest, AsyncFunctionsLookAndBehaveLikeJs) {
  runtime()
      .Module("native:t")
      .AsyncFunction("now", [](int n, int) -> Task<int> { co_return n; })
      .AsyncFunction("later", [](int n) -> Task<int> {
        co_await NextTurn();
        co_return n;
      });
  EXPECT_EQ(Run(R"(import { now, later } from "native:t";
                  log(now.name, now.length, later.name, later.length);
                  log(now(1, 2) instanceof Promise, later(1) instanceof Promise);
                  try { new now(1, 2); } catch (e) { log(e.message); })"),
            "now 2 later 1\ntrue true\nnow is not a constructor\n");
}

TEST_F(AsyncCallsTest, WhatScriptsReplaceIsNotUsed) {
  runtime()
      .Module("native:t")
      .AsyncFunction("now", [](int n) -> Task<int> { co_return n; })
      .AsyncFunction("later", [](int n) -> Task<int> {
        co_await NextTurn();
        co_return n;
      });
  EXPECT_EQ(Run(R"(import { now, later } from "native:t";
                  const evil = () => { throw new Error("replaced"); };
                  Promise.resolve = Promise.reject = Reflect.apply = evil;
                  Array.prototype[Symbol.iterator] = evil;
                  globalThis.Promise = evil;
                  log(await now(1));
                  log(await later(2));
                  await now("x").catch((e) => log(e.name));)"),
            "1\n2\nTypeError\n");
}

// The stack may end between the call and the making of its promise.
TEST_F(AsyncCallsTest, CallsAtTheEndOfTheStack) {
  runtime().Module("native:t").AsyncFunction("later", [](int n) -> Task<int> {
    co_await NextTurn();
    co_return n;
  });
  EXPECT_EQ(Run(R"(import { later } from "native:t";
                  const calls = [];
                  let left;
                  function deep(...padding) {
                    try { deep(...padding); } catch (e) {
                      if (left > 0) {
                        calls.push(later(calls.length));
                        left--;
                      }
                      throw e;
                    }
                  }
                  for (let i = 0; i < 50; i++) {
                    left = 3;
                    try { deep(...Array(i)); } catch {}
                  }
                  const ends = await Promise.allSettled(calls);
                  log(ends.length > 0, ends.every((end, i) => end.value === i || end.reason instanceof RangeError));
                  log(await later(7));)"),
            "true true\n7\n");
}

}  // namespace
}  // namespace braid
