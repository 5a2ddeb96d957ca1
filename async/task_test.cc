#include "async/task.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status_matchers.h"
#include "async/combinators.h"
#include "async/sleep.h"
#include "async/task_test_unit.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOkAndHolds;
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;

TEST(TaskTest, GivesItsValueToTheAwaiter) {
  TestExecutor test;
  EXPECT_EQ(test.Run([]() -> Task<int> { co_return 42; }()), 42);
  EXPECT_THAT(test.Run([]() -> Task<std::unique_ptr<int>> {
    co_return std::make_unique<int>(7);
  }()),
              testing::Pointee(7));
  EXPECT_THAT(test.Run([]() -> Task<absl::StatusOr<std::string>> {
    co_return "text";
  }()),
              IsOkAndHolds("text"));
  EXPECT_THAT(test.Run([]() -> Task<absl::StatusOr<std::string>> {
    co_return absl::NotFoundError("gone");
  }()),
              StatusIs(absl::StatusCode::kNotFound, "gone"));
  EXPECT_EQ((test.Run([]() -> Task<std::pair<int, std::string>> {
              co_return {1, "one"};
            }())),
            std::pair(1, std::string("one")));
}

TEST(TaskTest, ItsValueNeedsNoDefaultConstructorAndIsDestroyedOnce) {
  struct Value {
    explicit Value(std::vector<std::string>& log) : trace(log, "value") {}
    Trace trace;
  };
  std::vector<std::string> log;
  TestExecutor test;
  test.Run([](std::vector<std::string>& to) -> Task<void> {
    Value value = co_await [](std::vector<std::string>& out) -> Task<Value> {
      co_return Value(out);
    }(to);
    to.push_back("has it");
  }(log));
  EXPECT_THAT(log, ElementsAre("has it", "~value"));
}

TEST(TaskTest, DoesNothingBeforeItIsAwaited) {
  TestExecutor test;
  bool ran = false;
  test.Run([](bool& flag) -> Task<void> {
    Task<void> task = [](bool& inner) -> Task<void> {
      inner = true;
      co_return;
    }(flag);
    EXPECT_TRUE(task);
    EXPECT_FALSE(flag);
    co_await std::move(task);
    EXPECT_TRUE(flag);
  }(ran));
}

TEST(TaskTest, RunsDirectlyInItsAwaiterWithoutTheReadyQueue) {
  TestExecutor test;
  std::vector<int> order;
  test.Spawn([&]() -> Task<void> {
    order.push_back(1);
    co_await [](std::vector<int>& to) -> Task<void> {
      to.push_back(2);
      co_return;
    }(order);
    order.push_back(3);
  });
  test.Spawn([&]() -> Task<void> {
    order.push_back(4);
    co_return;
  });
  test.RunUntilIdle();
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
}

TEST(TaskTest, OneThatIsNeverAwaitedOnlyFreesItsArguments) {
  std::vector<std::string> log;
  {
    Task<void> task = [](Trace, std::vector<std::string>& to) -> Task<void> {
      to.push_back("ran");
      co_return;
    }(Trace(log, "argument"), log);
    EXPECT_THAT(log, ElementsAre());
  }
  EXPECT_THAT(log, ElementsAre("~argument"));
}

TEST(TaskTest, MovingPassesTheCoroutineOn) {
  std::vector<std::string> log;
  auto make = [](Trace) -> Task<int> { co_return 5; };
  Task<int> empty;
  EXPECT_FALSE(empty);
  Task<int> first = make(Trace(log, "first"));
  Task<int> second = make(Trace(log, "second"));
  second = std::move(first);
  EXPECT_THAT(log, ElementsAre("~second"));
  EXPECT_FALSE(first);  // NOLINT: moved from on purpose.
  Task<int>& same = second;
  second = std::move(same);
  EXPECT_TRUE(second);
  TestExecutor test;
  EXPECT_EQ(test.Run(std::move(second)), 5);
  EXPECT_THAT(log, ElementsAre("~second", "~first"));
}

TEST(TaskTest, AnExceptionReachesTheAwaiterThroughAllLevels) {
  std::vector<std::string> log;
  TestExecutor test;
  auto thrower = [](std::vector<std::string>& to) -> Task<int> {
    Trace trace(to, "thrower");
    throw std::runtime_error("broken");
    co_return 1;
  };
  auto middle = [&](std::vector<std::string>& to) -> Task<std::string> {
    Trace trace(to, "middle");
    co_return std::to_string(co_await thrower(to));
  };
  test.Run([&]() -> Task<void> {
    try {
      co_await middle(log);
      ADD_FAILURE() << "no exception";
    } catch (const std::runtime_error& error) {
      log.push_back(error.what());
    }
  }());
  EXPECT_THAT(log, ElementsAre("~thrower", "~middle", "broken"));
  EXPECT_THROW(test.Run([]() -> Task<void> {
    throw std::logic_error("out");
    co_return;
  }()),
               std::logic_error);
}

TEST(TaskTest, AnExceptionAfterCoReturnReplacesTheValue) {
  struct ThrowsAtItsEnd {
    ~ThrowsAtItsEnd() noexcept(false) { throw std::runtime_error("late"); }
  };
  std::vector<std::string> log;
  TestExecutor test;
  EXPECT_THROW(test.Run([](std::vector<std::string>& to) -> Task<Trace> {
    ThrowsAtItsEnd local;
    co_return Trace(to, "value");
  }(log)),
               std::runtime_error);
  EXPECT_THAT(log, ElementsAre("~value"));
}

TEST(TaskTest, TemporariesOfTheAwaitLiveAsLongAsTheTask) {
  TestExecutor test;
  const size_t size = test.Run([]() -> Task<size_t> {
    co_return co_await [](const std::string& text) -> Task<size_t> {
      EXPECT_EQ(co_await Yield(), absl::OkStatus());
      co_return text.size();
    }(std::string(1'000, 'x'));
  }());
  EXPECT_EQ(size, 1'000u);
}

TEST(TaskTest, CurrentTaskKnowsItsScopeAndExecutor) {
  TestExecutor test;
  test.Run([&]() -> Task<void> {
    PromiseBase& self = co_await CurrentTask();
    EXPECT_EQ(&self.executor(), &test.executor());
    EXPECT_EQ(&self.cancel_scope(), &test.scope().cancel_scope());
    EXPECT_FALSE(self.cancelled());
    EXPECT_NE(self.awaiter(), nullptr);
  }());
}

TEST(TaskTest, InRunsItInAScopeOfItsOwn) {
  TestExecutor test;
  test.Run([&]() -> Task<void> {
    CancelScope scope((co_await CurrentTask()).cancel_scope(),
                      CancelPropagation::kInherit);
    scope.Cancel();
    auto sleep = []() -> Task<absl::Status> {
      co_return co_await SleepFor(absl::Hours(1));
    };
    EXPECT_THAT(co_await sleep().In(scope),
                StatusIs(absl::StatusCode::kCancelled));
    EXPECT_FALSE((co_await CurrentTask()).cancelled());
  }());
}

TEST(TaskTest, CancelledWhileSuspendedUnwindsThroughAllParents) {
  TestExecutor test;
  std::vector<std::string> log;
  auto leaf = [](std::vector<std::string>& to) -> Task<absl::Status> {
    Trace trace(to, "leaf");
    co_return co_await SleepFor(absl::InfiniteDuration());
  };
  auto parent = [&](std::vector<std::string>& to) -> Task<absl::Status> {
    Trace trace(to, "parent");
    absl::Status status = co_await leaf(to);
    // Cancellation stays: the next await ends at once.
    EXPECT_THAT(co_await Yield(), StatusIs(absl::StatusCode::kCancelled));
    co_return status;
  };
  std::optional<absl::Status> result;
  test.Spawn([&]() -> Task<void> { result = co_await parent(log); });
  test.RunUntilIdle();
  EXPECT_FALSE(result.has_value());
  test.scope().Cancel();
  EXPECT_THAT(log, ElementsAre());  // A request: nothing ran yet.
  test.RunUntilIdle();
  EXPECT_THAT(log, ElementsAre("~leaf", "~parent"));
  EXPECT_THAT(result,
              testing::Optional(StatusIs(absl::StatusCode::kCancelled)));
}

// An awaitable that is not the library's own.
struct Foreign {
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<>) const { return false; }
  int await_resume() const { return 3; }
};

TEST(TaskTest, AwaitsForeignAwaitables) {
  TestExecutor test;
  EXPECT_EQ(test.Run([]() -> Task<int> { co_return co_await Foreign(); }()), 3);
}

// Symmetric transfer: neither many awaits in a row nor deep ones use the
// stack, in any build, with or without optimization and sanitizers.

// Where the stack of whoever calls it ends now.
[[gnu::noinline]] uintptr_t StackPosition() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

constexpr int kDepth = 1'000'000;
// A few calls, where a million awaits that each took a byte would not fit.
constexpr int64_t kStackBytesMax = 64 << 10;

TEST(TaskDepthTest, AMillionSynchronousAwaitsInARow) {
  TestExecutor test;
  EXPECT_EQ(test.Run([]() -> Task<int> {
    const uintptr_t before = StackPosition();
    int value = 0;
    for (int i = 0; i < kDepth; ++i) {
      value = co_await OtherUnitIncrement(value);
    }
    EXPECT_LT(std::abs(static_cast<int64_t>(StackPosition() - before)),
              kStackBytesMax);
    co_return value;
  }()),
            kDepth);
}

// Where the stack ended at the top of nested awaits, at their bottom, and at
// the top again.
struct StackPositions {
  uintptr_t down = 0, bottom = 0, up = 0;
};

Task<int> Nested(int depth, bool suspend, bool fail,
                 StackPositions* positions = nullptr) {
  if (positions != nullptr && depth == kDepth)
    positions->down = StackPosition();
  if (depth == 0) {
    if (positions != nullptr) positions->bottom = StackPosition();
    if (suspend && !(co_await SleepFor(absl::InfiniteDuration())).ok()) {
      co_return -2 * kDepth;
    }
    if (fail) throw std::runtime_error("bottom");
    co_return 0;
  }
  const int below = co_await Nested(depth - 1, suspend, fail, positions);
  if (positions != nullptr && depth == kDepth) positions->up = StackPosition();
  co_return 1 + below;
}

TEST(TaskDepthTest, AwaitsNestedAMillionDeep) {
  TestExecutor test;
  StackPositions positions;
  EXPECT_EQ(test.Run(Nested(kDepth, false, false, &positions)), kDepth);
  for (uintptr_t position : {positions.bottom, positions.up}) {
    EXPECT_LT(std::abs(static_cast<int64_t>(position - positions.down)),
              kStackBytesMax);
  }
}

TEST(TaskDepthTest, CancellationUnwindsDeepAwaits) {
  TestExecutor test;
  std::optional<int> result;
  test.Spawn(
      [&]() -> Task<void> { result = co_await Nested(kDepth, true, false); });
  test.RunUntilIdle();
  test.scope().Cancel();
  test.RunUntilIdle();
  EXPECT_EQ(result, kDepth - 2 * kDepth);
}

TEST(TaskDepthTest, AnExceptionUnwindsDeepAwaits) {
  TestExecutor test;
  // Catching and rethrowing at each level takes its time.
  EXPECT_THROW(test.Run(Nested(kDepth / 100, false, true)), std::runtime_error);
}

// How many frames come from the heap when every pooled one is gone: what the
// compiler put into the awaiter's frame does not count.
class FrameCountTest : public ::testing::Test {
 protected:
  template <typename MakeTask>
  static uint64_t FramesOf(MakeTask make_task) {
    TestExecutor test;
    uint64_t frames = 0;
    test.Run([&]() -> Task<void> {
      FramePool::TrimThread();
      const uint64_t before = FramePool::ThreadStats().heap_allocations;
      co_await make_task();
      frames = FramePool::ThreadStats().heap_allocations - before;
    }());
    return frames;
  }
#ifdef __OPTIMIZE__
  static constexpr uint64_t kInlined = 0;
#else
  static constexpr uint64_t kInlined = 1;
#endif
};

Task<int> SameUnitIncrement(int value) { co_return value + 1; }

// The canary: a change of Task that silently costs every await an allocation.
TEST_F(FrameCountTest, AChildThatCanBeSeenNeedsNoFrame) {
  const uint64_t around = FramesOf([]() -> Task<void> { co_return; });
  EXPECT_EQ(FramesOf([]() -> Task<void> {
              EXPECT_EQ(co_await SameUnitIncrement(1), 2);
            }) - around,
            kInlined);
}

TEST_F(FrameCountTest, AChildOfAnotherUnitNeedsOne) {
  const uint64_t around = FramesOf([]() -> Task<void> { co_return; });
  EXPECT_EQ(FramesOf([]() -> Task<void> {
              EXPECT_EQ(co_await OtherUnitIncrement(1), 2);
            }) - around,
            1u);
}

TEST_F(FrameCountTest, AllNeedsTwoForEachTaskAndItsOwn) {
  auto give = []() -> Task<absl::StatusOr<int>> { co_return 1; };
  const uint64_t around = FramesOf([]() -> Task<void> { co_return; });
  const uint64_t all = FramesOf([&]() -> Task<void> {
                         EXPECT_TRUE((co_await All(give(), give())).ok());
                       }) -
                       around;
  EXPECT_GE(all, 4u);
  EXPECT_LE(all, 4u + kInlined);
}

#ifndef NDEBUG
TEST(TaskDeathTest, MisuseIsFoundInDebug) {
  TestExecutor test;
  EXPECT_DEATH(test.Run([]() -> Task<void> {
    Task<int> empty;
    co_await std::move(empty);
  }()),
               "an empty Task was awaited");
  EXPECT_DEATH(test.Run([]() -> Task<void> {
    Task<int> task = SameUnitIncrement(1);
    co_await std::move(task);
    co_await std::move(task);  // NOLINT: awaited twice on purpose.
  }()),
               "a Task was awaited twice");
}
#endif

}  // namespace
}  // namespace braid
