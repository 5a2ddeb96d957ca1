#ifndef BRAID_IO_DRIVER_FAULT_DRIVER_H_
#define BRAID_IO_DRIVER_FAULT_DRIVER_H_

#include <map>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "io/driver/driver.h"

namespace braid {

// A driver for tests that stands between a loop and another driver, which does
// the work. It shows what goes out, where entries can be changed, and the
// moment when completions are visible and the loop has not handled them yet,
// where a program can be cancelled.
//
//   World world = *World::System();
//   FaultDriver& faults = FaultDriver::Intercept(world.driver);
//   faults.on_submission = [](io_uring_sqe& entry) {
//     if (entry.opcode == IORING_OP_FSYNC) FaultDriver::Fail(entry, EIO);
//   };
//   Loop loop(std::move(world));
class FaultDriver final : public Driver {
 public:
  // Puts a FaultDriver before `driver`.
  static FaultDriver& Intercept(std::unique_ptr<Driver>& driver);

  explicit FaultDriver(std::unique_ptr<Driver> real);

  // Called for each entry before it is handed over.
  absl::AnyInvocable<void(io_uring_sqe&)> on_submission;
  // Called for each Enter(). While it gives false nothing is handed over, as by
  // a kernel that is short of memory (EAGAIN).
  absl::AnyInvocable<bool()> takes_submissions;
  // Called behind each Enter(), before on_completions(), for each completion
  // that is new to the loop, with the submission that it belongs to. It may
  // change the completion. To be set before the first submission.
  absl::AnyInvocable<void(const io_uring_sqe&, io_uring_cqe&)> on_completion;
  // Called after each Enter(). What it submits goes out with the next one.
  absl::AnyInvocable<void()> on_completions;

  // Makes an entry fail with `error`, a positive errno, without being executed.
  static void Fail(io_uring_sqe& entry, int error) { End(entry, -error); }
  // Makes it end with `result` without being executed.
  static void End(io_uring_sqe& entry, int result);

  void Enter(Wait wait, MonotonicNanos deadline) override;
  absl::Status RegisterBufferRing(io_uring_buf_ring* buffers, unsigned entries,
                                  uint16_t group) override;
  void UnregisterBufferRing(uint16_t group) override;
  void Wake() override { real_->Wake(); }
  void OnWakeCompletion(uint32_t cqe_flags) override {
    real_->OnWakeCompletion(cqe_flags);
  }
  SystemCalls& calls() override { return real_->calls(); }
  PathCalls& path_calls() override { return real_->path_calls(); }
  bool has_threads() const override { return real_->has_threads(); }
  std::string Describe() const override;

 private:
  void ShowSubmissions();
  void ShowCompletions();

  const std::unique_ptr<Driver> real_;
  bool in_hook_ = false;
  // By user_data, the newest of each; for on_completion.
  std::map<uint64_t, io_uring_sqe> submitted_;
  unsigned completions_shown_ = 0;  // The queue's position behind the newest.
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_FAULT_DRIVER_H_
