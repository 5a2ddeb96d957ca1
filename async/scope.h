#ifndef BRAID_ASYNC_SCOPE_H_
#define BRAID_ASYNC_SCOPE_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "async/cancel_scope.h"
#include "async/intrusive_list.h"
#include "async/task.h"
#include "async/waiter.h"

namespace braid {

class Scope;

namespace internal {

// The outermost coroutine of a spawned task: it runs the task, reports its
// result to the scope and destroys itself. Its first parameter is the scope.
class ScopeChild {
 public:
  class promise_type final : public PromiseBase,
                             public ListNode<struct ScopeChildTag> {
   public:
    // The coroutine's arguments: promises see them before the body does.
    template <typename... Args>
    explicit promise_type(Scope& scope, const Args&...) : scope_(scope) {}

    ScopeChild get_return_object() {
      return ScopeChild(
          std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    struct FinalAwaiter {
      bool await_ready() const noexcept { return false; }
      void await_suspend(
          std::coroutine_handle<promise_type> ended) const noexcept;
      void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void return_value(absl::Status status) noexcept;
    void unhandled_exception() noexcept;

    // Whether it waits for its first turn.
    bool not_started() const { return start_.queued(); }

   private:
    friend class braid::Scope;
    Scope& scope_;
    ReadyNode start_;  // Queues the first resumption.
  };

 private:
  friend class promise_type;
  friend class braid::Scope;
  explicit ScopeChild(std::coroutine_handle<promise_type> frame)
      : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

}  // namespace internal

// A nursery: runs tasks beside each other and does not end before all of them
// have. It is the only way to run tasks concurrently; All, Any, Race and the
// servers are built on it.
//
//   absl::Status status =
//       co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
//         scope.Spawn(Pump(client, upstream));
//         scope.Spawn(Pump(upstream, client));
//         co_return absl::OkStatus();
//       });
//
// Order: a spawned task is queued and starts in a later turn of the ready
// queue, in the order of the Spawn() calls. It starts even if the scope was
// cancelled before, and then its first await tells it.
// Errors: the first task that ends with an error (or lets an exception out)
// cancels the others and gives Join() its result. CancelledError from a task
// of a cancelled scope is that task's expected end, not a failure.
// Cancellation: cancelling the task that opened the scope cancels the children
// (the scope is a child of its CancelScope), and Join() ends with
// CancelledError unless all of them succeeded all the same. Cancel() cancels
// the children alone, and Join() is OK if that is all that happened.
// Lifetime: a Scope lives in the frame of the coroutine that opened it, and
// every way out of that leads through Join(), which a CHECK in the destructor
// confirms. Use WithScope() and it cannot be forgotten. What the children use
// may be declared before or behind it, as long as Join() comes first.
// Thread: the executor's.
//
// The root of all: a program that has an Executor opens its first Scope from
// outside any task, with the executor's root scope. Such a Scope has no opener
// that could await Join(), so its destructor destroys the tasks that are left,
// those that never started and those that are suspended: nothing behind their
// co_await runs any more, only destructors do, innermost scopes first, so that
// every task still ends before what its opener owns. Nothing may run at that
// moment, and no operation of the kernel may be in flight (a CHECK says so):
// a program that ends in order cancels the scope and runs it empty instead.
class Scope {
 public:
  // `opener` is the running task: `Scope scope(co_await CurrentTask())`.
  explicit Scope(const PromiseBase& opener)
      : Scope(opener.cancel_scope(), &opener) {}
  // A scope below `parent`; without an opener it is a root, see above.
  explicit Scope(CancelScope& parent, const PromiseBase* opener = nullptr)
      : opener_(opener),
        cancel_scope_(parent, CancelPropagation::kInherit, this) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() {
    if (size_ > 0) [[unlikely]]
      EndWithChildren();
  }

  // Runs `task` beside the others. The task belongs to the scope from now on.
  // REQUIRES: Join() has not ended with nobody left (a child of the scope may
  // always spawn, and so may the opener before Join()).
  void Spawn(Task<absl::Status> task) {
    Start(RunStatus(*this, std::move(task)));
  }
  void Spawn(Task<void> task) { Start(RunVoid(*this, std::move(task))); }

  // Calls `function(args...)`, which returns a Task<absl::Status> or
  // Task<void>, and runs that. Function and arguments are kept until the task
  // has ended, so a lambda that is a coroutine may be given. It is called when
  // the task starts, not now.
  template <typename F, typename... Args>
    requires requires(F& function, Args&... args) { function(args...); }
  void Spawn(F function, Args... args) {
    Start(RunFunction(*this, std::move(function), std::move(args)...));
  }

  // For coroutine types of the library's own, as combinators.h has them.
  void Start(internal::ScopeChild child);

  // Cancels the children. They still run to their end.
  void Cancel() { cancel_scope_.Cancel(); }

  // Waits until no child is left; gives the first failure. Rethrows an
  // exception that a child let out. Not ended by cancellation, which reaches
  // the children and so lets Join() end. Children may spawn more while it
  // waits, and the opener may use the scope again afterwards.
  class [[nodiscard]] Joining;
  Joining Join();

  // How many children have not ended.
  size_t size() const { return size_; }
  bool cancelled() const { return cancel_scope_.cancelled(); }
  CancelScope& cancel_scope() { return cancel_scope_; }

  // The live children, and the task that is suspended in Join(), if any; for
  // task_tree.h.
  using ChildList = IntrusiveList<internal::ScopeChild::promise_type,
                                  internal::ScopeChildTag>;
  ChildList& children() { return children_; }
  const PromiseBase* joining_task() const;

 private:
  friend class internal::ScopeChild::promise_type;
  friend struct internal::ScopeChild::promise_type::FinalAwaiter;

  // What the first child that failed left.
  struct Failure {
    absl::Status status;
    std::exception_ptr exception;
    AsyncStack stack;  // Where the child failed.
  };

  static internal::ScopeChild RunStatus(Scope&, Task<absl::Status> task) {
    co_return co_await std::move(task);
  }
  static internal::ScopeChild RunVoid(Scope&, Task<void> task) {
    co_await std::move(task);
    co_return absl::OkStatus();
  }
  template <typename F, typename... Args>
  static internal::ScopeChild RunFunction(Scope&, F function, Args... args) {
    using Result = decltype(function(args...));
    if constexpr (std::is_same_v<Result, Task<void>>) {
      co_await function(args...);
      co_return absl::OkStatus();
    } else {
      static_assert(std::is_same_v<Result, Task<absl::Status>>,
                    "Spawn takes functions that return Task<absl::Status> or "
                    "Task<void>");
      co_return co_await function(args...);
    }
  }

  // Of a child that ended with an error or an exception.
  void OnChildFailed(const PromiseBase& child, absl::Status status,
                     std::exception_ptr exception);
  void OnChildEnd(internal::ScopeChild::promise_type& child);
  // Gives Join() its result where that is not simply OK.
  absl::Status TakeFailure(const PromiseBase& joiner);

  [[noreturn]] static void SpawnedTooLate();
  // The destructor's slow way.
  void EndWithChildren();
  void DestroyChildren();

  const PromiseBase* const opener_;
  CancelScope cancel_scope_;
  ChildList children_;
  size_t size_ = 0;
  // From Join()'s suspension until it resumes; with size_ 0 it was woken.
  Joining* joining_ = nullptr;
  bool child_was_cancelled_ = false;
  std::unique_ptr<Failure> failure_;
};

// Not a Waiter: nothing but the children's end ends it, and the scope that it
// waits for stands in the task tree anyway.
class Scope::Joining final {
 public:
  explicit Joining(Scope& scope) : scope_(scope) {}
  void BindTask(PromiseBase& task) { task_ = &task; }
  bool await_ready() const { return scope_.size_ == 0; }
  void await_suspend(std::coroutine_handle<> handle) {
    if (scope_.joining_ != nullptr) [[unlikely]]
      JoinedTwice();
    scope_.joining_ = this;
    ready_.handle = handle;
  }
  absl::Status await_resume() {
    scope_.joining_ = nullptr;
    if (scope_.failure_ != nullptr || scope_.child_was_cancelled_)
        [[unlikely]] {
      return scope_.TakeFailure(*task_);
    }
    return absl::OkStatus();
  }

 private:
  friend class Scope;

  [[noreturn]] static void JoinedTwice();

  Scope& scope_;
  PromiseBase* task_ = nullptr;
  ReadyNode ready_;
};

inline Scope::Joining Scope::Join() { return Joining(*this); }

inline const PromiseBase* Scope::joining_task() const {
  return joining_ != nullptr ? joining_->task_ : nullptr;
}

inline void Scope::Start(internal::ScopeChild child) {
  if (joining_ != nullptr && size_ == 0) [[unlikely]]
    SpawnedTooLate();
  auto& promise = child.frame_.promise();
  promise.BindRoot(cancel_scope_, opener_);
  children_.PushBack(promise);
  ++size_;
  promise.start_.handle = child.frame_;
  cancel_scope_.executor().MakeReady(promise.start_);
}

inline void Scope::OnChildEnd(internal::ScopeChild::promise_type& child) {
  child.Unlink();
  if (--size_ == 0 && joining_ != nullptr) {
    cancel_scope_.executor().MakeReady(joining_->ready_);
  }
}

inline void internal::ScopeChild::promise_type::return_value(
    absl::Status status) noexcept {
  if (!status.ok()) [[unlikely]] {
    scope_.OnChildFailed(*this, std::move(status), nullptr);
  }
}

inline void internal::ScopeChild::promise_type::FinalAwaiter::await_suspend(
    std::coroutine_handle<promise_type> ended) const noexcept {
  ended.promise().scope_.OnChildEnd(ended.promise());
  // Suspended at its end, and nobody else knows the frame.
  ended.destroy();
}

// Opens a scope, runs `body(scope)` as its first child and joins it, however
// the body ends: a body that fails cancels the others. Gives the first
// failure. The function object is kept until the end, so `body` may be a
// coroutine lambda. `body` gives Task<absl::Status> or Task<void>.
template <typename F>
Task<absl::Status> WithScope(F body) {
  Scope scope(co_await CurrentTask());
  scope.Spawn(std::ref(body), std::ref(scope));
  co_return co_await scope.Join();
}

}  // namespace braid

#endif  // BRAID_ASYNC_SCOPE_H_
