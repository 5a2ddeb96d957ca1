#include "async/executor.h"

#include "absl/log/check.h"

namespace braid {

Executor::Executor(Clock& clock) : clock_(clock), timers_(clock.Now()), root_scope_(*this) {}

Executor::~Executor() {
  CHECK(!has_ready()) << "an executor ended while coroutines were ready to run";
}

size_t Executor::RunReady(size_t budget) {
  size_t resumed = 0;
  while (ready_head_ != nullptr && resumed < budget) {
    ReadyNode& node = *ready_head_;
    ready_head_ = node.next;
    if (ready_head_ == nullptr) ready_tail_ = &ready_head_;
    ++resumed;
    // The node lies in the coroutine's frame, which may be gone afterwards.
    node.handle.resume();
  }
  return resumed;
}

size_t Executor::RunTimers() {
  if (timers_.empty()) return 0;
  return timers_.Fire(clock_.Now());
}

}  // namespace braid
