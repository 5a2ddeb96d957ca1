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

// Ways to run several tasks as one, and one task under a condition. None ends
// before every task that it was given has ended, so a task never runs on
// behind its caller's back; cancelling the awaiter cancels them all. Values
// that lose (a second success of Any) are destroyed. An exception that a task
// lets out cancels the others and is rethrown, also from Any and Race.
// Tasks are started in the order in which they were given. Thread: the
// executor's.

namespace internal {

template <typename T>
ScopeChild StoreResult(Scope&, Task<absl::StatusOr<T>> task,
                       std::optional<T>& result) {
  absl::StatusOr<T> value = co_await std::move(task);
  if (value.ok()) result.emplace(*std::move(value));
  co_return std::move(value).status();
}

// Keeps the first success and then cancels the rest; keeps the first failure
// in case nothing succeeds.
template <typename T>
ScopeChild StoreFirst(Scope& scope, Task<absl::StatusOr<T>> task,
                      std::optional<T>& winner, absl::Status& first_failure) {
  absl::StatusOr<T> value = co_await std::move(task);
  if (!value.ok()) {
    first_failure.Update(std::move(value).status());
  } else if (!winner.has_value()) {
    winner.emplace(*std::move(value));
    scope.Cancel();
  }
  co_return absl::OkStatus();
}

// Keeps the first result of either kind and cancels the rest.
template <typename T>
ScopeChild StoreFirstSettled(Scope& scope, Task<absl::StatusOr<T>> task,
                             std::optional<absl::StatusOr<T>>& winner) {
  absl::StatusOr<T> value = co_await std::move(task);
  if (!winner.has_value()) {
    winner.emplace(std::move(value));
    scope.Cancel();
  }
  co_return absl::OkStatus();
}

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace internal

// Runs all tasks; gives their values in the order of the arguments. The first
// failure cancels the others and is the result. Of no tasks: an empty tuple.
//
//   CO_ASSIGN_OR_RETURN((auto [user, cart]),
//                       co_await All(LoadUser(id), LoadCart(id)));
template <typename... T>
Task<absl::StatusOr<std::tuple<T...>>> All(Task<absl::StatusOr<T>>... tasks) {
  Scope scope(co_await CurrentTask());
  std::tuple<std::optional<T>...> results;
  std::apply(
      [&](auto&... result) {
        (scope.Start(internal::StoreResult(scope, std::move(tasks), result)),
         ...);
      },
      results);
  CO_RETURN_IF_ERROR(co_await scope.Join());
  co_return std::apply(
      [](auto&... result) { return std::tuple<T...>(*std::move(result)...); },
      results);
}

// The same for any number of tasks of one type.
template <typename T>
Task<absl::StatusOr<std::vector<T>>> All(
    std::vector<Task<absl::StatusOr<T>>> tasks) {
  Scope scope(co_await CurrentTask());
  std::vector<std::optional<T>> results(tasks.size());
  for (size_t i = 0; i < tasks.size(); ++i) {
    scope.Start(internal::StoreResult(scope, std::move(tasks[i]), results[i]));
  }
  CO_RETURN_IF_ERROR(co_await scope.Join());
  std::vector<T> values;
  values.reserve(results.size());
  for (std::optional<T>& result : results) {
    values.push_back(*std::move(result));
  }
  co_return values;
}

// The same for tasks without a value.
Task<absl::Status> All(std::vector<Task<absl::Status>> tasks);

// Runs all tasks; the first success is the result, and the others are
// cancelled and waited for. If none succeeds, the first failure. Without
// tasks: InvalidArgumentError.
//
//   CO_ASSIGN_OR_RETURN(Page page,
//                       co_await Any(Tasks(Fetch(mirror_a), Fetch(mirror_b))));
template <typename T>
Task<absl::StatusOr<T>> Any(std::vector<Task<absl::StatusOr<T>>> tasks) {
  if (tasks.empty()) co_return absl::InvalidArgumentError("Any() of no tasks");
  Scope scope(co_await CurrentTask());
  std::optional<T> winner;
  absl::Status first_failure;
  for (Task<absl::StatusOr<T>>& task : tasks) {
    scope.Start(
        internal::StoreFirst(scope, std::move(task), winner, first_failure));
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
    scope.Start(internal::StoreFirstSettled(scope, std::move(task), winner));
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
// the scope; its end takes the timer back.
class ScopeTimer final : private TimerNode {
 public:
  // `scope` must outlive this.
  ScopeTimer(CancelScope& scope, absl::Duration delay);

  // Whether it cancelled the scope, and nobody else did before.
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
// DeadlineExceededError. A delay of zero or less still lets the task run up to
// its first suspension; an infinite one never ends it. When time-outs are
// nested the one that came first says what happened. T is absl::Status or
// absl::StatusOr<U>.
//
//   CO_ASSIGN_OR_RETURN(Page page,
//                       co_await Timeout(absl::Seconds(5), Fetch(url)));
template <typename T>
Task<T> Timeout(absl::Duration delay, Task<T> task) {
  CancelScope scope((co_await CurrentTask()).cancel_scope(),
                    CancelPropagation::kInherit);
  ScopeTimer timer(scope, delay);
  // Ends before the scope it runs in, also when this frame is destroyed.
  Task<T> running = std::move(task);
  T result = co_await std::move(running).In(scope);
  if (timer.expired() && absl::IsCancelled(internal::StatusOf(result))) {
    co_return TimeoutError(delay);
  }
  co_return result;
}

// Runs `task` out of reach of its awaiter's cancellation: for cleanup that has
// to await. The awaiter stays suspended until the task has ended, so give it a
// Timeout of its own where it might hang.
//
//   co_await Shield(Timeout(absl::Seconds(1), connection.SendGoodbye()));
template <typename T>
Task<T> Shield(Task<T> task) {
  CancelScope scope((co_await CurrentTask()).cancel_scope(),
                    CancelPropagation::kShield);
  // Ends before the scope it runs in, also when this frame is destroyed.
  Task<T> running = std::move(task);
  co_return co_await std::move(running).In(scope);
}

}  // namespace braid

#endif  // BRAID_ASYNC_COMBINATORS_H_
