#ifndef BRAID_IO_BUFFER_RING_H_
#define BRAID_IO_BUFFER_RING_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "async/intrusive_list.h"

namespace braid {

class BufferRing;
class Loop;

// Received bytes, lent from the loop's buffer ring without a copy. The bytes
// stay as they are for as long as a lease on them exists; the end of the last
// one gives the buffer back to the kernel. Leases are scarce: a task that
// wants to keep bytes for long copies them.
//
// Move-only; Share() makes a second one. Empty after a move, and at the end of
// a stream. Thread: the loop's. Must end before the loop.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept
      : ring_(std::exchange(other.ring_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        buffer_(other.buffer_) {}
  Lease& operator=(Lease&& other) noexcept {
    Lease old(std::move(*this));
    ring_ = std::exchange(other.ring_, nullptr);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    buffer_ = other.buffer_;
    return *this;
  }
  ~Lease();

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  const uint8_t* data() const { return data_; }
  std::span<const uint8_t> bytes() const { return {data_, size_}; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(data_), size_};
  }

  // Drops the first `count` bytes. REQUIRES: count <= size().
  void RemovePrefix(size_t count) {
    DCHECK_LE(count, size_);
    data_ += count;
    size_ -= count;
  }

  // A second lease on the same bytes.
  Lease Share() const;

 private:
  friend class BufferRing;
  Lease(BufferRing& ring, const uint8_t* data, uint32_t size, uint16_t buffer)
      : ring_(&ring), data_(data), size_(size), buffer_(buffer) {}

  BufferRing* ring_ = nullptr;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  uint16_t buffer_ = 0;
};

// A socket whose receiving has to be looked at: it found no buffer, or it has
// to submit something and learned so in a completion handler, which must not.
class ReceiverNode : public ListNode<struct ReceiverNodeTag> {
 public:
  // Starts or stops receiving, as the socket's state asks for; may submit.
  // Whether it started, and so may take a buffer.
  virtual bool UpdateReceiving() = 0;

 protected:
  ~ReceiverNode() = default;
};

// Leases in FIFO order, linked through the ring's own table: a socket with
// nothing to read pays eight bytes for it.
class LeaseQueue {
 public:
  bool empty() const { return count_ == 0; }
  unsigned size() const { return count_; }

 private:
  friend class BufferRing;
  uint16_t first_ = 0;
  uint16_t last_ = 0;
  uint32_t count_ = 0;
};

// The receive buffers that all sockets of a loop share: a ring of provided
// buffers from which the kernel picks one when bytes have arrived. So a
// connection that waits for bytes holds no memory for them.
//
// When all buffers are lent, more are made, up to a limit. Beyond it sockets
// are parked, first come first served, and resume as leases come back: that is
// back-pressure, never an error. A parked socket has no bytes here; they wait
// in the kernel, which holds its peer back.
// Thread: the loop's.
class BufferRing {
 public:
  struct Options {
    unsigned count = 256;       // At first. Powers of two,
    unsigned count_max = 4096;  // at most 32,768.
    uint32_t buffer_bytes = 16 << 10;
    uint16_t group = 0;
  };

  // Errors: UnavailableError when the kernel refuses, ResourceExhaustedError
  // when address space cannot be had.
  static absl::StatusOr<std::unique_ptr<BufferRing>> Create(
      Loop& loop, const Options& options);
  // REQUIRES: no lease is left.
  ~BufferRing();
  BufferRing(const BufferRing&) = delete;
  BufferRing& operator=(const BufferRing&) = delete;

  uint16_t group() const { return options_.group; }

  uint32_t buffer_bytes() const { return options_.buffer_bytes; }

  // Takes the buffer that a completion with `cqe_flags` and a result of `size`
  // reports and queues it.
  void TakeInto(LeaseQueue& queue, uint32_t cqe_flags, uint32_t size);
  // Takes the buffer that such a completion reports and gives it back: when
  // nothing was received, or nobody wants it any more.
  void Return(uint32_t cqe_flags);
  // The lease that was queued first. REQUIRES: !queue.empty().
  Lease Pop(LeaseQueue& queue);
  // Gives all queued leases back.
  void Clear(LeaseQueue& queue);

  // Calls the receiver's UpdateReceiving() when a buffer is free again.
  void Park(ReceiverNode& receiver);
  // Calls it at the end of the turn. Either does nothing for a receiver that
  // is waiting for its call already.
  void UpdateLater(ReceiverNode& receiver) {
    if (!receiver.linked()) to_update_.PushBack(receiver);
  }
  // Makes those calls. Called once in each turn of the loop. Whether a parked
  // receiver could be called again once the kernel has answered those that
  // were: the loop must not wait for an event then.
  bool UpdateReceivers();

  // Buffers that are lent, and how many there are in all.
  unsigned lent() const { return lent_; }
  unsigned count() const { return count_; }
  // How often a socket was parked.
  uint64_t parks() const { return parks_; }

 private:
  friend class Lease;

  BufferRing(Loop& loop, const Options& options)
      : loop_(loop), options_(options) {}
  uint8_t* BufferAt(uint16_t buffer) {
    return memory_ + static_cast<size_t>(buffer) * options_.buffer_bytes;
  }
  uint16_t Take(uint32_t cqe_flags);
  void Provide(uint16_t buffer);
  void Release(uint16_t buffer);
  // Puts `more` new buffers into circulation.
  void AddBuffers(unsigned more);

  Loop& loop_;
  const Options options_;
  uint8_t* memory_ = nullptr;  // Mapped: count_max buffers, then the ring.
  size_t mapped_bytes_ = 0;
  io_uring_buf_ring* ring_ = nullptr;
  bool registered_ = false;
  struct Buffer {
    uint32_t size = 0;    // Bytes received into it; while it is queued.
    uint32_t leases = 0;  // 0: the kernel may fill it.
    uint16_t next = 0;    // In a LeaseQueue.
  };
  std::vector<Buffer> buffers_;  // Of those in circulation.
  unsigned count_ = 0;
  unsigned lent_ = 0;
  uint64_t parks_ = 0;
  using ReceiverList = IntrusiveList<ReceiverNode, ReceiverNodeTag>;
  ReceiverList parked_;
  ReceiverList to_update_;
};

inline Lease::~Lease() {
  if (ring_ != nullptr) ring_->Release(buffer_);
}

inline Lease Lease::Share() const {
  if (ring_ == nullptr) return Lease();
  ++ring_->buffers_[buffer_].leases;
  return Lease(*ring_, data_, static_cast<uint32_t>(size_), buffer_);
}

inline void BufferRing::Release(uint16_t buffer) {
  DCHECK_GT(buffers_[buffer].leases, 0u);
  if (--buffers_[buffer].leases > 0) return;
  --lent_;
  Provide(buffer);
}

}  // namespace braid

#endif  // BRAID_IO_BUFFER_RING_H_
