#ifndef BRAID_JSBIND_JS_PROMISE_H_
#define BRAID_JSBIND_JS_PROMISE_H_

#include <v8-exception.h>
#include <v8-promise.h>

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/waiter.h"
#include "jsbind/borrowed.h"
#include "jsbind/convert.h"
#include "jsbind/js_error.h"
#include "jsbind/promise_slots.h"
#include "jsbind/runtime.h"

namespace braid {

class AbortSource;

namespace internal {
// The promise that an object with a then() becomes when it is awaited; empty
// for other values.
v8::MaybeLocal<v8::Promise> AdoptThenable(Js& js, v8::Local<v8::Value> value);
void Abort(AbortSource& source);
}  // namespace internal

// A JS promise for a T, as C++ awaits it:
//
//   // `handler` is a JsFunction<JsPromise<int>(...)>.
//   CO_ASSIGN_OR_RETURN(int n, co_await handler("x"));
//
// or, from any value, made in a JsTurn that ends before the co_await:
//
//   JsPromise<int> promise = [&] {
//     JsTurn js(runtime);
//     return JsPromise<int>(js, Make(js));
//   }();
//   CO_ASSIGN_OR_RETURN(int n, co_await promise);
//
// A value that is no promise counts as a fulfilled one, as in JS's await. The
// value is converted by Convert<T>, in JS's turn, when the promise settles; one
// that does not fit is an InvalidArgumentError. T may be void: any value fits.
// Errors: a rejection becomes a status that keeps the value that JS threw
// (js_error.h); CancelledError if the program ends first (Runtime::Close(),
// process.exit()), since then no JS runs that could settle the promise.
// Cancellation: the await ends at once with CancelledError; the promise is left
// to itself, since JS may never settle it. To stop JS too, hand the callee an
// AbortSource (abort_source.h) and await promise.OrAbort(source).
// Movable, awaited once. Thread: the loop's; must end before the runtime.
template <typename T>
class [[nodiscard]] JsPromise final : private PromiseWaiter {
 public:
  static_assert(!kBorrows<T>,
                "nothing keeps what a T* points at until the await resumes: "
                "take shared_ptr<T>");
  using Result =
      std::conditional_t<std::is_void_v<T>, absl::Status, absl::StatusOr<T>>;

  JsPromise(Js& js, v8::Local<v8::Value> value) : runtime_(&js.runtime()) {
    Attach(js, value);
  }
  // A promise that has failed already: what calling JS gave instead of one.
  JsPromise(Runtime& runtime, absl::Status error)
      : runtime_(&runtime), result_(std::move(error)) {}

  JsPromise(JsPromise&& other) noexcept
      : runtime_(other.runtime_),
        slot_(std::exchange(other.slot_, -1)),
        result_(std::move(other.result_)) {
    DCHECK(other.awaiter_ == nullptr)
        << "a JsPromise was moved while it was awaited";
    if (slot_ >= 0) runtime_->promise_slots().Move(slot_, *this);
  }
  JsPromise& operator=(JsPromise&&) = delete;
  ~JsPromise() {
    if (slot_ >= 0) runtime_->promise_slots().Abandon(slot_);
  }

  // Whether an await would not suspend.
  bool settled() const { return result_.has_value(); }

  class [[nodiscard]] Awaiter final : public Waiter {
   public:
    Awaiter(JsPromise& promise, AbortSource* abort, PromiseBase* task)
        : Waiter("JsPromise"), promise_(promise), abort_(abort) {
      set_task(task);
    }
    bool await_ready() { return promise_.settled() || CancelledBeforeStart(); }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      promise_.awaiter_ = this;
    }
    Result await_resume() {
      // An await that did not suspend may stand in a call from JS.
      DCHECK(!CancelNode::linked() || promise_.runtime_->depth() == 0)
          << "a coroutine was resumed from inside JS's turn";
      promise_.awaiter_ = nullptr;
      absl::Status ended = Finish();
      if (abort_ != nullptr && was_cancelled()) internal::Abort(*abort_);
      if (promise_.result_.has_value()) return *std::move(promise_.result_);
      return ended;
    }

   private:
    friend class JsPromise;
    // A cancelled awaiter is queued already and only has to run.
    void WakeOnce() {
      if (!was_cancelled()) Wake();
    }

    JsPromise& promise_;
    AbortSource* const abort_;
  };
  // Called by the awaiting task's promise.
  void BindTask(PromiseBase& task) { task_ = &task; }
  Awaiter operator co_await() { return Awaiter(*this, nullptr, task_); }
  // Awaits it, and aborts `source` if the await is cancelled. `source` must
  // outlive the await.
  Awaiter OrAbort(AbortSource& source) {
    return Awaiter(*this, &source, nullptr);
  }

 private:
  void Attach(Js& js, v8::Local<v8::Value> value) {
    if (!value->IsPromise()) {
      v8::Local<v8::Promise> adopted;
      if (!value->IsObject() ||
          !internal::AdoptThenable(js, value).ToLocal(&adopted)) {
        return Settle(js, true, value);
      }
      value = adopted;
    }
    v8::Local<v8::Promise> promise = value.As<v8::Promise>();
    switch (promise->State()) {
      case v8::Promise::kFulfilled:
        return Settle(js, true, promise->Result());
      case v8::Promise::kRejected:
        promise->MarkAsHandled();
        return Settle(js, false, promise->Result());
      case v8::Promise::kPending:
        v8::TryCatch try_catch(js.isolate());
        slot_ = runtime_->promise_slots().Wait(js, promise, *this);
        if (slot_ >= 0) return;
        result_.emplace(try_catch.HasCaught() ? StatusFromCaught(js, try_catch)
                                              : ProgramEnded());
    }
  }

  void Settle(Js& js, bool fulfilled, v8::Local<v8::Value> value) {
    if (!fulfilled) {
      result_.emplace(StatusFromError(js, value));
    } else if constexpr (std::is_void_v<T>) {
      result_.emplace(absl::OkStatus());
    } else {
      v8::TryCatch try_catch(js.isolate());
      std::optional<T> converted = Convert<T>::FromJs(js, value);
      if (converted.has_value()) {
        result_.emplace(*std::move(converted));
      } else if (js.failure() != nullptr) {
        result_.emplace(
            StatusFromError(js, js.TakeFailure("a promise's value")));
      } else {
        result_.emplace(StatusFromCaught(js, try_catch));
      }
    }
  }

  void OnSettled(Js& js, bool fulfilled, v8::Local<v8::Value> value) override {
    slot_ = -1;
    Settle(js, fulfilled, value);
    if (awaiter_ != nullptr) awaiter_->WakeOnce();
  }

  void OnProgramEnded() override {
    slot_ = -1;
    result_.emplace(ProgramEnded());
    if (awaiter_ != nullptr) awaiter_->WakeOnce();
  }

  static absl::Status ProgramEnded() {
    return absl::CancelledError("the program has ended");
  }

  Runtime* runtime_;
  PromiseBase* task_ = nullptr;
  int slot_ = -1;
  std::optional<Result> result_;
  Awaiter* awaiter_ = nullptr;
};

}  // namespace braid

#endif  // BRAID_JSBIND_JS_PROMISE_H_
