#include "async/executor.h"

#include "absl/log/check.h"

namespace braid {

Executor::Executor(Clock& clock)
    : clock_(clock), timers_(clock.Now()), root_scope_(*this) {
  ready_.ready_prev_ = ready_.ready_next_ = &ready_;
}

Executor::~Executor() {
  CHECK(!has_ready()) << "an executor ended while coroutines were ready to run";
}

size_t Executor::RunReady(size_t budget) {
  CHECK(!running_) << "RunReady() was called from a task";
  running_ = true;
  size_t resumed = 0;
  while (has_ready() && resumed < budget) {
    ReadyNode& node = *ready_.ready_next_;
    node.LeaveReadyQueue();
    ++resumed;
    // The node lies in the coroutine's frame, which may be gone afterwards.
    node.handle.resume();
  }
  running_ = false;
  return resumed;
}

size_t Executor::RunTimers() {
  if (timers_.empty()) return 0;
  return timers_.Fire(clock_.Now());
}

}  // namespace braid
