#ifndef BRAID_ASYNC_TASK_H_
#define BRAID_ASYNC_TASK_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "async/promise_base.h"

// coro_await_elidable lets Clang put the frame of `co_await Foo()` into the
// awaiter's. Its companions coro_return_type and coro_lifetimebound are left
// out: they reject every type-erased callable that returns a Task.
// trivial_abi: a Task is one pointer, so it is passed in a register.
#if defined(__clang__)
#define BRAID_CORO_TASK \
  [[nodiscard, clang::coro_await_elidable, clang::trivial_abi]]
#else
#define BRAID_CORO_TASK [[nodiscard]]
#endif

namespace braid {

template <typename T = void>
class Task;

namespace internal {

// Hands control back to the awaiter when a task's body has ended. The frame
// stays: the Task object destroys it.
struct TaskFinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(
      std::coroutine_handle<Promise> ended) const noexcept {
    return ended.promise().Continuation();
  }
  void await_resume() const noexcept {}
};

// absl::Status and absl::StatusOr<U>.
template <typename T>
concept CanFail = std::is_same_v<T, absl::Status> ||
                  requires(const T& result) { absl::Status(result.status()); };

class TaskPromiseBase : public PromiseBase {
 public:
  std::suspend_always initial_suspend() const noexcept { return {}; }
  TaskFinalAwaiter final_suspend() const noexcept { return {}; }
  std::coroutine_handle<> Continuation() const noexcept {
    return continuation();
  }
  void Start(PromiseBase& awaiter, CancelScope& scope,
             std::coroutine_handle<> continuation) {
    BindAwaiter(awaiter, scope, continuation);
  }
};

template <typename T>
class TaskPromise final : public TaskPromiseBase {
 public:
  static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                "a Task's result is a plain value: give pointers, not "
                "references");

  TaskPromise() {}
  ~TaskPromise() { DestroyResult(); }

  Task<T> get_return_object();

  template <typename U = T>
    requires std::is_convertible_v<U&&, T>
  void return_value(
      U&& value,
      std::source_location where = std::source_location::current())  //
      noexcept(std::is_nothrow_constructible_v<T, U&&>) {
    std::construct_at(std::addressof(value_), std::forward<U>(value));
    state_ = State::kValue;
    if constexpr (CanFail<T>) {
      if (!value_.ok()) [[unlikely]]
        NoteFailure(where);
    }
  }
  void unhandled_exception() noexcept {
    DestroyResult();  // A local's destructor may throw after co_return.
    std::construct_at(std::addressof(exception_), std::current_exception());
    state_ = State::kException;
  }
  T TakeResult() {
    if (state_ == State::kException) [[unlikely]] {
      std::rethrow_exception(std::move(exception_));
    }
    DCHECK(state_ == State::kValue);
    return std::move(value_);
  }

 private:
  // Which member of the union lives.
  enum class State : unsigned char { kNone, kValue, kException };

  void DestroyResult() {
    if (state_ == State::kValue) value_.~T();
    if (state_ == State::kException) [[unlikely]]
      exception_.~exception_ptr();
  }

  union {
    T value_;
    std::exception_ptr exception_;
  };
  State state_ = State::kNone;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void TakeResult() {
    if (exception_ != nullptr) [[unlikely]] {
      std::rethrow_exception(std::move(exception_));
    }
  }

 private:
  std::exception_ptr exception_;
};

}  // namespace internal

// A coroutine that computes a T. The unit of work of the library.
//
//   Task<absl::StatusOr<int>> Twice(TcpStream& from) {
//     CO_ASSIGN_OR_RETURN(int n, co_await ReadNumber(from));
//     co_return 2 * n;
//   }
//
// Order: lazy. The body runs when the task is awaited, directly on the
// awaiter's thread and without passing the ready queue; control comes back to
// the awaiter the same way (symmetric transfer), so a million awaits in a row
// do not grow the stack.
// Ownership: move-only, awaited once (`co_await Foo()` or
// `co_await std::move(task)`), owned by its awaiter and never detached; to run
// it beside others, give it to a Scope (scope.h). Destroying a task that was
// never started is fine: its body does not run. A suspended one is destroyed
// only with all of its awaiters, when a program ends early (see Scope).
// Arguments live in the frame as the coroutine declares them: parameters taken
// by reference must outlive the task, and a lambda that is a coroutine must
// outlive the tasks it made (Scope::Spawn keeps it).
// Errors: values (absl::Status, absl::StatusOr<T>). An exception that the body
// lets out is rethrown from the co_await.
// Cancellation: a task runs in its awaiter's CancelScope. Cancelled, it still
// runs to its end: its awaits end with absl::CancelledError.
// Cost: one recycled frame, no frame at all where the compiler can put it into
// the awaiter's (Clang does when the body is visible).
// Thread: the executor's.
template <typename T>
class BRAID_CORO_TASK Task {
 public:
  using promise_type = internal::TaskPromise<T>;
  using value_type = T;

  Task() = default;  // Empty: only to be assigned to.
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Destroy();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  ~Task() { Destroy(); }

  // Whether it holds a coroutine.
  explicit operator bool() const { return frame_ != nullptr; }

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> frame)
        : frame_(frame) {}
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<Promise> awaiter) noexcept {
      return Start(awaiter, awaiter.promise().cancel_scope());
    }
    T await_resume() { return frame_.promise().TakeResult(); }

   protected:
    template <typename Promise>
    std::coroutine_handle<> Start(std::coroutine_handle<Promise> awaiter,
                                  CancelScope& scope) noexcept {
      static_assert(
          std::is_base_of_v<PromiseBase, Promise>,
          "a Task can only be awaited by a coroutine of this library");
      DCHECK(frame_ != nullptr) << "an empty Task was awaited";
      DCHECK(!frame_.done()) << "a Task was awaited twice";
      frame_.promise().Start(awaiter.promise(), scope, awaiter);
      return frame_;
    }

   private:
    std::coroutine_handle<promise_type> frame_;
  };

  class ScopedAwaiter final : public Awaiter {
   public:
    ScopedAwaiter(std::coroutine_handle<promise_type> frame, CancelScope& scope)
        : Awaiter(frame), scope_(scope) {}
    template <typename Promise>
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<Promise> awaiter) noexcept {
      return this->Start(awaiter, scope_);
    }

   private:
    CancelScope& scope_;
  };

  Awaiter operator co_await() && noexcept { return Awaiter(frame_); }

  // Awaits the task in `scope` instead of the awaiter's own scope: the way to
  // cancel one task alone. `scope` must outlive the await.
  ScopedAwaiter In(CancelScope& scope) && noexcept {
    return ScopedAwaiter(frame_, scope);
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  void Destroy() {
    if (frame_ != nullptr) frame_.destroy();
  }

  std::coroutine_handle<promise_type> frame_;
};

namespace internal {

template <typename T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace internal
}  // namespace braid

#endif  // BRAID_ASYNC_TASK_H_
