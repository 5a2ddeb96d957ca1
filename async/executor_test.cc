#include "async/executor.h"

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::ElementsAre;

// A coroutine that suspends at its start; nothing of the library but a handle.
class Step {
 public:
  struct promise_type {
    Step get_return_object() {
      return Step(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  Step(Step&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Step() {
    if (handle_ != nullptr) handle_.destroy();
  }
  std::coroutine_handle<> handle() const { return handle_; }

 private:
  explicit Step(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

class ExecutorTest : public ::testing::Test {
 protected:
  // A node whose coroutine notes `number` when it is resumed.
  struct Ready {
    explicit Ready(Step made) : step(std::move(made)) {
      node.handle = step.handle();
    }
    Step step;
    ReadyNode node;
  };
  std::unique_ptr<Ready> Make(int number) {
    return std::make_unique<Ready>([](std::vector<int>& log, int i) -> Step {
      log.push_back(i);
      co_return;
    }(resumed_, number));
  }

  ManualClock clock_;
  Executor executor_{clock_};
  std::vector<int> resumed_;
};

TEST_F(ExecutorTest, ResumesInTheOrderOfBecomingReady) {
  auto one = Make(1), two = Make(2), three = Make(3);
  EXPECT_FALSE(executor_.has_ready());
  for (auto* ready : {&two, &one, &three}) {
    executor_.MakeReady((*ready)->node);
    EXPECT_TRUE((*ready)->node.queued());
  }
  EXPECT_TRUE(executor_.has_ready());
  EXPECT_EQ(executor_.RunReady(100), 3u);
  EXPECT_THAT(resumed_, ElementsAre(2, 1, 3));
  EXPECT_FALSE(executor_.has_ready() || one->node.queued());
  EXPECT_EQ(executor_.RunReady(100), 0u);
}

TEST_F(ExecutorTest, StopsAtItsBudgetAndGoesOnLater) {
  auto one = Make(1), two = Make(2), three = Make(3);
  for (auto* ready : {&one, &two, &three}) {
    executor_.MakeReady((*ready)->node);
  }
  EXPECT_EQ(executor_.RunReady(2), 2u);
  EXPECT_THAT(resumed_, ElementsAre(1, 2));
  EXPECT_TRUE(executor_.has_ready());
  EXPECT_EQ(executor_.RunReady(2), 1u);
  EXPECT_THAT(resumed_, ElementsAre(1, 2, 3));
}

TEST_F(ExecutorTest, WhatBecomesReadyMeanwhileRunsInTheSameCall) {
  auto inner = Make(2);
  Ready outer(
      [](Executor& executor, std::vector<int>& log, Ready& next) -> Step {
        log.push_back(1);
        EXPECT_TRUE(executor.running());
        executor.MakeReady(next.node);
        log.push_back(-1);  // Woken, not resumed from here.
        co_return;
      }(executor_, resumed_, *inner));
  executor_.MakeReady(outer.node);
  EXPECT_FALSE(executor_.running());
  EXPECT_EQ(executor_.RunReady(100), 2u);
  EXPECT_FALSE(executor_.running());
  EXPECT_THAT(resumed_, ElementsAre(1, -1, 2));
}

TEST_F(ExecutorTest, ADestroyedNodeLeavesTheQueueFromAnywhere) {
  for (int gone = 0; gone < 3; ++gone) {
    resumed_.clear();
    std::vector<std::unique_ptr<Ready>> all;
    for (int i = 0; i < 3; ++i) {
      all.push_back(Make(i));
      executor_.MakeReady(all.back()->node);
    }
    all[gone].reset();
    auto last = Make(9);
    executor_.MakeReady(last->node);
    EXPECT_EQ(executor_.RunReady(100), 3u);
    EXPECT_THAT(resumed_, ElementsAre(gone == 0 ? 1 : 0, gone == 2 ? 1 : 2, 9));
  }
  {
    auto only = Make(1);
    executor_.MakeReady(only->node);
  }
  EXPECT_FALSE(executor_.has_ready());
}

TEST_F(ExecutorTest, RunTimersFiresWhatIsDueOnTheClock) {
  int fired = 0;
  struct Timer final : TimerNode {
    explicit Timer(int& fires)
        : TimerNode([](TimerNode& node) { ++static_cast<Timer&>(node).count; }),
          count(fires) {}
    int& count;
  } timer(fired);
  executor_.timers().Add(timer, clock_.Now() + 1'000);
  EXPECT_EQ(executor_.RunTimers(), 0u);
  clock_.Advance(absl::Nanoseconds(1'000));
  EXPECT_EQ(executor_.RunTimers(), 1u);
  EXPECT_EQ(fired, 1);
}

using ExecutorDeathTest = ExecutorTest;

TEST_F(ExecutorDeathTest, MisuseIsToldClearly) {
  EXPECT_DEATH(
      {
        auto ready = Make(1);
        Executor executor(clock_);
        executor.MakeReady(ready->node);
      },
      "an executor ended while coroutines were ready to run");
  EXPECT_DEATH(
      {
        Ready nested([](Executor& executor) -> Step {
          executor.RunReady(1);
          co_return;
        }(executor_));
        executor_.MakeReady(nested.node);
        executor_.RunReady(1);
      },
      "RunReady\\(\\) was called from a task");
  EXPECT_DEATH(
      {
        auto executor = std::make_unique<Executor>(clock_);
        Scope scope(executor->root_scope());
        executor.reset();
      },
      "a cancel scope ended before the scopes below it");
}

}  // namespace
}  // namespace braid
