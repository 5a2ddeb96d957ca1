// The stacks of errors that cross between the languages.

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "jsbind/js_function.h"
#include "jsbind/js_promise.h"
#include "jsbind/module_def.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

Task<absl::Status> Refuse(bool suspend) {
  if (suspend) CO_RETURN_IF_ERROR(co_await SleepFor(absl::ZeroDuration()));
  co_return absl::NotFoundError("not there");
}

Task<absl::Status> Find(bool suspend) {
  CO_RETURN_IF_ERROR(co_await Refuse(suspend));
  co_return absl::OkStatus();
}

Task<absl::Status> Visit(JsFunction<JsPromise<void>()> visit) {
  CO_RETURN_IF_ERROR(co_await visit());
  co_return absl::OkStatus();
}

Task<absl::Status> Hang() {
  co_return co_await Timeout(absl::Milliseconds(1), []() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Hours(1));
  }());
}

class ErrorStackTest : public JsTest {
 public:
  ErrorStackTest() {
    runtime()
        .Module("native:t")
        .AsyncFunction<&Find>("find")
        .AsyncFunction<&Visit>("visit")
        .AsyncFunction<&Hang>("hang")
        .Function("refuse", [] { return absl::NotFoundError("at once"); });
  }

  // Runs `code` behind what makes a stack comparable: names of functions and of
  // files, without folders and places.
  std::string RunWithNames(const std::string& code) {
    return Run(R"(
        import { find, hang, refuse, visit } from "native:t";
        const names = (error) => error.stack
            .replaceAll(/\(?[^ ()]*?([^\/ ()]+?\.(?:mjs|js|cc|h))(?::\d+)+\)?/g, "$1");
        const caught = (promise) => promise.catch((error) => error);
        )" + code);
  }
};

TEST_F(ErrorStackTest, ShowsTheCoReturnsAndWhoAwaits) {
  EXPECT_EQ(RunWithNames(R"(
      async function inner() { await find(true); }
      async function outer() { await inner(); }
      log(names(await caught(outer())));)"),
            "Error: not there\n"
            "    at braid::Refuse error_stack_test.cc\n"
            "    at braid::Find error_stack_test.cc\n"
            "    at async inner main.js\n"
            "    at async outer main.js\n"
            "    at async main.js\n");
}

TEST_F(ErrorStackTest, ShowsThemForACallThatEndsAtOnce) {
  EXPECT_EQ(RunWithNames(R"(
      async function inner() { await find(false); }
      log(names(await caught(inner())));)"),
            "Error: not there\n"
            "    at braid::Refuse error_stack_test.cc\n"
            "    at braid::Find error_stack_test.cc\n"
            "    at find internal:async_calls.js\n"
            "    at inner main.js\n"
            "    at main.js\n");
}

TEST_F(ErrorStackTest, ShowsWhoAwaitsThroughCombinators) {
  EXPECT_EQ(RunWithNames(R"(
      async function all() { await Promise.all([1, find(true)]); }
      log(names(await caught(all())));)"),
            "Error: not there\n"
            "    at braid::Refuse error_stack_test.cc\n"
            "    at braid::Find error_stack_test.cc\n"
            "    at async Promise.all (index 1)\n"
            "    at async all main.js\n"
            "    at async main.js\n");
}

TEST_F(ErrorStackTest, AnErrorOfJsThatWentThroughCppShowsItsWay) {
  EXPECT_EQ(RunWithNames(R"(
      async function visitor() { await null; throw new RangeError("mine"); }
      async function outer() { await visit(visitor); }
      const error = await caught(outer());
      log(error instanceof RangeError, names(error));)"),
            "true RangeError: mine\n"
            "    at visitor main.js\n"
            "    at braid::Visit error_stack_test.cc\n"
            "    at async outer main.js\n"
            "    at async main.js\n");
}

TEST_F(ErrorStackTest, ATimeoutShowsWhereTheTimeWent) {
  EXPECT_EQ(RunWithNames(R"(
      const lines = names(await caught(hang())).split("\n");
      log(lines[0]); log(lines[1]); log(lines.at(-1));)"),
            "TimeoutError: timed out after 1ms\n"
            "    at braid::Hang::(lambda) error_stack_test.cc\n"
            "    at async main.js\n");
}

TEST_F(ErrorStackTest, AnErrorThatCrossesForEverKeepsTheBeginningOfItsWay) {
  EXPECT_EQ(RunWithNames(R"(
      const error = new Error("again");
      for (let i = 0; i < 1000; ++i) await caught(visit(async () => { await null; throw error; }));
      const lines = names(error).split("\n");
      log(lines[0], lines.length);)"),
            "Error: again 18\n");
}

TEST_F(ErrorStackTest, FailuresSettleInTheirOrderAmongOthers) {
  EXPECT_EQ(RunWithNames(R"(
      const order = [];
      const calls = [find(true), find(false), find(true), find(true)];
      calls.forEach((call, i) => call.catch(() => {
        order.push(i);
        Promise.resolve().then(() => order.push(`micro ${i}`));
      }));
      await Promise.allSettled(calls);
      await null;
      log(order.join());)"),
            "1,micro 1,0,micro 0,2,micro 2,3,micro 3\n");
}

TEST_F(ErrorStackTest, UnhandledRejectionsAreReportedWithIt) {
  EXPECT_EQ(RunWithNames("async function main() { await find(true); } main();"),
            "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_NE(stderr_text().find("Error: not there\n    at braid::Refuse ("),
            std::string::npos)
      << stderr_text();
  EXPECT_NE(stderr_text().find("\n    at async main (file://DIR/main.js"),
            std::string::npos)
      << stderr_text();
}

TEST_F(ErrorStackTest, TheProgramsOwnPrepareStackTraceIsAsked) {
  EXPECT_EQ(RunWithNames(R"(
      Error.prepareStackTrace = (error, sites) => `${error.message},${Array.isArray(sites)}`;
      log(new Error("a").stack, (await caught(find(true))).stack);
      delete Error.prepareStackTrace;
      log(new Error("b").stack.split("\n")[0]);)"),
            "a,true not there,true\nError: b\n");
}

TEST_F(ErrorStackTest, StacksAreAsV8HasThem) {
  EXPECT_EQ(RunWithNames(R"(
      class Mine extends Error { get name() { throw 1; } }
      log(new Mine("x").stack.split("\n")[0]);
      Error.stackTraceLimit = 0;
      log(new Error("y").stack, "|", (await caught(find(true))).stack.split("\n").length);
      Error.stackTraceLimit = 10;
      const target = {};
      Error.captureStackTrace(target);
      log(target.stack.split("\n")[0]);
      try { refuse(); } catch (error) { log(names(error).split("\n")[1]); })"),
            "<error>\nError: y | 3\nError\n    at main.js\n");
}

}  // namespace
}  // namespace braid
