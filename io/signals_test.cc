#include "io/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/testing.h"

namespace braid {
namespace {

class SignalsTest : public ::testing::Test {
 protected:
  Loop loop_{SystemWorld()};
};

TEST_F(SignalsTest, AreGivenInTheirOrder) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(Signals signals,
                        Signals::Catch(loop_, {SIGUSR1, SIGUSR2, SIGHUP}));
    raise(SIGUSR2);
    raise(SIGHUP);
    raise(SIGUSR1);
    for (int expected : {SIGUSR2, SIGHUP, SIGUSR1}) {
      CO_ASSIGN_OR_RETURN(const int number, co_await signals.Next());
      EXPECT_EQ(number, expected);
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(SignalsTest, AFloodOfOneCrowdsOutNoOther) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(Signals signals,
                        Signals::Catch(loop_, {SIGUSR1, SIGTERM}));
    for (int i = 0; i < 70'000; ++i) raise(SIGUSR1);
    raise(SIGTERM);
    CO_ASSIGN_OR_RETURN(int number, co_await signals.Next());
    EXPECT_EQ(number, SIGUSR1);
    CO_ASSIGN_OR_RETURN(number, co_await signals.Next());
    EXPECT_EQ(number, SIGTERM);
    // One that was read counts again.
    raise(SIGUSR1);
    CO_ASSIGN_OR_RETURN(number, co_await signals.Next());
    EXPECT_EQ(number, SIGUSR1);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(SignalsTest, ACancelledWaitLosesNone) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(Signals signals, Signals::Catch(loop_, {SIGUSR1}));
    const absl::StatusOr<int> nothing =
        co_await CancelInNextTurn(signals.Next());
    EXPECT_TRUE(absl::IsCancelled(nothing.status())) << nothing.status();
    raise(SIGUSR1);
    CO_ASSIGN_OR_RETURN(const int number, co_await signals.Next());
    EXPECT_EQ(number, SIGUSR1);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(SignalsTest, EndAWaitOfTheLoop) {
  std::atomic<bool> waits = false;
  const pthread_t loop_thread = pthread_self();
  std::thread sender([&] {
    while (!waits) std::this_thread::yield();
    pthread_kill(loop_thread, SIGUSR1);
  });
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(Signals signals, Signals::Catch(loop_, {SIGUSR1}));
    waits = true;
    CO_ASSIGN_OR_RETURN(const int number, co_await signals.Next());
    EXPECT_EQ(number, SIGUSR1);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  sender.join();
}

TEST_F(SignalsTest, AreCaughtOnceAndGivenBack) {
  struct sigaction former{};
  sigaction(SIGUSR1, nullptr, &former);
  {
    const absl::StatusOr<Signals> first = Signals::Catch(loop_, {SIGUSR1});
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(
        absl::IsAlreadyExists(Signals::Catch(loop_, {SIGUSR1}).status()));
    // What the failed call had caught before was given back.
    EXPECT_TRUE(absl::IsAlreadyExists(
        Signals::Catch(loop_, {SIGUSR2, SIGUSR1}).status()));
    EXPECT_TRUE(Signals::Catch(loop_, {SIGUSR2}).ok());
  }
  EXPECT_TRUE(Signals::Catch(loop_, {SIGUSR1}).ok());
  struct sigaction now{};
  sigaction(SIGUSR1, nullptr, &now);
  EXPECT_EQ(now.sa_handler, former.sa_handler);
}

TEST_F(SignalsTest, WhatCannotBeCaughtIsAnError) {
  for (int number : {-1, 0, 65, 1000}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(Signals::Catch(loop_, {number}).status()));
  }
  for (int number : {SIGKILL, SIGSTOP}) {
    const absl::Status status = Signals::Catch(loop_, {number}).status();
    EXPECT_EQ(ErrnoOf(status), EINVAL);
    EXPECT_EQ(SyscallOf(status), "sigaction");
  }
}

TEST_F(SignalsTest, MayComeOnOtherThreadsWhileTheyAreGivenBack) {
  struct sigaction ignored{};
  struct sigaction former{};
  ignored.sa_handler = SIG_IGN;
  sigaction(SIGUSR1, &ignored, &former);
  const int descriptors = CountDescriptors();
  std::atomic<bool> ended = false;
  std::thread target([&] {
    while (!ended) std::this_thread::yield();
  });
  std::thread sender([&] {
    while (!ended) pthread_kill(target.native_handle(), SIGUSR1);
  });
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    for (int i = 0; i < 500; ++i) {
      CO_ASSIGN_OR_RETURN(Signals signals, Signals::Catch(loop_, {SIGUSR1}));
      CO_ASSIGN_OR_RETURN(const int number, co_await signals.Next());
      EXPECT_EQ(number, SIGUSR1);
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  ended = true;
  sender.join();
  target.join();
  sigaction(SIGUSR1, &former, nullptr);
  for (int i = 0; i < 3; ++i) loop_.Turn(Driver::Wait::kNo);
  EXPECT_EQ(CountDescriptors(), descriptors);
}

}  // namespace
}  // namespace braid
