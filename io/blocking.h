#ifndef BRAID_IO_BLOCKING_H_
#define BRAID_IO_BLOCKING_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/executor.h"
#include "async/promise_base.h"
#include "io/driver/thread_pool.h"
#include "io/loop.h"

namespace braid {

// A function that waits for a thread of the pool, or runs on it.
class BlockingJob : public ThreadJob {
 public:
  explicit BlockingJob(Loop& loop) : loop_(loop) {}

 protected:
  ~BlockingJob() = default;
  Loop& loop() const { return loop_; }

 private:
  // On the pool's thread.
  virtual void RunFunction() = 0;
  // Tells the awaiter that it has run; on the loop's thread.
  virtual void Done() = 0;
  void Run() final;

  Loop& loop_;
  friend class BlockingPool;
};

// The threads on which a loop runs what would block it. Made by the loop at
// first use. A job lies in the frame of its awaiter.
class BlockingPool {
 public:
  BlockingPool(Loop& loop, int threads_max)
      : loop_(loop), threads_("blocking", threads_max) {}

  // Errors: ResourceExhaustedError when there is no thread and none can be
  // made; the job was not taken then.
  absl::Status Add(BlockingJob& job);
  // Takes the job out unless a thread has taken it already.
  bool Remove(BlockingJob& job) { return threads_.Remove(job); }

 private:
  Loop& loop_;
  ThreadPool threads_;
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
        BlockingJob(loop),
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
    absl::Status added = loop().blocking_pool().Add(*this);
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
  void RunFunction() override {
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
  void Done() override { loop().executor().MakeReady(*this); }

  static void OnCancelled(CancelNode& node) {
    auto& self = static_cast<Blocking&>(node);
    if (!self.loop().blocking_pool().Remove(self)) return;
    self.result_.emplace(absl::CancelledError());
    self.loop().executor().MakeReady(self);
  }

  F function_;
  std::optional<Result> result_;
  std::exception_ptr exception_;
};

}  // namespace braid

#endif  // BRAID_IO_BLOCKING_H_
