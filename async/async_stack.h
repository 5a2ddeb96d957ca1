#ifndef BRAID_ASYNC_ASYNC_STACK_H_
#define BRAID_ASYNC_ASYNC_STACK_H_

#include <coroutine>
#include <source_location>
#include <string>
#include <string_view>

#include "async/failure_trace.h"
#include "async/promise_base.h"

namespace braid {

// Where a task stands: the co_await it is at, then that of the task that
// awaits it, and so on up to the first task, across scopes (behind a spawned
// task stands the co_await of the task that opened the scope). It costs
// nothing until it is asked for: the links are those the tasks have anyway.
//
//   AsyncStack stack = CaptureAsyncStack(co_await CurrentTask());
//   LOG(INFO) << "\n" << FormatAsyncStack(stack);
//
// Thread: the executor's. The result refers to nothing and may go anywhere.
//
// The stack of `task`, the innermost location first; at most kMaxAsyncStack.
AsyncStack CaptureAsyncStack(const PromiseBase& task);

// Where the failure came from that the task's last co_await gave it: the
// co_return that made it, then those that passed it on, scopes and time-outs
// included. Behind a DeadlineExceededError stands where the time went.
//
//   absl::Status status = co_await Serve(loop);
//   if (!status.ok()) {
//     LOG(ERROR) << status << "\n" << FormatAsyncStack(co_await FailureStack());
//   }
//
// It costs nothing while tasks succeed. Empty if that co_await gave no failure
// of a task, or if other tasks have failed since. An error that crosses to JS
// takes this stack along.
class [[nodiscard]] FailureStack {
 public:
  static constexpr bool kAsksAboutTheLast = true;
  void BindTask(PromiseBase& task) { task_ = &task; }
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  AsyncStack await_resume() const;

 private:
  PromiseBase* task_ = nullptr;
};

// A line for each location, with its end: "  at Load (store/log.cc:71)\n".
std::string FormatAsyncStack(const AsyncStack& stack);

// One location: "at Load (store/log.cc:71)".
std::string FormatLocation(const std::source_location& where);

namespace internal {

// The function's name out of a signature as Clang writes it, for people:
//   "Task<int> ns::Log::Append(std::string)"    gives "ns::Log::Append"
//   "auto Run()::(anonymous class)::operator()() const"  gives "Run::(lambda)"
// All of it where the form is not known.
std::string FunctionName(std::string_view signature);

}  // namespace internal
}  // namespace braid

#endif  // BRAID_ASYNC_ASYNC_STACK_H_
