// The order in which ticks, microtasks, timers, immediates, I/O and messages
// run: scripts that say so themselves. Braid runs each of them, and so does the
// Node that is installed, if it is new enough; both have to give what is
// written here.
//
// There are only scripts to which every Node from 20 on has one answer. It has
// none to whether a timer of 0 ms or an immediate comes first at the top level
// of CommonJS, which depends on whether a millisecond has passed, nor to where
// a message comes that a module's top level has posted, which depends on the
// phase in which modules are evaluated.

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/child_program.h"

namespace braid {
namespace {

struct Row {
  std::string_view name;
  std::string_view code;
  std::string_view expected;  // Lines, with " > " between them.
  std::string_view file = "main.mjs";
};

constexpr Row kRows[] = {
    // Ticks and microtasks. ---------------------------------------------------
    {"TopLevelOfAModule", R"(
       setTimeout(() => log("timeout"), 0);
       setImmediate(() => log("immediate"));
       process.nextTick(() => log("tick"));
       Promise.resolve().then(() => log("promise"));
       queueMicrotask(() => log("microtask"));
       log("sync");)",
     "sync > promise > microtask > tick > immediate > timeout"},
    {"TopLevelOfCommonJs", R"(
       setImmediate(() => log("immediate"));
       process.nextTick(() => log("tick"));
       Promise.resolve().then(() => log("promise"));
       queueMicrotask(() => log("microtask"));
       log("sync");)",
     "sync > tick > promise > microtask > immediate", "main.cjs"},
    {"TopLevelAwaits", R"(
       process.nextTick(() => log("tick"));
       await new Promise((resolve) => setImmediate(resolve));
       log("after immediate");
       process.nextTick(() => log("tick 2"));
       queueMicrotask(() => log("micro"));
       await new Promise((resolve) => setTimeout(resolve, 0));
       log("after timeout");)",
     "tick > after immediate > micro > tick 2 > after timeout"},
    {"AwaitsTakeTurns", R"(
       const run = async (name) => {
         for (let i = 1; i <= 3; i++) { await null; log(name, i); }
       };
       run("a");
       run("b");
       process.nextTick(() => log("tick"));
       await null;
       log("top");)",
     "a 1 > b 1 > top > a 2 > b 2 > a 3 > b 3 > tick"},
    {"TicksOfTicksBeforeMicrotasks", R"(
       setImmediate(() => {
         Promise.resolve().then(() => {
           log("p1");
           process.nextTick(() => log("n4"));
           queueMicrotask(() => log("p2"));
         });
         process.nextTick(() => {
           log("n1");
           process.nextTick(() => log("n2"));
           queueMicrotask(() => log("p3"));
         });
         process.nextTick(() => log("n3"));
       });)",
     "n1 > n3 > n2 > p1 > p3 > p2 > n4"},

    // Timers. -----------------------------------------------------------------
    {"BetweenEqualTimers", R"(
       for (const t of ["t1", "t2"]) {
         setTimeout(() => {
           log(t);
           process.nextTick(() => log(t, "tick"));
           Promise.resolve().then(() => log(t, "micro"));
         }, 1);
       })",
     "t1 > t1 tick > t1 micro > t2 > t2 tick > t2 micro"},
    {"EveryDelayBelowOneIsOne", R"(
       setTimeout(() => log("1"), 1);
       setTimeout(() => log("0"), 0);
       setTimeout(() => log("none"));
       setTimeout(() => log("text"), "1");
       setTimeout(() => log("1.9"), 1.9);)",
     "1 > 0 > none > text > 1.9"},
    {"TimersByTheirTime", R"(
       setTimeout(() => log("100"), 100);
       setTimeout(() => log("1"), 1);)",
     "1 > 100"},
    {"ATimerOfATimer", R"(
       setTimeout(() => {
         log("outer");
         setTimeout(() => log("inner"), 0);
         setImmediate(() => log("immediate"));
         process.nextTick(() => log("tick"));
       }, 1);)",
     "outer > tick > immediate > inner"},
    {"AnInterval", R"(
       let n = 0;
       const interval = setInterval(() => {
         log("interval", ++n);
         setImmediate(() => log("immediate", n));
         if (n === 3) clearInterval(interval);
       }, 2);)",
     "interval 1 > immediate 1 > interval 2 > immediate 2 > interval 3 > "
     "immediate 3"},
    {"TimersAsPromises", R"(
       import * as timers from "node:timers/promises";
       timers.setTimeout(1).then(() => {
         log("slept");
         process.nextTick(() => log("slept tick"));
       });
       setTimeout(() => {
         log("timeout");
         process.nextTick(() => log("tick"));
         queueMicrotask(() => log("micro"));
       }, 1);
       timers.setImmediate().then(() => log("immediate"));
       setImmediate(() => log("immediate 2"));)",
     "immediate > immediate 2 > slept > slept tick > timeout > tick > micro"},
    {"WhatIsClearedDoesNotRun", R"(
       setTimeout(() => { log("t1"); clearTimeout(t2); }, 1);
       const t2 = setTimeout(() => log("t2"), 1);
       setImmediate(() => { log("i1"); clearImmediate(i2); });
       const i2 = setImmediate(() => log("i2"));)",
     "i1 > t1"},

    // Immediates. -------------------------------------------------------------
    {"ImmediatesOfImmediatesWait", R"(
       setImmediate(() => {
         log("i1");
         setImmediate(() => log("nested"));
         process.nextTick(() => log("i1 tick"));
         Promise.resolve().then(() => log("i1 micro"));
       });
       setImmediate(() => log("i2"));)",
     "i1 > i1 tick > i1 micro > i2 > nested"},

    // I/O. --------------------------------------------------------------------
    {"InACallbackOfIo", R"(
       const alive = setInterval(() => {}, 1000);
       process.once("SIGUSR2", () => {
         setTimeout(() => { log("timeout"); clearInterval(alive); }, 0);
         setImmediate(() => log("immediate"));
         process.nextTick(() => log("tick"));
         Promise.resolve().then(() => {
           log("promise");
           process.nextTick(() => log("tick in promise"));
         }).then(() => log("promise 2"));
         queueMicrotask(() => log("microtask"));
         log("callback");
       });
       process.kill(process.pid, "SIGUSR2");)",
     "callback > tick > promise > microtask > promise 2 > tick in promise > "
     "immediate > timeout"},
    {"BehindAnAwaitOfIo", R"(
       import { readFile } from "node:fs/promises";
       await readFile(new URL(import.meta.url));
       setTimeout(() => log("timeout"), 0);
       setImmediate(() => log("immediate"));
       process.nextTick(() => log("tick"));
       Promise.resolve().then(() => log("promise"));
       log("read");)",
     "read > promise > tick > immediate > timeout"},

    // Messages. ---------------------------------------------------------------
    {"AMessageBeforeImmediatesAndTimers", R"(
       const { port1, port2 } = new MessageChannel();
       port1.onmessage = () => { log("message"); port1.close(); };
       setImmediate(() => {
         setImmediate(() => {
           log("immediate");
           setTimeout(() => log("timeout"), 0);
         });
         port2.postMessage(1);
         process.nextTick(() => log("tick"));
         queueMicrotask(() => log("micro"));
         log("posted");
       });)",
     "posted > tick > micro > message > immediate > timeout"},
    {"AMessageOfATimer", R"(
       const { port1, port2 } = new MessageChannel();
       port1.onmessage = () => { log("message"); port1.close(); };
       setTimeout(() => {
         setTimeout(() => log("timeout"), 0);
         setImmediate(() => log("immediate"));
         port2.postMessage(1);
         process.nextTick(() => log("tick"));
         log("posted");
       }, 1);)",
     "posted > tick > message > immediate > timeout"},
    {"BetweenMessages", R"(
       const { port1, port2 } = new MessageChannel();
       port1.onmessage = ({ data }) => {
         log("message", data);
         process.nextTick(() => log("tick", data));
         Promise.resolve().then(() => log("micro", data));
         setImmediate(() => log("immediate", data));
         if (data === 2) port1.close();
       };
       setImmediate(() => {
         setImmediate(() => log("immediate"));
         port2.postMessage(1);
         port2.postMessage(2);
       });)",
     "message 1 > tick 1 > micro 1 > message 2 > tick 2 > micro 2 > "
     "immediate > immediate 1 > immediate 2"},
    {"BetweenListenersOfAMessage", R"(
       const { port1, port2 } = new MessageChannel();
       for (const n of [1, 2]) {
         port1.addEventListener("message", () => {
           log("listener", n);
           process.nextTick(() => log("tick", n));
           Promise.resolve().then(() => log("micro", n));
           if (n === 2) port1.close();
         });
       }
       port1.start();
       port2.postMessage(1);)",
     "listener 1 > listener 2 > tick 1 > tick 2 > micro 1 > micro 2"},

    // Events of the program's own. --------------------------------------------
    {"BetweenListenersOfADispatch", R"(
       const target = new EventTarget();
       for (const n of [1, 2]) {
         target.addEventListener("x", () => {
           log("listener", n);
           process.nextTick(() => log("tick", n));
           Promise.resolve().then(() => log("micro", n));
         });
       }
       setImmediate(() => {
         target.dispatchEvent(new Event("x"));
         log("after");
       });)",
     "listener 1 > listener 2 > after > tick 1 > tick 2 > micro 1 > micro 2"},
    {"BetweenListenersOfAnEmitter", R"(
       import { EventEmitter } from "node:events";
       const emitter = new EventEmitter();
       for (const n of [1, 2]) {
         emitter.on("x", () => {
           log("listener", n);
           process.nextTick(() => log("tick", n));
           Promise.resolve().then(() => log("micro", n));
         });
       }
       setImmediate(() => { emitter.emit("x"); log("after"); });)",
     "listener 1 > listener 2 > after > tick 1 > tick 2 > micro 1 > micro 2"},
    {"AnAbort", R"(
       const controller = new AbortController();
       controller.signal.addEventListener("abort", () => {
         log("abort");
         queueMicrotask(() => log("micro of abort"));
       });
       setImmediate(() => {
         queueMicrotask(() => log("micro"));
         controller.abort();
         log("after");
       });)",
     "abort > after > micro > micro of abort"},

    // Errors and the end. -----------------------------------------------------
    {"RejectionsAreJudgedWhenTheQueuesAreEmpty", R"(
       process.on("unhandledRejection", () => log("unhandled"));
       setTimeout(() => log("timeout"), 0);
       setImmediate(() => log("immediate"));
       process.nextTick(() => log("tick"));
       Promise.reject(1);
       queueMicrotask(() => { log("m1"); queueMicrotask(() => log("m2")); });)",
     "m1 > m2 > tick > unhandled > immediate > timeout"},
    {"AHandlerInAnImmediateIsTooLate", R"(
       process.on("unhandledRejection", (why) => log("unhandled", why));
       process.on("rejectionHandled", () => log("handled"));
       const micro = Promise.reject(1);
       const tick = Promise.reject(2);
       const late = Promise.reject(3);
       queueMicrotask(() => micro.catch((why) => log("caught", why)));
       process.nextTick(() => tick.catch((why) => log("caught", why)));
       setImmediate(() => late.catch((why) => log("caught", why)));)",
     "caught 1 > caught 2 > unhandled 3 > caught 3 > handled"},
    {"WhatIsThrownStopsNoOther", R"(
       process.on("uncaughtException", (error) => log("uncaught", error));
       setImmediate(() => {
         process.nextTick(() => { throw "n1"; });
         process.nextTick(() => log("n2"));
         queueMicrotask(() => { log("m1"); throw "m1"; });
         queueMicrotask(() => log("m2"));
       });)",
     "uncaught n1 > n2 > m1 > uncaught m1 > m2"},
    {"TheEndIsToldTwice", R"(
       let more = 1;
       process.on("beforeExit", () => {
         log("beforeExit");
         if (more-- > 0) setImmediate(() => log("more"));
       });
       process.on("exit", () => log("exit"));
       setTimeout(() => log("timeout"), 1);)",
     "timeout > beforeExit > more > beforeExit > exit"},
};

// What the script prints, as Row::expected.
std::string OrderIn(const std::string& program, const Row& row) {
  std::string folder = absl::StrCat(testing::TempDir(), "/orderXXXXXX");
  PCHECK(mkdtemp(folder.data()) != nullptr);
  const std::string path = absl::StrCat(folder, "/", row.file);
  std::ofstream(path) << "const log = (...values) => console.log(...values);"
                      << row.code << "\n";
  ChildProgram child({program, path});
  std::string lines = child.RestOfOutput();
  EXPECT_EQ(child.ExitCode(), 0) << child.stderr_text();
  std::filesystem::remove_all(folder);
  if (lines.ends_with('\n')) lines.pop_back();
  return absl::StrReplaceAll(lines, {{"\n", " > "}});
}

// The first `node` on PATH, if it is of version 20 or later: timers ran at
// another place of a turn before.
std::optional<std::string> InstalledNode() {
  constexpr int kOldest = 20;
  const char* path = getenv("PATH");
  for (std::string_view folder : absl::StrSplit(path ? path : "", ':')) {
    const std::string node = absl::StrCat(folder, "/node");
    if (access(node.c_str(), X_OK) != 0) continue;
    ChildProgram child({node, "-p", "process.versions.node.split('.')[0]"});
    const std::string text = child.NextLine().value_or("");
    int version = 0;
    if (!absl::SimpleAtoi(text, &version) || version < kOldest) break;
    return node;
  }
  return std::nullopt;
}

class OrderTest : public testing::TestWithParam<Row> {};

TEST_P(OrderTest, InBraid) {
  EXPECT_EQ(OrderIn("jsbind/cli/braid", GetParam()), GetParam().expected);
}

TEST_P(OrderTest, InTheInstalledNode) {
  static const std::optional<std::string> node = InstalledNode();
  if (!node.has_value()) GTEST_SKIP() << "there is no Node of version 20 or up";
  EXPECT_EQ(OrderIn(*node, GetParam()), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Scripts, OrderTest, testing::ValuesIn(kRows),
                         [](const testing::TestParamInfo<Row>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace braid
