#include "io/loop.h"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "async/combinators.h"
#include "async/event.h"
#include "async/sleep.h"
#include "gtest/gtest.h"
#include "io/blocking.h"
#include "io/errno_status.h"
#include "io/signals.h"

namespace braid {
namespace {

class LoopTest : public ::testing::Test {
 protected:
  Loop loop_{*World::System()};
};

TEST_F(LoopTest, ConstructedAndNeverRunIsDestroyedCleanly) {}

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

TEST_F(LoopTest, SleepTakesAtLeastItsTime) {
  const MonotonicNanos before = loop_.clock().Now();
  EXPECT_EQ(loop_.Run([]() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Milliseconds(3));
  }()),
            absl::OkStatus());
  EXPECT_GE(loop_.clock().Now() - before, 3'000'000);
}

TEST_F(LoopTest, PostsFromManyThreadsAllArriveInEachThreadsOrder) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 20'000;
  std::vector<std::thread> threads;
  std::array<int, kThreads> next{};
  int arrived = 0;
  bool in_order = true;
  Event all_arrived;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i) {
        loop_.Post([&, t, i] {
          in_order = in_order && next[static_cast<size_t>(t)]++ == i;
          if (++arrived == kThreads * kPosts) all_arrived.Set();
        });
      }
    });
  }
  EXPECT_EQ(loop_.Run([](Event& event) -> Task<absl::Status> {
    co_return co_await event.Wait();
  }(all_arrived)),
            absl::OkStatus());
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(in_order);
}

TEST_F(LoopTest, BlockingRunsElsewhereAndGivesTheResult) {
  const std::thread::id here = std::this_thread::get_id();
  absl::StatusOr<bool> elsewhere = loop_.Run(
      [](Loop& loop, std::thread::id id) -> Task<absl::StatusOr<bool>> {
        co_return co_await Blocking(
            loop, [id] { return std::this_thread::get_id() != id; });
      }(loop_, here));
  EXPECT_TRUE(elsewhere.value());
}

TEST_F(LoopTest, BlockingRethrows) {
  EXPECT_THROW(
      {
        absl::Status status = loop_.Run([](Loop& loop) -> Task<absl::Status> {
          co_return co_await Blocking(loop,
                                      [] { throw std::runtime_error("boom"); });
        }(loop_));
      },
      std::runtime_error);
}

TEST_F(LoopTest, CancelledBlockingWaitsForWhatRunsAndTakesBackTheRest) {
  constexpr int kJobs = 3 * LoopOptions().blocking_threads;
  std::atomic<int> begun = 0;
  std::atomic<bool> go_on = false;
  int cancelled = 0;
  int done = 0;
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      for (int i = 0; i < kJobs; ++i) {
        scope.Spawn([&]() -> Task<absl::Status> {
          absl::StatusOr<int> result = co_await Blocking(loop_, [&] {
            ++begun;
            while (!go_on) std::this_thread::yield();
            return 1;
          });
          ++(result.ok() ? done : cancelled);
          co_return result.status();
        });
      }
      while (begun < LoopOptions().blocking_threads)
        CO_RETURN_IF_ERROR(co_await Yield());
      scope.Cancel();
      go_on = true;
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(done, LoopOptions().blocking_threads);
  EXPECT_EQ(cancelled, kJobs - LoopOptions().blocking_threads);
}

TEST_F(LoopTest, SignalsAreAwaited) {
  absl::StatusOr<int> number =
      loop_.Run([](Loop& loop) -> Task<absl::StatusOr<int>> {
        CO_ASSIGN_OR_RETURN(Signals signals,
                            Signals::Catch(loop, {SIGUSR1, SIGUSR2}));
        raise(SIGUSR2);
        co_return co_await signals.Next();
      }(loop_));
  EXPECT_EQ(number.value(), SIGUSR2);
}

TEST_F(LoopTest, ASignalIsCaughtOnceAndGivenBack) {
  {
    absl::StatusOr<Signals> first = Signals::Catch(loop_, {SIGUSR1});
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(
        absl::IsAlreadyExists(Signals::Catch(loop_, {SIGUSR1}).status()));
  }
  EXPECT_TRUE(Signals::Catch(loop_, {SIGUSR1}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(Signals::Catch(loop_, {-1}).status()));
  EXPECT_EQ(ErrnoOf(Signals::Catch(loop_, {SIGKILL}).status()), EINVAL);
}

TEST(UringDriverTest, ExplainsWhyThereIsNoRing) {
  EXPECT_NE(ExplainSetupFailure(EPERM, 2).find("io_uring_disabled is 2"),
            std::string::npos);
  EXPECT_NE(ExplainSetupFailure(EPERM, 0).find("seccomp"), std::string::npos);
  EXPECT_NE(ExplainSetupFailure(ENOSYS, -1).find("no io_uring"),
            std::string::npos);
  EXPECT_NE(ExplainSetupFailure(ENOMEM, 0).find("ulimit -l"),
            std::string::npos);
  EXPECT_NE(ExplainSetupFailure(EMFILE, 0).find("ulimit -n"),
            std::string::npos);
}

}  // namespace
}  // namespace braid
