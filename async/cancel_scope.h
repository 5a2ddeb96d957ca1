#ifndef BRAID_ASYNC_CANCEL_SCOPE_H_
#define BRAID_ASYNC_CANCEL_SCOPE_H_

#include "async/intrusive_list.h"

namespace braid {

class Executor;
class PromiseBase;
class Scope;

// One suspended await, as the cancellation tree sees it. It is linked to the
// task's CancelScope for as long as the await is suspended; so the tree's
// nodes are also the list of everything that waits now (see task_tree.h).
class CancelNode : public ListNode<struct CancelNodeTag> {
 public:
  // Called at most once, when the scope is cancelled while the node is linked.
  // It must only mark and schedule: queue the waiting coroutine, ask the
  // kernel to cancel an operation. It must not resume a coroutine, nor link,
  // unlink or destroy a CancelNode or a CancelScope.
  using OnCancel = void (*)(CancelNode&);

  // `what` names the wait in the task tree ("Event::Wait"): a literal.
  CancelNode(OnCancel on_cancel, const char* what)
      : on_cancel_(on_cancel), what_(what) {}
  // Leaves the tree, for frames that are destroyed while suspended (see Scope).
  ~CancelNode() {
    if (linked()) [[unlikely]]
      Unlink();
  }

  const char* what() const { return what_; }

  // The suspended coroutine, null before it was suspended.
  PromiseBase* task() const { return task_; }
  void set_task(PromiseBase* task) { task_ = task; }

 private:
  friend class CancelScope;

  OnCancel on_cancel_;
  const char* what_;
  PromiseBase* task_ = nullptr;
};

enum class CancelPropagation {
  kInherit,  // Cancelling the parent cancels this scope too.
  kShield,   // It does not: see Shield() in combinators.h.
};

// A node of the cancellation tree.
//
// Every task runs in one scope, which it inherits from the task that awaits
// it. Scope, Timeout, Any and Shield insert scopes of their own. Cancelling a
// scope cancels everything below it, but for what is shielded: each suspended
// await is told once, and every await that starts later in that scope ends at
// once with absl::CancelledError. Cancellation is a request. The tasks still
// run to their end, and an operation that has succeeded meanwhile reports
// success. It cannot be taken back.
//
//   CancelScope attempt((co_await CurrentTask()).cancel_scope(),
//                       CancelPropagation::kInherit);
//   // Until attempt.Cancel() ends it:
//   status = co_await Connect(address).In(attempt);
//
// Ownership: a scope belongs to whoever made it (mostly a coroutine's frame)
// and must outlive its tasks and child scopes, which its destructor checks.
// Not copied, not moved. Thread: the executor's.
// Cost: cancelling visits every scope and every suspended await below once,
// whatever the depth, without recursion.
class CancelScope : public ListNode<struct ChildScopeTag> {
 public:
  // The root of an executor's tree.
  explicit CancelScope(Executor& executor)
      : executor_(executor), parent_(nullptr) {}

  // A child of `parent`. Under a cancelled parent it starts out cancelled,
  // unless it is shielded. `owner` is the Scope that it is a part of, if any.
  CancelScope(CancelScope& parent, CancelPropagation propagation,
              Scope* owner = nullptr)
      : executor_(parent.executor_),
        parent_(&parent),
        owner_(owner),
        shielded_(propagation == CancelPropagation::kShield),
        cancelled_(parent.cancelled_ && !shielded_) {
    parent.children_.PushBack(*this);
  }

  ~CancelScope() {
    if (!children_.empty() || !nodes_.empty()) [[unlikely]]
      EndedTooEarly();
    if (parent_ != nullptr) Unlink();
  }

  // Requests cancellation of everything below. Cheap when repeated.
  void Cancel();

  bool cancelled() const { return cancelled_; }
  Executor& executor() const { return executor_; }
  CancelScope* parent() const { return parent_; }
  Scope* owner() const { return owner_; }
  bool shielded() const { return shielded_; }

  // Links a suspended await. REQUIRES: !cancelled(), except for waits that
  // cannot be cancelled (they only show in the task tree).
  void Add(CancelNode& node) { nodes_.PushBack(node); }

  // The suspended awaits and the scopes below, for task_tree.h.
  using NodeList = IntrusiveList<CancelNode, CancelNodeTag>;
  using ChildList = IntrusiveList<CancelScope, ChildScopeTag>;
  NodeList& nodes() { return nodes_; }
  ChildList& children() { return children_; }

 private:
  // Marks this scope alone and tells its awaits.
  void CancelThis();
  [[noreturn]] void EndedTooEarly();

  Executor& executor_;
  CancelScope* const parent_;
  Scope* const owner_ = nullptr;
  const bool shielded_ = false;
  bool cancelled_ = false;
  NodeList nodes_;
  ChildList children_;
};

// A walk over `root` and everything below it, each scope before those under
// it, by parent links instead of recursion: the tree may be deep. `descend` is
// false to leave out what is below `scope`. Null at the end.
CancelScope* NextInPreOrder(const CancelScope& root, CancelScope& scope,
                            bool descend);

}  // namespace braid

#endif  // BRAID_ASYNC_CANCEL_SCOPE_H_
