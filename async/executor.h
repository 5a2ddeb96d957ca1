#ifndef BRAID_ASYNC_EXECUTOR_H_
#define BRAID_ASYNC_EXECUTOR_H_

#include <coroutine>
#include <cstddef>

#include "absl/log/check.h"
#include "async/cancel_scope.h"
#include "async/clock.h"
#include "async/failure_trace.h"
#include "async/timer_queue.h"

namespace braid {

// A suspended coroutine that can be queued to be resumed. Embedded in
// awaiters; in one queue at a time. A node that is destroyed while it is
// queued leaves the queue, so a frame can be destroyed at any suspension.
class ReadyNode {
 public:
  ReadyNode() = default;
  ReadyNode(const ReadyNode&) = delete;
  ReadyNode& operator=(const ReadyNode&) = delete;
  ~ReadyNode() {
    if (ready_prev_ != nullptr) [[unlikely]]
      LeaveReadyQueue();
  }

  // Whether it was made ready and not resumed yet.
  bool queued() const { return ready_prev_ != nullptr; }

  std::coroutine_handle<> handle;

 private:
  friend class Executor;

  void LeaveReadyQueue() {
    ready_prev_->ready_next_ = ready_next_;
    ready_next_->ready_prev_ = ready_prev_;
    ready_prev_ = nullptr;
  }

  // A circle through the executor's own node; null when not queued.
  ReadyNode* ready_prev_ = nullptr;
  ReadyNode* ready_next_ = nullptr;
};

// Decides which coroutine runs next: the ready queue, the timers and the root
// of the cancellation tree of one thread. It knows no kernel: io/loop.h drives
// it from a ring, a test from a ManualClock (testing.h).
//
//   SystemClock clock;
//   Executor executor(clock);
//   Scope scope(executor.root_scope());
//   scope.Spawn(Work());
//   while (scope.size() > 0) { executor.RunReady(256); executor.RunTimers(); }
//
// Order: a coroutine that becomes ready is queued and resumed later from
// RunReady(), in FIFO order, never from inside whoever woke it. So Event::Set()
// returns before the waiter runs, and the stack stays flat.
// Lifetime: outlives every task that runs on it; its destructor checks that
// nothing is ready, pending or suspended. A Scope without an opener, made
// after the executor, cleans up whatever is left (scope.h). Thread: one.
class Executor {
 public:
  // `clock` must outlive the executor.
  explicit Executor(Clock& clock);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Queues a suspended coroutine. REQUIRES: `node` is not queued.
  void MakeReady(ReadyNode& node) {
    DCHECK(!node.queued());
    ReadyNode* last = ready_.ready_prev_;
    node.ready_prev_ = last;
    node.ready_next_ = &ready_;
    last->ready_next_ = &node;
    ready_.ready_prev_ = &node;
  }

  bool has_ready() const { return ready_.ready_next_ != &ready_; }

  // Resumes queued coroutines, those that become ready meanwhile included,
  // until none is left or `budget` were resumed. Returns how many. Not to be
  // called from a task.
  size_t RunReady(size_t budget);

  // Fires the timers that are due on the clock; returns how many.
  size_t RunTimers();

  // Whether RunReady() is resuming a coroutine now.
  bool running() const { return running_; }

  Clock& clock() { return clock_; }
  TimerQueue& timers() { return timers_; }
  CancelScope& root_scope() { return root_scope_; }
  FailureTrace& failure_trace() { return failure_trace_; }

 private:
  Clock& clock_;
  ReadyNode ready_;  // Before the first and behind the last in the queue.
  bool running_ = false;
  TimerQueue timers_;
  CancelScope root_scope_;
  FailureTrace failure_trace_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_EXECUTOR_H_
