#ifndef BRAID_BENCH_ASYNC_HARNESS_H_
#define BRAID_BENCH_ASYNC_HARNESS_H_

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include "async/clock.h"
#include "async/executor.h"
#include "async/scope.h"
#include "async/task.h"

namespace braid::bench {

// How often this thread called operator new (the program's own replacement of
// it counts). Coroutine frames that come recycled from the FramePool do not
// count; those that the pool had to fetch from the heap do.
uint64_t ThreadAllocations();

// Reports the allocations per operation between its construction and its end
// as the counter "allocs". `operations` is what one iteration stands for.
class AllocationCounter {
 public:
  explicit AllocationCounter(benchmark::State& state, int64_t operations = 1)
      : state_(state), operations_(operations), start_(ThreadAllocations()) {}
  ~AllocationCounter();
  AllocationCounter(const AllocationCounter&) = delete;
  AllocationCounter& operator=(const AllocationCounter&) = delete;

 private:
  benchmark::State& state_;
  const int64_t operations_;
  const uint64_t start_;
};

// Runs the task that `function(args...)` makes to its end on an executor of
// its own. The loop over `state` stands inside the task, so what is measured
// is what a task pays.
template <typename F, typename... Args>
void RunTask(F function, Args... args) {
  ManualClock clock;
  Executor executor(clock);
  Scope scope(executor.root_scope());
  scope.Spawn(std::move(function), std::move(args)...);
  while (scope.size() > 0)
    executor.RunReady(std::numeric_limits<size_t>::max());
}

}  // namespace braid::bench

#endif  // BRAID_BENCH_ASYNC_HARNESS_H_
