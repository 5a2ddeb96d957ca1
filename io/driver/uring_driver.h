#ifndef BRAID_IO_DRIVER_URING_DRIVER_H_
#define BRAID_IO_DRIVER_URING_DRIVER_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/clock.h"
#include "io/driver/driver.h"

namespace braid {

// How to set the kernel's ring up. Each switch can be turned off to measure
// what it is worth; what the kernel does not have is left out by itself.
struct UringOptions {
  // A full queue is flushed, never an error.
  unsigned submission_entries = 512;
  unsigned completion_entries = 8192;  // Multishot needs more than submissions.
  bool defer_taskrun = true;       // Run task work only when the loop enters.
  bool single_issuer = true;       // Needed by defer_taskrun.
  bool registered_ring_fd = true;  // Saves a descriptor look-up in each enter.
  bool multishot_accept = true;
  bool multishot_receive = true;
  bool receive_limit = true;  // Needs multishot_receive.
};

// The kernel's io_uring.
//
// Errors of io_uring_enter, and why Enter() treats them so:
//   ETIME   the deadline came first: what was asked for.
//   EINTR   a signal; its handler has run, and the loop looks what it did.
//   EAGAIN  no memory for requests. What was not taken stays queued, and the
//           loop, having handled some completions, enters again.
//   EBUSY   no room for completions; the loop makes some and enters again.
//   others  another thread than the one that made the ring (EEXIST, EINVAL), or
//           a broken ring (EBADF, EFAULT …): a bug of the program, fatal.
class UringDriver final : public Driver {
 public:
  // Sets a ring up for the calling thread. `clock` gives the time that
  // deadlines are compared with; it must outlive the driver and be
  // CLOCK_MONOTONIC.
  // Errors: UnavailableError that says which of these it is and what to do:
  // the kernel has no io_uring or is older than 6.0, a sysctl or a seccomp
  // filter forbids it, the limit of locked memory or of open files is too low.
  // A kernel that is too old is refused here, not at the first operation that
  // it does not know. InvalidArgumentError for fewer completion than submission
  // entries.
  static absl::StatusOr<std::unique_ptr<UringDriver>> Create(
      Clock& clock, const UringOptions& options);
  ~UringDriver() override;

  void Enter(Wait wait, MonotonicNanos deadline) override;
  absl::Status RegisterBufferRing(io_uring_buf_ring* buffers, unsigned entries,
                                  uint16_t group) override;
  void UnregisterBufferRing(uint16_t group) override;
  void Wake() override;
  void OnWakeCompletion(uint32_t cqe_flags) override;
  std::string Describe() const override;

 private:
  explicit UringDriver(Clock& clock) : clock_(clock) {}
  absl::Status MakeRing(const UringOptions& options);
  // Refuses a kernel without what every loop needs.
  absl::Status CheckSupport();
  // Makes a poll of wake_fd_ pending; false when there is no room for it.
  bool ArmWake();
  int EnterOnce(Wait wait, MonotonicNanos deadline);

  Clock& clock_;
  const std::thread::id owner_ = std::this_thread::get_id();
  bool ring_made_ = false;
  // An eventfd that Wake() writes to and nobody ever reads. The poll on it has
  // a completion for each write, so waking costs no submission and gives the
  // kernel no memory of ours.
  int wake_fd_ = -1;
  bool wake_armed_ = false;
};

// Whether what Create() failed with is that io_uring is not to be had here, not
// a limit that is too low or wrong use.
bool IsRefusal(const absl::Status& status);

// The sentence for people when io_uring could not be set up because of `error`
// (a positive errno). `disabled_sysctl` is the content of
// /proc/sys/kernel/io_uring_disabled, -1 where there is none. Exposed for
// tests, as is the next one.
std::string ExplainSetupFailure(int error, int disabled_sysctl);

// Whether a kernel that answers a probe so has all that a loop cannot do
// without: provided-buffer rings, multishot accept and receive, which came up
// to Linux 6.0 and cannot be probed for. Zero-copy send can, and is as old; a
// distribution's older kernel into which all that was taken over has it too.
bool SupportsWhatLoopsNeed(const io_uring_probe& probe);

}  // namespace braid

#endif  // BRAID_IO_DRIVER_URING_DRIVER_H_
