#include "async/combinators.h"

#include "absl/strings/str_cat.h"

namespace braid {

Task<absl::Status> All(std::vector<Task<absl::Status>> tasks) {
  Scope scope(co_await CurrentTask());
  for (Task<absl::Status>& task : tasks) scope.Spawn(std::move(task));
  co_return co_await scope.Join();
}

ScopeTimer::ScopeTimer(CancelScope& scope, absl::Duration delay)
    : TimerNode([](TimerNode& node) {
        ScopeTimer& timer = static_cast<ScopeTimer&>(node);
        timer.expired_ = !timer.scope_.cancelled();
        timer.scope_.Cancel();
      }),
      scope_(scope) {
  Executor& executor = scope.executor();
  executor.timers().Add(*this, DeadlineAfter(executor.clock().Now(), delay));
}

absl::Status TimeoutError(absl::Duration delay) {
  return absl::DeadlineExceededError(
      absl::StrCat("timed out after ", absl::FormatDuration(delay)));
}

}  // namespace braid
