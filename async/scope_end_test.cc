// Tasks that are destroyed instead of running to their end: what a root Scope
// does with those that are left.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/channel.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/mutex.h"
#include "async/scope.h"
#include "async/semaphore.h"
#include "async/sleep.h"
#include "async/task_tree.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScopeEndTest : public ::testing::Test {
 protected:
  void RunReady() {
    while (executor_.RunReady(1'000) > 0) {
    }
  }
  // Ends the root scope and checks that nothing of its tasks is left.
  void End() {
    scope_.reset();
    EXPECT_FALSE(executor_.has_ready());
    EXPECT_TRUE(executor_.timers().empty());
    EXPECT_EQ(CountSuspended(executor_.root_scope()), 0u);
    EXPECT_TRUE(executor_.root_scope().children().empty());
  }
  // Whatever the tasks would do after their co_await.
  void GoneOn() { ADD_FAILURE() << "a destroyed task went on"; }

  ManualClock clock_;
  Executor executor_{clock_};
  std::optional<Scope> scope_{std::in_place, executor_.root_scope()};
  std::vector<std::string> log_;
};

TEST_F(ScopeEndTest, TasksThatNeverStartedOnlyFreeWhatTheyHold) {
  scope_->Spawn([](Trace) -> Task<absl::Status> {
    ADD_FAILURE() << "it ran";
    co_return absl::OkStatus();
  }(Trace(log_, "argument")));
  scope_->Spawn([this, captured = Trace(log_, "captured")]() -> Task<void> {
    GoneOn();
    co_return;
  });
  EXPECT_EQ(scope_->size(), 2u);
  End();
  EXPECT_THAT(log_, ElementsAre("~captured", "~argument"));
}

TEST_F(ScopeEndTest, AMixOfStartedReadyAndNeverStartedTasks) {
  Event event;
  for (int i = 0; i < 3; ++i) {
    scope_->Spawn([&]() -> Task<void> {
      (void)co_await event.Wait();
      GoneOn();
    });
  }
  RunReady();
  event.Set();  // Woken, not resumed.
  scope_->Spawn([&]() -> Task<void> {
    GoneOn();
    co_return;
  });
  End();
}

TEST_F(ScopeEndTest, LocalsGoFromTheInnermostTaskOn) {
  auto inner = [](std::vector<std::string>& log) -> Task<absl::Status> {
    Trace trace(log, "inner");
    co_return co_await SleepFor(absl::InfiniteDuration());
  };
  scope_->Spawn([&]() -> Task<void> {
    Trace before(log_, "outer");
    (void)co_await inner(log_);
    GoneOn();
  });
  RunReady();
  End();
  EXPECT_THAT(log_, ElementsAre("~inner", "~outer"));
}

TEST_F(ScopeEndTest, TasksGoBeforeAnythingThatTheirOpenerOwns) {
  // As after Join(): what the tasks of a scope use may be declared behind it.
  auto sleep = [](std::vector<std::string>& log, std::string name,
                  Mutex& mutex) -> Task<void> {
    absl::StatusOr<Mutex::Lock> lock = co_await mutex.Acquire();
    Trace trace(log, std::move(name));
    (void)co_await SleepFor(absl::Hours(1));
  };
  scope_->Spawn([&]() -> Task<void> {
    Scope scope(co_await CurrentTask());
    Mutex first;  // Destroyed before the scope, and not while locked.
    Trace trace(log_, "opener");
    scope.Spawn(sleep, std::ref(log_), "one", std::ref(first));
    scope.Spawn([&]() -> Task<void> {
      Scope below(co_await CurrentTask());
      Mutex second;
      Trace middle(log_, "middle");
      below.Spawn(sleep, std::ref(log_), "two", std::ref(second));
      below.Spawn(sleep, std::ref(log_), "waits", std::ref(second));
      (void)co_await below.Join();
      GoneOn();
    });
    (void)co_await scope.Join();
    GoneOn();
  });
  RunReady();
  End();
  EXPECT_THAT(log_, ElementsAre("~two", "~middle", "~one", "~opener"));
}

// Every way to be suspended, and to be woken without having resumed.
TEST_F(ScopeEndTest, AtEverySuspensionPointOfEveryPrimitive) {
  Event event;
  Mutex mutex;
  Semaphore semaphore(2);
  Channel<std::shared_ptr<int>> empty(1), full(1);
  auto value = std::make_shared<int>(1);
  scope_->Spawn([&]() -> Task<void> {
    (void)co_await event.Wait();
    GoneOn();
  });
  for (int i = 0; i < 2; ++i) {
    scope_->Spawn([&]() -> Task<void> {
      absl::StatusOr<Mutex::Lock> lock = co_await mutex.Acquire();
      (void)co_await SleepFor(absl::Hours(1));
      GoneOn();
    });
    scope_->Spawn([&]() -> Task<void> {
      absl::StatusOr<Semaphore::Units> units = co_await semaphore.Acquire(2);
      (void)co_await SleepFor(absl::InfiniteDuration());
      GoneOn();
    });
    scope_->Spawn([&]() -> Task<void> {
      (void)co_await full.Send(value);
      (void)co_await empty.Receive();
      GoneOn();
    });
  }
  scope_->Spawn([&]() -> Task<void> {
    auto sleep = []() -> Task<absl::Status> {
      co_return co_await SleepFor(absl::Hours(2));
    };
    std::vector<Task<absl::Status>> tasks;
    tasks.push_back(Timeout(absl::Hours(1), sleep()));
    tasks.push_back(Shield(sleep()));
    (void)co_await All(std::move(tasks));
    GoneOn();
  });
  RunReady();
  EXPECT_TRUE(mutex.locked());
  EXPECT_EQ(semaphore.available(), 0);
  EXPECT_EQ(full.size(), 1u);
  scope_->Spawn([&]() -> Task<void> {
    (void)co_await Yield();
    GoneOn();
  });
  executor_.RunReady(1);
  End();
  EXPECT_FALSE(mutex.locked());
  EXPECT_EQ(semaphore.available(), 2);
  EXPECT_EQ(value.use_count(), 2);  // The one in `full`.
}

TEST_F(ScopeEndTest, WhatWasHandedToAWokenTaskComesBack) {
  Mutex mutex;
  Semaphore semaphore(3);
  Channel<std::shared_ptr<int>> channel(1);
  std::optional<Mutex::Lock> lock;
  std::optional<Semaphore::Units> units;
  Scope holder(executor_.root_scope());
  holder.Spawn([&]() -> Task<void> {
    lock = *co_await mutex.Acquire();
    units = *co_await semaphore.Acquire(3);
  });
  RunReady();
  scope_->Spawn([&]() -> Task<void> {
    (void)co_await mutex.Acquire();
    GoneOn();
  });
  scope_->Spawn([&]() -> Task<void> {
    (void)co_await semaphore.Acquire(2);
    GoneOn();
  });
  scope_->Spawn([&]() -> Task<void> {
    (void)co_await channel.Receive();
    GoneOn();
  });
  RunReady();
  auto value = std::make_shared<int>(1);
  std::shared_ptr<int> sent = value;
  lock.reset();
  units.reset();
  EXPECT_TRUE(channel.TrySend(sent));
  EXPECT_TRUE(mutex.locked());
  EXPECT_EQ(semaphore.available(), 1);
  EXPECT_EQ(value.use_count(), 2);
  scope_.reset();
  EXPECT_FALSE(mutex.locked());
  EXPECT_EQ(semaphore.available(), 3);
  EXPECT_EQ(value.use_count(), 1);
}

TEST_F(ScopeEndTest, OtherRootsAndTheirTasksGoOn) {
  Event event;
  int woken = 0;
  auto wait = [&]() -> Task<void> {
    if ((co_await event.Wait()).ok()) ++woken;
  };
  Scope other(executor_.root_scope());
  for (int i = 0; i < 3; ++i) {
    scope_->Spawn(wait);
    other.Spawn(wait);
  }
  RunReady();
  scope_.reset();
  event.Set();
  RunReady();
  EXPECT_EQ(woken, 3);
  EXPECT_EQ(other.size(), 0u);
}

Task<absl::Status> Nested(int depth) {
  if (depth == 0) co_return co_await SleepFor(absl::InfiniteDuration());
  co_return co_await Nested(depth - 1);
}

// Scopes are walked by links. Awaits are destroyed by their awaiters, which
// takes a little stack for each: the depth that real programs have is fine.
TEST_F(ScopeEndTest, DeepTreesEndFlatAndDeepAwaitsWithinReason) {
  constexpr int kDepth = 50'000;
  struct Nest {
    static Task<absl::Status> Open(int depth) {
      if (depth == 0) co_return co_await SleepFor(absl::InfiniteDuration());
      co_return co_await WithScope([depth](Scope& scope) -> Task<void> {
        scope.Spawn(Open(depth - 1));
        co_return;
      });
    }
  };
  scope_->Spawn(Nest::Open(kDepth));
  scope_->Spawn(Nested(5'000));
  RunReady();
  EXPECT_EQ(CountSuspended(executor_.root_scope()), kDepth + 2u);
  End();
}

using ScopeEndDeathTest = ScopeEndTest;

TEST_F(ScopeEndDeathTest, ATaskCannotEndTheRootThatItRunsUnder) {
  EXPECT_DEATH(
      {
        scope_->Spawn([&]() -> Task<void> {
          scope_.reset();
          co_return;
        });
        RunReady();
      },
      "a Scope without an opener was destroyed by a task");
}

}  // namespace
}  // namespace braid
