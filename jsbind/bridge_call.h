#ifndef BRAID_JSBIND_BRIDGE_CALL_H_
#define BRAID_JSBIND_BRIDGE_CALL_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/combinators.h"
#include "async/executor.h"
#include "async/promise_base.h"
#include "async/task.h"
#include "jsbind/convert.h"
#include "jsbind/js_error.h"
#include "jsbind/pending_call.h"
#include "jsbind/result.h"
#include "jsbind/runtime.h"

namespace braid {

// The outermost coroutine of a call from JS: it runs the bound function's task,
// keeps the call's arguments and then its result, until the promise is settled.
// The task starts at once, inside the call, and runs up to its first suspension
// with JS's frames below it; from then on the loop resumes it, without any.
template <typename T>
class BridgeCall {
 public:
  class promise_type final : public PromiseBase, public PendingCall {
   public:
    template <typename... Arguments>
    explicit promise_type(Runtime& runtime, const Arguments&...)
        : PendingCall(runtime) {}

    BridgeCall get_return_object() {
      return BridgeCall(
          std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    struct FinalAwaiter {
      bool await_ready() const noexcept { return false; }
      void await_suspend(
          std::coroutine_handle<promise_type> ended) const noexcept {
        promise_type& promise = ended.promise();
        if (!promise.starting_) promise.runtime().calls().OnEnded(promise);
      }
      void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() const noexcept { return {}; }

    template <typename U>
    void return_value(U&& value) {
      result_.emplace(std::forward<U>(value));
      if constexpr (internal::CanFail<T>) {
        if (!result_->ok()) [[unlikely]]
          set_failure_stack(executor().failure_trace().Of(*this));
      }
    }
    void unhandled_exception() noexcept {
      exception_ = std::current_exception();
    }

   private:
    friend class BridgeCall;

    Settlement TakeResult(Js& js) override {
      if (exception_ != nullptr) [[unlikely]] {
        return {ErrorFromException(js, exception_), /*rejected=*/true};
      }
      if constexpr (internal::CanFail<T>) {
        if (!result_->ok()) [[unlikely]]
          NoteError(js, internal::StatusOf(*result_));
      }
      return SettlementOf(js, *std::move(result_));
    }
    void Destroy() override {
      std::coroutine_handle<promise_type>::from_promise(*this).destroy();
    }

    bool starting_ = true;
    std::optional<T> result_;
    std::exception_ptr exception_;
  };

  explicit BridgeCall(std::coroutine_handle<promise_type> frame)
      : frame_(frame) {}

  PendingCall& pending() const { return frame_.promise(); }

  // Starts the call. Gives what it ended with, or nothing if it suspended: JS
  // then makes its promise as the next thing it does (async_calls.js).
  std::optional<Settlement> Start(Js& js) {
    promise_type& promise = frame_.promise();
    PendingCalls& calls = promise.runtime().calls();
    promise.BindRoot(calls.ScopeOf(promise), nullptr);
    frame_.resume();
    if (frame_.done()) return calls.EndAtOnce(js, promise);
    promise.starting_ = false;
    calls.AddSuspended(promise);
    return std::nullopt;
  }

  // Instead of Start: frees the frame.
  void Drop() { frame_.destroy(); }

 private:
  std::coroutine_handle<promise_type> frame_;
};

// Makes the call `invoke(storage...)`, which gives a Task<R>. The storages live
// in its frame.
template <typename R, typename Invoke, typename... Storage>
BridgeCall<R> MakeBridgeCall(Runtime&, Invoke invoke, Storage... storage) {
  co_return co_await invoke(storage...);
}
template <typename R, typename Invoke, typename... Storage>
  requires std::is_void_v<R>
BridgeCall<std::monostate> MakeBridgeCall(Runtime&, Invoke invoke,
                                          Storage... storage) {
  co_await invoke(storage...);
  co_return std::monostate();
}

// Runs `task` as a call from JS: gives a promise for its result. For C++ that
// hands out promises outside of a bound function. Empty when V8 is being
// terminated.
template <typename T>
v8::MaybeLocal<v8::Promise> PromiseFor(Js& js, Task<T> task) {
  auto call = MakeBridgeCall<T>(
      js.runtime(), [](Task<T>& owned) { return std::move(owned); },
      std::move(task));
  const std::optional<Settlement> ended = call.Start(js);
  return ended.has_value() ? SettledPromise(js, *ended)
                           : js.runtime().calls().PromiseOfSuspended(js);
}

}  // namespace braid

#endif  // BRAID_JSBIND_BRIDGE_CALL_H_
