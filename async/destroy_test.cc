// Every await and every combinator, destroyed at each stage of its life: never
// run, suspended, woken or cancelled without having resumed.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/channel.h"
#include "async/clock.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/executor.h"
#include "async/mutex.h"
#include "async/scope.h"
#include "async/semaphore.h"
#include "async/sleep.h"
#include "async/task_tree.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

// Whose copies tell how many of those who held one are left.
using Token = std::shared_ptr<int>;

// Primitives that a task has to wait for, and what ends all waits.
class Blocked {
 public:
  explicit Blocked(Executor& executor) {
    Scope scope(executor.root_scope());
    scope.Spawn([this]() -> Task<void> {
      lock_ = *co_await mutex.Acquire();
      units_ = *co_await semaphore.Acquire(2);
      (void)co_await full.Send(Token());
    });
    while (executor.RunReady(1) > 0) {
    }
  }

  // Ends every wait; those who waited are queued.
  void Release() {
    event.Set();
    lock_.reset();
    units_.reset();
    (void)full.TryReceive();
    Token sent;
    (void)empty.TrySend(sent);
  }

  // Whether all is back that was handed to tasks.
  bool whole() const { return !mutex.locked() && semaphore.available() == 2; }

  Event event;
  Mutex mutex;
  Semaphore semaphore{2};
  Channel<Token> full{1};
  Channel<Token> empty{1};

 private:
  std::optional<Mutex::Lock> lock_;
  std::optional<Semaphore::Units> units_;
};

// What combinators are given: a task that waits, and one that has its result.
Task<absl::StatusOr<Token>> Waiting(Blocked& blocked, Token token) {
  const absl::Status status = co_await blocked.event.Wait();
  if (!status.ok()) co_return status;
  co_return token;
}
Task<absl::Status> WaitingWithoutResult(Blocked& blocked, Token token) {
  (void)token;
  co_return co_await blocked.event.Wait();
}
Task<absl::StatusOr<Token>> Ended(Token token) { co_return token; }
Task<absl::StatusOr<Token>> Failed(Token token) {
  (void)token;
  co_return absl::NotFoundError("failed");
}

Task<void> InEvent(Blocked& blocked, Token) {
  (void)co_await blocked.event.Wait();
}
Task<void> InMutex(Blocked& blocked, Token) {
  (void)co_await blocked.mutex.Acquire();
}
Task<void> InSemaphore(Blocked& blocked, Token) {
  (void)co_await blocked.semaphore.Acquire(2);
}
Task<void> InSend(Blocked& blocked, Token token) {
  (void)co_await blocked.full.Send(std::move(token));
}
Task<void> InReceive(Blocked& blocked, Token) {
  (void)co_await blocked.empty.Receive();
}
Task<void> InSleep(Blocked&, Token) { (void)co_await SleepFor(absl::Hours(1)); }
Task<void> InAll(Blocked& blocked, Token token) {
  (void)co_await All(Waiting(blocked, token), Ended(token),
                     Waiting(blocked, token));
}
Task<void> InAllOfVector(Blocked& blocked, Token token) {
  (void)co_await All(
      Tasks(Ended(token), Waiting(blocked, token), Waiting(blocked, token)));
}
Task<void> InAllWithoutResults(Blocked& blocked, Token token) {
  (void)co_await All(Tasks(WaitingWithoutResult(blocked, token),
                           WaitingWithoutResult(blocked, token)));
}
Task<void> InAny(Blocked& blocked, Token token) {
  (void)co_await Any(
      Tasks(Waiting(blocked, token), Failed(token), Waiting(blocked, token)));
}
Task<void> InRace(Blocked& blocked, Token token) {
  (void)co_await Race(Tasks(Waiting(blocked, token), Waiting(blocked, token)));
}
Task<void> InTimeout(Blocked& blocked, Token token) {
  (void)co_await Timeout(absl::Hours(1), Waiting(blocked, token));
}
Task<void> InShield(Blocked& blocked, Token token) {
  (void)co_await Shield(Waiting(blocked, token));
}
Task<void> InScope(Blocked& blocked, Token token) {
  (void)co_await WithScope([&](Scope& scope) -> Task<void> {
    scope.Spawn(InMutex(blocked, token));
    scope.Spawn(InSemaphore(blocked, token));
    (void)co_await blocked.event.Wait();
  });
}
Task<void> InAllOfThem(Blocked& blocked, Token token) {
  (void)co_await Timeout(
      absl::Hours(1),
      Shield(Any(
          Tasks(Race(Tasks(Waiting(blocked, token), Waiting(blocked, token))),
                Timeout(absl::Hours(2), Waiting(blocked, token))))));
}

struct Primitive {
  std::string name;
  Task<void> (*wait)(Blocked&, Token);
};

class DestroyTest : public ::testing::TestWithParam<Primitive> {
 protected:
  // Spawns tasks that wait for the primitive.
  void SpawnTasks() {
    for (int i = 0; i < 3; ++i) {
      scope_->Spawn(
          [this](Token token) -> Task<void> {
            co_await GetParam().wait(blocked_, token);
            ++ended_;
          },
          token_);
    }
  }
  void RunReady() {
    while (executor_.RunReady(1'000) > 0) {
    }
  }
  // Destroys the tasks: none goes on, and nothing of them is left.
  void DestroyTasks() {
    scope_.reset();
    // What was sent is no task's any more.
    while (blocked_.full.TryReceive().has_value()) {
    }
    EXPECT_EQ(ended_, 0);
    EXPECT_EQ(token_.use_count(), 1);
    EXPECT_FALSE(executor_.has_ready());
    EXPECT_TRUE(executor_.timers().empty());
    EXPECT_EQ(CountSuspended(executor_.root_scope()), 0u);
    EXPECT_TRUE(executor_.root_scope().children().empty());
  }
  // The primitives serve others as if those tasks had never been.
  void ExpectUsable() {
    EXPECT_TRUE(blocked_.whole());
    scope_.emplace(executor_.root_scope());
    SpawnTasks();
    RunReady();
    clock_.Advance(absl::Hours(3));
    executor_.RunTimers();
    // For those that wait for something a second time.
    for (int i = 0; i < 3; ++i) {
      blocked_.Release();
      RunReady();
    }
    EXPECT_EQ(ended_, 3);
  }

  ManualClock clock_;
  Executor executor_{clock_};
  Blocked blocked_{executor_};
  Token token_ = std::make_shared<int>(1);
  int ended_ = 0;
  std::optional<Scope> scope_{std::in_place, executor_.root_scope()};
};

TEST_P(DestroyTest, NeverAwaited) {
  {
    Task<void> task = GetParam().wait(blocked_, token_);
  }
  EXPECT_EQ(token_.use_count(), 1);
}

TEST_P(DestroyTest, SpawnedAndNeverStarted) {
  SpawnTasks();
  EXPECT_EQ(scope_->size(), 3u);
  DestroyTasks();
  blocked_.Release();
  ExpectUsable();
}

TEST_P(DestroyTest, Suspended) {
  SpawnTasks();
  RunReady();
  EXPECT_EQ(scope_->size(), 3u);
  DestroyTasks();
  blocked_.Release();
  ExpectUsable();
}

TEST_P(DestroyTest, WokenAndNotResumed) {
  SpawnTasks();
  RunReady();
  blocked_.Release();
  clock_.Advance(absl::Hours(1));
  executor_.RunTimers();
  EXPECT_EQ(scope_->size(), 3u);
  DestroyTasks();
  ExpectUsable();
}

TEST_P(DestroyTest, WokenAndResumedOneByOne) {
  // Wherever a resumed task has got to: each number of resumptions.
  for (size_t resumed = 1; resumed < 20; ++resumed) {
    ManualClock clock;
    Executor executor(clock);
    Blocked blocked(executor);
    {
      Scope scope(executor.root_scope());
      for (int i = 0; i < 3; ++i) {
        scope.Spawn(GetParam().wait(blocked, token_));
      }
      while (executor.RunReady(1'000) > 0) {
      }
      blocked.Release();
      executor.RunReady(resumed);
    }
    EXPECT_FALSE(executor.has_ready());
    EXPECT_TRUE(executor.timers().empty());
    EXPECT_TRUE(executor.root_scope().children().empty());
    EXPECT_TRUE(blocked.whole());
  }
}

TEST_P(DestroyTest, CancelledAndNotResumed) {
  SpawnTasks();
  RunReady();
  scope_->Cancel();
  EXPECT_EQ(scope_->size(), 3u);
  DestroyTasks();
  blocked_.Release();
  ExpectUsable();
}

INSTANTIATE_TEST_SUITE_P(
    Primitives, DestroyTest,
    ::testing::Values(
        Primitive{"Event", &InEvent}, Primitive{"Mutex", &InMutex},
        Primitive{"Semaphore", &InSemaphore}, Primitive{"Send", &InSend},
        Primitive{"Receive", &InReceive}, Primitive{"Sleep", &InSleep},
        Primitive{"All", &InAll}, Primitive{"AllOfVector", &InAllOfVector},
        Primitive{"AllWithoutResults", &InAllWithoutResults},
        Primitive{"Any", &InAny}, Primitive{"Race", &InRace},
        Primitive{"Timeout", &InTimeout}, Primitive{"Shield", &InShield},
        Primitive{"Scope", &InScope}, Primitive{"AllOfThem", &InAllOfThem}),
    [](const ::testing::TestParamInfo<Primitive>& info) {
      return info.param.name;
    });

// Awaiters by themselves, which a program makes and then awaits or not.
TEST(AwaiterTest, OneThatIsNeverAwaitedLeavesNoTrace) {
  ManualClock clock;
  Executor executor(clock);
  Blocked blocked(executor);
  const Token token = std::make_shared<int>(1);
  {
    auto waiting = blocked.event.Wait();
    auto locking = blocked.mutex.Acquire();
    auto acquiring = blocked.semaphore.Acquire(1);
    auto sending = blocked.full.Send(token);
    auto receiving = blocked.empty.Receive();
    const SleepFor sleep(absl::Seconds(1));
    const Yield yield;
  }
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_TRUE(executor.timers().empty());
  blocked.Release();
  EXPECT_TRUE(blocked.whole());
  EXPECT_EQ(blocked.empty.size(), 1u);
  EXPECT_EQ(blocked.full.size(), 0u);
}

}  // namespace
}  // namespace braid
