#ifndef BRAID_ASYNC_WAITER_H_
#define BRAID_ASYNC_WAITER_H_

#include <coroutine>

#include "absl/status/status.h"
#include "async/executor.h"
#include "async/intrusive_list.h"
#include "async/promise_base.h"

namespace braid {

// The base of awaiters that suspend until another task wakes them: events,
// mutexes, channels, sleeps. It holds all that a suspended await needs (links
// to the ready queue, to the cancellation tree and to the queue it waits in),
// so waiting allocates nothing.
//
// A wait ends in exactly one way. Whoever comes first of Wake() and
// cancellation decides; a cancel request that comes after Wake() changes
// nothing, so a value that was handed to the waiter is never lost.
//
// To make an awaiter, derive from it:
//   await_ready():   return CancelledBeforeStart() || <it is ready>;
//   await_suspend(): Suspend(handle); and put *this where it will be found
//   await_resume():  Finish() gives OK or CancelledError
class Waiter : public ReadyNode, public CancelNode, public ListNode<struct WaiterTag> {
 public:
  // `what` names the wait in the task tree ("Event::Wait"): a literal.
  explicit Waiter(const char* what) : CancelNode(&Waiter::OnCancelled, what) {}

  // Called by the awaiting task's promise.
  void BindTask(PromiseBase& task) { set_task(&task); }

  // Ends the wait and queues the task. REQUIRES: suspended and not woken; out
  // of any WaiterQueue.
  void Wake() {
    DCHECK(outcome_ == Outcome::kPending);
    outcome_ = Outcome::kWoken;
    task()->executor().MakeReady(*this);
  }

 protected:
  // For waits that cancellation does not end (joining children): they show in
  // the task tree and otherwise ignore it.
  struct Uncancellable {};
  Waiter(const char* what, Uncancellable) : CancelNode([](CancelNode&) {}, what) {}

  ~Waiter() { DCHECK(!CancelNode::linked()) << "a suspended task was destroyed"; }

  // A task whose scope is cancelled does not start to wait.
  bool CancelledBeforeStart() {
    if (!task()->cancelled()) [[likely]] return false;
    outcome_ = Outcome::kCancelled;
    return true;
  }

  void Suspend(std::coroutine_handle<> handle) {
    ReadyNode::handle = handle;
    task()->cancel_scope().Add(*this);
  }

  // To be called once from await_resume, suspended or not.
  absl::Status Finish() {
    if (CancelNode::linked()) CancelNode::Unlink();
    if (outcome_ == Outcome::kCancelled) [[unlikely]] return absl::CancelledError();
    return absl::OkStatus();
  }

  bool was_cancelled() const { return outcome_ == Outcome::kCancelled; }

 private:
  enum class Outcome : unsigned char { kPending, kWoken, kCancelled };

  static void OnCancelled(CancelNode& node);

  Outcome outcome_ = Outcome::kPending;
};

// Waiters in FIFO order. A cancelled waiter leaves by itself.
class WaiterQueue {
 public:
  bool empty() const { return waiters_.empty(); }
  void Add(Waiter& waiter) { waiters_.PushBack(waiter); }

  // The waiter that came first. REQUIRES: !empty().
  Waiter& front() { return waiters_.front(); }

  // Takes the first waiter out and wakes it. REQUIRES: !empty().
  Waiter& WakeFront() {
    Waiter& waiter = waiters_.PopFront();
    waiter.Wake();
    return waiter;
  }

  void WakeAll() {
    while (!empty()) WakeFront();
  }

 private:
  IntrusiveList<Waiter, WaiterTag> waiters_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_WAITER_H_
