// What timers cost, and that it stays the same from 1,000 to 1,000,000 pending.

#include <memory>
#include <random>
#include <vector>

#include "async/timer_queue.h"
#include "bench/async/harness.h"

namespace braid::bench {
namespace {

constexpr MonotonicNanos kMinute = 60'000'000'000;

class Timer final : public TimerNode {
 public:
  Timer() : TimerNode([](TimerNode&) {}) {}
};

// A queue in which timers are due at random moments of the next minute.
struct Pending {
  explicit Pending(int64_t count) : timers(static_cast<size_t>(count)) {
    for (Timer& timer : timers) queue.Add(timer, RandomDeadline());
  }
  MonotonicNanos RandomDeadline() {
    return now + 1 +
           static_cast<MonotonicNanos>(random() %
                                       static_cast<uint64_t>(kMinute));
  }
  MonotonicNanos now = 1'000'000'000;
  std::mt19937_64 random{42};
  TimerQueue queue{now};
  std::vector<Timer> timers;
};

// The life of most timers: added as a time-out, removed before it is due.
void BM_AddAndRemove(benchmark::State& state) {
  Pending pending(state.range(0));
  AllocationCounter counter(state);
  Timer timer;
  for (auto _ : state) {
    pending.queue.Add(timer, pending.now + 5'000'000'000);
    pending.queue.Remove(timer);
  }
}
BENCHMARK(BM_AddAndRemove)->RangeMultiplier(10)->Range(1'000, 1'000'000);

// A time-out is pushed on, as a connection does with each request.
void BM_Rearm(benchmark::State& state) {
  Pending pending(state.range(0));
  AllocationCounter counter(state);
  size_t next = 0;
  for (auto _ : state) {
    Timer& timer = pending.timers[next];
    next = next + 1 == pending.timers.size() ? 0 : next + 1;
    pending.queue.Remove(timer);
    pending.queue.Add(timer, pending.now + kMinute);
  }
}
BENCHMARK(BM_Rearm)->RangeMultiplier(10)->Range(1'000, 1'000'000);

// Time goes on, what is due fires and is added again: per timer fired.
void BM_FireAndAdd(benchmark::State& state) {
  Pending pending(state.range(0));
  AllocationCounter counter(state);
  // Advances so far that about 64 timers are due.
  const MonotonicNanos step = kMinute * 64 / state.range(0);
  int64_t fired = 0;
  std::vector<Timer*> due;
  for (auto _ : state) {
    pending.now += step;
    fired += static_cast<int64_t>(pending.queue.Fire(pending.now));
    state.PauseTiming();
    for (Timer& timer : pending.timers) {
      if (!timer.pending()) pending.queue.Add(timer, pending.RandomDeadline());
    }
    state.ResumeTiming();
  }
  state.SetItemsProcessed(fired);
}
BENCHMARK(BM_FireAndAdd)->RangeMultiplier(10)->Range(1'000, 10'000);

void BM_NextDeadline(benchmark::State& state) {
  Pending pending(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(pending.queue.NextDeadline());
}
BENCHMARK(BM_NextDeadline)->RangeMultiplier(10)->Range(1'000, 1'000'000);

}  // namespace
}  // namespace braid::bench
