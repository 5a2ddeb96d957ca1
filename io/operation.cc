#include "io/operation.h"

#include "io/errno_status.h"

namespace braid {

void Operation::RequestCancel(Loop& loop) {
  if (!in_flight_ || cancel_requested_) return;
  cancel_requested_ = true;
  io_uring_sqe* sqe = loop.NextSqe();
  io_uring_prep_cancel(sqe, this, 0);
  // Whether the request found the operation does not matter: the operation's
  // own completion tells how it ended. A failure still posts a completion,
  // which the loop drops because it belongs to nobody.
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data(sqe, nullptr);
}

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
