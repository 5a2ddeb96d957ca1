#include "io/driver/ring_memory.h"

#include <atomic>
#include <bit>

namespace braid {

RingMemory::RingMemory(io_uring& ring, unsigned submission_entries,
                       unsigned completion_entries)
    : ring_(ring),
      submissions_(std::bit_ceil(submission_entries)),
      completions_(std::bit_ceil(completion_entries)) {
  io_uring_sq& sq = ring_.sq;
  sq.khead = &sq_head_;
  sq.ktail = &sq_tail_;
  sq.kflags = &sq_flags_;
  sq.sqes = submissions_.data();
  sq.ring_entries = static_cast<unsigned>(submissions_.size());
  sq.ring_mask = sq.ring_entries - 1;
  io_uring_cq& cq = ring_.cq;
  cq.khead = &cq_head_;
  cq.ktail = &cq_tail_;
  cq.cqes = completions_.data();
  cq.ring_entries = static_cast<unsigned>(completions_.size());
  cq.ring_mask = cq.ring_entries - 1;
}

std::optional<io_uring_sqe> RingMemory::TakeSubmission() {
  io_uring_sq& sq = ring_.sq;
  if (sq.sqe_head == sq.sqe_tail) return std::nullopt;
  const io_uring_sqe entry = sq.sqes[sq.sqe_head & sq.ring_mask];
  sq_head_ = ++sq.sqe_head;
  return entry;
}

void RingMemory::Put(const RingCompletion& completion) {
  io_uring_cqe& entry = completions_[cq_tail_++ & ring_.cq.ring_mask];
  entry.user_data = completion.user_data;
  entry.res = completion.result;
  entry.flags = completion.flags;
}

bool RingMemory::Publish(const RingCompletion& completion) {
  if (!overflow_.empty() || cq_tail_ - cq_head_ == ring_.cq.ring_entries) {
    overflow_.push_back(completion);
    sq_flags_ |= IORING_SQ_CQ_OVERFLOW;
    return false;
  }
  Put(completion);
  return true;
}

void RingMemory::FlushOverflow() {
  while (!overflow_.empty() && cq_tail_ - cq_head_ < ring_.cq.ring_entries) {
    Put(overflow_.front());
    overflow_.pop_front();
  }
  if (overflow_.empty()) sq_flags_ &= ~IORING_SQ_CQ_OVERFLOW;
}

std::optional<ProvidedBuffers::Buffer> ProvidedBuffers::Next() const {
  if (ring_ == nullptr) return std::nullopt;
  const uint16_t tail =
      std::atomic_ref<uint16_t>(ring_->tail).load(std::memory_order_acquire);
  if (head_ == tail) return std::nullopt;
  const io_uring_buf& buffer = ring_->bufs[head_ & (entries_ - 1)];
  return Buffer{
      {reinterpret_cast<uint8_t*>(buffer.addr), buffer.len},
      IORING_CQE_F_BUFFER | uint32_t{buffer.bid} << IORING_CQE_BUFFER_SHIFT};
}

}  // namespace braid
