#include "io/operation.h"

#include "io/errno_status.h"

namespace braid {

absl::Status AwaitableOperation::Error(std::string_view subject) const {
  DCHECK_LT(result_, 0);
  if (result_ == -ECANCELED) return absl::CancelledError();
  // A cancelled operation that was already running in a kernel thread is
  // interrupted by a signal.
  if (result_ == -EINTR && task()->cancelled()) return absl::CancelledError();
  return ErrnoStatus(-result_, what(), subject);
}

void AwaitableOperation::OnCompleted(Operation& operation,
                                     const io_uring_cqe& cqe) {
  auto& self = static_cast<AwaitableOperation&>(operation);
  self.result_ = cqe.res;
  self.task()->executor().MakeReady(self);
}

void AwaitableOperation::OnCancelled(CancelNode& node) {
  auto& self = static_cast<AwaitableOperation&>(node);
  self.RequestCancel(self.loop_);
}

}  // namespace braid
