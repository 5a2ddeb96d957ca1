#ifndef BRAID_IO_DRIVER_DRIVER_H_
#define BRAID_IO_DRIVER_DRIVER_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/clock.h"
#include "io/driver/path_calls.h"
#include "io/driver/system_calls.h"

namespace braid {

// What the executing side of a ring can do. Operations look here before they
// use something that not every kernel has. All of it can be switched off, so
// that its worth can be measured and old kernels can be imitated in tests.
struct RingFeatures {
  bool multishot_accept = true;
  bool multishot_receive = true;
  // A multishot receive can be told after how many bytes it is to end.
  bool receive_limit = true;
};

// Counters of what crossed the seam. They only grow.
struct DriverStats {
  uint64_t enters = 0;  // Calls to Enter: system calls, for the kernel's ring.
  uint64_t submitted = 0;     // Submission entries handed over.
  uint64_t completions = 0;   // Completion entries taken back.
  uint64_t cq_overflows = 0;  // Times the kernel had to park completions.
};

// What a completion belongs to. The user_data of an operation is its address,
// which is aligned; the other submissions of a loop carry one of these in the
// bits that are zero there.
enum class CompletionTag : uint64_t {
  kOperation = 0,  // An Operation's address; 0 alone: a cancel
                   // request that found nothing.
  kWake = 1,       // The driver's own: pass it to OnWakeCompletion().
  kClose = 2,      // A close that nobody awaits, its descriptor above the tag.
};
inline constexpr unsigned kCompletionTagBits = 3;

// Who executes submissions: the seam below the loop.
//
// Operations write ordinary io_uring_sqes into ring() and the loop reads
// io_uring_cqes from it, both with liburing's inline functions. A driver only
// decides who executes them: the kernel (uring_driver.h), or code that plays
// the kernel on the same memory layout. There is one virtual call for each
// batch, Enter(), and none for an operation.
//
// Thread: all calls but Wake() from the thread that made the driver.
class Driver {
 public:
  virtual ~Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Hands over everything queued and, if `wait` says so, waits until there is
  // at least one completion or the driver's clock has reached `deadline`. Also
  // collects what has completed meanwhile. Interruptions by signals and a
  // kernel that is short of resources for a moment are handled inside.
  enum class Wait { kNo, kForOne };
  virtual void Enter(Wait wait, MonotonicNanos deadline) = 0;

  // Makes `buffers`, which has `entries` slots (a power of two), the provided
  // buffers of group `group`; the memory stays the caller's and must outlive
  // the registration.
  virtual absl::Status RegisterBufferRing(io_uring_buf_ring* buffers,
                                          unsigned entries, uint16_t group) = 0;
  virtual void UnregisterBufferRing(uint16_t group) = 0;

  // Ends the Enter() that waits now, or else the next one that would wait. May
  // end one more than that. From any thread, and from signal handlers.
  virtual void Wake() = 0;

  // The loop's part of it: a completion tagged kWake was taken out.
  virtual void OnWakeCompletion(uint32_t cqe_flags) = 0;

  // The system calls beside the ring.
  virtual SystemCalls& calls() { return kernel_calls_; }
  virtual PathCalls& path_calls() { return kernel_path_calls_; }

  // Whether functions of Blocking() run on threads of their own. A simulation
  // runs them on the loop's, since it could not tell when others end.
  virtual bool has_threads() const { return true; }

  // One line about the driver and what it found, for logs and --version.
  virtual std::string Describe() const = 0;

  io_uring& ring() { return ring_; }
  const RingFeatures& features() const { return features_; }
  // Switches off what the kernel turned out not to have.
  void DropReceiveLimit() { features_.receive_limit = false; }
  const DriverStats& stats() const { return stats_; }
  void CountCompletions(unsigned count) { stats_.completions += count; }

 protected:
  Driver() = default;

  io_uring ring_{};
  RingFeatures features_;
  DriverStats stats_;

 private:
  SystemCalls kernel_calls_;
  PathCalls kernel_path_calls_;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_DRIVER_H_
