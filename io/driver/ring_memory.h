#ifndef BRAID_IO_DRIVER_RING_MEMORY_H_
#define BRAID_IO_DRIVER_RING_MEMORY_H_

#include <liburing.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace braid {

// What an io_uring_cqe says.
struct RingCompletion {
  uint64_t user_data;
  int result;
  uint32_t flags;
};

// The memory of a ring that no kernel serves, for drivers that play the kernel:
// liburing's inline functions find in it what they find in a real one. Like a
// kernel with IORING_FEAT_NODROP it keeps completions that have no room.
class RingMemory {
 public:
  // Makes `ring`, the driver's, one with at least so many entries (powers of
  // two). `ring` must outlive this.
  RingMemory(io_uring& ring, unsigned submission_entries,
             unsigned completion_entries);
  RingMemory(const RingMemory&) = delete;
  RingMemory& operator=(const RingMemory&) = delete;

  // The next entry that was submitted, which is taken out by it.
  std::optional<io_uring_sqe> TakeSubmission();

  // Makes a completion visible, or keeps it until there is room for it; false
  // then.
  bool Publish(const RingCompletion& completion);
  // Moves completions that had no room into the queue.
  void FlushOverflow();
  bool has_completions() const { return cq_head_ != cq_tail_; }

  // Says in the ring's flags that it is to be entered in every turn: completions,
  // or the passing of time, are to be had only so.
  void AskForEnters() { sq_flags_ |= IORING_SQ_TASKRUN; }

 private:
  void Put(const RingCompletion& completion);

  io_uring& ring_;
  std::vector<io_uring_sqe> submissions_;
  std::vector<io_uring_cqe> completions_;
  unsigned sq_head_ = 0;
  unsigned sq_tail_ = 0;
  unsigned sq_flags_ = 0;
  unsigned cq_head_ = 0;
  unsigned cq_tail_ = 0;
  std::deque<RingCompletion> overflow_;
};

// A group of provided buffers, as the side sees it that fills them.
class ProvidedBuffers {
 public:
  ProvidedBuffers() = default;
  ProvidedBuffers(io_uring_buf_ring* ring, unsigned entries)
      : ring_(ring), entries_(entries) {}

  struct Buffer {
    std::span<uint8_t> memory;
    uint32_t cqe_flags;  // That say which one it was.
  };
  // The next buffer; none if none is left. It stays the next one until Take().
  std::optional<Buffer> Next() const;
  void Take() { ++head_; }

 private:
  io_uring_buf_ring* ring_ = nullptr;
  unsigned entries_ = 0;
  uint16_t head_ = 0;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_RING_MEMORY_H_
