// From the first module to the exit code: errors that nobody handles, and what
// keeps a program running.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "jsbind/module_def.h"
#include "jsbind/testing/core_js.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

class ProgramTest : public JsTest {
 public:
  ProgramTest() : JsTest({&CoreJs()}) {}
};

TEST_F(ProgramTest, UncaughtErrorShowsPlaceAndStack) {
  EXPECT_EQ(
      Run("function fail() {\n  throw new TypeError(\"no\");\n}\nfail();\n"),
      "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_EQ(stderr_text(),
            "file://DIR/main.js:2\n"
            "  throw new TypeError(\"no\");\n"
            "        ^\n\n"
            "TypeError: no\n"
            "    at fail (file://DIR/main.js:2:9)\n"
            "    at file://DIR/main.js:4:1\n");
}

TEST_F(ProgramTest, ThrownValueThatIsNoError) {
  EXPECT_EQ(Run("throw 5;"), "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_EQ(stderr_text(), "Uncaught 5\n");
}

TEST_F(ProgramTest, ErrorInATimerEndsTheProgram) {
  EXPECT_EQ(Run("setTimeout(() => { throw new Error('late'); }, 1); "
                "setTimeout(() => log(1), 5);"),
            "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(
      stderr_text(),
      testing::HasSubstr(
          "Error: late\n    at Object.callback (file://DIR/main.js:1:26)"));
}

TEST_F(ProgramTest, ErrorInAMicrotaskEndsTheProgram) {
  EXPECT_EQ(Run("queueMicrotask(() => { throw new Error('micro'); }); "
                "setImmediate(() => log(1));"),
            "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(), testing::HasSubstr("Error: micro\n"));
}

TEST_F(ProgramTest, UnhandledRejectionEndsTheProgram) {
  EXPECT_EQ(Run("log('a');\nPromise.reject(new "
                "Error('unhandled'));\nsetImmediate(() => log('b'));"),
            "a\n");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_EQ(stderr_text(),
            "file://DIR/main.js:2\n"
            "Promise.reject(new Error('unhandled'));\n"
            "               ^\n\n"
            "Error: unhandled\n    at file://DIR/main.js:2:16\n");
}

TEST_F(ProgramTest, RejectionWithAValueThatIsNoError) {
  EXPECT_EQ(Run("Promise.reject({ a: 1 });"), "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(),
              testing::HasSubstr(
                  "The promise rejected with the reason \"#<Object>\"."));
}

TEST_F(ProgramTest, RejectionHandledInTheSameTurnIsFine) {
  EXPECT_EQ(
      Run(R"(const a = Promise.reject(1); nextTick(() => a.catch(() => log("tick")));
                  const b = Promise.reject(2); queueMicrotask(() => b.catch(() => log("micro")));)"),
      "micro\ntick\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProgramTest, ManyRejectionsAreHandledInOneTurn) {
  EXPECT_EQ(
      Run(R"(const all = Array.from({ length: 200_000 }, (_, i) => Promise.reject(i));
                  const settled = await Promise.allSettled(all);
                  log(settled.filter(({ reason }, i) => reason === i).length);)"),
      "200000\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProgramTest, OneOfManyRejectionsIsNotHandled) {
  EXPECT_EQ(
      Run(R"(on("unhandledRejection", (reason) => log("unhandled", reason));
                  const all = [1, 2, 3].map((i) => Promise.reject(i));
                  all[0].catch(() => {});
                  queueMicrotask(() => all[2].catch(() => {}));)"),
      "unhandled 2\n");
}

TEST_F(ProgramTest, RejectionHandlersAreAskedAndTold) {
  EXPECT_EQ(
      Run(R"(on("unhandledRejection", (reason) => log("unhandled", reason));
                  on("rejectionHandled", () => log("handled"));
                  const promise = Promise.reject("why");
                  setImmediate(() => promise.catch(() => log("late")));)"),
      "unhandled why\nlate\nhandled\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProgramTest, UncaughtHandlersKeepTheProgramGoing) {
  EXPECT_EQ(
      Run(R"(on("uncaughtException", (e, origin) => log("caught", e.code ? e.name : e.message, origin));
                  setTimeout(() => { throw new Error("one"); }, 1);
                  setTimeout(() => log("two"), 1);
                  setImmediate(() => { throw new Error("three"); });
                  setImmediate(() => log("four"));
                  nextTick(() => { throw new Error("five"); });
                  nextTick(() => log("six"));
                  Promise.reject("seven");)"),
      "caught five uncaughtException\nsix\ncaught UnhandledPromiseRejection "
      "unhandledRejection\n"
      "caught three uncaughtException\nfour\ncaught one "
      "uncaughtException\ntwo\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProgramTest, HandlerThatThrowsEndsWithSeven) {
  EXPECT_EQ(
      Run(R"(on("uncaughtException", () => { throw new Error("in handler"); });
                  throw new Error("first");)"),
      "");
  EXPECT_EQ(exit_code(), 7);
  EXPECT_THAT(stderr_text(), testing::HasSubstr("Error: in handler"));
}

TEST_F(ProgramTest, StalledTopLevelAwaitEndsWithThirteen) {
  EXPECT_EQ(Run("log(1);\nawait new Promise(() => {});\nlog(2);"), "1\n");
  EXPECT_EQ(exit_code(), 13);
  EXPECT_EQ(
      stderr_text(),
      "Warning: Detected unsettled top-level await at file://DIR/main.js:2\n"
      "await new Promise(() => {});\n^\n\n");
}

TEST_F(ProgramTest, ExitStopsAtOnce) {
  EXPECT_EQ(Run(R"(import { exit } from "braid:test-process";
                  on("exit", () => log("not for a direct exit"));
                  log("before");
                  try { exit(4); log("after"); } catch { log("caught"); } finally { log("finally"); })"),
            "before\n");
  EXPECT_EQ(exit_code(), 4);
}

TEST_F(ProgramTest, BeforeExitMayStartMore) {
  EXPECT_EQ(Run(R"(let times = 0;
                  on("beforeExit", (code) => {
                    log("beforeExit", code);
                    if (times++ < 2) setTimeout(() => log("more"), 1);
                  });
                  on("exit", (code) => { log("exit", code); Promise.resolve().then(() => log("?")); });)"),
            "beforeExit 0\nmore\nbeforeExit 0\nmore\nbeforeExit 0\nexit 0\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProgramTest, ExitCodeIsTheProgramsWish) {
  EXPECT_EQ(
      Run("import { setExitCode } from 'braid:test-process'; setExitCode(9);"),
      "");
  EXPECT_EQ(exit_code(), 9);
}

TEST_F(ProgramTest, ExitHandlersSeeTheUncaughtCode) {
  EXPECT_EQ(
      Run("on('exit', (code) => log('exit', code)); throw new Error('x');"),
      "exit 1\n");
  EXPECT_EQ(exit_code(), 1);
}

TEST_F(ProgramTest, ArgumentsReachTheProgram) {
  WriteFile(
      "args.js",
      "import { args } from 'braid:test-process'; log(args().join('|'));");
  EXPECT_EQ(RunFile("args.js", {"a", "--b", ""}), "a|--b|\n");
}

TEST_F(ProgramTest, KeepAliveHoldsAProgramOpen) {
  std::optional<Runtime::KeepAlive> open;
  Event listening;
  runtime().Module("native:server").Function("listen", [&](Runtime& runtime) {
    open.emplace(runtime);
    listening.Set();
  });
  Scope scope(loop().executor().root_scope());
  scope.Spawn([&]() -> Task<void> {
    CHECK_OK(co_await listening.Wait());
    CHECK_OK(co_await SleepFor(absl::Milliseconds(1)));
    open.reset();
  });
  EXPECT_EQ(Run(R"(import { listen } from "native:server";
                  listen();
                  on("exit", () => log("exit"));)"),
            "exit\n");
  EXPECT_FALSE(open.has_value());
  loop().Run([&]() -> Task<void> { CHECK_OK(co_await scope.Join()); }());
}

// V8 ends such a wait with a task that it wants to have run later.
constexpr char kWaitAsync[] =
    R"(const { value } = Atomics.waitAsync(
           new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
       value.then((ended) => { log(ended); globalThis.onEnd?.(); });)";

TEST_F(ProgramTest, V8sDelayedTasksWakeTheLoop) {
  runtime()
      .Module("native:sleep")
      .AsyncFunction("hold", []() -> Task<absl::Status> {
        co_return co_await SleepFor(absl::Seconds(20));
      });
  EXPECT_EQ(Run(absl::StrCat(R"(import { hold } from "native:sleep";
                               import { exit } from "braid:test-process";
                               globalThis.onEnd = () => exit(0);
                               hold().then(() => log("nothing else"));)",
                             kWaitAsync)),
            "timed-out\n");
}

TEST_F(ProgramTest, V8sDelayedTasksKeepNoProgramAlive) {
  EXPECT_EQ(Run(kWaitAsync), "");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProgramTest, CancellingTheProgramEndsIt) {
  const std::string path =
      WriteFile("forever.js",
                "import { cancel } from 'native:cancel';\n"
                "setTimeout(() => {}, 1e6); cancel(); log('on');");
  CancelScope scope(loop().executor().root_scope(),
                    CancelPropagation::kInherit);
  runtime().Module("native:cancel").Function("cancel", [&] { scope.Cancel(); });
  EXPECT_EQ(loop().Run([&]() -> Task<int> {
    co_return co_await runtime().RunMain(path, {}).In(scope);
  }()),
            Runtime::kCancelledExitCode);
  EXPECT_EQ(TakeLog(), "on\n");
}

TEST_F(ProgramTest, CancellingTheProgramBeforeItsModulesAreLoadedEndsIt) {
  const std::string path = WriteFile("main.js", "log('not reached');");
  CancelScope scope(loop().executor().root_scope(),
                    CancelPropagation::kInherit);
  scope.Cancel();
  EXPECT_EQ(loop().Run([&]() -> Task<int> {
    co_return co_await runtime().RunMain(path, {}).In(scope);
  }()),
            Runtime::kCancelledExitCode);
  EXPECT_EQ(TakeLog(), "");
}

TEST_F(ProgramTest, CancellingTheProgramWhileItsModulesAreReadEndsIt) {
  const std::string path = WriteFile("main.js", "log('not reached');");
  CancelScope scope(loop().executor().root_scope(),
                    CancelPropagation::kInherit);
  // Runs when the program waits for its first file.
  Scope canceller(loop().executor().root_scope());
  EXPECT_EQ(loop().Run([&]() -> Task<int> {
    canceller.Spawn([&]() -> Task<void> {
      scope.Cancel();
      co_return;
    });
    co_return co_await runtime().RunMain(path, {}).In(scope);
  }()),
            Runtime::kCancelledExitCode);
  EXPECT_EQ(TakeLog(), "");
  loop().Run([&]() -> Task<void> { CHECK_OK(co_await canceller.Join()); }());
}

TEST_F(ProgramTest, RunsCodeFromTheCommandLine) {
  EXPECT_EQ(loop().Run(runtime().RunCode(
                "log(await 5, import.meta.url.endsWith('/[eval]'))", {})),
            0);
  EXPECT_EQ(TakeLog(), "5 true\n");
}

TEST_F(ProgramTest, ErrorBeforeAnythingElseInCode) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(loop().Run(runtime().RunCode("let x = ;", {})), 1);
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      testing::HasSubstr("[eval]:1\nlet x = ;\n        ^\n\nSyntaxError"));
}

TEST_F(ProgramTest, BootstrapThatThrowsIsReported) {
  static constexpr EmbeddedFile kFiles[] = {
      {"jsbind/testing/bad.js", "throw new Error('boot');"}};
  static constexpr Extension kBad = {kFiles, {}, {}, "jsbind/testing/bad.js"};
  RuntimeOptions options;
  options.extensions = {&kBad};
  absl::StatusOr<std::unique_ptr<Runtime>> made =
      Runtime::Create(loop(), std::move(options));
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(std::string(made.status().message()),
              testing::HasSubstr("Error: boot"));
}

TEST_F(ProgramTest, TwoRuntimesShareALoop) {
  auto other = *Runtime::Create(loop(), {});
  EXPECT_EQ(Eval("globalThis.x = 1; x"), "1");
  EXPECT_EQ(*other->EvalToString("typeof x"), "undefined");
  EXPECT_EQ(Eval("x"), "1");
  loop().Run(other->Close());
}

}  // namespace
}  // namespace braid
