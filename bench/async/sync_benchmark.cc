// What waiting for each other costs: mutex, semaphore, event and channel, both
// when there is nothing to wait for and when every operation changes the task.

#include "async/channel.h"
#include "async/event.h"
#include "async/mutex.h"
#include "async/semaphore.h"
#include "async/sleep.h"
#include "bench/async/harness.h"

namespace braid::bench {
namespace {

void BM_MutexUncontended(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    Mutex mutex;
    AllocationCounter counter(state);
    for (auto _ : state) {
      absl::StatusOr<Mutex::Lock> lock = co_await mutex.Acquire();
      benchmark::DoNotOptimize(lock.ok());
    }
  });
}
BENCHMARK(BM_MutexUncontended);

// Two tasks that always find the lock taken: one handover for each iteration.
void BM_MutexHandover(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    Mutex mutex;
    bool stop = false;
    Scope scope(co_await CurrentTask());
    scope.Spawn([&]() -> Task<void> {
      while (!stop) {
        absl::StatusOr<Mutex::Lock> lock = co_await mutex.Acquire();
        benchmark::DoNotOptimize(co_await Yield());
      }
    });
    {
      AllocationCounter counter(state);
      for (auto _ : state) {
        absl::StatusOr<Mutex::Lock> lock = co_await mutex.Acquire();
        benchmark::DoNotOptimize(co_await Yield());
      }
    }
    stop = true;
    benchmark::DoNotOptimize(co_await scope.Join());
  });
}
BENCHMARK(BM_MutexHandover);

void BM_SemaphoreUncontended(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    Semaphore semaphore(8);
    AllocationCounter counter(state);
    for (auto _ : state) {
      absl::StatusOr<Semaphore::Units> units = co_await semaphore.Acquire(3);
      benchmark::DoNotOptimize(units.ok());
    }
  });
}
BENCHMARK(BM_SemaphoreUncontended);

void BM_EventAlreadySet(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    Event event;
    event.Set();
    AllocationCounter counter(state);
    for (auto _ : state) {
      absl::Status status = co_await event.Wait();
      benchmark::DoNotOptimize(status);
    }
  });
}
BENCHMARK(BM_EventAlreadySet);

// Two tasks wake each other: an iteration is a wake-up and a switch each way.
void BM_EventPingPong(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    Event ping, pong;
    bool stop = false;
    Scope scope(co_await CurrentTask());
    scope.Spawn([&]() -> Task<void> {
      while (!stop) {
        benchmark::DoNotOptimize(co_await ping.Wait());
        ping.Reset();
        pong.Set();
      }
    });
    {
      AllocationCounter counter(state);
      for (auto _ : state) {
        ping.Set();
        benchmark::DoNotOptimize(co_await pong.Wait());
        pong.Reset();
      }
    }
    stop = true;
    ping.Set();
    benchmark::DoNotOptimize(co_await scope.Join());
  });
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(BM_EventPingPong);

// One value through the channel for each iteration, from one task to another.
void BM_ChannelHop(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    Channel<int> channel(static_cast<size_t>(state.range(0)));
    Scope scope(co_await CurrentTask());
    scope.Spawn([&]() -> Task<void> {
      int value = 0;
      while ((co_await channel.Send(value)).ok()) ++value;
    });
    {
      AllocationCounter counter(state);
      for (auto _ : state) benchmark::DoNotOptimize(co_await channel.Receive());
    }
    channel.Close();
    while ((co_await channel.Receive()).ok()) {
    }
    benchmark::DoNotOptimize(co_await scope.Join());
  });
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ChannelHop)->Arg(1)->Arg(64);

// Nobody waits: a value goes in and comes out again.
void BM_ChannelSameTask(benchmark::State& state) {
  RunTask([&]() -> Task<void> {
    Channel<int> channel(4);
    AllocationCounter counter(state);
    for (auto _ : state) {
      benchmark::DoNotOptimize(co_await channel.Send(1));
      benchmark::DoNotOptimize(co_await channel.Receive());
    }
  });
}
BENCHMARK(BM_ChannelSameTask);

}  // namespace
}  // namespace braid::bench
