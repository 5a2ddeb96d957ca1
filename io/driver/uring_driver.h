#ifndef BRAID_IO_DRIVER_URING_DRIVER_H_
#define BRAID_IO_DRIVER_URING_DRIVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "async/clock.h"
#include "io/driver/driver.h"

namespace braid {

// How to set the kernel's ring up. Each switch can be turned off to measure
// what it is worth; what the kernel does not have is left out by itself.
struct UringOptions {
  unsigned submission_entries =
      512;  // A full queue is flushed, never an error.
  unsigned completion_entries =
      8192;                   // Multishot needs many more than submissions.
  bool defer_taskrun = true;  // Run task work only when the loop enters.
  bool single_issuer = true;  // Needed by defer_taskrun.
  bool registered_ring_fd =
      true;  // Saves the descriptor look-up in each enter.
  bool multishot_accept = true;
  bool multishot_receive = true;
};

// The kernel's io_uring.
class UringDriver final : public Driver {
 public:
  // Sets a ring up for the calling thread. `clock` gives the time that
  // deadlines are compared with; it must outlive the driver and be
  // CLOCK_MONOTONIC. Errors: UnavailableError that says which of these it is
  // and what to do: the kernel has no io_uring or is older than 6.0, a sysctl
  // or a seccomp filter forbids it, the memlock limit or the number of open
  // files is too low.
  static absl::StatusOr<std::unique_ptr<UringDriver>> Create(
      Clock& clock, const UringOptions& options);
  ~UringDriver() override;

  void Enter(Wait wait, MonotonicNanos deadline) override;
  absl::Status RegisterBufferRing(io_uring_buf_ring* buffers, unsigned entries,
                                  uint16_t group) override;
  void UnregisterBufferRing(uint16_t group) override;
  std::string Describe() const override;

 private:
  explicit UringDriver(Clock& clock) : clock_(clock) {}
  int EnterOnce(Wait wait, MonotonicNanos deadline);

  Clock& clock_;
  bool ring_made_ = false;
};

// The sentence for people when io_uring_queue_init failed with `error`
// (a positive errno). `disabled_sysctl` is the content of
// /proc/sys/kernel/io_uring_disabled, -1 where there is none. Exposed for
// tests.
std::string ExplainSetupFailure(int error, int disabled_sysctl);

}  // namespace braid

#endif  // BRAID_IO_DRIVER_URING_DRIVER_H_
