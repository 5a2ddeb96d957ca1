#ifndef BRAID_ASYNC_CHANNEL_H_
#define BRAID_ASYNC_CHANNEL_H_

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/waiter.h"

namespace braid {

// A bounded queue between tasks; any number may send and receive.
//
//   CO_RETURN_IF_ERROR(co_await channel.Send(std::move(job)));
//
//   while (true) {
//     absl::StatusOr<Job> job = co_await channel.Receive();
//     // Closed, and all received.
//     if (absl::IsOutOfRange(job.status())) break;
//     CO_RETURN_IF_ERROR(job.status());
//     ...
//   }
//
// Order: values arrive in the order in which they were sent; senders and
// receivers are served FIFO. Send() waits while `capacity` values are queued.
// Close: whichever side knows that it is over may close. From then on Send()
// ends with FailedPreconditionError, for those that wait in it too, so a
// receiver that gives up leaves no sender hanging. Receive() first hands out
// what is queued, then ends with OutOfRangeError, the end of the stream.
// Cancellation: either ends with CancelledError. A value was sent if and only
// if Send() is OK; the others are destroyed. A value that a receiver was given
// is returned even if a cancel request came after it.
// Lifetime: outlives its waiters; values that are left go with it. T must be
// movable. Thread: the executor's.
template <typename T>
class Channel {
 public:
  class [[nodiscard]] Sending final : public Waiter {
   public:
    Sending(Channel& channel, T value)
        : Waiter("Channel::Send"),
          channel_(channel),
          value_(std::move(value)) {}
    bool await_ready() {
      if (CancelledBeforeStart()) return true;
      if (channel_.closed_) {
        rejected_ = true;
        return true;
      }
      return channel_.TrySend(value_);
    }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      channel_.senders_.Add(*this);
    }
    absl::Status await_resume() {
      if (absl::Status status = Finish(); !status.ok()) return status;
      if (rejected_) [[unlikely]] {
        return absl::FailedPreconditionError("channel closed");
      }
      return absl::OkStatus();
    }

   private:
    friend class Channel;
    Channel& channel_;
    T value_;
    bool rejected_ = false;
  };

  class [[nodiscard]] Receiving final : public Waiter {
   public:
    explicit Receiving(Channel& channel)
        : Waiter("Channel::Receive"), channel_(channel) {}
    bool await_ready() {
      if (CancelledBeforeStart()) return true;
      if (channel_.size_ > 0) {
        channel_.PopInto(value_);
        return true;
      }
      return channel_.closed_;
    }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      channel_.receivers_.Add(*this);
    }
    absl::StatusOr<T> await_resume() {
      if (absl::Status status = Finish(); !status.ok()) return status;
      if (!value_.has_value()) [[unlikely]] {
        return absl::OutOfRangeError("channel closed");
      }
      return *std::move(value_);
    }

   private:
    friend class Channel;
    Channel& channel_;
    std::optional<T> value_;
  };

  // Room for `capacity` values is made now. REQUIRES: capacity >= 1.
  explicit Channel(size_t capacity) : slots_(capacity) {
    CHECK_GE(capacity, 1u) << "a Channel needs a capacity";
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Waits for room.
  Sending Send(T value) { return Sending(*this, std::move(value)); }
  // Waits for a value.
  Receiving Receive() { return Receiving(*this); }

  // Sends without waiting; false, with `value` untouched, when the channel is
  // full or closed.
  bool TrySend(T& value) {
    if (closed_) return false;
    if (!receivers_.empty()) {
      auto& receiver = static_cast<Receiving&>(receivers_.front());
      receiver.value_.emplace(std::move(value));
      receivers_.WakeFront();
      return true;
    }
    if (size_ == slots_.size()) return false;
    Push(std::move(value));
    return true;
  }

  // Receives without waiting; empty when nothing is queued.
  std::optional<T> TryReceive() {
    std::optional<T> value;
    if (size_ > 0) PopInto(value);
    return value;
  }

  // Idempotent.
  void Close() {
    if (closed_) return;
    closed_ = true;
    receivers_.WakeAll();
    while (!senders_.empty()) {
      static_cast<Sending&>(senders_.front()).rejected_ = true;
      senders_.WakeFront();
    }
  }

  bool closed() const { return closed_; }
  size_t size() const { return size_; }
  size_t capacity() const { return slots_.size(); }

 private:
  // Invariants: a receiver waits only while nothing is queued, a sender only
  // while the queue is full; none waits once it is closed.

  void Push(T&& value) {
    size_t slot = first_ + size_;
    if (slot >= slots_.size()) slot -= slots_.size();
    slots_[slot].emplace(std::move(value));
    ++size_;
  }
  // Takes the oldest value and lets the first waiting sender's value in.
  void PopInto(std::optional<T>& value) {
    std::optional<T>& oldest = slots_[first_];
    value.emplace(*std::move(oldest));
    oldest.reset();
    if (++first_ == slots_.size()) first_ = 0;
    --size_;
    if (!senders_.empty()) {
      auto& sender = static_cast<Sending&>(senders_.front());
      Push(std::move(sender.value_));
      senders_.WakeFront();
    }
  }

  std::vector<std::optional<T>> slots_;  // A ring of size_ values from first_.
  size_t first_ = 0;
  size_t size_ = 0;
  bool closed_ = false;
  WaiterQueue senders_;
  WaiterQueue receivers_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_CHANNEL_H_
