#include "async/scope.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status_matchers.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOk;
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

const auto kCancelled = StatusIs(absl::StatusCode::kCancelled);

Task<absl::Status> Fail(std::string message) {
  co_return absl::InternalError(message);
}
Task<absl::Status> FailAfter(absl::Duration delay, std::string message) {
  absl::Status slept = co_await SleepFor(delay);
  co_return slept.ok() ? absl::InternalError(message) : slept;
}
Task<absl::Status> Sleep(absl::Duration delay) {
  co_return co_await SleepFor(delay);
}

class ScopeTest : public ::testing::Test {
 protected:
  // Opens a scope in a task, lets `body` fill it, and gives what Join() gave.
  template <typename F>
  absl::Status Joined(F body) {
    return test_.Run([&]() -> Task<absl::Status> {
      Scope scope(co_await CurrentTask());
      body(scope);
      co_return co_await scope.Join();
    }());
  }

  TestExecutor test_;
};

TEST_F(ScopeTest, OfNoTasksIsJoinedAtOnce) {
  EXPECT_THAT(Joined([](Scope&) {}), IsOk());
}

TEST_F(ScopeTest, RunsItsTasksLaterInTheOrderOfSpawningAndBesideEachOther) {
  std::vector<int> order;
  EXPECT_THAT(Joined([&](Scope& scope) {
                for (int i = 0; i < 3; ++i) {
                  scope.Spawn([&order, i]() -> Task<void> {
                    order.push_back(i);
                    (void)co_await Yield();
                    order.push_back(i + 10);
                  });
                }
                EXPECT_THAT(order, IsEmpty());
                EXPECT_EQ(scope.size(), 3u);
              }),
              IsOk());
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 10, 11, 12));
}

TEST_F(ScopeTest, JoinWaitsForTheLast) {
  const MonotonicNanos start = test_.clock().Now();
  EXPECT_THAT(Joined([&](Scope& scope) {
                for (int seconds : {3, 7, 5}) {
                  scope.Spawn(Sleep(absl::Seconds(seconds)));
                }
              }),
              IsOk());
  EXPECT_EQ(test_.clock().Now() - start, 7'000'000'000);
}

TEST_F(ScopeTest, TheFirstFailureCancelsTheOthersAndIsTheResult) {
  std::vector<absl::Status> others;
  EXPECT_THAT(Joined([&](Scope& scope) {
                for (int i = 0; i < 2; ++i) {
                  scope.Spawn([&]() -> Task<absl::Status> {
                    others.push_back(co_await SleepFor(absl::Hours(1)));
                    co_return others.back();
                  });
                }
                scope.Spawn(FailAfter(absl::Seconds(2), "second"));
                scope.Spawn(FailAfter(absl::Seconds(1), "first"));
              }),
              StatusIs(absl::StatusCode::kInternal, "first"));
  EXPECT_THAT(others, ElementsAre(kCancelled, kCancelled));
}

TEST_F(ScopeTest, AFailureWhileTheOthersUnwindIsNotTheResult) {
  EXPECT_THAT(Joined([&](Scope& scope) {
                scope.Spawn([]() -> Task<absl::Status> {
                  (void)co_await SleepFor(absl::Hours(1));
                  co_return absl::DataLossError("cleanup failed");
                });
                scope.Spawn(Fail("cause"));
              }),
              StatusIs(absl::StatusCode::kInternal, "cause"));
}

TEST_F(ScopeTest, AnExceptionCancelsTheOthersAndIsRethrownByJoin) {
  absl::Status other;
  EXPECT_THROW((void)Joined([&](Scope& scope) {
                 scope.Spawn([&]() -> Task<void> {
                   other = co_await SleepFor(absl::Hours(1));
                 });
                 scope.Spawn([]() -> Task<absl::Status> {
                   throw std::runtime_error("broken");
                   co_return absl::OkStatus();
                 });
               }),
               std::runtime_error);
  EXPECT_THAT(other, kCancelled);
}

TEST_F(ScopeTest, AnErrorBeforeAnExceptionWins) {
  EXPECT_THAT(Joined([&](Scope& scope) {
                scope.Spawn(Fail("cause"));
                scope.Spawn([]() -> Task<void> {
                  throw std::runtime_error("later");
                  co_return;
                });
              }),
              StatusIs(absl::StatusCode::kInternal, "cause"));
}

TEST_F(ScopeTest, CancelEndsTheTasksAndIsNoFailure) {
  absl::Status child;
  EXPECT_THAT(test_.Run([&]() -> Task<absl::Status> {
    Scope scope(co_await CurrentTask());
    scope.Spawn([&]() -> Task<absl::Status> {
      child = co_await SleepFor(absl::Hours(1));
      co_return child;
    });
    (void)co_await Yield();
    scope.Cancel();
    EXPECT_TRUE(scope.cancelled());
    absl::Status joined = co_await scope.Join();
    EXPECT_FALSE((co_await CurrentTask()).cancelled());
    co_return joined;
  }()),
              IsOk());
  EXPECT_THAT(child, kCancelled);
}

TEST_F(ScopeTest, ACancelledErrorThatNobodyAskedForIsAFailure) {
  absl::Status other;
  EXPECT_THAT(Joined([&](Scope& scope) {
                scope.Spawn([&]() -> Task<void> {
                  other = co_await SleepFor(absl::Hours(1));
                });
                scope.Spawn([]() -> Task<absl::Status> {
                  co_return absl::CancelledError("the peer gave up");
                });
              }),
              StatusIs(absl::StatusCode::kCancelled, "the peer gave up"));
  EXPECT_THAT(other, kCancelled);
}

TEST_F(ScopeTest, CancellingTheOpenerCancelsTheTasksAndJoinSaysSo) {
  absl::Status joined;
  test_.Spawn([&]() -> Task<void> {
    Scope scope(co_await CurrentTask());
    scope.Spawn(Sleep(absl::Hours(1)));
    joined = co_await scope.Join();
  });
  test_.RunUntilIdle();
  test_.scope().Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(joined, kCancelled);
}

TEST_F(ScopeTest, TasksThatSucceedAllTheSameMakeACancelledJoinSucceed) {
  absl::Status joined;
  test_.Spawn([&]() -> Task<void> {
    Scope scope(co_await CurrentTask());
    scope.Spawn([]() -> Task<absl::Status> {
      (void)co_await SleepFor(absl::Hours(1));
      co_return absl::OkStatus();
    });
    joined = co_await scope.Join();
  });
  test_.RunUntilIdle();
  test_.scope().Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(joined, IsOk());
}

TEST_F(ScopeTest, ATaskThatIsCancelledBeforeItStartsStillRuns) {
  bool ran = false;
  EXPECT_THAT(Joined([&](Scope& scope) {
                scope.Spawn([&]() -> Task<absl::Status> {
                  ran = true;
                  co_return co_await Yield();
                });
                scope.Cancel();
              }),
              IsOk());
  EXPECT_TRUE(ran);
}

TEST_F(ScopeTest, UnderACancelledOpenerItIsCancelledFromTheBeginning) {
  absl::Status joined;
  test_.Spawn([&]() -> Task<void> {
    EXPECT_THAT(co_await SleepFor(absl::Hours(1)), kCancelled);
    Scope scope(co_await CurrentTask());
    EXPECT_TRUE(scope.cancelled());
    scope.Spawn(Sleep(absl::Hours(1)));
    joined = co_await scope.Join();
  });
  test_.RunUntilIdle();
  test_.scope().Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(joined, kCancelled);
}

TEST_F(ScopeTest, TasksMaySpawnWhileTheOpenerJoins) {
  int ended = 0;
  EXPECT_THAT(Joined([&](Scope& scope) {
                scope.Spawn([&]() -> Task<void> {
                  for (int i = 0; i < 3; ++i) {
                    scope.Spawn([&]() -> Task<void> {
                      EXPECT_THAT(co_await SleepFor(absl::Seconds(1)), IsOk());
                      ++ended;
                    });
                  }
                  co_return;
                });
              }),
              IsOk());
  EXPECT_EQ(ended, 3);
}

TEST_F(ScopeTest, TheOpenerMayUseItAgainAfterJoin) {
  test_.Run([]() -> Task<void> {
    Scope scope(co_await CurrentTask());
    scope.Spawn(Sleep(absl::Seconds(1)));
    EXPECT_THAT(co_await scope.Join(), IsOk());
    scope.Spawn(Sleep(absl::Seconds(1)));
    EXPECT_THAT(co_await scope.Join(), IsOk());
    scope.Spawn(Fail("third"));
    EXPECT_THAT(co_await scope.Join(), StatusIs(absl::StatusCode::kInternal));
    // The failure was given; the scope stays cancelled.
    EXPECT_THAT(co_await scope.Join(), IsOk());
    EXPECT_TRUE(scope.cancelled());
  }());
}

struct Server {
  Task<absl::Status> Serve(int requests) {
    served += requests;
    co_return absl::OkStatus();
  }
  int served = 0;
};

TEST_F(ScopeTest, KeepsTheFunctionAndItsArgumentsUntilTheTaskHasEnded) {
  auto value = std::make_shared<int>(5);
  std::weak_ptr<int> watched = value;
  int seen = 0;
  Server server;
  EXPECT_THAT(Joined([&](Scope& scope) {
                scope.Spawn(
                    [&seen, value](const std::string& text) -> Task<void> {
                      (void)co_await Yield();
                      seen = *value + static_cast<int>(text.size());
                    },
                    std::string("four"));
                value.reset();
                scope.Spawn(
                    [&](int requests) { return server.Serve(requests); }, 3);
              }),
              IsOk());
  EXPECT_EQ(seen, 9);
  EXPECT_EQ(server.served, 3);
  EXPECT_TRUE(watched.expired());
}

TEST_F(ScopeTest, NestedScopesUnwindFromTheInnermostOn) {
  std::vector<std::string> log;
  absl::Status status = test_.Run([&]() -> Task<absl::Status> {
    absl::Status outer =
        co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          scope.Spawn(FailAfter(absl::Seconds(1), "outer failed"));
          absl::Status inner =
              co_await WithScope([&](Scope& below) -> Task<absl::Status> {
                below.Spawn([&]() -> Task<void> {
                  (void)co_await SleepFor(absl::Hours(1));
                  log.push_back("innermost");
                });
                co_return absl::OkStatus();
              });
          log.push_back("inner");
          co_return inner;
        });
    log.push_back("outer");
    co_return outer;
  }());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, "outer failed"));
  EXPECT_THAT(log, ElementsAre("innermost", "inner", "outer"));
}

TEST_F(ScopeTest, WithScopeJoinsHoweverItsBodyEnds) {
  bool other_ended = false;
  auto open = [&](bool fail, bool raise) -> Task<absl::Status> {
    other_ended = false;
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&]() -> Task<void> {
        (void)co_await SleepFor(absl::Seconds(1));
        other_ended = true;
      });
      if (raise) throw std::runtime_error("broken");
      co_return fail ? absl::DataLossError("body") : absl::OkStatus();
    });
  };
  EXPECT_THAT(test_.Run(open(false, false)), IsOk());
  EXPECT_TRUE(other_ended);
  EXPECT_THAT(test_.Run(open(true, false)),
              StatusIs(absl::StatusCode::kDataLoss, "body"));
  EXPECT_TRUE(other_ended);
  EXPECT_THROW((void)test_.Run(open(false, true)), std::runtime_error);
  EXPECT_TRUE(other_ended);
}

using ScopeDeathTest = ScopeTest;

TEST_F(ScopeDeathTest, MisuseIsToldClearly) {
  EXPECT_DEATH(test_.Run([]() -> Task<void> {
    Scope scope(co_await CurrentTask());
    scope.Spawn(Sleep(absl::Seconds(1)));
    co_return;
  }()),
               "a Scope ended without Join\\(\\) while 1 of its tasks");
  EXPECT_DEATH(test_.Run([]() -> Task<void> {
    Scope scope(co_await CurrentTask());
    scope.Spawn(Sleep(absl::Seconds(1)));
    scope.Spawn([&]() -> Task<void> { (void)co_await scope.Join(); });
    (void)co_await scope.Join();
  }()),
               "two tasks join one Scope");
  // Someone outside spawns between the last task's end and Join()'s return.
  EXPECT_DEATH(
      {
        Scope* shared = nullptr;
        test_.Spawn([&]() -> Task<void> {
          Scope scope(co_await CurrentTask());
          shared = &scope;
          scope.Spawn([]() -> Task<void> { co_return; });
          (void)co_await scope.Join();
        });
        EXPECT_EQ(test_.executor().RunReady(2), 2u);
        shared->Spawn(Sleep(absl::Seconds(1)));
      },
      "Spawn\\(\\) into a Scope whose last task has ended");
}

}  // namespace
}  // namespace braid
