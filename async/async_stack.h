#ifndef BRAID_ASYNC_ASYNC_STACK_H_
#define BRAID_ASYNC_ASYNC_STACK_H_

#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

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
using AsyncStack = std::vector<std::source_location>;

// The stack of `task`, the innermost location first. At most kMaxAsyncStack
// locations, so that a runaway recursion gives a readable stack.
inline constexpr size_t kMaxAsyncStack = 256;
AsyncStack CaptureAsyncStack(const PromiseBase& task);

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
