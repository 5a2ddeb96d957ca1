#ifndef BRAID_IO_BLOCKING_H_
#define BRAID_IO_BLOCKING_H_

#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/executor.h"
#include "async/intrusive_list.h"
#include "async/promise_base.h"
#include "io/loop.h"

namespace braid {

// A function that waits for a thread of the pool, or runs on it.
class BlockingJob : public ListNode<struct BlockingJobTag> {
 public:
  // Runs the function; on the pool's thread.
  virtual void Run() = 0;
  // Tells the awaiter that it has run; on the loop's thread.
  virtual void Done() = 0;

 protected:
  ~BlockingJob() = default;
};

// The threads on which a loop runs what would block it. Made by the loop at
// first use; threads start as they are needed, up to `threads_max`, and end
// with the pool. Jobs begin in FIFO order, and as long as there may be more
// threads none waits for another to end. A job lies in the frame of its
// awaiter, so the queue needs no memory and no bound of its own.
//
// The threads take no signals, so that a handler never interrupts a function
// that does not expect it.
class BlockingPool {
 public:
  BlockingPool(Loop& loop, int threads_max)
      : loop_(loop), threads_max_(threads_max) {}
  // REQUIRES: no job is left.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Errors: ResourceExhaustedError when there is no thread and none can be
  // made; the job was not taken then.
  absl::Status Add(BlockingJob& job);
  // Takes the job out unless a thread has taken it already.
  bool Remove(BlockingJob& job);

 private:
  // Whether a thread is there for the jobs that are queued now.
  bool EnsureThread();
  void RunThread();

  Loop& loop_;
  const int threads_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  IntrusiveList<BlockingJob, BlockingJobTag> jobs_;
  size_t queued_ = 0;
  size_t idle_threads_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

namespace internal {

// What awaiting a function that returns R gives.
template <typename R>
struct BlockingResult {
  using Type = absl::StatusOr<R>;
};
template <typename R>
struct BlockingResult<absl::StatusOr<R>> {
  using Type = absl::StatusOr<R>;
};
template <>
struct BlockingResult<absl::Status> {
  using Type = absl::Status;
};
template <>
struct BlockingResult<void> {
  using Type = absl::Status;
};

}  // namespace internal

// Runs `function` on a thread of the loop's pool while the loop goes on:
//
//   absl::StatusOr<std::string> hash =
//       co_await Blocking(loop, [&] { return Hash(password); });
//
// Gives StatusOr<R>; Status where the function returns void or a Status; a
// StatusOr that the function returns as it is. An exception that the function
// lets out is rethrown from the await. Errors of its own:
// ResourceExhaustedError when no thread can be made.
// Cancellation: a function that has not begun is taken back: CancelledError.
// One that runs is waited for, since it may use the awaiting frame, and its
// result stands. Thread: the function must not touch the loop nor anything
// that belongs to the loop's thread.
template <typename F>
class [[nodiscard]] Blocking final : public ReadyNode,
                                     public CancelNode,
                                     private BlockingJob {
  using R = std::invoke_result_t<F&>;

 public:
  using Result = typename internal::BlockingResult<R>::Type;

  Blocking(Loop& loop, F function)
      : CancelNode(&Blocking::OnCancelled, "Blocking"),
        loop_(loop),
        function_(std::move(function)) {}

  // A thread writes into the awaiting frame as long as the function runs.
  ~Blocking() {
    CHECK(!CancelNode::linked()) << "a task was destroyed while a function of "
                                    "its ran on another thread";
  }

  void BindTask(PromiseBase& task) { set_task(&task); }
  bool await_ready() {
    if (!task()->cancelled()) return false;
    result_.emplace(absl::CancelledError());
    return true;
  }
  bool await_suspend(std::coroutine_handle<> handle) {
    ReadyNode::handle = handle;
    // Linked before a thread can answer, though that comes by Post().
    task()->cancel_scope().Add(*this);
    absl::Status added = loop_.blocking_pool().Add(*this);
    if (added.ok()) return true;
    result_.emplace(std::move(added));
    return false;
  }
  Result await_resume() {
    if (CancelNode::linked()) CancelNode::Unlink();
    if (exception_ != nullptr) std::rethrow_exception(exception_);
    return *std::move(result_);
  }

 private:
  void Run() override {
    try {
      if constexpr (std::is_void_v<R>) {
        function_();
        result_.emplace(absl::OkStatus());
      } else {
        result_.emplace(function_());
      }
    } catch (...) {
      exception_ = std::current_exception();
    }
  }
  void Done() override { loop_.executor().MakeReady(*this); }

  static void OnCancelled(CancelNode& node) {
    auto& self = static_cast<Blocking&>(node);
    if (!self.loop_.blocking_pool().Remove(self)) return;
    self.result_.emplace(absl::CancelledError());
    self.loop_.executor().MakeReady(self);
  }

  Loop& loop_;
  F function_;
  std::optional<Result> result_;
  std::exception_ptr exception_;
};

}  // namespace braid

#endif  // BRAID_IO_BLOCKING_H_
