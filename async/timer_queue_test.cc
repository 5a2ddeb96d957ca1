#include "async/timer_queue.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr MonotonicNanos kStart = 1'000'000'000;
constexpr int64_t kTick = TimerQueue::kTickNanos;

// Writes its number down when it fires, and does what it was told to do.
class Timer final : public TimerNode {
 public:
  Timer(int number, std::vector<int>& fired,
        std::function<void()> also = nullptr)
      : TimerNode([](TimerNode& node) {
          auto& timer = static_cast<Timer&>(node);
          EXPECT_FALSE(timer.pending());
          timer.fired_.push_back(timer.number_);
          if (timer.also_ != nullptr) timer.also_();
        }),
        number_(number),
        fired_(fired),
        also_(std::move(also)) {}

 private:
  const int number_;
  std::vector<int>& fired_;
  const std::function<void()> also_;
};

class TimerQueueTest : public ::testing::Test {
 protected:
  // What fires at `now`.
  std::vector<int> FiredAt(MonotonicNanos now) {
    fired_.clear();
    const size_t count = queue_.Fire(now);
    EXPECT_EQ(count, fired_.size());
    return fired_;
  }

  TimerQueue queue_{kStart};
  std::vector<int> fired_;
};

TEST_F(TimerQueueTest, FiresAtItsDeadlineAndNotANanosecondBefore) {
  // Next to ticks, inside them, near and far: through every level.
  for (int64_t delay :
       {int64_t{1}, kTick - 1, kTick, kTick + 1, 63 * kTick, 64 * kTick,
        64 * kTick + 7, 4096 * kTick - 1, 4096 * kTick, int64_t{5'000'000},
        int64_t{60'000'000'000}, int64_t{86'400'000'000'123},
        int64_t{31'536'000'000'000'001}}) {
    TimerQueue queue(kStart);
    Timer timer(1, fired_);
    queue.Add(timer, kStart + delay);
    EXPECT_EQ(queue.NextDeadline(), kStart + delay);
    EXPECT_EQ(queue.Fire(kStart + delay - 1), 0u) << delay;
    EXPECT_TRUE(timer.pending());
    EXPECT_EQ(queue.Fire(kStart + delay), 1u) << delay;
    EXPECT_FALSE(timer.pending());
    EXPECT_TRUE(queue.empty());
  }
}

TEST_F(TimerQueueTest, WhatIsDueFiresAtTheNextCall) {
  Timer past(1, fired_), now(2, fired_), negative(3, fired_);
  queue_.Add(past, 5);
  queue_.Add(now, kStart);
  queue_.Add(negative, -7);
  EXPECT_LE(queue_.NextDeadline(), kStart);
  EXPECT_THAT(FiredAt(kStart), ElementsAre(1, 2, 3));
  EXPECT_THAT(FiredAt(kStart), IsEmpty());
}

TEST_F(TimerQueueTest, FiresByDeadlineAndThenInTheOrderOfAdding) {
  Timer late(1, fired_), soon(2, fired_), first(3, fired_), second(4, fired_);
  queue_.Add(late, kStart + 90'000'000);
  queue_.Add(soon, kStart + 10'000);
  queue_.Add(first, kStart + 50'000'000);
  // The same moment, but added when it lies in a finer level.
  EXPECT_THAT(FiredAt(kStart + 49'990'000), ElementsAre(2));
  queue_.Add(second, kStart + 50'000'000);
  EXPECT_THAT(FiredAt(kStart + 100'000'000), ElementsAre(3, 4, 1));
}

TEST_F(TimerQueueTest, ATickThatIsNotOverFiresOnlyWhatIsDue) {
  const MonotonicNanos tick = (kStart / kTick + 5) * kTick;
  Timer later(1, fired_), sooner(2, fired_), between(3, fired_);
  queue_.Add(later, tick + 900);
  queue_.Add(sooner, tick + 100);
  queue_.Add(between, tick + 500);
  EXPECT_THAT(FiredAt(tick + 99), IsEmpty());
  EXPECT_EQ(queue_.NextDeadline(), tick + 100);
  EXPECT_THAT(FiredAt(tick + 500), ElementsAre(2, 3));
  EXPECT_EQ(queue_.NextDeadline(), tick + 900);
  EXPECT_THAT(FiredAt(tick + 900), ElementsAre(1));
}

TEST_F(TimerQueueTest, ARemovedTimerDoesNotFireAndCanBeAddedAgain) {
  Timer timer(1, fired_), other(2, fired_);
  queue_.Add(timer, kStart + 5'000);
  queue_.Add(other, kStart + 6'000);
  queue_.Remove(timer);
  queue_.Remove(timer);  // Harmless.
  EXPECT_EQ(queue_.size(), 1u);
  EXPECT_EQ(queue_.NextDeadline(), kStart + 6'000);
  EXPECT_THAT(FiredAt(kStart + 6'000), ElementsAre(2));
  queue_.Add(timer, kStart + 7'000);
  EXPECT_EQ(timer.deadline(), kStart + 7'000);
  EXPECT_THAT(FiredAt(kStart + 7'000), ElementsAre(1));
}

TEST_F(TimerQueueTest, ADestroyedTimerLeaves) {
  {
    Timer timer(1, fired_);
    queue_.Add(timer, kStart + 5'000);
    EXPECT_EQ(queue_.size(), 1u);
  }
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.NextDeadline(), kNever);
  EXPECT_THAT(FiredAt(kStart + 10'000), IsEmpty());
}

TEST_F(TimerQueueTest, WhatACallbackAddsWaitsForTheNextCall) {
  Timer again(1, fired_, [&] { queue_.Add(again, kStart); });
  queue_.Add(again, kStart + 5'000);
  EXPECT_THAT(FiredAt(kStart + 5'000), ElementsAre(1));
  EXPECT_THAT(FiredAt(kStart + 5'000), ElementsAre(1));
  queue_.Remove(again);
}

TEST_F(TimerQueueTest, ACallbackMayTakeAwayATimerThatIsDueWithIt) {
  auto gone = std::make_unique<Timer>(3, fired_);
  Timer removed(2, fired_);
  Timer first(1, fired_, [&] {
    queue_.Remove(removed);
    gone.reset();
  });
  for (TimerNode* timer :
       std::initializer_list<TimerNode*>{&first, &removed, gone.get()}) {
    queue_.Add(*timer, kStart + 5'000);
  }
  EXPECT_THAT(FiredAt(kStart + 5'000), ElementsAre(1));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(TimerQueueTest, ACallbackMayDestroyItsOwnTimer) {
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(1, fired_, [&] { timer.reset(); });
  queue_.Add(*timer, kStart + 5'000);
  EXPECT_THAT(FiredAt(kStart + 5'000), ElementsAre(1));
  EXPECT_EQ(timer, nullptr);
}

TEST_F(TimerQueueTest, NeverIsNoDeadline) {
  Timer never(1, fired_), century(2, fired_);
  queue_.Add(never, kNever);
  EXPECT_EQ(queue_.NextDeadline(), kNever);
  const MonotonicNanos far = kStart + int64_t{3'155'760'000} * 1'000'000'000;
  queue_.Add(century, far);
  EXPECT_EQ(queue_.NextDeadline(), far);
  EXPECT_THAT(FiredAt(far), ElementsAre(2));
  EXPECT_EQ(queue_.NextDeadline(), kNever);
  queue_.Remove(never);
}

TEST_F(TimerQueueTest, WithManyTimersNextDeadlineMayBeEarlyButNeverLate) {
  std::vector<std::unique_ptr<Timer>> timers;
  MonotonicNanos earliest = kNever;
  for (int i = 0; i < 100; ++i) {
    timers.push_back(std::make_unique<Timer>(i, fired_));
    const MonotonicNanos deadline = kStart + 7'000'000 - i * 1'000;
    earliest = std::min(earliest, deadline);
    queue_.Add(*timers.back(), deadline);
  }
  int wake_ups = 0;
  MonotonicNanos now = kStart;
  while (queue_.size() == timers.size()) {
    ASSERT_GT(queue_.NextDeadline(), now) << "it would wake up for nothing";
    ASSERT_LE(queue_.NextDeadline(), earliest);
    now = queue_.NextDeadline();
    queue_.Fire(now);
    ++wake_ups;
  }
  EXPECT_EQ(now, earliest);
  EXPECT_LE(wake_ups, 4);  // One a level at most.
  timers.clear();
}

TEST(TimerQueueDeathTest, AQueueOutlivesItsTimers) {
  EXPECT_DEATH(
      {
        std::vector<int> fired;
        Timer timer(1, fired);
        TimerQueue queue(kStart);
        queue.Add(timer, kStart + 5);
      },
      "timers outlived their queue");
}

// The same random walk through the queue and through a sorted map.
void CompareWithModel(uint32_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  MonotonicNanos now = static_cast<MonotonicNanos>(random() % (1ull << 40));
  TimerQueue queue(now);
  std::vector<int> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 300; ++i) {
    timers.push_back(std::make_unique<Timer>(i, fired));
  }
  // By tick and then by order of adding, as the contract says.
  std::map<std::pair<int64_t, int>, int> model;
  std::vector<std::pair<int64_t, int>> keys(timers.size());
  int added = 0;
  for (int step = 0; step < 3'000; ++step) {
    const size_t at = random() % timers.size();
    Timer& timer = *timers[at];
    const int64_t delay =
        static_cast<int64_t>(random() >> (20 + random() % 44)) - 100;
    switch (random() % 4) {
      case 0:
      case 1:
        if (timer.pending()) break;
        queue.Add(timer, now + delay);
        keys[at] = {std::max(now + delay, now) / kTick, added++};
        model[keys[at]] = static_cast<int>(at);
        break;
      case 2:
        if (timer.pending()) model.erase(keys[at]);
        queue.Remove(timer);
        break;
      case 3: {
        now += std::max<int64_t>(delay, 0);
        std::vector<int> expected;
        for (auto due = model.begin(); due != model.end();) {
          if (timers[due->second]->deadline() > now) {
            ++due;
            continue;
          }
          expected.push_back(due->second);
          due = model.erase(due);
        }
        fired.clear();
        queue.Fire(now);
        ASSERT_EQ(fired, expected) << "at step " << step;
        break;
      }
    }
    ASSERT_EQ(queue.size(), model.size());
    MonotonicNanos earliest = kNever;
    for (const auto& [key, index] : model) {
      earliest = std::min(earliest, timers[index]->deadline());
    }
    ASSERT_LE(queue.NextDeadline(), earliest) << "at step " << step;
    if (model.empty()) ASSERT_EQ(queue.NextDeadline(), kNever);
  }
  timers.clear();
  EXPECT_TRUE(queue.empty());
}

// BRAID_TEST_SEED=N repeats one walk.
TEST(TimerQueueModelTest, BehavesLikeASortedMap) {
  if (const char* seed = std::getenv("BRAID_TEST_SEED"); seed != nullptr) {
    return CompareWithModel(static_cast<uint32_t>(std::atoi(seed)));
  }
  for (uint32_t seed = 1; seed <= 20; ++seed) CompareWithModel(seed);
}

}  // namespace
}  // namespace braid
