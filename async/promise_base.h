#ifndef BRAID_ASYNC_PROMISE_BASE_H_
#define BRAID_ASYNC_PROMISE_BASE_H_

#include <coroutine>
#include <cstddef>
#include <source_location>
#include <utility>

#include "async/cancel_scope.h"
#include "async/frame_pool.h"

namespace braid {

// What every coroutine of the library has in its promise: who awaits it, the
// cancellation scope it runs in, and where it is suspended. A task takes the
// scope over from its awaiter when it is started, so neither needs passing
// around, and the chain of awaiters is the async stack (async_stack.h).
//
// Most code never names it. `co_await CurrentTask()` gives it to a task that
// wants to look at its own cancellation, and to those who write awaiters
// (waiter.h) or coroutine types of their own.
// Lifetime: the coroutine frame's. Thread: the executor's.
class PromiseBase {
 public:
  PromiseBase() = default;
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  static void* operator new(size_t bytes) { return FramePool::Allocate(bytes); }
  static void operator delete(void* frame, size_t bytes) noexcept {
    FramePool::Free(frame, bytes);
  }

  // Notes where the coroutine awaits, and tells the library's own awaiters
  // (those that have BindTask) which task awaits them. An awaiter that comes
  // from elsewhere works too, but then it decides by itself on which thread
  // the task goes on and what cancellation does: none.
  template <typename Awaitable>
  Awaitable&& await_transform(
      Awaitable&& awaitable,
      std::source_location where = std::source_location::current()) noexcept {
    // Those that ask about the co_await before leave its place alone.
    if constexpr (!requires { awaitable.kAsksAboutTheLast; }) where_ = where;
    if constexpr (requires { awaitable.BindTask(*this); }) {
      awaitable.BindTask(*this);
    }
    return std::forward<Awaitable>(awaitable);
  }

  // REQUIRES: started, which a running task is.
  CancelScope& cancel_scope() const { return *cancel_scope_; }
  Executor& executor() const { return cancel_scope_->executor(); }

  // Whether the scope was cancelled. For long computations that never await;
  // awaits look at it by themselves.
  bool cancelled() const { return cancel_scope_->cancelled(); }

  // The task that awaits this one; for a spawned task the one that opened its
  // scope; null for the first of all.
  const PromiseBase* awaiter() const { return awaiter_; }
  // Whether it is the outermost coroutine of a spawned task: one of the
  // library's own, beside which awaiter() goes on.
  bool is_root() const { return continuation_ == nullptr; }
  // The co_await at which the coroutine is suspended, or was last; line 0
  // before the first.
  const std::source_location& where() const { return where_; }

  // Starts a task that nobody awaits with co_await: the first of a chain.
  // `parent` is whom the async stack goes on with, or null.
  void BindRoot(CancelScope& scope, const PromiseBase* parent) {
    cancel_scope_ = &scope;
    awaiter_ = parent;
  }

 protected:
  // The awaiter's side of starting a task: see Task.
  void BindAwaiter(PromiseBase& awaiter, CancelScope& scope,
                   std::coroutine_handle<> continuation) {
    awaiter_ = &awaiter;
    cancel_scope_ = &scope;
    continuation_ = continuation;
  }
  // Notes that the coroutine ends with an error; see failure_trace.h.
  void NoteFailure(const std::source_location& where) const;
  // Who is resumed at the end: the awaiter, none for a root.
  std::coroutine_handle<> continuation() const { return continuation_; }

 private:
  std::coroutine_handle<> continuation_;
  const PromiseBase* awaiter_ = nullptr;
  CancelScope* cancel_scope_ = nullptr;
  std::source_location where_;
};

// `co_await CurrentTask()` gives the running task's PromiseBase: its cancel
// scope, its executor, whether it is cancelled. Never suspends. The reference
// is good for as long as the task exists.
//
//   while (!(co_await CurrentTask()).cancelled()) ComputeABit();
class [[nodiscard]] CurrentTask {
 public:
  void BindTask(PromiseBase& task) { task_ = &task; }
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  PromiseBase& await_resume() const noexcept { return *task_; }

 private:
  PromiseBase* task_ = nullptr;
};

}  // namespace braid

#endif  // BRAID_ASYNC_PROMISE_BASE_H_
