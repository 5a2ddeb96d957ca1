// The order in which things run, as Node 20 and 26 have it. Each expectation
// was observed there with the same script.

#include <gtest/gtest.h>

#include "async/sleep.h"
#include "async/status_macros.h"
#include "jsbind/module_def.h"
#include "jsbind/testing/core_js.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

class OrderTest : public JsTest {
 public:
  OrderTest() : JsTest({&CoreJs()}) {
    runtime()
        .Module("native:order")
        // Ends in a later turn, as reading a file does.
        .AsyncFunction("read",
                       []() -> Task<absl::Status> {
                         co_return co_await SleepFor(absl::ZeroDuration());
                       })
        .AsyncFunction(
            "readThenCall",
            [](JsFunction<void()> callback) -> Task<absl::Status> {
              CO_RETURN_IF_ERROR(co_await SleepFor(absl::ZeroDuration()));
              co_return callback();
            });
  }
};

TEST_F(OrderTest, TopLevelOfAModule) {
  EXPECT_EQ(Run(R"(setTimeout(() => log("timeout"), 0);
                  setImmediate(() => log("immediate"));
                  nextTick(() => log("tick"));
                  Promise.resolve().then(() => log("promise"));
                  queueMicrotask(() => log("microtask"));
                  log("sync");)"),
            "sync\npromise\nmicrotask\ntick\nimmediate\ntimeout\n");
}

TEST_F(OrderTest, InsideACallback) {
  EXPECT_EQ(Run(R"(import { readThenCall } from "native:order";
                  readThenCall(() => {
                    setTimeout(() => log("timeout"), 0);
                    setImmediate(() => log("immediate"));
                    nextTick(() => log("tick"));
                    Promise.resolve().then(() => {
                      log("promise");
                      nextTick(() => log("tick in promise"));
                    }).then(() => log("promise 2"));
                    queueMicrotask(() => log("microtask"));
                    log("callback");
                  });)"),
            "callback\ntick\npromise\nmicrotask\npromise 2\ntick in "
            "promise\nimmediate\ntimeout\n");
}

TEST_F(OrderTest, TicksAndMicrotasksRunBetweenTimers) {
  EXPECT_EQ(Run(R"(for (const t of ["t1", "t2"]) {
                    setTimeout(() => {
                      log(t);
                      nextTick(() => log(t, "tick"));
                      Promise.resolve().then(() => log(t, "micro"));
                    }, 1);
                  })"),
            "t1\nt1 tick\nt1 micro\nt2\nt2 tick\nt2 micro\n");
}

TEST_F(OrderTest, TimersRunInDueOrder) {
  EXPECT_EQ(Run(R"(setTimeout(() => log(2), 2);
                  setTimeout(() => log("1a"), 1);
                  setTimeout(() => log("0 is 1"), 0);
                  setTimeout(() => log(3), 3);)"),
            "1a\n0 is 1\n2\n3\n");
}

TEST_F(OrderTest, ImmediatesAreTakenAtTheBeginningOfAPhase) {
  EXPECT_EQ(Run(R"(setImmediate(() => {
                    log("i1");
                    setImmediate(() => log("nested"));
                    nextTick(() => log("i1 tick"));
                    Promise.resolve().then(() => log("i1 micro"));
                  });
                  setImmediate(() => log("i2"));)"),
            "i1\ni1 tick\ni1 micro\ni2\nnested\n");
}

TEST_F(OrderTest, TicksOfTicksBeforeMicrotasks) {
  EXPECT_EQ(Run(R"(setImmediate(() => {
                    Promise.resolve().then(() => log("p1"));
                    nextTick(() => { log("n1"); nextTick(() => log("n2")); });
                    nextTick(() => log("n3"));
                  });)"),
            "n1\nn3\nn2\np1\n");
}

TEST_F(OrderTest, ImmediatesComeBeforeTimers) {
  EXPECT_EQ(Run(R"(setTimeout(() => log("timeout"), 0);
                  setImmediate(() => log("immediate"));
                  queueMicrotask(() => log("micro"));)"),
            "micro\nimmediate\ntimeout\n");
}

TEST_F(OrderTest, RejectionsAreJudgedWhenTheQueuesAreEmpty) {
  EXPECT_EQ(Run(R"(on("unhandledRejection", () => log("unhandled"));
                  setTimeout(() => log("timeout"), 0);
                  setImmediate(() => log("immediate"));
                  nextTick(() => log("tick"));
                  Promise.reject(1);
                  queueMicrotask(() => { log("m1"); queueMicrotask(() => log("m2")); });)"),
            "m1\nm2\ntick\nunhandled\nimmediate\ntimeout\n");
}

TEST_F(OrderTest, HandlerInAnImmediateIsTooLate) {
  EXPECT_EQ(Run(R"(on("unhandledRejection", () => log("unhandled"));
                  on("rejectionHandled", () => log("handled"));
                  const promise = Promise.reject(1);
                  setImmediate(() => promise.catch(() => log("caught")));)"),
            "unhandled\ncaught\nhandled\n");
}

TEST_F(OrderTest, SynchronousDispatchRunsNoMicrotasksBetweenListeners) {
  EXPECT_EQ(Run(R"(const listeners = [1, 2].map((n) => () => {
                    log("l", n);
                    Promise.resolve().then(() => log("micro", n));
                  });
                  setImmediate(() => { for (const l of listeners) l(); log("after"); });)"),
            "l 1\nl 2\nafter\nmicro 1\nmicro 2\n");
}

TEST_F(OrderTest, NativeOperationsSettleBeforeImmediatesOfTheSameTurn) {
  EXPECT_EQ(Run(R"(import { read } from "native:order";
                  await read();
                  setImmediate(() => log("immediate"));
                  setTimeout(() => log("timeout"), 0);
                  nextTick(() => log("tick"));
                  Promise.resolve().then(() => log("promise"));
                  log("after await");)"),
            "after await\npromise\ntick\nimmediate\ntimeout\n");
}

TEST_F(OrderTest, MicrotasksDoNotRunInsideACallFromCppIntoJsThatJsMade) {
  runtime().Module("native:call").Function("call", [](JsFunction<void()> f) {
    return f();
  });
  EXPECT_EQ(Run(R"(import { call } from "native:call";
                  nextTick(() => log("tick"));
                  call(() => { Promise.resolve().then(() => log("micro")); log("inner"); });
                  log("outer");)"),
            "inner\nouter\nmicro\ntick\n");
}

}  // namespace
}  // namespace braid
