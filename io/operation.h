#ifndef BRAID_IO_OPERATION_H_
#define BRAID_IO_OPERATION_H_

#include <liburing.h>

#include <cerrno>
#include <coroutine>
#include <cstddef>
#include <string_view>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/cancel_scope.h"
#include "async/executor.h"
#include "async/intrusive_list.h"
#include "async/promise_base.h"
#include "io/loop.h"

namespace braid {

// One submission to the ring, from the entry's preparation to its terminal
// completion. Its address is the entry's user_data, so it must not move or die
// while the kernel may still answer; the destructor checks that.
//
// The ledger: a terminal completion (one without IORING_CQE_F_MORE) ends the
// operation, and there is exactly one. Both sides are checked in release.
class Operation : public ListNode<CancelAskedTag> {
 public:
  // Called for each completion, from the loop, between two turns of the ready
  // queue. It must only note the result and queue whoever waits: it must not
  // resume a coroutine, and must not submit.
  using OnCompletion = void (*)(Operation&, const io_uring_cqe&);

  explicit Operation(OnCompletion on_completion)
      : on_completion_(on_completion) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  ~Operation() {
    CHECK(!in_flight_) << "an operation ended before its terminal completion";
  }

  // Between submission and the terminal completion.
  bool in_flight() const { return in_flight_; }

  // Ties a prepared entry to this operation. REQUIRES: !in_flight().
  void Submit(Loop& loop, io_uring_sqe* sqe) {
    CHECK(!in_flight_) << "an operation was submitted twice";
    in_flight_ = true;
    loop.NoteSubmitted();
    io_uring_sqe_set_data(sqe, this);
  }

  // Asks the kernel to end the operation early. What happens is told by its
  // completion: it may have succeeded meanwhile, and then it has succeeded.
  // Does nothing when not in flight, or when asked before: the loop asks again
  // by itself where the kernel did not find the operation.
  void RequestCancel(Loop& loop) {
    if (in_flight_ && !ListNode<CancelAskedTag>::linked())
      loop.AskToCancel(*this);
  }

 private:
  friend class Loop;

  // The loop's side.
  void Complete(Loop& loop, const io_uring_cqe& cqe) {
    CHECK(in_flight_) << "a completion for an operation that is not in flight";
    if ((cqe.flags & IORING_CQE_F_MORE) == 0) {
      in_flight_ = false;
      loop.NoteTerminal();
      if (ListNode<CancelAskedTag>::linked()) [[unlikely]]
        loop.NoteCancelEnded(*this);
    }
    on_completion_(*this, cqe);
  }

  OnCompletion on_completion_;
  bool in_flight_ = false;
};

// The awaiter of an operation with one completion. It lives in the awaiting
// coroutine's frame: no allocation. Derive from it, as ReadOperation does:
//
//   class [[nodiscard]] SyncOperation final : public AwaitableOperation {
//    public:
//     SyncOperation(Loop& loop, int fd)
//         : AwaitableOperation(loop, "fsync"), fd_(fd) {}
//     void await_suspend(std::coroutine_handle<> handle) {
//       Start(handle,
//             [&](io_uring_sqe* sqe) { io_uring_prep_fsync(sqe, fd_, 0); });
//     }
//     absl::Status await_resume() {
//       return Finish() < 0 ? Error() : absl::OkStatus();
//     }
//   };
//
// Cancellation: the kernel is asked to cancel, and the await ends with the
// operation's completion, however that turns out. If the operation moved bytes
// or otherwise succeeded, it reports success; else CancelledError.
// Buffers given to the kernel must live until the await has ended. They do if
// the awaiting frame owns them or outlives its callers' frames that do.
class AwaitableOperation : public Operation,
                           public ReadyNode,
                           public CancelNode {
 public:
  // `name` is the system call's, for errors and the task tree: a literal.
  AwaitableOperation(Loop& loop, const char* name)
      : Operation(&AwaitableOperation::OnCompleted),
        CancelNode(&AwaitableOperation::OnCancelled, name),
        loop_(loop) {}

  void BindTask(PromiseBase& task) { set_task(&task); }

  // A task whose scope is cancelled starts no operation.
  bool await_ready() {
    if (!task()->cancelled()) [[likely]]
      return false;
    result_ = -ECANCELED;
    return true;
  }

 protected:
  // To be called from await_suspend: `prepare(sqe)` fills a cleared entry.
  template <typename Prepare>
  void Start(std::coroutine_handle<> handle, Prepare prepare) {
    ReadyNode::handle = handle;
    task()->cancel_scope().Add(*this);
    io_uring_sqe* sqe = loop_.NextSqe();
    prepare(sqe);
    Submit(loop_, sqe);
  }

  // To be called once from await_resume: the completion's result, a negative
  // errno on failure.
  int Finish() {
    if (CancelNode::linked()) CancelNode::Unlink();
    return result_;
  }

  // The same for an operation whose result is a number of bytes.
  absl::StatusOr<size_t> FinishBytes() {
    const int count = Finish();
    if (count < 0) return Error();
    return static_cast<size_t>(count);
  }

  // The status for a negative result. `subject` is the path or address.
  absl::Status Error(std::string_view subject = {}) const;

  Loop& loop() const { return loop_; }

 private:
  static void OnCompleted(Operation& operation, const io_uring_cqe& cqe);
  static void OnCancelled(CancelNode& node);

  Loop& loop_;
  int result_ = 0;
};

}  // namespace braid

#endif  // BRAID_IO_OPERATION_H_
