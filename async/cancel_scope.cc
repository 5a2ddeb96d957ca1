#include "async/cancel_scope.h"

#include "absl/log/check.h"
#include "absl/log/log.h"

namespace braid {

void CancelScope::Cancel() {
  CancelScope* scope = this;
  while (scope != nullptr) {
    // What is below a cancelled scope is cancelled already, or shielded.
    const bool reached =
        !scope->cancelled_ && (scope == this || !scope->shielded_);
    if (reached) scope->CancelThis();
    scope = NextInPreOrder(*this, *scope, reached);
  }
}

void CancelScope::CancelThis() {
  cancelled_ = true;
  // Nodes stay linked until their await resumes, so that the task tree shows
  // operations whose cancellation is still under way.
  for (CancelNode* node = nodes_.First(); node != nullptr;
       node = nodes_.Next(*node)) {
    node->on_cancel_(*node);
  }
}

void CancelScope::EndedTooEarly() {
  CHECK(children_.empty()) << "a cancel scope ended before the scopes below it";
  LOG(FATAL) << "a cancel scope ended while a task was suspended in it, at "
             << nodes_.front().what();
}

CancelScope* NextInPreOrder(const CancelScope& root, CancelScope& scope,
                            bool descend) {
  if (descend && !scope.children().empty()) return &scope.children().front();
  CancelScope* at = &scope;
  while (at != &root) {
    if (CancelScope* sibling = at->parent()->children().Next(*at)) {
      return sibling;
    }
    at = at->parent();
  }
  return nullptr;
}

}  // namespace braid
