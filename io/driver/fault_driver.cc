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
  if (on_submission == nullptr) return;
  io_uring_sq& queue = ring_.sq;
  for (unsigned i = queue.sqe_head; i != queue.sqe_tail; ++i) {
    on_submission(queue.sqes[i & queue.ring_mask]);
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
