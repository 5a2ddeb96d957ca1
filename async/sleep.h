#ifndef BRAID_ASYNC_SLEEP_H_
#define BRAID_ASYNC_SLEEP_H_

#include <coroutine>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "async/timer_queue.h"
#include "async/waiter.h"

namespace braid {

// `co_await SleepFor(absl::Milliseconds(5))` suspends the task for at least
// that long on the executor's clock, and for about a microsecond more than
// that at most before it is queued. Zero and negative durations still pass
// through the timers; absl::InfiniteDuration() sleeps until cancelled.
// Cancellation: ends at once with CancelledError. Allocates nothing.
class [[nodiscard]] SleepFor final : public Waiter {
 public:
  explicit SleepFor(absl::Duration delay) : Waiter("SleepFor"), delay_(delay) {}

  bool await_ready() { return CancelledBeforeStart(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    Executor& executor = task()->executor();
    executor.timers().Add(timer_, DeadlineAfter(executor.clock().Now(), delay_));
  }
  absl::Status await_resume() {
    if (timer_.pending()) task()->executor().timers().Remove(timer_);
    return Finish();
  }

 private:
  struct Timer final : TimerNode {
    explicit Timer(SleepFor& owner) : TimerNode(&OnFire), owner(owner) {}
    static void OnFire(TimerNode& timer) {
      SleepFor& sleep = static_cast<Timer&>(timer).owner;
      if (!sleep.was_cancelled()) sleep.Wake();
    }
    SleepFor& owner;
  };

  absl::Duration delay_;
  Timer timer_{*this};
};

// `co_await Yield()` lets every task that is ready now run first. Ends with
// CancelledError if the task's scope is cancelled.
class [[nodiscard]] Yield final : public Waiter {
 public:
  Yield() : Waiter("Yield") {}
  bool await_ready() { return CancelledBeforeStart(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    Wake();
  }
  absl::Status await_resume() { return Finish(); }
};

}  // namespace braid

#endif  // BRAID_ASYNC_SLEEP_H_
