// What structured concurrency costs: opening a scope, spawning into it and
// joining it, and the combinators that are built on it.

#include <vector>

#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/scope.h"
#include "bench/async/harness.h"
#include "bench/async/other_unit.h"

namespace braid::bench {
namespace {

void BM_SpawnAndJoinOne(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    for (auto _ : state) {
      Scope scope(co_await CurrentTask());
      scope.Spawn(OtherUnitStatus());
      absl::Status status = co_await scope.Join();
      benchmark::DoNotOptimize(status);
    }
  });
}
BENCHMARK(BM_SpawnAndJoinOne);

void BM_SpawnAndJoinMany(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state, state.range(0));
    for (auto _ : state) {
      Scope scope(co_await CurrentTask());
      for (int64_t i = 0; i < state.range(0); ++i)
        scope.Spawn(OtherUnitStatus());
      absl::Status status = co_await scope.Join();
      benchmark::DoNotOptimize(status);
    }
  });
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_SpawnAndJoinMany)->Arg(10)->Arg(1000);

Task<absl::StatusOr<int>> Answer() { co_return 42; }

void BM_AllOfTwo(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    for (auto _ : state)
      benchmark::DoNotOptimize(co_await All(Answer(), Answer()));
  });
}
BENCHMARK(BM_AllOfTwo);

void BM_Timeout(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    AllocationCounter counter(state);
    for (auto _ : state) {
      absl::Status status =
          co_await Timeout(absl::Seconds(1), OtherUnitStatus());
      benchmark::DoNotOptimize(status);
    }
  });
}
BENCHMARK(BM_Timeout);

}  // namespace
}  // namespace braid::bench
