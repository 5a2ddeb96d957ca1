// JS and C++ awaiting each other.

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "absl/status/status.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/errno_status.h"
#include "jsbind/abort_source.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_def.h"
#include "jsbind/pending_call.h"
#include "jsbind/testing/core_js.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

class BridgeTest : public JsTest {
 public:
  BridgeTest() : JsTest({&CoreJs()}, "--expose-gc") {}
};

// A turn of the loop, without passing time.
Task<void> NextTurn() { CHECK_OK(co_await SleepFor(absl::ZeroDuration())); }

TEST_F(BridgeTest, ReadyTaskIsAPromiseThatIsFulfilledAlready) {
  runtime().Module("native:t").AsyncFunction("ready", []() -> Task<int> {
    co_return 7;
  });
  EXPECT_EQ(Run(R"(import { ready } from "native:t";
                  const promise = ready();
                  log(promise instanceof Promise);
                  promise.then((n) => log("ready", n));
                  Promise.resolve().then(() => log("later"));
                  log("sync");)"),
            "true\nsync\nready 7\nlater\n");
}

TEST_F(BridgeTest, TaskStartsInsideTheCall) {
  bool started = false;
  runtime()
      .Module("native:t")
      .AsyncFunction("start",
                     [&started]() -> Task<void> {
                       started = true;
                       co_await NextTurn();
                     })
      .Function("started", [&started] { return started; });
  EXPECT_EQ(Run(R"(import { start, started } from "native:t";
                  const promise = start();
                  log(started());
                  log(await promise);)"),
            "true\nundefined\n");
}

TEST_F(BridgeTest, StatusesAndExceptionsReject) {
  runtime()
      .Module("native:t")
      .AsyncFunction("missing",
                     []() -> Task<absl::StatusOr<int>> {
                       co_await NextTurn();
                       co_return absl::NotFoundError("no such key");
                     })
      .AsyncFunction("open",
                     []() -> Task<absl::Status> {
                       co_return ErrnoStatus(ENOENT, "open", "/x");
                     })
      .AsyncFunction("fine",
                     []() -> Task<absl::Status> { co_return absl::OkStatus(); })
      .AsyncFunction("bad", []() -> Task<void> {
        co_await NextTurn();
        throw std::runtime_error("thrown in C++");
      });
  EXPECT_EQ(Run(R"(import { missing, open, fine, bad } from "native:t";
                  await missing().catch((e) => log(e instanceof Error, e.code, e.message));
                  await open().catch((e) => log(e.code, e.errno, e.syscall, e.path, e.message));
                  log(await fine());
                  await bad().catch((e) => log(e.code, e.message));)"),
            "true NOT_FOUND no such key\n"
            "ENOENT -2 open /x ENOENT: no such file or directory, open '/x'\n"
            "undefined\n"
            "ERR_CPP_EXCEPTION thrown in C++\n");
}

TEST_F(BridgeTest, WrongArgumentRejectsAndDoesNotThrow) {
  runtime()
      .Module("native:t")
      .AsyncFunction("f", [](int, std::string) -> Task<void> { co_return; });
  EXPECT_EQ(Run(R"(import { f } from "native:t";
                  const promise = f(1, 2);
                  log(await promise.catch((e) => `${e.name} ${e.code} ${e.message}`));)"),
            "TypeError ERR_INVALID_ARG_TYPE f(): argument 2 must be a string, "
            "received number 2\n");
}

TEST_F(BridgeTest, ArgumentsLiveAsLongAsTheTask) {
  runtime()
      .Module("native:t")
      .AsyncFunction("hold",
                     [](std::string_view text, std::span<const uint8_t> bytes,
                        const std::vector<int>& numbers) -> Task<int> {
                       for (int i = 0; i < 3; ++i) co_await NextTurn();
                       co_return static_cast<int>(text.size()) + bytes[0] +
                           numbers[1];
                     });
  EXPECT_EQ(Run(R"(import { hold } from "native:t";
                  const promise = hold("abc".repeat(100), new Uint8Array([40]), [1, 2]);
                  gc();
                  log(await promise);)"),
            "342\n");
}

TEST_F(BridgeTest, CppAwaitsPromises) {
  runtime()
      .Module("native:t")
      .AsyncFunction(
          "twice",
          [](JsFunction<JsPromise<int>(int)> f) -> Task<absl::StatusOr<int>> {
            CO_ASSIGN_OR_RETURN(int first, co_await f(1));
            CO_ASSIGN_OR_RETURN(int second, co_await f(first));
            co_return second;
          });
  EXPECT_EQ(Run(R"(import { twice } from "native:t";
                  log(await twice((n) => n + 1));
                  log(await twice(async (n) => n + 2));
                  log(await twice(async (n) => { await null; return n + 3; }));
                  log(await twice((n) => new Promise((r) => setImmediate(() => r(n + 4)))));
                  log(await twice((n) => ({ then(resolve) { resolve(n + 5); } })));
                  const wrong = await twice(() => "x").catch((e) => e);
                  log(wrong.name, wrong.message);)"),
            "3\n5\n7\n9\n11\n"
            "TypeError a promise's value must be an integer, received string "
            "\"x\"\n");
}

TEST_F(BridgeTest, ErrorsKeepTheirIdentityThroughCpp) {
  std::vector<absl::Status> seen;
  runtime()
      .Module("native:t")
      .AsyncFunction(
          "through",
          [&seen](JsFunction<JsPromise<void>()> f) -> Task<absl::Status> {
            absl::Status status = co_await f();
            seen.push_back(absl::Status(status.code(), status.message()));
            co_await NextTurn();
            co_return status;
          })
      .Function("throughSync", [](JsFunction<int()> f) { return f(); });
  EXPECT_EQ(Run(R"(import { through, throughSync } from "native:t";
                  const error = new RangeError("too far");
                  log(await through(() => { throw error; }).catch((e) => e === error));
                  log(await through(async () => { await null; throw error; }).catch((e) => e === error));
                  log(await through(() => Promise.reject(5)).catch((e) => e));
                  try { throughSync(() => { throw error; }); } catch (e) { log(e === error); })"),
            "true\ntrue\n5\ntrue\n");
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0], absl::OutOfRangeError("RangeError: too far"));
  EXPECT_EQ(seen[1], seen[0]);
  EXPECT_EQ(seen[2], absl::UnknownError("number 5"));
}

TEST_F(BridgeTest, ErrnoSurvivesBothWays) {
  int error = 0;
  runtime()
      .Module("native:t")
      .AsyncFunction("look",
                     [&error](JsFunction<JsPromise<void>()> f) -> Task<void> {
                       error = ErrnoOf(co_await f());
                     });
  EXPECT_EQ(Run(R"(import { look } from "native:t";
                  await look(() => { throw Object.assign(new Error("x"), { errno: -13 }); });)"),
            "");
  EXPECT_EQ(error, 13);
}

TEST_F(BridgeTest, AbortSignalCancelsTheTask) {
  absl::Status ended;
  runtime()
      .Module("native:t")
      .AsyncFunction("sleep", [&ended](int) -> Task<absl::Status> {
        ended = co_await SleepFor(absl::InfiniteDuration());
        co_return ended;
      });
  EXPECT_EQ(
      Run(R"(import { sleep } from "native:t";
                  const controller = new AbortController();
                  const promise = sleep(1, { signal: controller.signal });
                  setImmediate(() => controller.abort(new Error("enough")));
                  log(await promise.catch((e) => e.message));
                  log(await sleep(1, { signal: AbortSignal.abort("before") }).catch((e) => e));
                  log(await sleep(1, controller.signal).catch((e) => e.message));
                  log(await sleep(1, { signal: 5 }).catch((e) => e.message));
                  log(subscriptions());)"),
      "enough\nbefore\nenough\n"
      "sleep(): options.signal must be an AbortSignal, received number 5\n0\n");
  EXPECT_TRUE(absl::IsCancelled(ended));
}

TEST_F(BridgeTest, OptionsThatThrowRejectAndNothingRuns) {
  int calls = 0;
  runtime().Module("native:t").AsyncFunction("f", [&calls](int) -> Task<void> {
    ++calls;
    co_return;
  });
  EXPECT_EQ(Run(R"(import { f } from "native:t";
                  const options = { get signal() { throw new Error("signal"); } };
                  log(await f(1, options).catch((e) => e.message));
                  const odd = { get aborted() { throw new Error("aborted"); } };
                  log(await f(1, odd).catch((e) => e.message));
                  log(await f(1, {}));)"),
            "signal\naborted\nundefined\n");
  EXPECT_EQ(calls, 1);
}

struct SleepOptions {
  int times = 1;
};
constexpr auto JsFields(const SleepOptions*) {
  return std::tuple(Field("times", &SleepOptions::times));
}

TEST_F(BridgeTest, SignalMayLieInTheLastStruct) {
  runtime()
      .Module("native:t")
      .AsyncFunction("sleep", [](SleepOptions options) -> Task<absl::Status> {
        for (int i = 0; i < options.times; ++i) {
          CO_RETURN_IF_ERROR(co_await SleepFor(absl::InfiniteDuration()));
        }
        co_return absl::OkStatus();
      });
  EXPECT_EQ(Run(R"(import { sleep } from "native:t";
                  const controller = new AbortController();
                  const promise = sleep({ times: 2, signal: controller.signal });
                  controller.abort("now");
                  log(await promise.catch((e) => e));
                  log(await sleep({ times: 0 }));
                  log(subscriptions());)"),
            "now\nundefined\n0\n");
}

TEST_F(BridgeTest, SuccessWinsOverALateAbort) {
  Event event;
  runtime()
      .Module("native:t")
      .AsyncFunction("wait",
                     [&event]() -> Task<absl::StatusOr<int>> {
                       CO_RETURN_IF_ERROR(co_await event.Wait());
                       co_return 1;
                     })
      .Function("set", [&event] { event.Set(); });
  EXPECT_EQ(Run(R"(import { wait, set } from "native:t";
                  const controller = new AbortController();
                  const promise = wait({ signal: controller.signal });
                  set();
                  controller.abort();
                  log(await promise);)"),
            "1\n");
}

TEST_F(BridgeTest, CancelledErrorWithoutASignalIsAnAbortError) {
  runtime().Module("native:t").AsyncFunction("f", []() -> Task<absl::Status> {
    co_return absl::CancelledError();
  });
  EXPECT_EQ(Run(R"(import { f } from "native:t";
                  await f().catch((e) => log(e.name, e.message));)"),
            "AbortError The operation was aborted\n");
}

TEST_F(BridgeTest, CancellingACppAwaiterAbortsTheSignalItGave) {
  absl::Status ended;
  runtime()
      .Module("native:t")
      .AsyncFunction(
          "ask",
          [&ended](Runtime& runtime,
                   JsFunction<JsPromise<int>(AbortSource&)> f) -> Task<void> {
            auto ask = [&]() -> Task<absl::StatusOr<int>> {
              AbortSource abort(runtime);
              JsPromise<int> answer = f(abort);
              co_return co_await answer.OrAbort(abort);
            };
            ended = (co_await Timeout(absl::Milliseconds(1), ask())).status();
          });
  EXPECT_EQ(Run(R"(import { ask } from "native:t";
                  await ask((signal) => new Promise(() => {
                    signal.addEventListener("abort", () => log("aborted", signal.reason.name));
                  }));)"),
            "aborted AbortError\n");
  EXPECT_TRUE(absl::IsDeadlineExceeded(ended)) << ended;
}

TEST_F(BridgeTest, AbandonedPromiseMaySettleLater) {
  runtime()
      .Module("native:t")
      .AsyncFunction(
          "giveUp", [](JsFunction<JsPromise<int>()> f) -> Task<bool> {
            auto ask = [&]() -> Task<absl::StatusOr<int>> {
              co_return co_await f();
            };
            co_return absl::IsDeadlineExceeded(
                (co_await Timeout(absl::Milliseconds(1), ask())).status());
          });
  EXPECT_EQ(Run(R"(import { giveUp } from "native:t";
                  let settle;
                  log(await giveUp(() => new Promise((resolve, reject) => { settle = reject; })));
                  settle(new Error("nobody looks"));
                  log(await giveUp(() => new Promise(() => {})));)"),
            "true\ntrue\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(BridgeTest, ProgramEndsWhileCallsArePending) {
  bool unwound = false;
  runtime()
      .Module("native:t")
      .AsyncFunction("forever", [&unwound]() -> Task<absl::Status> {
        absl::Status status = co_await SleepFor(absl::InfiniteDuration());
        unwound = absl::IsCancelled(status);
        co_return status;
      });
  EXPECT_EQ(Run(R"(import { forever } from "native:t";
                  import { exit } from "braid:test-process";
                  forever();
                  setImmediate(() => { exit(3); log("not reached"); });)"),
            "");
  EXPECT_EQ(exit_code(), 3);
  EXPECT_TRUE(unwound);
}

TEST_F(BridgeTest, ProgramEndsWhileCppAwaitsAPromise) {
  // Not in a call from JS: nothing cancels this task.
  Scope scope(loop().executor().root_scope());
  std::optional<absl::Status> ended;
  runtime()
      .Module("native:t")
      .Function("ask", [&](JsFunction<JsPromise<void>()> f) {
        scope.Spawn([&ended, asked = std::move(f)]() -> Task<void> {
          ended = co_await asked();
        });
      });
  EXPECT_EQ(Run(R"(import { ask } from "native:t";
                  import { exit } from "braid:test-process";
                  setTimeout(() => {}, 1e6);
                  ask(() => {
                    setImmediate(() => exit(3));
                    return new Promise(() => {});
                  });)"),
            "");
  EXPECT_EQ(exit_code(), 3);
  loop().Run(NextTurn());
  ASSERT_TRUE(ended.has_value()) << "the task waits on";
  EXPECT_EQ(*ended, absl::CancelledError("the program has ended"));
  scope.Cancel();
  loop().Run([&]() -> Task<void> { CHECK_OK(co_await scope.Join()); }());
}

TEST_F(BridgeTest, AwaitingAPromiseAfterTheEndFails) {
  EXPECT_EQ(Run(""), "");
  const absl::Status ended = loop().Run([&]() -> Task<absl::Status> {
    JsPromise<void> never = [&] {
      JsTurn js(runtime());
      return JsPromise<void>(js, v8::Promise::Resolver::New(js.context())
                                     .ToLocalChecked()
                                     ->GetPromise());
    }();
    co_return never.settled() ? co_await never : absl::OkStatus();
  }());
  EXPECT_EQ(ended, absl::CancelledError("the program has ended"));
}

TEST_F(BridgeTest, PromisesThatRunCodeWhenTheyAreAwaited) {
  runtime()
      .Module("native:t")
      .AsyncFunction(
          "ask",
          [](JsFunction<JsPromise<int>()> f) -> Task<absl::StatusOr<int>> {
            co_return co_await f();
          });
  EXPECT_EQ(Run(R"(import { ask } from "native:t";
                  const outer = Promise.withResolvers();
                  const inner = Array.from({ length: 64 }, () => Promise.withResolvers());
                  const answers = [];
                  Object.defineProperty(outer.promise, "constructor", {
                    get() {
                      answers.push(...inner.map(({ promise }) => ask(() => promise)));
                      return Promise;
                    },
                  });
                  answers.unshift(ask(() => outer.promise));
                  inner.forEach(({ resolve }, i) => resolve(i));
                  outer.resolve(-1);
                  const got = await Promise.all(answers);
                  log(got.length, got.every((n, i) => n === i - 1));
                  const refuses = new Promise(() => {});
                  Object.defineProperty(refuses, "constructor", {
                    get() { throw new RangeError("no"); },
                  });
                  log(await ask(() => refuses).catch((e) => `${e}`));
                  log(await ask(async () => { await null; return 5; }));)"),
            "65 true\nRangeError: no\n5\n");
}

TEST_F(BridgeTest, ExitInACallbackEndsItsCallerToo) {
  runtime().Module("native:t").Function("now", [](JsFunction<void()> f) {
    return f();
  });
  EXPECT_EQ(Run(R"(import { now } from "native:t";
                  import { exit } from "braid:test-process";
                  try { now(() => exit(4)); } catch { log("caught"); }
                  log("not reached");)"),
            "");
  EXPECT_EQ(exit_code(), 4);
}

TEST_F(BridgeTest, CallbacksEnterJsFromCoroutinesAndFromJs) {
  runtime()
      .Module("native:t")
      .Function("now", [](JsFunction<std::string(int)> f) { return f(1); })
      .AsyncFunction(
          "later",
          [](JsFunction<void(std::string_view)> f) -> Task<absl::Status> {
            co_await NextTurn();
            co_return f("x");
          });
  EXPECT_EQ(Run(R"(import { now, later } from "native:t";
                  log(now((n) => { Promise.resolve().then(() => log("micro")); return `n${n}`; }));
                  log("sync");
                  await later((s) => { queueMicrotask(() => log("micro 2")); log(s); });
                  log("after");
                  try { now(() => 5); } catch (e) { log(e.message); })"),
            "n1\nsync\nmicro\nx\nmicro 2\nafter\n"
            "a callback's result must be a string, received number 5\n");
}

using BridgeDeathTest = BridgeTest;

TEST_F(BridgeDeathTest, JsTurnAcrossAnAwaitIsFound) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  runtime();
  EXPECT_DEATH(loop().Run([](Runtime& runtime) -> Task<void> {
    JsTurn js(runtime);
    co_await NextTurn();
  }(runtime())),
               "a JsTurn was held across a co_await");
}

TEST_F(BridgeDeathTest, RuntimeThatEndsWithPendingCallsIsFound) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto other = *Runtime::Create(loop(), {});
        other->Module("native:t")
            .AsyncFunction("forever", []() -> Task<absl::Status> {
              co_return co_await SleepFor(absl::InfiniteDuration());
            });
        (void)other->EvalToString(
            "import('native:t').then((t) => t.forever())");
        other.reset();
      },
      "calls from JS into C\\+\\+ were pending");
}

}  // namespace
}  // namespace braid
