#include "async/mutex.h"

#include <memory>
#include <optional>
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
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;

class MutexTest : public ::testing::Test {
 protected:
  // A task that enters, notes its number, and leaves when `leave_` is set.
  // A task that does not get in notes the negative number.
  void Enter(int number, Scope* scope = nullptr) {
    (scope != nullptr ? *scope : test_.scope())
        .Spawn([this, number]() -> Task<void> {
          absl::StatusOr<Mutex::Lock> lock = co_await mutex_.Acquire();
          entered_.push_back(lock.ok() ? number : -number);
          if (!lock.ok()) {
            EXPECT_THAT(lock.status(), StatusIs(absl::StatusCode::kCancelled));
            co_return;
          }
          (void)co_await leave_.Wait();
        });
    test_.RunUntilIdle();
  }

  Mutex mutex_;
  Event leave_;
  std::vector<int> entered_;
  TestExecutor test_;
};

TEST_F(MutexTest, LetsOneTaskInAtATime) {
  int inside = 0;
  int rounds = 0;
  for (int i = 0; i < 3; ++i) {
    test_.Spawn([&]() -> Task<void> {
      for (int round = 0; round < 4; ++round) {
        absl::StatusOr<Mutex::Lock> lock = co_await mutex_.Acquire();
        EXPECT_THAT(lock, IsOk());
        EXPECT_EQ(++inside, 1);
        EXPECT_TRUE(mutex_.locked());
        (void)co_await Yield();
        --inside;
        ++rounds;
      }
    });
  }
  test_.RunUntilIdle();
  EXPECT_EQ(rounds, 12);
  EXPECT_FALSE(mutex_.locked());
}

TEST_F(MutexTest, HandsTheLockToWhoWaitsLongest) {
  for (int i = 1; i <= 3; ++i) Enter(i);
  EXPECT_THAT(entered_, ElementsAre(1));
  leave_.Set();
  // The lock changes hands without becoming free: who comes now is last.
  EXPECT_EQ(test_.executor().RunReady(1), 1u);
  EXPECT_TRUE(mutex_.locked());
  Enter(4);
  EXPECT_THAT(entered_, ElementsAre(1, 2, 3, 4));
}

TEST_F(MutexTest, CancelledBeforeTheWaitHoldsNothing) {
  test_.scope().Cancel();
  Enter(1);
  EXPECT_THAT(entered_, ElementsAre(-1));
  EXPECT_FALSE(mutex_.locked());
}

TEST_F(MutexTest, CancelledWhileItWaitsHoldsNothingAndTheNextOneGetsIn) {
  Scope scope(test_.executor().root_scope());
  Enter(1);
  Enter(2, &scope);
  Enter(3);
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(entered_, ElementsAre(1, -2));
  leave_.Set();
  test_.RunUntilIdle();
  EXPECT_THAT(entered_, ElementsAre(1, -2, 3));
}

TEST_F(MutexTest, HandedOverAndThenCancelledHoldsTheLock) {
  Scope scope(test_.executor().root_scope());
  std::optional<Mutex::Lock> held;
  test_.Spawn([&]() -> Task<void> { held = *co_await mutex_.Acquire(); });
  test_.RunUntilIdle();
  Enter(1, &scope);
  held.reset();
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(entered_, ElementsAre(1));
  EXPECT_FALSE(mutex_.locked());  // Its next await was cancelled; it left.
}

TEST_F(MutexTest, CancelledAndThenReleasedGoesToTheNextOne) {
  Scope scope(test_.executor().root_scope());
  std::optional<Mutex::Lock> held;
  test_.Spawn([&]() -> Task<void> { held = *co_await mutex_.Acquire(); });
  test_.RunUntilIdle();
  Enter(1, &scope);
  Enter(2);
  scope.Cancel();
  held.reset();
  test_.RunUntilIdle();
  EXPECT_THAT(entered_, ElementsAre(-1, 2));
  leave_.Set();
  test_.RunUntilIdle();
}

TEST_F(MutexTest, ALockCanBeMovedAndAssigned) {
  Mutex other;
  test_.Run([&]() -> Task<void> {
    Mutex::Lock first = *co_await mutex_.Acquire();
    Mutex::Lock second = *co_await other.Acquire();
    Mutex::Lock moved = std::move(first);
    EXPECT_TRUE(mutex_.locked());
    // Assigning releases what was held, at once.
    moved = std::move(second);
    EXPECT_FALSE(mutex_.locked());
    EXPECT_TRUE(other.locked());
    Mutex::Lock& same = moved;
    moved = std::move(same);
    EXPECT_TRUE(other.locked());
  }());
  EXPECT_FALSE(other.locked());
}

using MutexDeathTest = MutexTest;

TEST_F(MutexDeathTest, OutlivesItsLocks) {
  EXPECT_DEATH(
      {
        auto mutex = std::make_unique<Mutex>();
        test_.Run([&]() -> Task<void> {
          absl::StatusOr<Mutex::Lock> lock = co_await mutex->Acquire();
          mutex.reset();
        }());
      },
      "a Mutex was destroyed while locked");
}

}  // namespace
}  // namespace braid
