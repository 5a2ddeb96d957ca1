#include "io/blocking.h"

#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/testing.h"

namespace braid {
namespace {

constexpr int kThreads = 4;

class BlockingTest : public ::testing::Test {
 protected:
  Loop loop_{SystemWorld(), {.blocking_threads = kThreads}};
};

TEST_F(BlockingTest, RunsElsewhereAndGivesTheResult) {
  const std::thread::id here = std::this_thread::get_id();
  auto elsewhere = [&]() -> Task<absl::StatusOr<bool>> {
    co_return co_await Blocking(
        loop_, [here] { return std::this_thread::get_id() != here; });
  };
  EXPECT_TRUE(loop_.Run(elsewhere()).value());
}

TEST_F(BlockingTest, EachKindOfResult) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    int ran = 0;
    CO_RETURN_IF_ERROR(co_await Blocking(loop_, [&] { ++ran; }));
    EXPECT_EQ(ran, 1);
    EXPECT_TRUE(absl::IsNotFound(
        co_await Blocking(loop_, [] { return absl::NotFoundError("gone"); })));
    const absl::StatusOr<int> failed = co_await Blocking(
        loop_,
        []() -> absl::StatusOr<int> { return absl::DataLossError("x"); });
    EXPECT_TRUE(absl::IsDataLoss(failed.status()));
    // Values that can only be moved, from functions that can only be moved.
    CO_ASSIGN_OR_RETURN(
        std::unique_ptr<std::string> text,
        co_await Blocking(loop_, [kept = std::make_unique<std::string>("a")] {
          return std::make_unique<std::string>(*kept + "b");
        }));
    EXPECT_EQ(*text, "ab");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(BlockingTest, RethrowsAnException) {
  auto throws = [&]() -> Task<absl::Status> {
    co_return co_await Blocking(loop_,
                                [] { throw std::runtime_error("boom"); });
  };
  EXPECT_THROW(loop_.Run(throws()).IgnoreError(), std::runtime_error);
  // The thread is as good as before.
  auto works = [&]() -> Task<absl::StatusOr<int>> {
    co_return co_await Blocking(loop_, [] { return 5; });
  };
  EXPECT_EQ(loop_.Run(works()).value(), 5);
}

// Functions that each wait for all the others: they must all run at once.
TEST_F(BlockingTest, NoFunctionWaitsForAnotherWhileThreadsMayBeMade) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    for (int round = 0; round < 20; ++round) {
      // Leaves an idle thread, which is not to be counted twice.
      CO_RETURN_IF_ERROR(co_await Blocking(loop_, [] {}));
      std::atomic<int> arrived = 0;
      CO_RETURN_IF_ERROR(
          co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
            for (int i = 0; i < kThreads; ++i) {
              scope.Spawn([&]() -> Task<absl::Status> {
                co_return co_await Blocking(loop_, [&] {
                  ++arrived;
                  while (arrived < kThreads) std::this_thread::yield();
                });
              });
            }
            co_return absl::OkStatus();
          }));
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(BlockingTest, MoreFunctionsThanThreadsRunInOrder) {
  std::mutex mutex;
  std::vector<int> begun;
  Loop loop(SystemWorld(), {.blocking_threads = 1});
  absl::Status status =
      loop.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (int i = 0; i < 100; ++i) {
          scope.Spawn([&, i]() -> Task<absl::Status> {
            co_return co_await Blocking(loop, [&, i] {
              std::lock_guard lock(mutex);
              begun.push_back(i);
            });
          });
        }
        co_return absl::OkStatus();
      }));
  EXPECT_EQ(status, absl::OkStatus());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(begun[static_cast<size_t>(i)], i);
}

TEST_F(BlockingTest, CancelledWaitsForWhatRunsAndTakesBackTheRest) {
  constexpr int kJobs = 3 * kThreads;
  std::atomic<int> begun = 0;
  std::atomic<bool> go_on = false;
  int cancelled = 0;
  int done = 0;
  absl::Status status =
      loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (int i = 0; i < kJobs; ++i) {
          scope.Spawn([&]() -> Task<absl::Status> {
            const absl::StatusOr<int> result = co_await Blocking(loop_, [&] {
              ++begun;
              while (!go_on) std::this_thread::yield();
              return 1;
            });
            ++(result.ok() ? done : cancelled);
            co_return result.status();
          });
        }
        while (begun < kThreads) CO_RETURN_IF_ERROR(co_await Yield());
        scope.Cancel();
        go_on = true;
        co_return absl::OkStatus();
      }));
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(done, kThreads);
  EXPECT_EQ(cancelled, kJobs - kThreads);
}

TEST_F(BlockingTest, ACancelledTaskStartsNone) {
  absl::Status status =
      loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Cancel();
        bool ran = false;
        const absl::Status result =
            co_await Blocking(loop_, [&] { ran = true; });
        EXPECT_TRUE(absl::IsCancelled(result));
        EXPECT_FALSE(ran);
        co_return absl::OkStatus();
      }));
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(BlockingTest, ItsThreadsTakeNoSignals) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    sigset_t blocked;
    CO_RETURN_IF_ERROR(co_await Blocking(
        loop_, [&] { pthread_sigmask(SIG_SETMASK, nullptr, &blocked); }));
    for (int number : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD, SIGALRM}) {
      EXPECT_EQ(sigismember(&blocked, number), 1) << number;
    }
    EXPECT_EQ(sigismember(&blocked, SIGSEGV), 0);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  // The loop's own thread takes them as before.
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 0);
}

TEST_F(BlockingTest, SaysThatNoThreadCanBeMade) {
  EXPECT_EQ(RunInChild([] {
              Loop loop(SystemWorld());
              ForbidSystemCall(SYS_clone, EAGAIN);
              ForbidSystemCall(SYS_clone3, EAGAIN);
              auto run = [&]() -> Task<absl::Status> {
                co_return co_await Blocking(loop, [] {});
              };
              return loop.Run(run()).ToString();
            }),
            "RESOURCE_EXHAUSTED: no thread can be made for a blocking "
            "function: raise the limit of processes (ulimit -u) or of memory");
}

TEST_F(BlockingTest, WaitsForTheThreadsThereAreWhenNoMoreCanBeMade) {
  EXPECT_EQ(
      RunInChild([] {
        Loop loop(SystemWorld());
        auto run = [&]() -> Task<absl::Status> {
          co_return co_await Blocking(loop, [] {});
        };
        absl::Status first = loop.Run(run());
        ForbidSystemCall(SYS_clone, EAGAIN);
        ForbidSystemCall(SYS_clone3, EAGAIN);
        int ran = 0;
        absl::Status status =
            loop.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
              for (int i = 0; i < 10; ++i) {
                scope.Spawn([&]() -> Task<absl::Status> {
                  CO_ASSIGN_OR_RETURN(
                      const int one, co_await Blocking(loop, [] { return 1; }));
                  ran += one;
                  co_return absl::OkStatus();
                });
              }
              co_return absl::OkStatus();
            }));
        return absl::StrCat(first.ToString(), " ", status.ToString(), " ", ran);
      }),
      "OK OK 10");
}

}  // namespace
}  // namespace braid
