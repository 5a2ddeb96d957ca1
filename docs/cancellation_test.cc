// What cancellation.md says and shows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/async_stack.h"
#include "async/channel.h"
#include "async/combinators.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/testing.h"
#include "jsbind/abort_source.h"
#include "jsbind/js_function.h"
#include "jsbind/js_promise.h"
#include "jsbind/module_def.h"
#include "jsbind/testing/js_test.h"
#include "jsbind/web/web_extension.h"

namespace braid {
namespace {

// What the page's code calls and does not show.
Task<absl::StatusOr<int>> Ask(Channel<int>& answers) {
  co_return co_await answers.Receive();
}
Task<absl::Status> Talk(Channel<std::string>& peer) {
  CO_RETURN_IF_ERROR(co_await peer.Send("hello"));
  co_return co_await SleepFor(absl::Hours(1));
}
Task<absl::Status> Put(Channel<int>& to, int value) {
  co_return co_await to.Send(value);
}
Task<absl::Status> Work(Channel<int>& jobs);

#include "docs/cancellation.inc"

TEST(CancellationPageTest, ATimeoutEndsTheWait) {
  TestExecutor test;
  Channel<int> answers(1);
  EXPECT_EQ(test.Run(AskWithTimeout(answers)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(test.Run(Put(answers, 7)).ok());
  EXPECT_EQ(test.Run(AskWithTimeout(answers)).value(), 7);
}

TEST(CancellationPageTest, TheFirstFailureCancelsTheOthers) {
  TestExecutor test;
  Channel<int> left(1), right(1);
  EXPECT_TRUE(test.Run(Put(right, -1)).ok());
  EXPECT_EQ(test.Run(RunBoth(left, right)),
            absl::InvalidArgumentError("a job below zero"));
}

TEST(CancellationPageTest, ALongComputationEndsWhenItIsCancelled) {
  TestExecutor test;
  EXPECT_EQ(test.Run(SumUpTo(100'000)).value(), 5'000'050'000);
  Scope scope(test.executor().root_scope());
  absl::Status status;
  scope.Spawn(
      [&]() -> Task<void> { status = (co_await SumUpTo(INT64_MAX)).status(); });
  test.executor().RunReady(10);
  EXPECT_EQ(scope.size(), 1u);
  scope.Cancel();
  test.RunUntilIdle();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST(CancellationPageTest, CleanupIsShielded) {
  TestExecutor test;
  Channel<std::string> peer(2);
  EXPECT_EQ(test.Run(Timeout(absl::Minutes(1), Converse(peer))).code(),
            absl::StatusCode::kDeadlineExceeded);
  const auto receive = [&]() -> Task<std::string> {
    co_return (co_await peer.Receive()).value_or("nothing");
  };
  EXPECT_EQ(test.Run(receive()), "hello");
  EXPECT_EQ(test.Run(receive()), "goodbye");
}

TEST(CancellationPageTest, NoValueIsLost) {
  TestExecutor test;
  Channel<int> from(1), to(1);
  EXPECT_TRUE(test.Run(Put(from, 1)).ok());
  EXPECT_TRUE(test.Run(Put(to, 0)).ok());  // `to` is full.
  Scope scope(test.executor().root_scope());
  scope.Spawn(Forward(from, to));
  test.RunUntilIdle();
  scope.Cancel();
  test.RunUntilIdle();
  EXPECT_EQ(scope.size(), 1u);  // It has the value, and waits for room.
  EXPECT_EQ(test.Run(Ask(to)).value(), 0);
  EXPECT_EQ(test.Run(Ask(to)).value(), 1);
  test.RunUntilIdle();
  EXPECT_EQ(scope.size(), 0u);
}

TEST(CancellationPageTest, SpawnKeepsItsArguments) {
  TestExecutor test;
  Channel<std::string> to(3);
  EXPECT_TRUE(test.Run(GreetAll(to)).ok());
  std::vector<std::string> said;
  test.Spawn([&]() -> Task<void> {
    for (int i = 0; i < 3; ++i)
      said.push_back((co_await to.Receive()).value_or("nothing"));
  });
  test.RunUntilIdle();
  EXPECT_THAT(said, testing::ElementsAre("Hello, Ada", "Hello, Grace",
                                         "Hello, Barbara"));
}

TEST(CancellationPageTest, TheFailureStackShowsWhereTheTimeWent) {
  TestExecutor test;
  Channel<int> answers(1);
  EXPECT_THAT(
      test.Run(WhereTheTimeWent(answers)),
      testing::MatchesRegex("  at braid::Ask \\(docs/cancellation_test.cc:.*\n"
                            "  at braid::Timeout \\(.*\n"
                            "  at braid::AskWithTimeout "
                            "\\(docs/cancellation.md:[0-9]+\\)\n"));
}

std::string ContentsOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class CancellationPageJsTest : public JsTest {
 public:
  CancellationPageJsTest() : JsTest({&WebExtension()}) {
    runtime()
        .Module("native:doc")
        .AsyncFunction<&SleepForever>("sleepForever")
        .AsyncFunction<&AskScript>("askScript");
  }
};

TEST_F(CancellationPageJsTest, AnAbortSignalCancelsTheTask) {
  EXPECT_EQ(Run(ContentsOf("docs/aborted.mjs")),
            "TimeoutError\nnot needed any more\n");
}

TEST_F(CancellationPageJsTest, CancellingATaskAbortsItsSignal) {
  EXPECT_EQ(Run(ContentsOf("docs/asked.mjs")),
            "told: AbortError\nTimeoutError\n");
}

}  // namespace
}  // namespace braid
