#ifndef BRAID_ASYNC_CHANNEL_H_
#define BRAID_ASYNC_CHANNEL_H_

#include <coroutine>
#include <cstddef>
#include <memory>
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
//   CO_ASSIGN_OR_RETURN(Job job, co_await channel.Receive());
//
// Order: values arrive in the order in which they were sent; senders and
// receivers are served FIFO. Send() waits while `capacity` values are queued.
// Close: Send() then ends with FailedPreconditionError; Receive() first hands
// out what is queued (waiting senders' values included), then ends with
// OutOfRangeError, the end of the stream.
// Cancellation: either ends with CancelledError; the value of a cancelled
// Send() was not sent, and a value that a receiver was given is returned even
// if a cancel request came after it. Lifetime: outlives its waiters.
// Thread: the executor's.
template <typename T>
class Channel {
 public:
  class [[nodiscard]] Sending final : public Waiter {
   public:
    Sending(Channel& channel, T value)
        : Waiter("Channel::Send"), channel_(channel), value_(std::move(value)) {}
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
      if (rejected_) return absl::FailedPreconditionError("Channel::Send on a closed channel");
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
    explicit Receiving(Channel& channel) : Waiter("Channel::Receive"), channel_(channel) {}
    bool await_ready() {
      if (CancelledBeforeStart()) return true;
      if (channel_.size_ > 0) {
        value_.emplace(channel_.Pop());
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
      if (!value_.has_value()) return absl::OutOfRangeError("channel closed");
      return std::move(*value_);
    }

   private:
    friend class Channel;
    Channel& channel_;
    std::optional<T> value_;
  };

  // REQUIRES: capacity >= 1.
  explicit Channel(size_t capacity) : slots_(capacity) { CHECK_GE(capacity, 1u); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Waits for room. `value` is consumed unless the result is an error.
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

  // Idempotent.
  void Close() {
    if (closed_) return;
    closed_ = true;
    // With a receiver waiting, nothing is queued and nobody waits to send.
    receivers_.WakeAll();
  }

  bool closed() const { return closed_; }
  size_t size() const { return size_; }
  size_t capacity() const { return slots_.size(); }

 private:
  void Push(T value) {
    slots_[(first_ + size_) % slots_.size()].emplace(std::move(value));
    ++size_;
  }
  // Takes the oldest value and lets the first waiting sender's value in.
  T Pop() {
    T value = std::move(*slots_[first_]);
    slots_[first_].reset();
    first_ = first_ + 1 == slots_.size() ? 0 : first_ + 1;
    --size_;
    if (!senders_.empty()) {
      auto& sender = static_cast<Sending&>(senders_.front());
      Push(std::move(sender.value_));
      senders_.WakeFront();
    }
    return value;
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
