#ifndef BRAID_ASYNC_SCOPE_H_
#define BRAID_ASYNC_SCOPE_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
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
// result to the scope and destroys itself.
class ScopeChild {
 public:
  class promise_type final : public PromiseBase, public ListNode<struct ScopeChildTag> {
   public:
    // The coroutine's arguments: promises see them before the body does.
    template <typename... Args>
    explicit promise_type(Scope& scope, const Args&...) : scope_(scope) {}

    ScopeChild get_return_object();
    std::suspend_always initial_suspend() const noexcept { return {}; }
    struct FinalAwaiter {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> ended) const noexcept;
      void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void return_value(absl::Status status) noexcept { status_ = std::move(status); }
    void unhandled_exception() noexcept { exception_ = std::current_exception(); }

   private:
    friend class braid::Scope;
    Scope& scope_;
    ReadyNode start_;  // Queues the first resumption.
    absl::Status status_;
    std::exception_ptr exception_;
  };

 private:
  friend class promise_type;
  friend class braid::Scope;
  explicit ScopeChild(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

}  // namespace internal

// A nursery: runs tasks beside each other and does not end before all of them
// have. It is the only way to run tasks concurrently; All, Any, Timeout and
// the servers are built on it.
//
//   absl::Status status = co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
//     scope.Spawn(Pump(client, upstream));
//     scope.Spawn(Pump(upstream, client));
//     co_return absl::OkStatus();
//   });
//
// Order: a spawned task is queued and starts in a later turn of the ready
// queue, in the order of the Spawn() calls.
// Errors: the first task that ends with an error (or lets an exception out)
// cancels the others and gives Join() its result. CancelledError from a task
// of a scope that Cancel() was called on is that task's expected end, not a
// failure.
// Cancellation: cancelling the task that opened the scope cancels the children
// (the scope is a child of its CancelScope), and Join() ends with
// CancelledError unless all of them succeeded all the same. Cancel() cancels
// the children alone.
// Lifetime: a Scope lives in the frame of the coroutine that opened it; every
// way out leads through Join(), which a CHECK in the destructor confirms. Use
// WithScope() and it cannot be forgotten. Thread: the executor's.
class Scope {
 public:
  // `opener` is the running task: `Scope scope(co_await CurrentTask())`.
  explicit Scope(const PromiseBase& opener)
      : Scope(opener.cancel_scope(), &opener) {}
  // A scope below `parent` that no task opened, as an embedder's root.
  explicit Scope(CancelScope& parent, const PromiseBase* opener = nullptr)
      : opener_(opener), cancel_scope_(parent, CancelPropagation::kInherit) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  // Runs `task` beside the others.
  void Spawn(Task<absl::Status> task) { Start(RunStatus(*this, std::move(task))); }
  void Spawn(Task<void> task) { Start(RunVoid(*this, std::move(task))); }

  // Calls `function(args...)`, which returns a Task<absl::Status> or
  // Task<void>, and runs that. Function and arguments are kept until the task
  // has ended, so a lambda that is a coroutine may be given.
  template <typename F, typename... Args>
    requires std::is_invocable_v<F&, Args&...>
  void Spawn(F function, Args... args) {
    Start(RunFunction(*this, std::move(function), std::move(args)...));
  }

  // Cancels the children. They still run to their end.
  void Cancel() { cancel_scope_.Cancel(); }

  // Waits until no child is left; gives the first failure. Rethrows an
  // exception that a child let out. Not ended by cancellation, which reaches
  // the children and so lets Join() end. Tasks may be spawned while it waits,
  // and after it.
  class [[nodiscard]] Joining;
  Joining Join();

  // How many children have not ended.
  size_t size() const { return size_; }
  bool cancelled() const { return cancel_scope_.cancelled(); }
  CancelScope& cancel_scope() { return cancel_scope_; }

  // The live children, for task_tree.h.
  using ChildList = IntrusiveList<internal::ScopeChild::promise_type, internal::ScopeChildTag>;
  ChildList& children() { return children_; }

 private:
  friend class internal::ScopeChild::promise_type;
  friend struct internal::ScopeChild::promise_type::FinalAwaiter;

  static internal::ScopeChild RunStatus(Scope&, Task<absl::Status> task) {
    co_return co_await std::move(task);
  }
  static internal::ScopeChild RunVoid(Scope&, Task<void> task) {
    co_await std::move(task);
    co_return absl::OkStatus();
  }
  template <typename F, typename... Args>
  static internal::ScopeChild RunFunction(Scope&, F function, Args... args) {
    using Result = std::invoke_result_t<F&, Args&...>;
    if constexpr (std::is_same_v<Result, Task<void>>) {
      co_await function(args...);
      co_return absl::OkStatus();
    } else {
      static_assert(std::is_same_v<Result, Task<absl::Status>>,
                    "Spawn takes functions that return Task<absl::Status> or Task<void>");
      co_return co_await function(args...);
    }
  }

  void Start(internal::ScopeChild child);
  void OnChildEnd(internal::ScopeChild::promise_type& child);

  const PromiseBase* const opener_;
  CancelScope cancel_scope_;
  ChildList children_;
  size_t size_ = 0;
  absl::Status first_failure_;
  std::exception_ptr first_exception_;
  bool child_was_cancelled_ = false;
  Joining* joining_ = nullptr;
};

class Scope::Joining final : public Waiter {
 public:
  explicit Joining(Scope& scope) : Waiter("Scope::Join", Uncancellable{}), scope_(scope) {}
  bool await_ready() const { return scope_.size_ == 0; }
  void await_suspend(std::coroutine_handle<> handle);
  absl::Status await_resume();

 private:
  Scope& scope_;
};

inline Scope::Joining Scope::Join() { return Joining(*this); }

// Opens a scope, runs `body(scope)` and joins it, however the body ends: a
// body that fails cancels the children. Gives the first failure. The function
// object is kept until the end, so `body` may be a coroutine lambda.
template <typename F>
Task<absl::Status> WithScope(F body) {
  Scope scope(co_await CurrentTask());
  scope.Spawn(std::ref(body), std::ref(scope));
  co_return co_await scope.Join();
}

}  // namespace braid

#endif  // BRAID_ASYNC_SCOPE_H_
