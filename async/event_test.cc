#include "async/event.h"

#include <memory>
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
using ::testing::IsEmpty;
using ::testing::Pair;

class EventTest : public ::testing::Test {
 protected:
  // Spawns a task that waits, in `scope` where one is given.
  void Wait(int number, Scope* scope = nullptr) {
    (scope != nullptr ? *scope : test_.scope())
        .Spawn([this, number]() -> Task<void> {
          results_.emplace_back(number, co_await event_.Wait());
        });
    test_.RunUntilIdle();
  }

  Event event_;
  std::vector<std::pair<int, absl::Status>> results_;
  TestExecutor test_;
};

TEST_F(EventTest, WakesAllThatWaitInTheirOrder) {
  for (int i = 1; i <= 3; ++i) Wait(i);
  EXPECT_THAT(results_, IsEmpty());
  event_.Set();
  EXPECT_THAT(results_, IsEmpty()) << "a waiter ran inside Set()";
  test_.RunUntilIdle();
  EXPECT_THAT(results_,
              ElementsAre(Pair(1, IsOk()), Pair(2, IsOk()), Pair(3, IsOk())));
}

TEST_F(EventTest, StaysSetUntilReset) {
  event_.Set();
  event_.Set();
  EXPECT_TRUE(event_.is_set());
  Wait(1);
  EXPECT_THAT(results_, ElementsAre(Pair(1, IsOk())));
  event_.Reset();
  EXPECT_FALSE(event_.is_set());
  Wait(2);
  EXPECT_EQ(results_.size(), 1u);
  event_.Set();
  test_.RunUntilIdle();
  EXPECT_EQ(results_.size(), 2u);
}

TEST_F(EventTest, AResetAfterSetDoesNotHoldTheWokenBack) {
  Wait(1);
  event_.Set();
  event_.Reset();
  Wait(2);
  EXPECT_THAT(results_, ElementsAre(Pair(1, IsOk())));
}

TEST_F(EventTest, CancelledBeforeTheWaitEndsAtOnceEvenIfSet) {
  event_.Set();
  test_.scope().Cancel();
  Wait(1);
  EXPECT_THAT(results_,
              ElementsAre(Pair(1, StatusIs(absl::StatusCode::kCancelled))));
}

TEST_F(EventTest, ACancelledWaiterLeavesTheOthersWaiting) {
  Scope scope(test_.executor().root_scope());
  Wait(1);
  Wait(2, &scope);
  Wait(3);
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(results_,
              ElementsAre(Pair(2, StatusIs(absl::StatusCode::kCancelled))));
  event_.Set();
  test_.RunUntilIdle();
  EXPECT_THAT(results_, ElementsAre(Pair(2, testing::_), Pair(1, IsOk()),
                                    Pair(3, IsOk())));
}

TEST_F(EventTest, WhoeverComesFirstDecides) {
  {
    Scope scope(test_.executor().root_scope());
    Wait(1, &scope);
    event_.Set();
    scope.Cancel();
    test_.RunUntilIdle();
  }
  event_.Reset();
  Scope scope(test_.executor().root_scope());
  Wait(2, &scope);
  scope.Cancel();
  event_.Set();
  test_.RunUntilIdle();
  EXPECT_THAT(results_,
              ElementsAre(Pair(1, IsOk()),
                          Pair(2, StatusIs(absl::StatusCode::kCancelled))));
}

using EventDeathTest = EventTest;

TEST_F(EventDeathTest, OutlivesItsWaiters) {
  EXPECT_DEATH(
      {
        auto event = std::make_unique<Event>();
        test_.Spawn([&]() -> Task<void> { (void)co_await event->Wait(); });
        test_.RunUntilIdle();
        event.reset();
      },
      "what a task waits for was destroyed under it, at Event::Wait");
}

}  // namespace
}  // namespace braid
