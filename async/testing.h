#ifndef BRAID_ASYNC_TESTING_H_
#define BRAID_ASYNC_TESTING_H_

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "async/clock.h"
#include "async/executor.h"
#include "async/scope.h"
#include "async/task.h"

namespace braid {

// Runs coroutines in a test: one executor in virtual time, so a test of an
// hour's time-out takes no time and always goes the same way.
//
//   TestExecutor test;
//   EXPECT_EQ(test.Run(Add(1, 2)), 3);
//
//   test.Spawn([&]() -> Task<void> { status = co_await event.Wait(); });
//   test.RunUntilIdle();
//   EXPECT_EQ(test.scope().size(), 1u);  // Not finished yet.
//   event.Set();
//   test.RunUntilIdle();
//   EXPECT_EQ(test.scope().size(), 0u);
//
// What still runs at its end is destroyed where it stands (see Scope), so a
// test that fails half-way does not crash as well; declare what the tasks use
// before it. Thread: one.
class TestExecutor {
 public:
  TestExecutor() = default;
  TestExecutor(const TestExecutor&) = delete;
  TestExecutor& operator=(const TestExecutor&) = delete;

  ManualClock& clock() { return clock_; }
  Executor& executor() { return executor_; }
  // The root scope, for tasks that run beside the test.
  Scope& scope() { return scope_; }

  // Spawns into scope(); what Scope::Spawn takes.
  template <typename... Args>
  void Spawn(Args&&... args) {
    scope_.Spawn(std::forward<Args>(args)...);
  }

  // Runs until no task can go on without time passing. Fires the timers that
  // are due now. Tasks that keep each other busy for ever end the test.
  void RunUntilIdle();

  // Lets that much time pass, timer by timer, running what each one wakes.
  void AdvanceBy(absl::Duration delay);

  // Runs `task`, and what runs beside it, to the task's end, letting as much
  // time pass as it needs, and gives its result. Rethrows an exception. A task
  // that waits for what never comes ends the test with the task tree.
  template <typename T>
  T Run(Task<T> task);

 private:
  // Runs, and lets time pass, until `ended`.
  void RunUntil(const bool& ended);

  ManualClock clock_;
  Executor executor_{clock_};
  Scope scope_{executor_.root_scope()};
};

template <typename T>
T TestExecutor::Run(Task<T> task) {
  std::conditional_t<std::is_void_v<T>, bool, std::optional<T>> result{};
  std::exception_ptr exception;
  bool ended = false;
  scope_.Spawn([&]() -> Task<void> {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(task);
      } else {
        result.emplace(co_await std::move(task));
      }
    } catch (...) {
      exception = std::current_exception();
    }
    ended = true;
  });
  RunUntil(ended);
  if (exception != nullptr) std::rethrow_exception(exception);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Writes down when it ends: "~name".
class Trace {
 public:
  Trace(std::vector<std::string>& log, std::string name)
      : log_(&log), name_(std::move(name)) {}
  Trace(Trace&& other) noexcept
      : log_(std::exchange(other.log_, nullptr)),
        name_(std::move(other.name_)) {}
  ~Trace() {
    if (log_ != nullptr) log_->push_back("~" + name_);
  }

 private:
  std::vector<std::string>* log_;
  std::string name_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_TESTING_H_
