#include "async/combinators.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status_matchers.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOk;
using ::absl_testing::IsOkAndHolds;
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const auto kCancelled = StatusIs(absl::StatusCode::kCancelled);

template <typename T>
using Result = Task<absl::StatusOr<T>>;

class CombinatorsTest : public ::testing::Test {
 protected:
  // Gives `value` when `seconds` have passed; notes it if it is cancelled.
  Result<int> Give(int value, int seconds = 0) {
    CO_RETURN_IF_ERROR(Note(value, co_await SleepFor(absl::Seconds(seconds))));
    co_return value;
  }
  Result<int> Fail(const char* message, int seconds = 0) {
    CO_RETURN_IF_ERROR(Note(0, co_await SleepFor(absl::Seconds(seconds))));
    co_return absl::InternalError(message);
  }
  Result<int> Throw(int seconds = 0) {
    CO_RETURN_IF_ERROR(Note(0, co_await SleepFor(absl::Seconds(seconds))));
    throw std::runtime_error("broken");
  }
  absl::Status Note(int value, absl::Status status) {
    if (!status.ok()) cancelled_.push_back(value);
    return status;
  }
  // Runs `task`, but cancels it after so many seconds.
  template <typename T>
  T CancelledAfter(int seconds, Task<T> task) {
    std::optional<T> result;
    Scope scope(test_.executor().root_scope());
    scope.Spawn([&]() -> Task<void> { result = co_await std::move(task); });
    test_.AdvanceBy(absl::Seconds(seconds));
    scope.Cancel();
    test_.RunUntilIdle();
    EXPECT_EQ(scope.size(), 0u);
    return *std::move(result);
  }
  int64_t Seconds() const {
    return (test_.executor().clock().Now() - start_) / 1'000'000'000;
  }

  std::vector<int> cancelled_;
  mutable TestExecutor test_;
  const MonotonicNanos start_ = test_.clock().Now();
};

using AllTest = CombinatorsTest;

TEST_F(AllTest, GivesTheValuesInTheOrderOfTheArguments) {
  auto text = []() -> Result<std::string> { co_return "text"; };
  auto owned = []() -> Result<std::unique_ptr<int>> {
    co_return std::make_unique<int>(8);
  };
  absl::StatusOr<std::tuple<int, std::string, std::unique_ptr<int>>> all =
      test_.Run(All(Give(1, 3), text(), owned()));
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(std::get<0>(*all), 1);
  EXPECT_EQ(std::get<1>(*all), "text");
  EXPECT_EQ(*std::get<2>(*all), 8);
  EXPECT_EQ(Seconds(), 3);
}

TEST_F(AllTest, RunsThemBesideEachOther) {
  std::vector<Result<int>> tasks;
  for (int i = 1; i <= 5; ++i) tasks.push_back(Give(i, 6 - i));
  EXPECT_THAT(test_.Run(All(std::move(tasks))),
              IsOkAndHolds(ElementsAre(1, 2, 3, 4, 5)));
  EXPECT_EQ(Seconds(), 5);
}

TEST_F(AllTest, OfNothingAndOfOne) {
  EXPECT_THAT(test_.Run(All()), IsOkAndHolds(std::tuple<>()));
  EXPECT_THAT(test_.Run(All(std::vector<Result<int>>())),
              IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(test_.Run(All(std::vector<Task<absl::Status>>())), IsOk());
  EXPECT_THAT(test_.Run(All(Give(1))), IsOkAndHolds(std::tuple(1)));
  EXPECT_THAT(test_.Run(All(Tasks(Give(1)))), IsOkAndHolds(ElementsAre(1)));
}

TEST_F(AllTest, TheFirstFailureCancelsTheOthersAndIsTheResult) {
  EXPECT_THAT(test_.Run(All(Give(1, 9), Fail("later", 2), Fail("first", 1))),
              StatusIs(absl::StatusCode::kInternal, "first"));
  EXPECT_THAT(cancelled_, ElementsAre(1, 0));
  EXPECT_EQ(Seconds(), 1);
  EXPECT_THAT(test_.Run(All(Tasks(Give(2, 9), Fail("again")))),
              StatusIs(absl::StatusCode::kInternal, "again"));
}

TEST_F(AllTest, OfStatusesToo) {
  auto status = [this](int seconds, absl::Status result) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(
        Note(seconds, co_await SleepFor(absl::Seconds(seconds))));
    co_return result;
  };
  EXPECT_THAT(test_.Run(All(Tasks(status(1, absl::OkStatus()),
                                  status(2, absl::OkStatus())))),
              IsOk());
  EXPECT_THAT(test_.Run(All(Tasks(status(5, absl::OkStatus()),
                                  status(1, absl::DataLossError("x"))))),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(cancelled_, ElementsAre(5));
}

TEST_F(AllTest, AnExceptionCancelsTheOthersAndIsRethrown) {
  EXPECT_THROW((void)test_.Run(All(Give(1, 9), Throw(1))), std::runtime_error);
  EXPECT_THAT(cancelled_, ElementsAre(1));
}

TEST_F(AllTest, CancelledItCancelsAll) {
  EXPECT_THAT(CancelledAfter(1, All(Give(1, 9), Give(2, 8))), kCancelled);
  EXPECT_THAT(CancelledAfter(1, All(Tasks(Give(3, 9), Give(4)))), kCancelled);
  EXPECT_THAT(cancelled_, ElementsAre(1, 2, 3));
}

TEST_F(AllTest, CancelledBeforeItStartsEndsAtOnce) {
  test_.scope().Cancel();
  EXPECT_THAT(test_.Run(All(Give(1, 9), Give(2, 8))), kCancelled);
  EXPECT_EQ(Seconds(), 0);
}

using AnyTest = CombinatorsTest;

TEST_F(AnyTest, TheFirstSuccessWinsAndTheOthersAreCancelledAndWaitedFor) {
  EXPECT_THAT(test_.Run(Any(
                  Tasks(Give(1, 9), Fail("early", 1), Give(2, 2), Give(3, 5)))),
              IsOkAndHolds(2));
  EXPECT_THAT(cancelled_, ElementsAre(1, 3));
  EXPECT_EQ(Seconds(), 2);
}

TEST_F(AnyTest, WithoutSuccessTheFirstFailureIsTheResult) {
  EXPECT_THAT(test_.Run(Any(Tasks(Fail("second", 2), Fail("first", 1)))),
              StatusIs(absl::StatusCode::kInternal, "first"));
  EXPECT_EQ(Seconds(), 2);
}

TEST_F(AnyTest, OfNothingAndOfOne) {
  EXPECT_THAT(
      test_.Run(Any(std::vector<Result<int>>())),
      StatusIs(absl::StatusCode::kInvalidArgument, "Any() of no tasks"));
  EXPECT_THAT(test_.Run(Any(Tasks(Give(4, 1)))), IsOkAndHolds(4));
  EXPECT_THAT(test_.Run(Any(Tasks(Fail("alone")))),
              StatusIs(absl::StatusCode::kInternal, "alone"));
}

TEST_F(AnyTest, OneThatSucceedsAllTheSameDoesNotReplaceTheWinner) {
  auto stubborn = []() -> Result<int> {
    (void)co_await SleepFor(absl::Hours(1));
    co_return 99;
  };
  EXPECT_THAT(test_.Run(Any(Tasks(stubborn(), Give(1, 1)))), IsOkAndHolds(1));
}

TEST_F(AnyTest, AnExceptionIsRethrown) {
  EXPECT_THROW((void)test_.Run(Any(Tasks(Give(1, 9), Throw(1)))),
               std::runtime_error);
  EXPECT_THAT(cancelled_, ElementsAre(1));
}

TEST_F(AnyTest, CancelledItCancelsAll) {
  EXPECT_THAT(CancelledAfter(1, Any(Tasks(Give(1, 9), Give(2, 8)))),
              kCancelled);
  EXPECT_THAT(cancelled_, ElementsAre(1, 2));
}

using RaceTest = CombinatorsTest;

TEST_F(RaceTest, TheFirstResultOfEitherKindWins) {
  EXPECT_THAT(test_.Run(Race(Tasks(Give(1, 9), Fail("first", 1), Give(2, 2)))),
              StatusIs(absl::StatusCode::kInternal, "first"));
  EXPECT_THAT(cancelled_, ElementsAre(1, 2));
  EXPECT_THAT(test_.Run(Race(Tasks(Fail("late", 9), Give(3, 1)))),
              IsOkAndHolds(3));
}

TEST_F(RaceTest, OfNothingAndOfOne) {
  EXPECT_THAT(
      test_.Run(Race(std::vector<Result<int>>())),
      StatusIs(absl::StatusCode::kInvalidArgument, "Race() of no tasks"));
  EXPECT_THAT(test_.Run(Race(Tasks(Give(4, 1)))), IsOkAndHolds(4));
}

TEST_F(RaceTest, CancelledItCancelsAll) {
  EXPECT_THAT(CancelledAfter(1, Race(Tasks(Give(1, 9), Give(2, 8)))),
              kCancelled);
  EXPECT_THAT(cancelled_, ElementsAre(1, 2));
}

TEST_F(RaceTest, AnExceptionIsRethrown) {
  EXPECT_THROW((void)test_.Run(Race(Tasks(Give(1, 9), Throw(1)))),
               std::runtime_error);
}

using TimeoutTest = CombinatorsTest;

TEST_F(TimeoutTest, ATaskThatIsFastEnoughGivesItsResult) {
  EXPECT_THAT(test_.Run(Timeout(absl::Seconds(5), Give(1, 4))),
              IsOkAndHolds(1));
  EXPECT_THAT(test_.Run(Timeout(absl::Seconds(5), Fail("own", 4))),
              StatusIs(absl::StatusCode::kInternal, "own"));
  EXPECT_TRUE(test_.executor().timers().empty());
}

TEST_F(TimeoutTest, ATaskThatIsTooSlowIsCancelled) {
  EXPECT_THAT(
      test_.Run(Timeout(absl::Seconds(5), Give(1, 6))),
      StatusIs(absl::StatusCode::kDeadlineExceeded, "timed out after 5s"));
  EXPECT_THAT(cancelled_, ElementsAre(1));
  EXPECT_EQ(Seconds(), 5);
  auto sleep = []() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Hours(1));
  };
  EXPECT_THAT(
      test_.Run(Timeout(absl::Milliseconds(1500), sleep())),
      StatusIs(absl::StatusCode::kDeadlineExceeded, "timed out after 1.5s"));
}

TEST_F(TimeoutTest, ASuccessOrAnotherFailureStandsHoweverLate) {
  auto stubborn = [](absl::StatusOr<int> result) -> Result<int> {
    EXPECT_THAT(co_await SleepFor(absl::Hours(1)), kCancelled);
    co_return result;
  };
  EXPECT_THAT(test_.Run(Timeout(absl::Seconds(5), stubborn(7))),
              IsOkAndHolds(7));
  EXPECT_THAT(
      test_.Run(Timeout(absl::Seconds(5), stubborn(absl::DataLossError("x")))),
      StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(TimeoutTest, OfNoTimeLetsTheTaskRunToItsFirstSuspension) {
  auto at_once = []() -> Result<int> { co_return 1; };
  EXPECT_THAT(test_.Run(Timeout(absl::ZeroDuration(), at_once())),
              IsOkAndHolds(1));
  EXPECT_THAT(test_.Run(Timeout(absl::Seconds(-1), Give(2, 1))),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(Seconds(), 0);
}

TEST_F(TimeoutTest, OfForEverNeverEndsTheTask) {
  EXPECT_THAT(test_.Run(Timeout(absl::InfiniteDuration(), Give(1, 1'000'000))),
              IsOkAndHolds(1));
}

TEST_F(TimeoutTest, NestedTheOneThatComesFirstSaysSo) {
  EXPECT_THAT(
      test_.Run(
          Timeout(absl::Seconds(1), Timeout(absl::Seconds(2), Give(1, 9)))),
      StatusIs(absl::StatusCode::kDeadlineExceeded, "timed out after 1s"));
  EXPECT_EQ(Seconds(), 1);
  EXPECT_THAT(
      test_.Run(
          Timeout(absl::Seconds(2), Timeout(absl::Seconds(1), Give(1, 9)))),
      StatusIs(absl::StatusCode::kDeadlineExceeded, "timed out after 1s"));
  EXPECT_EQ(Seconds(), 2);
}

TEST_F(TimeoutTest, NestedTheInnerOneLeavesTheOuterTaskAlive) {
  auto outer = [this]() -> Result<int> {
    EXPECT_THAT(co_await Timeout(absl::Seconds(1), Give(1, 9)),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
    co_return co_await Give(2, 1);
  };
  EXPECT_THAT(test_.Run(Timeout(absl::Seconds(5), outer())), IsOkAndHolds(2));
}

TEST_F(TimeoutTest, CancelledFromOutsideIsCancelled) {
  EXPECT_THAT(CancelledAfter(1, Timeout(absl::Seconds(5), Give(1, 9))),
              kCancelled);
  EXPECT_TRUE(test_.executor().timers().empty());
}

TEST_F(TimeoutTest, CancelledFromOutsideAfterItsTimeIsATimeOut) {
  // Both before the task runs again.
  std::optional<absl::StatusOr<int>> result;
  Scope scope(test_.executor().root_scope());
  scope.Spawn([&]() -> Task<void> {
    result = co_await Timeout(absl::Seconds(5), Give(1, 9));
  });
  test_.RunUntilIdle();
  test_.clock().Advance(absl::Seconds(5));
  test_.executor().RunTimers();
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(result,
              testing::Optional(StatusIs(absl::StatusCode::kDeadlineExceeded)));
}

TEST_F(TimeoutTest, AnExceptionPassesThrough) {
  EXPECT_THROW((void)test_.Run(Timeout(absl::Seconds(5), Throw(1))),
               std::runtime_error);
  EXPECT_TRUE(test_.executor().timers().empty());
}

using ShieldTest = CombinatorsTest;

TEST_F(ShieldTest, KeepsCancellationAwayUntilTheTaskHasEnded) {
  auto task = [this]() -> Result<int> {
    CO_ASSIGN_OR_RETURN(int value, co_await Shield(Give(1, 5)));
    EXPECT_TRUE((co_await CurrentTask()).cancelled());
    EXPECT_THAT(co_await Yield(), kCancelled);
    co_return value;
  };
  std::optional<absl::StatusOr<int>> result;
  test_.Spawn([&]() -> Task<void> { result = co_await task(); });
  test_.AdvanceBy(absl::Seconds(1));
  test_.scope().Cancel();
  test_.AdvanceBy(absl::Seconds(3));
  EXPECT_FALSE(result.has_value());
  test_.AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(result, testing::Optional(IsOkAndHolds(1)));
  EXPECT_THAT(cancelled_, IsEmpty());
}

TEST_F(ShieldTest, CleanupOfACancelledTaskCanAwait) {
  int cleaned = 0;
  auto task = [&]() -> Result<int> {
    absl::StatusOr<int> value = co_await Give(1, 9);
    absl::StatusOr<int> cleanup = co_await Shield(Give(2, 3));
    EXPECT_THAT(cleanup, IsOkAndHolds(2));
    ++cleaned;
    co_return value;
  };
  EXPECT_THAT(test_.Run(Timeout(absl::Seconds(1), task())),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(cleaned, 1);
  EXPECT_EQ(Seconds(), 4);
}

TEST_F(ShieldTest, ItsOwnTimeoutEndsIt) {
  auto task = [this]() -> Result<int> {
    co_return co_await Shield(Timeout(absl::Seconds(2), Give(1, 9)));
  };
  std::optional<absl::StatusOr<int>> result;
  test_.Spawn([&]() -> Task<void> { result = co_await task(); });
  test_.RunUntilIdle();
  test_.scope().Cancel();
  test_.AdvanceBy(absl::Seconds(2));
  EXPECT_THAT(result,
              testing::Optional(StatusIs(absl::StatusCode::kDeadlineExceeded)));
}

TEST_F(ShieldTest, ATaskOfNoValue) {
  bool ran = false;
  test_.scope().Cancel();
  test_.Run([&]() -> Task<void> {
    co_await Shield([](bool& flag) -> Task<void> {
      flag = (co_await SleepFor(absl::Seconds(1))).ok();
    }(ran));
  }());
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace braid
