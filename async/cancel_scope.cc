#include "async/cancel_scope.h"

#include "absl/log/check.h"

namespace braid {

CancelScope::CancelScope(CancelScope& parent, CancelPropagation propagation)
    : executor_(parent.executor_),
      parent_(&parent),
      shielded_(propagation == CancelPropagation::kShield),
      cancelled_(parent.cancelled_ && !shielded_) {
  parent.children_.PushBack(*this);
}

CancelScope::~CancelScope() {
  CHECK(children_.empty()) << "a cancel scope ended before the scopes below it";
  CHECK(nodes_.empty()) << "a cancel scope ended while a task was suspended in it";
  if (parent_ != nullptr) Unlink();
}

void CancelScope::Cancel() {
  // A walk with parent links instead of recursion: the tree may be deep.
  CancelScope* scope = this;
  while (scope != nullptr) {
    const bool reached = !scope->cancelled_ && (scope == this || !scope->shielded_);
    if (reached) scope->CancelThis();
    scope = scope->NextToCancel(*this, reached);
  }
}

void CancelScope::CancelThis() {
  cancelled_ = true;
  // Nodes stay linked until their await resumes, so that the task tree shows
  // operations whose cancellation is still under way.
  for (CancelNode* node = nodes_.First(); node != nullptr; node = nodes_.Next(*node)) {
    node->on_cancel_(*node);
  }
}

CancelScope* CancelScope::NextToCancel(const CancelScope& root, bool descend) {
  if (descend && !children_.empty()) return &children_.front();
  CancelScope* scope = this;
  while (scope != &root) {
    if (CancelScope* sibling = scope->parent_->children_.Next(*scope)) return sibling;
    scope = scope->parent_;
  }
  return nullptr;
}

}  // namespace braid
