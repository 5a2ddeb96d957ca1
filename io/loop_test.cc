#include "io/loop.h"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/event.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace braid {
namespace {

class LoopTest : public ::testing::Test {
 protected:
  Loop loop_{SystemWorld()};
};

// In virtual time. That a wait of the kernel ends at its deadline is the
// drivers' to show.
class LoopTimeTest : public ::testing::Test {
 protected:
  // Expects that a sleep takes its time, and but a few turns more.
  void ExpectToSleep(absl::Duration delay) {
    const MonotonicNanos before = loop_.clock().Now();
    EXPECT_EQ(loop_.Run([](absl::Duration time) -> Task<absl::Status> {
      co_return co_await SleepFor(time);
    }(delay)),
              absl::OkStatus());
    const absl::Duration slept =
        absl::Nanoseconds(loop_.clock().Now() - before);
    EXPECT_GE(slept, delay);
    EXPECT_LE(slept, delay + 10 * SimOptions().turn_max);
  }

  Loop loop_{SimulatedWorld({})};
};

TEST_F(LoopTest, RunGivesTheResult) {
  EXPECT_EQ(loop_.Run([]() -> Task<int> { co_return 7; }()), 7);
}

TEST_F(LoopTest, RunRethrowsAnException) {
  EXPECT_THROW(loop_.Run([]() -> Task<int> {
    throw std::runtime_error("boom");
    co_return 1;
  }()),
               std::runtime_error);
  // The loop is as good as before.
  EXPECT_EQ(loop_.Run([]() -> Task<int> { co_return 8; }()), 8);
}

TEST_F(LoopTimeTest, ASleepTakesItsTime) {
  ExpectToSleep(absl::Milliseconds(3));
  ExpectToSleep(absl::Hours(24 * 365));
}

TEST_F(LoopTimeTest, AMillionTimersFireInTheirOrder) {
  constexpr int kTimers = 1'000'000;
  struct Timer final : TimerNode {
    Timer() : TimerNode(&OnFire) {}
    static void OnFire(TimerNode& node) {
      auto& self = static_cast<Timer&>(node);
      // By the queue's resolution, which is what it promises.
      const int64_t tick = self.deadline() / TimerQueue::kTickNanos;
      EXPECT_GE(tick, *self.last_tick);
      *self.last_tick = tick;
      ++*self.fired;
    }
    int* fired;
    int64_t* last_tick;
  };
  int fired = 0;
  int64_t last_tick = 0;
  std::vector<Timer> timers(kTimers);
  const MonotonicNanos now = loop_.clock().Now();
  for (size_t i = 0; i < timers.size(); ++i) {
    timers[i].fired = &fired;
    timers[i].last_tick = &last_tick;
    // Within 50 ms, in no order.
    const auto delay = static_cast<int64_t>(i * 7'919 % 50'000) * 1'000;
    loop_.executor().timers().Add(timers[i], now + delay);
  }
  ExpectToSleep(absl::Milliseconds(50));
  EXPECT_EQ(fired, kTimers);
  EXPECT_TRUE(loop_.executor().timers().empty());
}

TEST_F(LoopTimeTest, ATimerEndsAWaitAmongManyOthers) {
  std::vector<std::unique_ptr<TimerNode>> timers;
  const MonotonicNanos now = loop_.clock().Now();
  for (int i = 0; i < 100'000; ++i) {
    timers.push_back(std::make_unique<TimerNode>([](TimerNode&) {}));
    loop_.executor().timers().Add(
        *timers.back(), now + 3'600'000'000'000 + int64_t{i} * 1'000'000);
  }
  ExpectToSleep(absl::Milliseconds(2));
  EXPECT_EQ(loop_.executor().timers().size(), 100'000u);
}

TEST_F(LoopTest, APostedFunctionThatPostsRunsInALaterTurn) {
  int runs = 0;
  std::function<void()> again = [&] {
    if (++runs < 3) loop_.Post([&] { again(); });
  };
  loop_.Post([&] { again(); });
  for (int turn = 1; turn <= 3; ++turn) {
    loop_.Turn(Driver::Wait::kNo);
    EXPECT_EQ(runs, turn);
  }
}

TEST_F(LoopTest, StatsTellHowDeepTheQueueOfPostsIs) {
  using ::testing::HasSubstr;
  for (int i = 0; i < 3; ++i) loop_.Post([] {});
  EXPECT_EQ(loop_.posts_waiting(), 3u);
  EXPECT_THAT(
      loop_.FormatStats(),
      HasSubstr("posted functions    0, 3 waiting, at most 0 at once\n"));
  loop_.Turn(Driver::Wait::kNo);
  loop_.Post([] {});
  loop_.Turn(Driver::Wait::kNo);
  EXPECT_EQ(loop_.posts_waiting(), 0u);
  EXPECT_THAT(
      loop_.FormatStats(),
      HasSubstr("posted functions    4, 0 waiting, at most 3 at once\n"));
}

TEST_F(LoopTimeTest, AFloodOfReadyTasksStarvesNeitherTimersNorPosts) {
  bool ended = false;
  absl::Status status =
      loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (int i = 0; i < 10; ++i) {
          scope.Spawn([&]() -> Task<absl::Status> {
            while (!ended) CO_RETURN_IF_ERROR(co_await Yield());
            co_return absl::OkStatus();
          });
        }
        CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(1)));
        Event posted;
        loop_.Post([&] { posted.Set(); });
        absl::Status waited = co_await posted.Wait();
        ended = true;
        co_return waited;
      }));
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LoopTest, AGuestGetsEachTurnAndKeepsTheLoopFromWaiting) {
  class Guest final : public LoopGuest {
   public:
    void OnTurn() override { ++turns; }
    bool HasImmediateWork() const override { return turns < 5; }
    int turns = 0;
  } guest;
  loop_.AddGuest(guest);
  // With the fifth the guest would let the loop wait.
  for (int i = 0; i < 4; ++i) loop_.Turn(Driver::Wait::kForOne);
  EXPECT_EQ(guest.turns, 4);
  loop_.RemoveGuest(guest);
  loop_.Turn(Driver::Wait::kNo);
  EXPECT_EQ(guest.turns, 4);
}

TEST_F(LoopTimeTest, StatsAreCountedAndFormatted) {
  auto sleep = []() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Microseconds(1));
  };
  EXPECT_EQ(loop_.Run(sleep()), absl::OkStatus());
  loop_.Post([] {});
  loop_.Turn(Driver::Wait::kNo);
  EXPECT_EQ(loop_.stats().timers_fired, 1u);
  EXPECT_EQ(loop_.stats().posts, 1u);
  EXPECT_GE(loop_.stats().turns, 2u);
  EXPECT_EQ(loop_.in_flight(), 0u);
  for (const char* line : {"loop turns", "coroutines resumed", "timers fired",
                           "posted functions", "ring enters"}) {
    EXPECT_NE(loop_.FormatStats().find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace braid
