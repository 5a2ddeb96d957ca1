#ifndef BRAID_ASYNC_WAITER_H_
#define BRAID_ASYNC_WAITER_H_

#include <coroutine>

#include "absl/log/check.h"
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
// If Wake() hands over something that has to be given back, its destructor
// gives it back when handed_over(): the frame was destroyed before it resumed.
// If others may have waited for this one, it looks after them when suspended(),
// having left its queue with LeaveQueue().
//
// Lifetime: in the awaiting coroutine's frame, for the time of the await. A
// frame that is destroyed while it waits takes its waiter out of everything.
class Waiter : public ReadyNode,
               public CancelNode,
               public ListNode<struct WaiterTag> {
 public:
  // `what` names the wait in the task tree ("Event::Wait"): a literal.
  explicit Waiter(const char* what) : CancelNode(&Waiter::OnCancelled, what) {}

  // Called by the awaiting task's promise.
  void BindTask(PromiseBase& task) { set_task(&task); }

  // Ends the wait and queues the task. REQUIRES: suspended and not woken; out
  // of any WaiterQueue.
  void Wake() {
    DCHECK(outcome_ == Outcome::kPending);
    DCHECK(!ListNode<WaiterTag>::linked());
    outcome_ = Outcome::kWoken;
    task()->executor().MakeReady(*this);
  }

 protected:
  // For waits that cancellation does not end, as for the kernel to let go of
  // something: they show in the task tree and otherwise ignore it.
  struct Uncancellable {};
  Waiter(const char* what, Uncancellable)
      : CancelNode([](CancelNode&) {}, what) {}

  ~Waiter() { LeaveQueue(); }

  // Takes it out of the WaiterQueue that it is in, if any.
  void LeaveQueue() {
    if (ListNode<WaiterTag>::linked()) [[unlikely]] {
      ListNode<WaiterTag>::Unlink();
    }
  }

  // A task whose scope is cancelled does not start to wait.
  bool CancelledBeforeStart() {
    if (!task()->cancelled()) [[likely]]
      return false;
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
    if (outcome_ == Outcome::kCancelled) [[unlikely]] {
      return absl::CancelledError();
    }
    return absl::OkStatus();
  }

  bool was_cancelled() const { return outcome_ == Outcome::kCancelled; }

  // Whether it waits, or was woken or cancelled and has not resumed.
  bool suspended() const { return CancelNode::linked(); }
  // Whether it was woken and has not resumed.
  bool handed_over() const {
    return suspended() && outcome_ == Outcome::kWoken;
  }

 private:
  enum class Outcome : unsigned char {
    kPending,    // Not suspended, or waiting, or it was ready at once.
    kWoken,      // Wake() came first.
    kCancelled,  // Cancellation came first, or before the wait began.
  };

  static void OnCancelled(CancelNode& node);

  Outcome outcome_ = Outcome::kPending;
};

// Waiters in FIFO order. A cancelled waiter leaves by itself. It outlives its
// waiters, which its destructor checks.
class WaiterQueue {
 public:
  WaiterQueue() = default;
  ~WaiterQueue() {
    if (!empty()) [[unlikely]]
      EndedTooEarly();
  }

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
  [[noreturn]] void EndedTooEarly();

  IntrusiveList<Waiter, WaiterTag> waiters_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_WAITER_H_
