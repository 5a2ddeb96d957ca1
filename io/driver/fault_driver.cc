#include "io/driver/fault_driver.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace braid {

FaultDriver& FaultDriver::Intercept(std::unique_ptr<Driver>& driver) {
  auto faults = std::make_unique<FaultDriver>(std::move(driver));
  FaultDriver& result = *faults;
  driver = std::move(faults);
  return result;
}

FaultDriver::FaultDriver(std::unique_ptr<Driver> real)
    : real_(std::move(real)) {
  ring_ = real_->ring();
  features_ = real_->features();
}

void FaultDriver::End(io_uring_sqe& entry, int result) {
  const uint64_t user_data = entry.user_data;
  const uint8_t skips = entry.flags & IOSQE_CQE_SKIP_SUCCESS;
  memset(&entry, 0, sizeof(entry));
  entry.opcode = IORING_OP_NOP;
  entry.flags = skips;
  entry.nop_flags = IORING_NOP_INJECT_RESULT;
  entry.len = static_cast<uint32_t>(result);
  entry.user_data = user_data;
}

void FaultDriver::ShowSubmissions() {
  io_uring_sq& queue = ring_.sq;
  for (unsigned i = queue.sqe_head; i != queue.sqe_tail; ++i) {
    io_uring_sqe& entry = queue.sqes[i & queue.ring_mask];
    if (on_completion != nullptr) submitted_[entry.user_data] = entry;
    if (on_submission != nullptr) on_submission(entry);
  }
}

void FaultDriver::ShowCompletions() {
  if (on_completion == nullptr) return;
  io_uring_cq& queue = ring_.cq;
  // A loop also takes what comes between two calls of Enter().
  if (static_cast<int>(*queue.khead - completions_shown_) > 0)
    completions_shown_ = *queue.khead;
  const unsigned tail = io_uring_smp_load_acquire(queue.ktail);
  for (; completions_shown_ != tail; ++completions_shown_) {
    io_uring_cqe& completion = queue.cqes[completions_shown_ & queue.ring_mask];
    on_completion(submitted_[completion.user_data], completion);
  }
}

void FaultDriver::Enter(Wait wait, MonotonicNanos deadline) {
  if (takes_submissions != nullptr && !takes_submissions()) return;
  ShowSubmissions();
  // The queues are memory shared with the kernel; what an io_uring holds are
  // pointers to them and the positions of entries that were not handed over.
  real_->ring() = ring_;
  real_->Enter(wait, deadline);
  ring_ = real_->ring();
  const uint64_t completions = stats_.completions;
  stats_ = real_->stats();
  stats_.completions = completions;
  ShowCompletions();
  if (on_completions == nullptr || in_hook_) return;
  in_hook_ = true;
  on_completions();
  in_hook_ = false;
}

absl::Status FaultDriver::RegisterBufferRing(io_uring_buf_ring* buffers,
                                             unsigned entries, uint16_t group) {
  return real_->RegisterBufferRing(buffers, entries, group);
}

void FaultDriver::UnregisterBufferRing(uint16_t group) {
  real_->UnregisterBufferRing(group);
}

std::string FaultDriver::Describe() const {
  return absl::StrCat(real_->Describe(), ", with faults");
}

}  // namespace braid
