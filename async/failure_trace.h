#ifndef BRAID_ASYNC_FAILURE_TRACE_H_
#define BRAID_ASYNC_FAILURE_TRACE_H_

#include <cstddef>
#include <source_location>
#include <vector>

namespace braid {

class PromiseBase;

// Where tasks stand or failed, innermost first: see async_stack.h.
using AsyncStack = std::vector<std::source_location>;

// At most so many locations, so that a runaway recursion gives a readable
// stack.
inline constexpr size_t kMaxAsyncStack = 256;

// The way that the last failure of an executor has taken: the co_return that
// made it and those that passed it on. Tasks note it as they end with an error,
// so success pays nothing but the look at the status. FailureStack
// (async_stack.h) is for everybody; the rest of this serves coroutine types of
// the library's own. Thread: the executor's.
class FailureTrace {
 public:
  // `task` ends with an error, in the co_return at `where`.
  void Note(const PromiseBase& task, const std::source_location& where);

  // The way of the failure that `task`'s last co_await gave it; empty if it
  // gave none, or other failures came in between.
  AsyncStack Of(const PromiseBase& task) const;

  // `task`, which is at a co_await, is given a failure that came by `stack`:
  // for those who keep failures, as Scope does.
  void Give(const PromiseBase& task, AsyncStack stack);

 private:
  // Whether the failure was handed to `task`, where it still is. The place is
  // compared too, since another task may lie at the same address later.
  bool IsAt(const PromiseBase& task) const;

  AsyncStack stack_;
  const PromiseBase* task_ = nullptr;  // Who was given it; never followed.
  std::source_location at_;            // At this co_await.
};

}  // namespace braid

#endif  // BRAID_ASYNC_FAILURE_TRACE_H_
