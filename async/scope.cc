#include "async/scope.h"

namespace braid {
namespace internal {

ScopeChild ScopeChild::promise_type::get_return_object() {
  return ScopeChild(std::coroutine_handle<promise_type>::from_promise(*this));
}

void ScopeChild::promise_type::FinalAwaiter::await_suspend(
    std::coroutine_handle<promise_type> ended) const noexcept {
  ended.promise().scope_.OnChildEnd(ended.promise());
  // Suspended at its end, and nobody else knows the frame.
  ended.destroy();
}

}  // namespace internal

Scope::~Scope() { CHECK_EQ(size_, 0u) << "a Scope ended without Join()"; }

void Scope::Start(internal::ScopeChild child) {
  auto& promise = child.frame_.promise();
  promise.BindRoot(cancel_scope_, opener_);
  children_.PushBack(promise);
  ++size_;
  promise.start_.handle = child.frame_;
  cancel_scope_.executor().MakeReady(promise.start_);
}

void Scope::OnChildEnd(internal::ScopeChild::promise_type& child) {
  child.Unlink();
  --size_;
  if (cancelled() && absl::IsCancelled(child.status_)) {
    child_was_cancelled_ = true;
  } else if (child.exception_ != nullptr || !child.status_.ok()) {
    if (first_exception_ == nullptr && first_failure_.ok()) {
      first_exception_ = child.exception_;
      first_failure_ = child.status_;
    }
    Cancel();
  }
  if (size_ == 0 && joining_ != nullptr) {
    joining_->Wake();
    joining_ = nullptr;
  }
}

void Scope::Joining::await_suspend(std::coroutine_handle<> handle) {
  CHECK(scope_.joining_ == nullptr) << "two tasks join one Scope";
  scope_.joining_ = this;
  Suspend(handle);
}

absl::Status Scope::Joining::await_resume() {
  absl::Status ended = Finish();
  DCHECK_OK(ended);
  if (scope_.first_exception_ != nullptr) {
    std::rethrow_exception(std::exchange(scope_.first_exception_, nullptr));
  }
  if (!scope_.first_failure_.ok()) return std::exchange(scope_.first_failure_, absl::OkStatus());
  const bool opener_cancelled = task()->cancelled();
  return opener_cancelled && scope_.child_was_cancelled_ ? absl::CancelledError()
                                                         : absl::OkStatus();
}

}  // namespace braid
