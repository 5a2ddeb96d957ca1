// What one co_await costs: of a child that can be inlined, of one that cannot,
// and of the smallest coroutine type with frames from malloc.

#include "async/combinators.h"
#include "async/sleep.h"
#include "bench/async/harness.h"
#include "bench/async/other_unit.h"

namespace braid::bench {
namespace {

Task<int> InlineInt(int value) { co_return value + 1; }

void BM_AwaitInline(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    int value = 0;
    for (auto _ : state)
      benchmark::DoNotOptimize(value = co_await InlineInt(value));
  });
}
BENCHMARK(BM_AwaitInline);

void BM_AwaitOtherUnitInt(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    int value = 0;
    for (auto _ : state)
      benchmark::DoNotOptimize(value = co_await OtherUnitInt(value));
  });
}
BENCHMARK(BM_AwaitOtherUnitInt);

void BM_AwaitOtherUnitVoid(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    for (auto _ : state) co_await OtherUnitVoid();
  });
}
BENCHMARK(BM_AwaitOtherUnitVoid);

void BM_AwaitOtherUnitStatus(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    for (auto _ : state) {
      absl::Status status = co_await OtherUnitStatus();
      benchmark::DoNotOptimize(status);
    }
  });
}
BENCHMARK(BM_AwaitOtherUnitStatus);

// The peer: no scope, no async stack, no exceptions, malloc for the frame.
PlainTask PlainLoop(benchmark::State& state) {
  AllocationCounter counter(state);
  int value = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(value = co_await OtherUnitPlain(value));
  co_return value;
}
void BM_AwaitPlainMalloc(benchmark::State& state) {
  PlainTask task = PlainLoop(state);
  task.await_suspend(std::noop_coroutine()).resume();
}
BENCHMARK(BM_AwaitPlainMalloc);

void BM_Yield(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    for (auto _ : state) benchmark::DoNotOptimize(co_await Yield());
  });
}
BENCHMARK(BM_Yield);

}  // namespace
}  // namespace braid::bench
