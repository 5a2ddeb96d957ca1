#include "async/testing.h"

#include <stdexcept>
#include <vector>

#include "absl/status/status_matchers.h"
#include "async/event.h"
#include "async/sleep.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOk;
using ::testing::ElementsAre;

TEST(TestExecutorTest, RunLetsAsMuchTimePassAsTheTaskNeeds) {
  TestExecutor test;
  const MonotonicNanos start = test.clock().Now();
  EXPECT_THAT(test.Run([]() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Hours(5));
  }()),
              IsOk());
  EXPECT_EQ(test.clock().Now() - start,
            absl::ToInt64Nanoseconds(absl::Hours(5)));
  EXPECT_THROW(test.Run([]() -> Task<int> {
    throw std::runtime_error("out");
    co_return 1;
  }()),
               std::runtime_error);
}

TEST(TestExecutorTest, AdvanceByRunsEachTimerAtItsOwnTime) {
  TestExecutor test;
  const MonotonicNanos start = test.clock().Now();
  std::vector<int64_t> woken;
  test.Spawn([&]() -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      (void)co_await SleepFor(absl::Seconds(2));
      woken.push_back((test.clock().Now() - start) / 1'000'000'000);
    }
  });
  test.AdvanceBy(absl::Seconds(5));
  EXPECT_THAT(woken, ElementsAre(2, 4));
  EXPECT_EQ(test.clock().Now() - start, 5'000'000'000);
  EXPECT_EQ(test.scope().size(), 1u);
  test.AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(woken, ElementsAre(2, 4, 6));
  EXPECT_EQ(test.scope().size(), 0u);
}

TEST(TestExecutorTest, TasksThatAreLeftDoNotMatter) {
  Event event;
  TestExecutor test;
  test.Spawn([&]() -> Task<void> { (void)co_await event.Wait(); });
  test.RunUntilIdle();
  EXPECT_EQ(test.scope().size(), 1u);
}

TEST(TestExecutorDeathTest, ATaskThatHangsIsShown) {
  TestExecutor test;
  Event event;
  EXPECT_DEATH(test.Run([](Event& never) -> Task<void> {
    (void)co_await never.Wait();
  }(event)),
               "the task waits for what never comes:(.|\n)*Event::Wait");
  EXPECT_DEATH(test.Run([]() -> Task<void> {
    while (true) (void)co_await SleepFor(absl::ZeroDuration());
  }()),
               "the tasks never become idle");
}

}  // namespace
}  // namespace braid
