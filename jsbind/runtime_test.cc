#include "jsbind/runtime.h"

#include <gtest/gtest.h>

#include "async/sleep.h"
#include "jsbind/module_def.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

using RuntimeTest = JsTest;

int Add(int a, int b) { return a + b; }

Task<int> AddLater(int a, int b) {
  CHECK_OK(co_await SleepFor(absl::Milliseconds(1)));
  co_return a + b;
}

TEST_F(RuntimeTest, EvaluatesAScript) { EXPECT_EQ(Eval("1 + 1"), "2"); }

TEST_F(RuntimeTest, RunsAProgram) {
  EXPECT_EQ(Run("log('hello', import.meta.main);"), "hello true\n");
  EXPECT_EQ(exit_code(), 0);
  EXPECT_EQ(stderr_text(), "");
}

TEST_F(RuntimeTest, CallsSynchronousAndAsynchronousFunctions) {
  runtime()
      .Module("native:math")
      .Function<&Add>("add")
      .AsyncFunction<&AddLater>("addLater");
  EXPECT_EQ(Run(R"(import { add, addLater } from "native:math";
                  log(add(1, 2));
                  log(await addLater(3, 4));)"),
            "3\n7\n");
  EXPECT_EQ(exit_code(), 0);
  EXPECT_EQ(stderr_text(), "");
}

}  // namespace
}  // namespace braid
