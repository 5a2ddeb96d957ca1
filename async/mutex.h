#ifndef BRAID_ASYNC_MUTEX_H_
#define BRAID_ASYNC_MUTEX_H_

#include <coroutine>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "async/waiter.h"

namespace braid {

// Keeps tasks of one thread apart while they await inside a critical section.
// A section without a co_await needs none: nothing else runs meanwhile.
//
//   CO_ASSIGN_OR_RETURN(Mutex::Lock lock, co_await mutex.Acquire());
//
// Order: FIFO; the lock is handed to the task that waits longest, so nobody
// can overtake it. Cancellation: Acquire() ends with CancelledError and holds
// nothing; if the lock was handed over before the cancel request, it is held.
// Not recursive: a task that acquires twice waits for itself. Lifetime:
// outlives its locks and waiters. Thread: the executor's; it uses no atomics
// and protects nothing across threads.
class Mutex {
 public:
  // The right to be inside; its end lets the next task in.
  class [[nodiscard]] Lock {
   public:
    Lock(Lock&& other) noexcept
        : mutex_(std::exchange(other.mutex_, nullptr)) {}
    // Releases what it held before.
    Lock& operator=(Lock&& other) noexcept {
      Mutex* const mutex = std::exchange(other.mutex_, nullptr);
      Release();
      mutex_ = mutex;
      return *this;
    }
    ~Lock() { Release(); }

   private:
    friend class Mutex;
    explicit Lock(Mutex& mutex) : mutex_(&mutex) {}
    void Release() {
      if (mutex_ != nullptr) mutex_->Release();
    }
    Mutex* mutex_;
  };

  class [[nodiscard]] Acquiring final : public Waiter {
   public:
    explicit Acquiring(Mutex& mutex)
        : Waiter("Mutex::Acquire"), mutex_(mutex) {}
    ~Acquiring() {
      if (handed_over()) [[unlikely]]
        mutex_.Release();
    }
    bool await_ready() {
      if (CancelledBeforeStart()) return true;
      if (mutex_.locked_) return false;
      mutex_.locked_ = true;
      return true;
    }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      mutex_.waiters_.Add(*this);
    }
    absl::StatusOr<Lock> await_resume() {
      if (absl::Status status = Finish(); !status.ok()) return status;
      return Lock(mutex_);
    }

   private:
    Mutex& mutex_;
  };

  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex() { CHECK(!locked_) << "a Mutex was destroyed while locked"; }

  bool locked() const { return locked_; }

  // Waits for the lock.
  Acquiring Acquire() { return Acquiring(*this); }

 private:
  void Release() {
    if (waiters_.empty()) {
      locked_ = false;
    } else {
      waiters_.WakeFront();  // Stays locked: the lock changes hands.
    }
  }

  bool locked_ = false;
  WaiterQueue waiters_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_MUTEX_H_
