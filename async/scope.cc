#include "async/scope.h"

#include "absl/log/check.h"
#include "absl/log/log.h"

namespace braid {

void internal::ScopeChild::promise_type::unhandled_exception() noexcept {
  scope_.OnChildFailed(*this, absl::OkStatus(), std::current_exception());
}

void Scope::SpawnedTooLate() {
  LOG(FATAL) << "Spawn() into a Scope whose last task has ended";
}

void Scope::OnChildFailed(const PromiseBase& child, absl::Status status,
                          std::exception_ptr exception) {
  if (cancelled() && absl::IsCancelled(status)) {
    child_was_cancelled_ = true;
    return;
  }
  if (failure_ == nullptr) {
    failure_ = std::make_unique<Failure>(
        Failure{std::move(status), std::move(exception),
                child.executor().failure_trace().Of(child)});
  }
  Cancel();
}

absl::Status Scope::TakeFailure(const PromiseBase& joiner) {
  if (failure_ != nullptr) {
    const std::unique_ptr<Failure> failure = std::move(failure_);
    if (failure->exception != nullptr) {
      std::rethrow_exception(failure->exception);
    }
    joiner.executor().failure_trace().Give(joiner, std::move(failure->stack));
    return std::move(failure->status);
  }
  return joiner.cancelled() ? absl::CancelledError() : absl::OkStatus();
}

void Scope::Joining::JoinedTwice() { LOG(FATAL) << "two tasks join one Scope"; }

void Scope::EndWithChildren() {
  CHECK(opener_ == nullptr) << "a Scope ended without Join() while " << size_
                            << " of its tasks had not ended";
  Executor& executor = cancel_scope_.executor();
  CHECK(!executor.running())
      << "a Scope without an opener was destroyed by a task, while " << size_
      << " of its tasks had not ended";
  // In post-order: the scopes that tasks opened lose their own tasks before
  // the openers' frames go. By links instead of recursion, as always.
  CancelScope* at = &cancel_scope_;
  while (true) {
    while (!at->children().empty()) at = &at->children().front();
    // Destroying tasks takes away the scopes below; those that belong to the
    // tasks' frames, not those that the opener has beside.
    while (true) {
      if (at->owner() != nullptr) at->owner()->DestroyChildren();
      if (at == &cancel_scope_) return;
      CancelScope* sibling = at->parent()->children().Next(*at);
      at = sibling != nullptr ? sibling : at->parent();
      if (sibling != nullptr) break;
    }
  }
}

void Scope::DestroyChildren() {
  // The last spawned first, as locals go.
  while (!children_.empty()) {
    auto& child = children_.back();
    child.Unlink();
    --size_;
    std::coroutine_handle<internal::ScopeChild::promise_type>::from_promise(
        child)
        .destroy();
  }
}

}  // namespace braid
