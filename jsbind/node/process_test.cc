// What only shows from outside a program: its output, its exit code, and the
// order in which its callbacks ran.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include "jsbind/node/node_extension.h"
#include "jsbind/testing/js_test.h"
#include "jsbind/web/web_extension.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

class ProcessTest : public JsTest {
 public:
  ProcessTest() : JsTest({&WebExtension(), &NodeExtension()}) {}

  // Runs a program and gives what it wrote to stdout.
  std::string Output(std::string_view code) {
    testing::internal::CaptureStdout();
    Run(code);
    return testing::internal::GetCapturedStdout();
  }
};

// Order. ----------------------------------------------------------------------

TEST_F(ProcessTest, OrderOfAModulesTopLevel) {
  EXPECT_EQ(Run(R"(
    setTimeout(() => log("timeout"), 0);
    setImmediate(() => log("immediate"));
    process.nextTick(() => log("tick"));
    Promise.resolve().then(() => log("promise"));
    queueMicrotask(() => log("microtask"));
    log("sync");
  )"),
            "sync\npromise\nmicrotask\ntick\nimmediate\ntimeout\n");
}

TEST_F(ProcessTest, OrderInACallback) {
  EXPECT_EQ(Run(R"(
    setImmediate(() => {
      setTimeout(() => log("timeout"), 0);
      setImmediate(() => log("immediate"));
      process.nextTick(() => log("tick"));
      Promise.resolve().then(() => {
        log("promise");
        process.nextTick(() => log("tick in promise"));
      }).then(() => log("promise 2"));
      queueMicrotask(() => log("microtask"));
      log("callback");
    });
  )"),
            "callback\ntick\npromise\nmicrotask\npromise 2\ntick in "
            "promise\nimmediate\ntimeout\n");
}

TEST_F(ProcessTest, OrderOfTicksAndTimers) {
  EXPECT_EQ(Run(R"(
    setTimeout(() => {
      log("t1");
      process.nextTick((...args) => log("t1 tick", ...args), 1, 2);
      Promise.resolve().then(() => log("t1 micro"));
    }, 1);
    setTimeout(() => log("t2"), 1);
  )"),
            "t1\nt1 tick 1 2\nt1 micro\nt2\n");
}

TEST_F(ProcessTest, TicksOfTicksRunBeforeMicrotasks) {
  EXPECT_EQ(Run(R"(
    setImmediate(() => {
      process.nextTick(() => { log("n1"); process.nextTick(() => log("n2")); });
      Promise.resolve().then(() => log("p1"));
      process.nextTick(() => log("n3"));
    });
  )"),
            "n1\nn3\nn2\np1\n");
}

TEST_F(ProcessTest, ManyTicks) {
  EXPECT_EQ(Run(R"(
    let count = 0;
    for (let i = 0; i < 5000; i++) process.nextTick(() => { if (++count === 5000) log(count); });
  )"),
            "5000\n");
}

// The end. --------------------------------------------------------------------

TEST_F(ProcessTest, ExitCodeThatTheProgramSets) {
  EXPECT_EQ(Run("process.on('exit', (code) => log('exit', code)); "
                "process.exitCode = 7;"),
            "exit 7\n");
  EXPECT_EQ(exit_code(), 7);
}

TEST_F(ProcessTest, ExitEndsAtOnce) {
  EXPECT_EQ(Run(R"(
    process.on("exit", (code) => { log("exit", code); setTimeout(() => log("never"), 0); });
    setTimeout(() => log("never"), 0);
    try { process.exit(3); } finally { log("never"); }
  )"),
            "exit 3\n");
  EXPECT_EQ(exit_code(), 3);
}

TEST_F(ProcessTest, ExitListenerMayChangeTheCode) {
  Run("process.on('exit', () => { process.exitCode = 9; });");
  EXPECT_EQ(exit_code(), 9);
}

TEST_F(ProcessTest, BeforeExitMayStartMore) {
  EXPECT_EQ(Run(R"(
    let left = 3;
    process.on("beforeExit", (code) => {
      log("before", code);
      if (--left > 0) setTimeout(() => log("more"), 1);
    });
  )"),
            "before 0\nmore\nbefore 0\nmore\nbefore 0\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProcessTest, UncaughtErrorEndsWithCode1) {
  EXPECT_EQ(Run("process.exitCode = 5; setTimeout(() => { throw new "
                "TypeError('boom'); }, 1);"
                "setTimeout(() => log('never'), 50);"
                "process.on('exit', (code) => log('exit', code));"),
            "exit 1\n");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(), HasSubstr("TypeError: boom\n    at "));
}

TEST_F(ProcessTest, UncaughtErrorsShowTheirProperties) {
  Run("setImmediate(() => { throw Object.assign(new Error('a'), { code: 'E', "
      "cause: 5 }); });");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(), HasSubstr("code: 'E'"));
}

TEST_F(ProcessTest, UncaughtExceptionHandler) {
  EXPECT_EQ(Run(R"(
    process.on("uncaughtException", (error, origin) => log(error.message, origin));
    process.nextTick(() => { throw new Error("tick"); });
    process.nextTick(() => log("next tick"));
    setImmediate(() => { throw new Error("immediate"); });
    setImmediate(() => log("next immediate"));
    setTimeout(() => { throw new Error("timer"); }, 1);
    setTimeout(() => log("next timer"), 1);
    queueMicrotask(() => { throw new Error("microtask"); });
    queueMicrotask(() => log("next microtask"));
    const target = new EventTarget();
    target.addEventListener("x", () => { throw new Error("listener"); });
    target.addEventListener("x", () => log("next listener"));
    target.dispatchEvent(new Event("x"));
  )"),
            "listener uncaughtException\nnext listener\n"
            "microtask uncaughtException\nnext microtask\n"
            "tick uncaughtException\nnext tick\n"
            "immediate uncaughtException\nnext immediate\n"
            "timer uncaughtException\nnext timer\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProcessTest, HandlerThatThrowsEndsWithCode7) {
  Run("process.on('uncaughtException', () => { throw new Error('again'); }); "
      "throw new Error('a');");
  EXPECT_EQ(exit_code(), 7);
}

TEST_F(ProcessTest, UnhandledRejection) {
  EXPECT_EQ(Run("Promise.reject(new Error('nobody')); setImmediate(() => "
                "log('never'));"),
            "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(), HasSubstr("Error: nobody"));
}

TEST_F(ProcessTest, UnhandledRejectionHandler) {
  EXPECT_EQ(Run(R"(
    process.on("unhandledRejection", (reason, promise) => log(reason, promise instanceof Promise));
    process.on("rejectionHandled", () => log("handled late"));
    const promise = Promise.reject("a");
    const early = Promise.reject("b");
    queueMicrotask(() => early.catch(() => log("in time")));
    setImmediate(() => promise.catch(() => {}));
  )"),
            "in time\na true\nhandled late\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProcessTest, ReportError) {
  EXPECT_EQ(Run(R"(
    process.on("uncaughtException", (error) => log(error));
    reportError("reported");
    log("after");
  )"),
            "reported\nafter\n");
}

// Output. ---------------------------------------------------------------------

TEST_F(ProcessTest, ConsoleWritesToStdoutAndStderr) {
  EXPECT_EQ(Output(R"(
    console.log("a", 1, { b: [2] });
    console.info("%s is %d", "x", 5);
    console.debug("debug");
    console.error("error");
    console.warn("warn");
    console.group("group");
    console.log("in\nside");
    console.groupEnd();
    console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 });
    console.count();
    console.count();
    console.countReset();
    console.count("x");
    console.assert(true, "no");
    console.assert(false, "wrong %s", 1);
    console.log();
    process.stdout.write("raw\n");
    process.stderr.write(new Uint8Array([0x62, 0x0a]));
  )"),
            "a 1 { b: [ 2 ] }\nx is 5\ndebug\ngroup\n  in\n  side\n{ a: "
            "[Object] }\ndefault: 1\n"
            "default: 2\nx: 1\n\nraw\n");
  EXPECT_EQ(stderr_text(), "error\nwarn\nAssertion failed: wrong 1\nb\n");
}

TEST_F(ProcessTest, StdoutIsAStream) {
  EXPECT_EQ(Output(R"(
    const { Readable, Writable } = await import("node:stream");
    const { pipeline } = await import("node:stream/promises");
    console.log(process.stdout instanceof Writable, process.stdout.fd);
    await new Promise((resolve) => process.stdout.write("686578", "hex", resolve));
    await pipeline(Readable.from(["a", "b", "c\n"]), process.stdout, { end: false });
    Readable.from(["piped\n"]).pipe(process.stdout);
    await new Promise((resolve) => setImmediate(resolve));
    process.stdout.end("end\n");
    process.stdout.on("error", (error) => console.log(error.code));
    process.stdout.write("too late");
    await new Promise((resolve) => setImmediate(resolve));
  )"),
            "true 1\nhexabc\npiped\nend\nERR_STREAM_WRITE_AFTER_END\n");
}

TEST_F(ProcessTest, StdoutWhoseReaderHasGone) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  const int before = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  const std::string log = Run(R"(
    console.log("nobody learns of it");
    process.stdout.on("error", (error) => log("event", error.code, error.syscall));
    process.stdout.write("x", (error) => log("callback", error.code));
  )");
  dup2(before, STDOUT_FILENO);
  close(before);
  EXPECT_EQ(log, "callback EPIPE\nevent EPIPE write\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(ProcessTest, ConsoleTable) {
  EXPECT_EQ(Output(R"(console.table([{ a: 1, b: "x" }, { a: 2, c: true }, 5]);
                      console.table(5);
                      console.table({ r: { a: 1, b: 2 } }, ["b"]);)"),
            "┌─────────┬───┬─────┬──────┬────────┐\n"
            "│ (index) │ a │ b   │ c    │ Values │\n"
            "├─────────┼───┼─────┼──────┼────────┤\n"
            "│ 0       │ 1 │ 'x' │      │        │\n"
            "│ 1       │ 2 │     │ true │        │\n"
            "│ 2       │   │     │      │ 5      │\n"
            "└─────────┴───┴─────┴──────┴────────┘\n"
            "5\n"
            "┌─────────┬───┐\n"
            "│ (index) │ b │\n"
            "├─────────┼───┤\n"
            "│ r       │ 2 │\n"
            "└─────────┴───┘\n");
}

TEST_F(ProcessTest, ConsoleTimesAndTraces) {
  EXPECT_THAT(Output(R"(
    console.time("t");
    console.timeLog("t", { a: 1 });
    console.timeEnd("t");
    console.timeEnd("t");
    console.trace("here %d", 1);
  )"),
              MatchesRegex("t: [0-9.]+ms \\{ a: 1 \\}\nt: [0-9.]+ms\n"));
  EXPECT_THAT(stderr_text(),
              StartsWith("Trace: here 1\n    at file://DIR/main.js:6:13"));
  EXPECT_THAT(stderr_text(),
              HasSubstr("Warning: No such label 't' for console.time()\n"));
}

TEST_F(ProcessTest, Warnings) {
  EXPECT_EQ(Run(R"(
    process.on("warning", (warning) => log(warning.name, warning.code));
    process.emitWarning("careful", { type: "Custom", code: "C1", detail: "more" });
    process.noDeprecation = true;
    process.emitWarning("old", "DeprecationWarning", "D1");
    setTimeout(() => {}, 2 ** 40).unref();
    try { process.emitWarning(5); } catch (error) { log(error.code); }
  )"),
            "ERR_INVALID_ARG_TYPE\nCustom C1\nDeprecationWarning "
            "D1\nTimeoutOverflowWarning "
            "undefined\n");
  EXPECT_THAT(
      stderr_text(),
      MatchesRegex("\\(braid:[0-9]+\\) \\[C1\\] Custom: careful\nmore\n"
                   "\\(braid:[0-9]+\\) TimeoutOverflowWarning: (.|\n)*"));
}

// The process. ----------------------------------------------------------------

TEST_F(ProcessTest, Arguments) {
  WriteFile("a.js",
            "import { argv } from 'node:process'; log(argv.slice(2).join(), "
            "argv.length);"
            "log(argv[1].endsWith('/a.js'), process.argv === argv);");
  EXPECT_EQ(RunFile("a.js", {"x", "--y"}), "x,--y 4\ntrue true\n");
}

TEST_F(ProcessTest, ArgumentsOfCodeFromTheCommandLine) {
  loop().Run(runtime().RunCode("log(process.argv.slice(1).join());", {"x"}));
  EXPECT_EQ(TakeLog(), "x\n");
}

TEST_F(ProcessTest, ExecPathIsTheProgramsFile) {
  EXPECT_EQ(Run(R"(
    import { readlink } from "node:fs/promises";
    log(process.execPath === await readlink("/proc/self/exe"));
    log(process.argv[0] === process.execPath, process.argv0);
  )"),
            "true\ntrue braid\n");
}

TEST_F(ProcessTest, Environment) {
  EXPECT_EQ(Run(R"(
    process.env.BRAID_TEST = 5;
    log(process.env.BRAID_TEST === "5", "BRAID_TEST" in process.env);
    log(Object.keys(process.env).includes("BRAID_TEST"));
    delete process.env.BRAID_TEST;
    log(process.env.BRAID_TEST, "BRAID_TEST" in process.env);
  )"),
            "true true\ntrue\nundefined false\n");
}

TEST_F(ProcessTest, Facts) {
  EXPECT_EQ(
      Run(R"(
    import process, { pid, platform, hrtime } from "node:process";
    log(process === globalThis.process, pid > 0 && pid === process.pid, platform);
    const [s, n] = hrtime(hrtime());
    log(s === 0 && n >= 0, typeof hrtime.bigint());
    const { rss, heapUsed, heapTotal } = process.memoryUsage();
    log(rss > heapUsed, heapTotal >= heapUsed, process.uptime() > 0);
    log(/^24\./.test(process.versions.node), process.arch);
    log(process.version === `v${process.versions.node}`);
    log(Object.prototype.toString.call(process));
    const before = process.cwd();
    process.chdir("/");
    log(process.cwd());
    process.chdir(before);
    try { process.chdir("/nowhere"); } catch (error) { log(error.message); }
    try { process.exitCode = "x"; } catch (error) { log(error.code); }
  )"),
      "true true linux\ntrue bigint\ntrue true true\ntrue x64\ntrue\n[object "
      "process]\n/\n"
      "ENOENT: no such file or directory, chdir "
      "'/nowhere'\nERR_INVALID_ARG_TYPE\n");
}

TEST_F(ProcessTest, SignalListeners) {
  EXPECT_EQ(Run(R"(
    const keep = setTimeout(() => {}, 100_000);
    const first = (name, number) => {
      log(name, number);
      process.kill(process.pid, "SIGUSR2");
    };
    process.once("SIGUSR2", first);
    process.on("SIGUSR1", () => {
      process.on("SIGUSR2", () => { log("again"); clearTimeout(keep); });
      process.kill(process.pid, "SIGUSR2");
    });
    process.kill(process.pid, "SIGUSR1");
    process.removeListener("SIGUSR2", first);
    try { process.kill(process.pid, "SIGNONE"); } catch (error) { log(error.code); }
  )"),
            "ERR_UNKNOWN_SIGNAL\nagain\n");
  // Neither listener kept the program alive.
  EXPECT_EQ(exit_code(), 0);
}

}  // namespace
}  // namespace braid
