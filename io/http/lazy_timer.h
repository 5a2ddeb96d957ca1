#ifndef BRAID_IO_HTTP_LAZY_TIMER_H_
#define BRAID_IO_HTTP_LAZY_TIMER_H_

#include "async/clock.h"
#include "async/timer_queue.h"

namespace braid {

// A timer for deadlines that are put off far more often than they pass, as
// those of a connection are with each request.
//
// Putting one off only stores it. The timer fires at the old moment, finds
// that nothing is due, and goes back into the queue: once in each time-out
// instead of twice in each request. Setting a deadline before the pending
// moment is what moves the timer.
//
//   class Session : private LazyTimer { ... };
//   WakeBy(deadline);   // OnWake runs shortly behind the deadline, or before.
//   OnWake: look at the clock, do what is due, and WakeBy() what is not.
//
// OnWake must not resume a coroutine; it may cancel a scope.
// Lifetime: inside `queue`'s. Thread: the loop's.
class LazyTimer : private TimerNode {
 public:
  using OnWake = void (*)(LazyTimer&);

  LazyTimer(TimerQueue& queue, OnWake on_wake)
      : TimerNode([](TimerNode& node) {
          auto& self = static_cast<LazyTimer&>(node);
          self.on_wake_(self);
        }),
        queue_(queue),
        on_wake_(on_wake) {}

  // Sees to it that the function runs no later than soon after `deadline`.
  void WakeBy(MonotonicNanos deadline) {
    if (pending()) {
      if (TimerNode::deadline() <= deadline) [[likely]]
        return;
      queue_.Remove(*this);
    }
    if (deadline != kNever) queue_.Add(*this, deadline);
  }

 private:
  TimerQueue& queue_;
  const OnWake on_wake_;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_LAZY_TIMER_H_
