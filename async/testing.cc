#include "async/testing.h"

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "async/task_tree.h"

namespace braid {

void TestExecutor::RunUntilIdle() {
  // Far more than any test needs, and still over in a second or two.
  constexpr int kTurnsMax = 1'000'000;
  constexpr size_t kReadyBudget = 1'000;
  int turns = 0;
  while (executor_.RunReady(kReadyBudget) > 0 || executor_.RunTimers() > 0) {
    CHECK_LT(++turns, kTurnsMax) << "the tasks never become idle:\n"
                                 << FormatTaskTree(executor_.root_scope());
  }
}

void TestExecutor::AdvanceBy(absl::Duration delay) {
  const MonotonicNanos end = DeadlineAfter(clock_.Now(), delay);
  RunUntilIdle();
  while (executor_.timers().NextDeadline() <= end) {
    clock_.AdvanceTo(executor_.timers().NextDeadline());
    RunUntilIdle();
  }
  clock_.AdvanceTo(end);
}

void TestExecutor::RunUntil(const bool& ended) {
  RunUntilIdle();
  while (!ended) {
    const MonotonicNanos next = executor_.timers().NextDeadline();
    if (next == kNever) {
      LOG(FATAL) << "the task waits for what never comes:\n"
                 << FormatTaskTree(executor_.root_scope());
    }
    clock_.AdvanceTo(next);
    RunUntilIdle();
  }
}

}  // namespace braid
