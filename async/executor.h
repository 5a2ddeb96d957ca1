#ifndef BRAID_ASYNC_EXECUTOR_H_
#define BRAID_ASYNC_EXECUTOR_H_

#include <coroutine>
#include <cstddef>

#include "async/cancel_scope.h"
#include "async/clock.h"
#include "async/timer_queue.h"

namespace braid {

// A suspended coroutine that can be queued to be resumed. Embedded in
// awaiters; in one queue at a time.
struct ReadyNode {
  std::coroutine_handle<> handle;
  ReadyNode* next = nullptr;
};

// Decides which coroutine runs next: the ready queue, the timers and the root
// of the cancellation tree of one thread. It knows no kernel: io/loop.h drives
// it from a ring, a test from a ManualClock.
//
// A coroutine that becomes ready is queued and resumed later from RunReady(),
// in FIFO order, never from inside whoever woke it. So Event::Set() returns
// before the waiter runs, and the stack stays flat.
//
// Lifetime: outlives every task that runs on it. Thread: one.
class Executor {
 public:
  // `clock` must outlive the executor.
  explicit Executor(Clock& clock);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Queues a suspended coroutine. REQUIRES: `node` is not queued.
  void MakeReady(ReadyNode& node) {
    node.next = nullptr;
    *ready_tail_ = &node;
    ready_tail_ = &node.next;
  }

  bool has_ready() const { return ready_head_ != nullptr; }

  // Resumes queued coroutines, those that become ready meanwhile included,
  // until none is left or `budget` were resumed. Returns how many.
  size_t RunReady(size_t budget);

  // Fires the timers that are due on the clock; returns how many.
  size_t RunTimers();

  Clock& clock() { return clock_; }
  TimerQueue& timers() { return timers_; }
  CancelScope& root_scope() { return root_scope_; }

 private:
  Clock& clock_;
  ReadyNode* ready_head_ = nullptr;
  ReadyNode** ready_tail_ = &ready_head_;
  TimerQueue timers_;
  CancelScope root_scope_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_EXECUTOR_H_
