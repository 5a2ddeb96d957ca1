#ifndef BRAID_ASYNC_SEMAPHORE_H_
#define BRAID_ASYNC_SEMAPHORE_H_

#include <coroutine>
#include <cstdint>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "async/waiter.h"

namespace braid {

// A bounded number of units (connections, bytes in flight) that tasks take and
// give back.
//
//   CO_ASSIGN_OR_RETURN(Semaphore::Units units,
//                       co_await semaphore.Acquire(bytes));
//
// Order: FIFO. A task that wants many units is not overtaken by later ones
// that want few; when it is cancelled or destroyed, those behind it get their
// turn.
// Cancellation: Acquire() ends with CancelledError and holds nothing; units
// that were handed over before the cancel request are held. Errors: asking for
// more than the capacity, which could never be granted, gives
// InvalidArgumentError at once. Lifetime: outlives its units and waiters.
// Thread: the executor's.
class Semaphore {
 public:
  // Units that were taken; its end gives them back.
  class [[nodiscard]] Units {
   public:
    Units(Units&& other) noexcept
        : semaphore_(other.semaphore_),
          count_(std::exchange(other.count_, 0)) {}
    // Gives back what it held before.
    Units& operator=(Units&& other) noexcept {
      Semaphore* const semaphore = other.semaphore_;
      const int64_t count = std::exchange(other.count_, 0);
      Release();
      semaphore_ = semaphore;
      count_ = count;
      return *this;
    }
    ~Units() { Release(); }
    int64_t count() const { return count_; }

   private:
    friend class Semaphore;
    Units(Semaphore& semaphore, int64_t count)
        : semaphore_(&semaphore), count_(count) {}
    void Release() {
      if (count_ > 0) semaphore_->Release(count_);
    }
    Semaphore* semaphore_;
    int64_t count_;
  };

  class [[nodiscard]] Acquiring final : public Waiter {
   public:
    Acquiring(Semaphore& semaphore, int64_t count)
        : Waiter("Semaphore::Acquire"), semaphore_(semaphore), count_(count) {}
    ~Acquiring() {
      if (suspended()) [[unlikely]]
        Abandon();
    }
    bool await_ready() {
      if (CancelledBeforeStart() || count_ > semaphore_.capacity_) return true;
      if (!semaphore_.waiters_.empty() || count_ > semaphore_.available_) {
        return false;
      }
      semaphore_.available_ -= count_;
      return true;
    }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      semaphore_.waiters_.Add(*this);
    }
    absl::StatusOr<Units> await_resume() {
      if (absl::Status status = Finish(); !status.ok()) {
        // This task may have been all that stood before smaller requests.
        semaphore_.Grant();
        return status;
      }
      if (count_ > semaphore_.capacity_) [[unlikely]] {
        return absl::InvalidArgumentError(
            absl::StrCat("Semaphore::Acquire(", count_,
                         ") is above the capacity of ", semaphore_.capacity_));
      }
      return Units(semaphore_, count_);
    }

   private:
    friend class Semaphore;
    // The frame is destroyed while it waits, or before it took its units.
    void Abandon() {
      LeaveQueue();
      if (handed_over()) semaphore_.available_ += count_;
      // It may have been all that stood before smaller requests.
      semaphore_.Grant();
    }
    Semaphore& semaphore_;
    const int64_t count_;
  };

  // REQUIRES: capacity >= 0.
  explicit Semaphore(int64_t capacity)
      : capacity_(capacity), available_(capacity) {
    CHECK_GE(capacity, 0) << "a Semaphore's capacity is negative";
  }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore() {
    CHECK_EQ(available_, capacity_)
        << "a Semaphore was destroyed before its units";
  }

  int64_t available() const { return available_; }
  int64_t capacity() const { return capacity_; }

  // Waits for `count` units at once. REQUIRES: count >= 0.
  Acquiring Acquire(int64_t count = 1) {
    CHECK_GE(count, 0) << "Semaphore::Acquire() of a negative count";
    return Acquiring(*this, count);
  }

 private:
  void Release(int64_t count) {
    available_ += count;
    Grant();
  }
  void Grant() {
    while (!waiters_.empty()) {
      auto& first = static_cast<Acquiring&>(waiters_.front());
      if (first.count_ > available_) return;
      available_ -= first.count_;
      waiters_.WakeFront();
    }
  }

  const int64_t capacity_;
  int64_t available_;
  WaiterQueue waiters_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_SEMAPHORE_H_
