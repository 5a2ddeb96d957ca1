#ifndef BRAID_ASYNC_SLEEP_H_
#define BRAID_ASYNC_SLEEP_H_

#include <coroutine>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "async/timer_queue.h"
#include "async/waiter.h"

namespace braid {

// `co_await SleepFor(absl::Milliseconds(5))` suspends the task for at least
// that long on the executor's clock.
//
//   CO_RETURN_IF_ERROR(co_await SleepFor(backoff));
//
// Zero and negative durations still pass through the timers, so other tasks
// and the kernel get a turn; absl::InfiniteDuration() sleeps until cancelled.
// Order: sleeps that end at the same time end in the order in which they
// began. Cancellation: ends at once with CancelledError, unless the time had
// come before. Allocates nothing. Thread: the executor's.
class [[nodiscard]] SleepFor final : public Waiter {
 public:
  explicit SleepFor(absl::Duration delay) : Waiter("SleepFor"), delay_(delay) {}

  bool await_ready() { return CancelledBeforeStart(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    Executor& executor = task()->executor();
    executor.timers().Add(timer_,
                          DeadlineAfter(executor.clock().Now(), delay_));
  }
  absl::Status await_resume() {
    if (timer_.pending()) task()->executor().timers().Remove(timer_);
    return Finish();
  }

 private:
  struct Timer final : TimerNode {
    explicit Timer(SleepFor& sleep) : TimerNode(&OnFire), owner(sleep) {}
    static void OnFire(TimerNode& timer) {
      SleepFor& sleep = static_cast<Timer&>(timer).owner;
      // Cancelled, but not resumed yet.
      if (!sleep.was_cancelled()) sleep.Wake();
    }
    SleepFor& owner;
  };

  absl::Duration delay_;
  Timer timer_{*this};
};

// `co_await Yield()` lets every task that is ready now run first. For long
// computations: it costs a few nanoseconds, and between two of them the loop
// can serve everybody else once its budget is used up.
//
// Cancellation: ends with CancelledError if the task's scope was cancelled
// before. It is never suspended for long, so it does not show in the task
// tree. Thread: the executor's.
class [[nodiscard]] Yield final {
 public:
  void BindTask(PromiseBase& task) { task_ = &task; }
  bool await_ready() {
    cancelled_ = task_->cancelled();
    return cancelled_;
  }
  void await_suspend(std::coroutine_handle<> handle) {
    ready_.handle = handle;
    task_->executor().MakeReady(ready_);
  }
  absl::Status await_resume() const {
    return cancelled_ ? absl::CancelledError() : absl::OkStatus();
  }

 private:
  PromiseBase* task_ = nullptr;
  ReadyNode ready_;
  bool cancelled_ = false;
};

}  // namespace braid

#endif  // BRAID_ASYNC_SLEEP_H_
