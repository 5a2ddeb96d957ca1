#ifndef BRAID_ASYNC_COMBINATORS_H_
#define BRAID_ASYNC_COMBINATORS_H_

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "async/timer_queue.h"

namespace braid {

// Ways to run several tasks as one. Each owns a Scope, so it ends only when
// every task it started has ended, and cancelling its awaiter cancels them.

namespace internal {

template <typename T>
Task<absl::Status> StoreResult(Task<absl::StatusOr<T>> task, std::optional<T>& result) {
  absl::StatusOr<T> value = co_await std::move(task);
  if (value.ok()) result.emplace(*std::move(value));
  co_return std::move(value).status();
}

// Keeps the first success and then cancels the rest; keeps the first failure
// in case nothing succeeds.
template <typename T>
Task<void> StoreFirst(Task<absl::StatusOr<T>> task, Scope& scope, std::optional<T>& winner,
                      absl::Status& first_failure) {
  absl::StatusOr<T> value = co_await std::move(task);
  if (!value.ok()) {
    if (first_failure.ok()) first_failure = std::move(value).status();
  } else if (!winner.has_value()) {
    winner.emplace(*std::move(value));
    scope.Cancel();
  }
}

// Keeps the first result of either kind and cancels the rest.
template <typename T>
Task<void> StoreFirstSettled(Task<absl::StatusOr<T>> task, Scope& scope,
                             std::optional<absl::StatusOr<T>>& winner) {
  absl::StatusOr<T> value = co_await std::move(task);
  if (winner.has_value()) co_return;
  winner.emplace(std::move(value));
  scope.Cancel();
}

}  // namespace internal

// Runs all tasks; gives their values in the order of the arguments. The first
// failure cancels the others and is the result.
//
//   CO_ASSIGN_OR_RETURN((auto [user, cart]), co_await All(LoadUser(id), LoadCart(id)));
template <typename... T>
Task<absl::StatusOr<std::tuple<T...>>> All(Task<absl::StatusOr<T>>... tasks) {
  Scope scope(co_await CurrentTask());
  std::tuple<std::optional<T>...> results;
  std::apply(
      [&](auto&... result) {
        (scope.Spawn(internal::StoreResult(std::move(tasks), result)), ...);
      },
      results);
  CO_RETURN_IF_ERROR(co_await scope.Join());
  co_return std::apply(
      [](auto&... result) { return std::tuple<T...>(*std::move(result)...); }, results);
}

template <typename T>
Task<absl::StatusOr<std::vector<T>>> All(std::vector<Task<absl::StatusOr<T>>> tasks) {
  Scope scope(co_await CurrentTask());
  std::vector<std::optional<T>> results(tasks.size());
  for (size_t i = 0; i < tasks.size(); ++i) {
    scope.Spawn(internal::StoreResult(std::move(tasks[i]), results[i]));
  }
  CO_RETURN_IF_ERROR(co_await scope.Join());
  std::vector<T> values;
  values.reserve(results.size());
  for (std::optional<T>& result : results) values.push_back(*std::move(result));
  co_return values;
}

Task<absl::Status> All(std::vector<Task<absl::Status>> tasks);

// Runs all tasks; the first success is the result, and the others are
// cancelled and waited for. If none succeeds, the first failure. Without
// tasks: InvalidArgumentError.
template <typename T>
Task<absl::StatusOr<T>> Any(std::vector<Task<absl::StatusOr<T>>> tasks) {
  if (tasks.empty()) co_return absl::InvalidArgumentError("Any() of no tasks");
  Scope scope(co_await CurrentTask());
  std::optional<T> winner;
  absl::Status first_failure;
  for (Task<absl::StatusOr<T>>& task : tasks) {
    scope.Spawn(internal::StoreFirst(std::move(task), scope, winner, first_failure));
  }
  CO_RETURN_IF_ERROR(co_await scope.Join());
  if (winner.has_value()) co_return *std::move(winner);
  co_return first_failure;
}

// Runs all tasks; the first result, success or failure, is the result, and the
// others are cancelled and waited for. Without tasks: InvalidArgumentError.
template <typename T>
Task<absl::StatusOr<T>> Race(std::vector<Task<absl::StatusOr<T>>> tasks) {
  if (tasks.empty()) co_return absl::InvalidArgumentError("Race() of no tasks");
  Scope scope(co_await CurrentTask());
  std::optional<absl::StatusOr<T>> winner;
  for (Task<absl::StatusOr<T>>& task : tasks) {
    scope.Spawn(internal::StoreFirstSettled(std::move(task), scope, winner));
  }
  CO_RETURN_IF_ERROR(co_await scope.Join());
  co_return *std::move(winner);
}

// Makes a vector of tasks of one type: `Any(Tasks(Ask(a), Ask(b)))`.
template <typename T, typename... Rest>
std::vector<Task<T>> Tasks(Task<T> first, Rest... rest) {
  std::vector<Task<T>> tasks;
  tasks.reserve(1 + sizeof...(rest));
  tasks.push_back(std::move(first));
  (tasks.push_back(std::move(rest)), ...);
  return tasks;
}

// Cancels a scope when a moment has come. Lives in the frame of whoever opened
// the scope.
class ScopeTimer final : private TimerNode {
 public:
  // `scope` must outlive this.
  ScopeTimer(CancelScope& scope, absl::Duration delay);

  // Whether it cancelled the scope.
  bool expired() const { return expired_; }

 private:
  CancelScope& scope_;
  bool expired_ = false;
};

// What a time-out gives: DeadlineExceededError("timed out after 5s").
absl::Status TimeoutError(absl::Duration delay);

// Runs `task` and cancels it when `delay` has passed. The task is waited for
// in any case. If it succeeds (or fails for another reason than the
// cancellation) its result stands, however late; otherwise the result is
// DeadlineExceededError. T is absl::Status or absl::StatusOr<U>.
template <typename T>
Task<T> Timeout(absl::Duration delay, Task<T> task) {
  CancelScope scope((co_await CurrentTask()).cancel_scope(), CancelPropagation::kInherit);
  ScopeTimer timer(scope, delay);
  T result = co_await std::move(task).In(scope);
  if (timer.expired() && !result.ok() && absl::IsCancelled(absl::Status(result.status()))) {
    co_return TimeoutError(delay);
  }
  co_return result;
}

template <>
Task<absl::Status> Timeout(absl::Duration delay, Task<absl::Status> task);

// Runs `task` out of reach of its awaiter's cancellation: for cleanup that has
// to await. The awaiter stays suspended until the task has ended, so give it a
// Timeout of its own where it might hang.
template <typename T>
Task<T> Shield(Task<T> task) {
  CancelScope scope((co_await CurrentTask()).cancel_scope(), CancelPropagation::kShield);
  co_return co_await std::move(task).In(scope);
}

}  // namespace braid

#endif  // BRAID_ASYNC_COMBINATORS_H_
