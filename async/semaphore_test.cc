#include "async/semaphore.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status_matchers.h"
#include "async/event.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOk;
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SemaphoreTest : public ::testing::Test {
 protected:
  // A task that takes `count` units, notes its number, and keeps them until
  // `leave_` is set. One that gets none notes the negative number.
  void Take(int number, int64_t count, Scope* scope = nullptr) {
    (scope != nullptr ? *scope : test_.scope())
        .Spawn([this, number, count]() -> Task<void> {
          absl::StatusOr<Semaphore::Units> units =
              co_await semaphore_.Acquire(count);
          taken_.push_back(units.ok() ? number : -number);
          if (!units.ok()) {
            EXPECT_THAT(units.status(), StatusIs(absl::StatusCode::kCancelled));
            co_return;
          }
          EXPECT_EQ(units->count(), count);
          (void)co_await leave_.Wait();
        });
    test_.RunUntilIdle();
  }
  // Takes units from outside of any task; they end with the result.
  std::optional<Semaphore::Units> Hold(int64_t count) {
    std::optional<Semaphore::Units> held;
    test_.Run(
        [&]() -> Task<void> { held = *co_await semaphore_.Acquire(count); }());
    return held;
  }

  Semaphore semaphore_{4};
  Event leave_;
  std::vector<int> taken_;
  TestExecutor test_;
};

TEST_F(SemaphoreTest, GivesOutNoMoreThanItHas) {
  Take(1, 3);
  EXPECT_EQ(semaphore_.available(), 1);
  Take(2, 1);
  EXPECT_EQ(semaphore_.available(), 0);
  Take(3, 1);
  EXPECT_THAT(taken_, ElementsAre(1, 2));
  leave_.Set();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(1, 2, 3));
  EXPECT_EQ(semaphore_.available(), semaphore_.capacity());
}

TEST_F(SemaphoreTest, WhoWantsMuchIsNotOvertakenByWhoWantsLittle) {
  std::optional<Semaphore::Units> held = Hold(2);
  Take(1, 4);
  Take(2, 1);
  Take(3, 0);
  EXPECT_THAT(taken_, IsEmpty());
  held.reset();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(1));
  leave_.Set();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(1, 2, 3));
}

TEST_F(SemaphoreTest, SeveralAreServedWhenEnoughComesBack) {
  std::optional<Semaphore::Units> held = Hold(4);
  Take(1, 1);
  Take(2, 2);
  Take(3, 2);
  held.reset();
  EXPECT_EQ(semaphore_.available(), 1);  // Handed over at once.
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(1, 2));
}

TEST_F(SemaphoreTest, MoreThanTheCapacityIsAnErrorAtOnce) {
  std::optional<Semaphore::Units> held = Hold(4);
  const absl::Status status = test_.Run([&]() -> Task<absl::Status> {
    co_return (co_await semaphore_.Acquire(5)).status();
  }());
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Semaphore::Acquire(5) is above the capacity of 4"));
}

TEST_F(SemaphoreTest, ACapacityOfNothingGivesNothing) {
  Semaphore none(0);
  test_.Run([&]() -> Task<void> {
    EXPECT_THAT(co_await none.Acquire(0), IsOk());
    EXPECT_THAT(co_await none.Acquire(1),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }());
}

TEST_F(SemaphoreTest, CancelledBeforeTheWaitHoldsNothing) {
  test_.scope().Cancel();
  Take(1, 1);
  EXPECT_THAT(taken_, ElementsAre(-1));
  EXPECT_EQ(semaphore_.available(), 4);
}

TEST_F(SemaphoreTest, ACancelledWaiterLetsSmallerOnesThrough) {
  Scope scope(test_.executor().root_scope());
  std::optional<Semaphore::Units> held = Hold(2);
  Take(1, 3, &scope);
  Take(2, 1);
  Take(3, 1);
  EXPECT_THAT(taken_, IsEmpty());
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(-1, 2, 3));
}

TEST_F(SemaphoreTest, ADestroyedWaiterLetsSmallerOnesThrough) {
  std::optional<Scope> scope(test_.executor().root_scope());
  std::optional<Semaphore::Units> held = Hold(2);
  Take(1, 3, &*scope);
  Take(2, 1);
  Take(3, 1);
  scope.reset();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(2, 3));
}

TEST_F(SemaphoreTest, OneThatIsDestroyedWhenItWasCancelledDoesToo) {
  std::optional<Scope> scope(test_.executor().root_scope());
  std::optional<Semaphore::Units> held = Hold(2);
  Take(1, 3, &*scope);
  Take(2, 2);
  scope->Cancel();
  scope.reset();  // Before it resumes.
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(2));
}

TEST_F(SemaphoreTest, UnitsOfATaskThatIsDestroyedBeforeItResumesGoOn) {
  std::optional<Scope> scope(test_.executor().root_scope());
  std::optional<Semaphore::Units> held = Hold(4);
  Take(1, 3, &*scope);
  Take(2, 3);
  held.reset();  // Hands three to the first.
  EXPECT_EQ(semaphore_.available(), 1);
  scope.reset();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(2));
}

TEST_F(SemaphoreTest, HandedOverAndThenCancelledHoldsTheUnits) {
  Scope scope(test_.executor().root_scope());
  std::optional<Semaphore::Units> held = Hold(4);
  Take(1, 3, &scope);
  held.reset();
  EXPECT_EQ(semaphore_.available(), 1);
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(1));
  EXPECT_EQ(semaphore_.available(), 4);  // Its next await was cancelled.
}

TEST_F(SemaphoreTest, CancelledAndThenReleasedGoesToTheNextOne) {
  Scope scope(test_.executor().root_scope());
  std::optional<Semaphore::Units> held = Hold(4);
  Take(1, 3, &scope);
  Take(2, 4);
  scope.Cancel();
  held.reset();
  test_.RunUntilIdle();
  EXPECT_THAT(taken_, ElementsAre(-1, 2));
  leave_.Set();
  test_.RunUntilIdle();
}

TEST_F(SemaphoreTest, UnitsCanBeMovedAndAssigned) {
  test_.Run([&]() -> Task<void> {
    Semaphore::Units first = *co_await semaphore_.Acquire(1);
    Semaphore::Units second = *co_await semaphore_.Acquire(2);
    Semaphore::Units moved = std::move(first);
    EXPECT_EQ(semaphore_.available(), 1);
    moved = std::move(second);
    EXPECT_EQ(semaphore_.available(), 2);
    EXPECT_EQ(moved.count(), 2);
    Semaphore::Units& same = moved;
    moved = std::move(same);
    EXPECT_EQ(moved.count(), 2);
  }());
  EXPECT_EQ(semaphore_.available(), 4);
}

using SemaphoreDeathTest = SemaphoreTest;

TEST_F(SemaphoreDeathTest, MisuseIsToldClearly) {
  EXPECT_DEATH(Semaphore(-1), "a Semaphore's capacity is negative");
  EXPECT_DEATH((void)semaphore_.Acquire(-1),
               "Semaphore::Acquire\\(\\) of a negative count");
  EXPECT_DEATH(
      {
        auto semaphore = std::make_unique<Semaphore>(1);
        test_.Run([&]() -> Task<void> {
          absl::StatusOr<Semaphore::Units> units =
              co_await semaphore->Acquire();
          semaphore.reset();
        }());
      },
      "a Semaphore was destroyed before its units");
}

}  // namespace
}  // namespace braid
