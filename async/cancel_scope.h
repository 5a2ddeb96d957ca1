#ifndef BRAID_ASYNC_CANCEL_SCOPE_H_
#define BRAID_ASYNC_CANCEL_SCOPE_H_

#include "async/intrusive_list.h"

namespace braid {

class Executor;
class PromiseBase;

// One suspended await, as the cancellation tree sees it. It is linked to the
// task's CancelScope for as long as the await is suspended; so the tree's
// nodes are also the list of everything that waits now (see task_tree.h).
class CancelNode : public ListNode<struct CancelNodeTag> {
 public:
  // Called at most once, when the scope is cancelled while the node is linked.
  // It must only mark and schedule: queue the waiting coroutine, ask the
  // kernel to cancel an operation. It must not resume a coroutine, nor link,
  // unlink or destroy another CancelNode.
  using OnCancel = void (*)(CancelNode&);

  // `what` names the wait in the task tree ("Event::Wait"): a literal.
  CancelNode(OnCancel on_cancel, const char* what) : on_cancel_(on_cancel), what_(what) {}

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
  kShield,   // It does not: see shield.h.
};

// A node of the cancellation tree.
//
// Every task runs in one scope, which it inherits from the task that awaits
// it. Scope, Timeout, Any and Shield insert scopes of their own. Cancelling a
// scope cancels everything below it, but for what is shielded: each suspended
// await is told once, and every await that starts later in that scope ends at
// once with absl::CancelledError. Cancellation is a request. The tasks still
// run to their end, and an operation that has succeeded meanwhile reports
// success.
//
// Ownership: a scope belongs to whoever made it (mostly a coroutine's frame)
// and must outlive its tasks and child scopes. Not copied, not moved.
// Thread: the executor's.
class CancelScope : public ListNode<struct ChildScopeTag> {
 public:
  // The root of an executor's tree.
  explicit CancelScope(Executor& executor) : executor_(executor), parent_(nullptr) {}

  // A child of `parent`. Under a cancelled parent it starts out cancelled,
  // unless it is shielded.
  CancelScope(CancelScope& parent, CancelPropagation propagation);
  ~CancelScope();

  // Requests cancellation of everything below. Cheap when repeated.
  void Cancel();

  bool cancelled() const { return cancelled_; }
  Executor& executor() const { return executor_; }

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
  // The next scope of a walk below `root` in pre-order that cancellation
  // still has to reach, or null. `descend` is false to skip this subtree.
  CancelScope* NextToCancel(const CancelScope& root, bool descend);

  Executor& executor_;
  CancelScope* const parent_;
  const bool shielded_ = false;
  bool cancelled_ = false;
  NodeList nodes_;
  ChildList children_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_CANCEL_SCOPE_H_
