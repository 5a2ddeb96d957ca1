#ifndef BRAID_ASYNC_ASYNC_STACK_H_
#define BRAID_ASYNC_ASYNC_STACK_H_

#include <source_location>
#include <string>
#include <vector>

#include "async/cancel_scope.h"
#include "async/promise_base.h"

namespace braid {

// Where a task stands: the co_await it is at, then that of the task that
// awaits it, and so on up to the first task, across scopes (behind a spawned
// task stands the co_await of the task that opened the scope). It costs
// nothing until it is asked for: the links are those the tasks have anyway.
//
//   AsyncStack stack = CaptureAsyncStack(co_await CurrentTask());
using AsyncStack = std::vector<std::source_location>;

// The stack of `task`, the innermost location first. At most kMaxAsyncStack
// locations, so that a runaway recursion gives a readable stack.
inline constexpr size_t kMaxAsyncStack = 256;
AsyncStack CaptureAsyncStack(const PromiseBase& task);

// A line for each location: "  at Load (store/log.cc:71)".
std::string FormatAsyncStack(const AsyncStack& stack);

// The live tasks under `scope`, as text: each suspended task with what it
// waits for and its async stack, the scopes below it indented. For people who
// ask why a program hangs.
//
//   LOG(INFO) << FormatTaskTree(executor.root_scope());
std::string FormatTaskTree(CancelScope& scope);

// How many awaits are suspended under `scope`.
size_t CountSuspended(CancelScope& scope);

}  // namespace braid

#endif  // BRAID_ASYNC_ASYNC_STACK_H_
