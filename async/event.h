#ifndef BRAID_ASYNC_EVENT_H_
#define BRAID_ASYNC_EVENT_H_

#include <coroutine>

#include "absl/status/status.h"
#include "async/waiter.h"

namespace braid {

// A flag that tasks wait for. Set() stays until Reset(), so a task that comes
// late does not wait.
//
//   CO_RETURN_IF_ERROR(co_await ready.Wait());
//
// Order: Set() queues the waiting tasks in FIFO order and returns before any
// of them runs. They have been woken, whatever becomes of the flag: a Reset()
// before they run does not make them wait again.
// Cancellation: Wait() ends with CancelledError, unless Set() came first.
// Lifetime: outlives its waiters. Thread: the executor's.
class Event {
 public:
  class [[nodiscard]] Waiting final : public Waiter {
   public:
    explicit Waiting(Event& event) : Waiter("Event::Wait"), event_(event) {}
    bool await_ready() { return CancelledBeforeStart() || event_.set_; }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      event_.waiters_.Add(*this);
    }
    absl::Status await_resume() { return Finish(); }

   private:
    Event& event_;
  };

  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool is_set() const { return set_; }

  // Idempotent.
  void Set() {
    set_ = true;
    waiters_.WakeAll();
  }
  void Reset() { set_ = false; }

  // Waits until the flag is set; returns at once if it is.
  Waiting Wait() { return Waiting(*this); }

 private:
  bool set_ = false;
  WaiterQueue waiters_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_EVENT_H_
