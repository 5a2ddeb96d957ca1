#include "async/sleep.h"

#include <optional>
#include <vector>

#include "absl/status/status_matchers.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOk;
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Optional;

class SleepTest : public ::testing::Test {
 protected:
  // Spawns a task that sleeps and leaves what came of it in `result_`.
  void Sleep(absl::Duration delay) {
    test_.Spawn(
        [this, delay]() -> Task<void> { result_ = co_await SleepFor(delay); });
    test_.RunUntilIdle();
  }

  std::optional<absl::Status> result_;
  TestExecutor test_;
};

TEST_F(SleepTest, EndsWhenTheTimeHasPassedAndNotBefore) {
  Sleep(absl::Milliseconds(5));
  test_.AdvanceBy(absl::Milliseconds(5) - absl::Nanoseconds(1));
  EXPECT_EQ(result_, std::nullopt);
  test_.AdvanceBy(absl::Nanoseconds(1));
  EXPECT_THAT(result_, Optional(IsOk()));
}

TEST_F(SleepTest, OfNoTimeStillLetsOthersRunFirst) {
  for (absl::Duration delay : {absl::ZeroDuration(), absl::Seconds(-1)}) {
    std::vector<int> order;
    test_.Spawn([&, delay]() -> Task<void> {
      order.push_back(1);
      EXPECT_THAT(co_await SleepFor(delay), IsOk());
      order.push_back(4);
    });
    test_.Spawn([&]() -> Task<void> {
      order.push_back(2);
      EXPECT_THAT(co_await Yield(), IsOk());
      order.push_back(3);
    });
    test_.RunUntilIdle();
    EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
  }
}

TEST_F(SleepTest, ThoseThatEndTogetherEndInTheOrderOfTheirBeginning) {
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) {
    test_.Spawn([&order, i]() -> Task<void> {
      EXPECT_THAT(co_await SleepFor(absl::Seconds(1)), IsOk());
      order.push_back(i);
    });
  }
  test_.AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST_F(SleepTest, ForEverLastsUntilCancelled) {
  Sleep(absl::InfiniteDuration());
  EXPECT_EQ(test_.executor().timers().NextDeadline(), kNever);
  test_.AdvanceBy(absl::Hours(100'000));
  EXPECT_EQ(result_, std::nullopt);
  test_.scope().Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(result_, Optional(StatusIs(absl::StatusCode::kCancelled)));
}

TEST_F(SleepTest, CancelledBeforeItBeginsDoesNotBegin) {
  test_.scope().Cancel();
  Sleep(absl::Seconds(1));
  EXPECT_THAT(result_, Optional(StatusIs(absl::StatusCode::kCancelled)));
}

TEST_F(SleepTest, CancelledWhileItSleepsTakesItsTimerBack) {
  Sleep(absl::Seconds(1));
  EXPECT_EQ(test_.executor().timers().size(), 1u);
  test_.scope().Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(result_, Optional(StatusIs(absl::StatusCode::kCancelled)));
  EXPECT_TRUE(test_.executor().timers().empty());
}

TEST_F(SleepTest, TheTimeComesFirstThenCancellationChangesNothing) {
  Sleep(absl::Seconds(1));
  test_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(test_.executor().RunTimers(), 1u);
  test_.scope().Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(result_, Optional(IsOk()));
}

TEST_F(SleepTest, CancellationComesFirstThenTheTimerChangesNothing) {
  Sleep(absl::Seconds(1));
  test_.scope().Cancel();
  test_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(test_.executor().RunTimers(), 1u);
  test_.RunUntilIdle();
  EXPECT_THAT(result_, Optional(StatusIs(absl::StatusCode::kCancelled)));
}

using YieldTest = SleepTest;

TEST_F(YieldTest, TasksTakeTurns) {
  std::vector<int> order;
  for (int i = 0; i < 2; ++i) {
    test_.Spawn([&order, i]() -> Task<void> {
      for (int round = 0; round < 3; ++round) {
        order.push_back(10 * round + i);
        EXPECT_THAT(co_await Yield(), IsOk());
      }
    });
  }
  test_.RunUntilIdle();
  EXPECT_THAT(order, ElementsAre(0, 1, 10, 11, 20, 21));
}

TEST_F(YieldTest, EndsWithCancelledErrorIfItWasCancelledBefore) {
  test_.scope().Cancel();
  EXPECT_THAT(
      test_.Run([]() -> Task<absl::Status> { co_return co_await Yield(); }()),
      StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(YieldTest, CancelledOnceItYieldedIsOk) {
  std::vector<absl::Status> results;
  test_.Spawn([&]() -> Task<void> {
    results.push_back(co_await Yield());
    results.push_back(co_await Yield());
  });
  EXPECT_EQ(test_.executor().RunReady(1), 1u);
  test_.scope().Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(results,
              ElementsAre(IsOk(), StatusIs(absl::StatusCode::kCancelled)));
}

}  // namespace
}  // namespace braid
