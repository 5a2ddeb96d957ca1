#include "async/waiter.h"

#include "absl/log/log.h"

namespace braid {

void Waiter::OnCancelled(CancelNode& node) {
  Waiter& waiter = static_cast<Waiter&>(node);
  if (waiter.outcome_ != Outcome::kPending) return;
  waiter.outcome_ = Outcome::kCancelled;
  if (waiter.ListNode<WaiterTag>::linked()) {
    waiter.ListNode<WaiterTag>::Unlink();
  }
  waiter.task()->executor().MakeReady(waiter);
}

void WaiterQueue::EndedTooEarly() {
  LOG(FATAL) << "what a task waits for was destroyed under it, at "
             << front().what();
}

}  // namespace braid
