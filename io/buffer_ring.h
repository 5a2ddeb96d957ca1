#ifndef BRAID_IO_BUFFER_RING_H_
#define BRAID_IO_BUFFER_RING_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "async/intrusive_list.h"
#include "io/loop.h"

namespace braid {

class BufferRing;

// Received bytes, lent from the loop's buffer ring without a copy. The bytes
// stay as they are for as long as the lease exists; its end gives the buffer
// back to the kernel. Leases are scarce: a task that wants to keep bytes for
// long copies them.
//
// Move-only. Empty after a move, and at the end of a stream. Thread: the
// loop's. Must end before the loop.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept
      : ring_(std::exchange(other.ring_, nullptr)),
        kept_(std::exchange(other.kept_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        buffer_(other.buffer_) {}
  Lease& operator=(Lease&& other) noexcept {
    Lease old(std::move(*this));
    ring_ = std::exchange(other.ring_, nullptr);
    kept_ = std::exchange(other.kept_, nullptr);
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
  // Whether a buffer of the ring is lent for it: not once its bytes were copied
  // out of the ring (BufferRing::Keep), while it waited for a reader.
  bool holds_buffer() const { return ring_ != nullptr && kept_ == nullptr; }

  // Drops the first `count` bytes. REQUIRES: count <= size().
  void RemovePrefix(size_t count) {
    DCHECK_LE(count, size_);
    data_ += count;
    size_ -= static_cast<uint32_t>(count);
  }

 private:
  friend class BufferRing;
  Lease(BufferRing& ring, uint8_t* kept, const uint8_t* data, uint32_t size,
        uint16_t buffer)
      : ring_(&ring), kept_(kept), data_(data), size_(size), buffer_(buffer) {}

  BufferRing* ring_ = nullptr;
  // The memory that the bytes were copied into, which ends where they end;
  // null as long as they are in `buffer_`.
  uint8_t* kept_ = nullptr;
  const uint8_t* data_ = nullptr;
  uint32_t size_ = 0;
  uint16_t buffer_ = 0;
};

// A socket whose receiving has to be looked at: it found no buffer, or has to
// be paused or armed anew. It waits for one call, of the buffer ring or of the
// loop.
class ReceiverNode : public DeferredNode {
 public:
  // Starts or stops receiving, as the socket's state asks for; may submit.
  // Whether it started, and so may take a buffer.
  virtual bool UpdateReceiving() = 0;
  void RunDeferred() final { UpdateReceiving(); }

 protected:
  ~ReceiverNode() = default;
};

// A socket with bytes in buffers that no task has asked for.
class UnreadNode : public ListNode<struct UnreadNodeTag> {
 public:
  // Copies the bytes out of the ring (BufferRing::Keep) and receives no more
  // before they were read. Called at the end of a turn: it may submit. False
  // when there is no room for them.
  virtual bool GiveBuffersBack() = 0;

 protected:
  ~UnreadNode() = default;
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
//
// Sockets that nobody reads must not starve those that are read, however many
// they are and however small the segments in their buffers. So
// - each has at most kQueuedLeasesMax buffers before it is paused, and one when
//   half of all that there may be are lent;
// - when all are lent and a socket is parked, bytes that no task has asked for
//   are copied to memory outside the ring, the longest unread first, and their
//   buffers go round again. That memory has a limit too, kept_bytes_max: beyond
//   it sockets wait for leases after all. Leases that a task holds stay as they
//   are.
//
// The ring does not shrink: the kernel may fill any buffer that it was given.
// Thread: the loop's.
class BufferRing {
 public:
  struct Options {
    unsigned count = 256;       // At first. Powers of two,
    unsigned count_max = 4096;  // at most 32,768.
    uint32_t buffer_bytes = 16 << 10;
    uint64_t kept_bytes_max = uint64_t{256} << 20;
    uint16_t group = 0;
  };

  // Leases that a socket may leave unread when buffers are not scarce.
  static constexpr unsigned kQueuedLeasesMax = 8;

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

  // Leases that a socket may leave unread now, before it is paused.
  unsigned queued_leases_max() const {
    return lent_ <= options_.count_max / 2 ? kQueuedLeasesMax : 1;
  }

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

  // Says whether buffers hold bytes of `socket` that no task has asked for.
  void NoteUnread(UnreadNode& socket, bool unread) {
    if (unread == socket.linked()) return;
    if (unread) {
      unread_.PushBack(socket);
    } else {
      socket.Unlink();
    }
  }
  // Moves the bytes of `unread`, then those of `kept` and those of `queue` into
  // `kept`, to memory outside the ring, and gives their buffers back; the other
  // two are empty then. False, with nothing changed, when kept_bytes_max does
  // not allow it.
  bool Keep(Lease& unread, Lease& kept, LeaseQueue& queue);

  // Calls the receiver's UpdateReceiving() when a buffer is free again, also if
  // the loop was to call it (Loop::Defer).
  void Park(ReceiverNode& receiver);
  // Makes those calls. Called once in each turn of the loop. Whether a parked
  // receiver could be called again once the kernel has answered those that
  // were: the loop must not wait for an event then.
  bool ServeParked();

  // Buffers that are lent, and how many there are in all.
  unsigned lent() const { return lent_; }
  unsigned count() const { return count_; }
  // Bytes of leases outside the ring, and how often a socket's were put there.
  uint64_t kept_bytes() const { return kept_bytes_; }
  uint64_t keeps() const { return keeps_; }
  // How often a socket was parked.
  uint64_t parks() const { return parks_; }
  // All that as text, a line each, for Loop::FormatStats().
  std::string FormatStats() const;

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
  void ReleaseKept(const Lease& lease);
  // Puts `more` new buffers into circulation.
  void AddBuffers(unsigned more);
  // Gets some buffers back from sockets that nobody reads.
  void TakeBackUnread();

  Loop& loop_;
  const Options options_;
  uint8_t* memory_ = nullptr;  // Mapped: count_max buffers, then the ring.
  size_t mapped_bytes_ = 0;
  io_uring_buf_ring* ring_ = nullptr;
  bool registered_ = false;
  struct Buffer {
    uint32_t size = 0;  // Bytes received into it; while it is queued.
    uint16_t next = 0;  // In a LeaseQueue.
    bool lent = false;  // If not, the kernel may fill it.
  };
  std::vector<Buffer> buffers_;  // Of those in circulation.
  unsigned count_ = 0;
  unsigned lent_ = 0;
  uint64_t kept_bytes_ = 0;
  uint64_t keeps_ = 0;
  uint64_t parks_ = 0;
  IntrusiveList<ReceiverNode, DeferredNodeTag> parked_;
  IntrusiveList<UnreadNode, UnreadNodeTag>
      unread_;  // The longest unread first.
};

inline Lease::~Lease() {
  if (ring_ == nullptr) return;
  if (kept_ != nullptr) [[unlikely]] {
    ring_->ReleaseKept(*this);
  } else {
    ring_->Release(buffer_);
  }
}

inline void BufferRing::Release(uint16_t buffer) {
  DCHECK(buffers_[buffer].lent);
  buffers_[buffer].lent = false;
  --lent_;
  Provide(buffer);
}

}  // namespace braid

#endif  // BRAID_IO_BUFFER_RING_H_
