#ifndef BRAID_IO_DRIVER_SIM_KERNEL_H_
#define BRAID_IO_DRIVER_SIM_KERNEL_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "async/clock.h"
#include "io/driver/ring_memory.h"

namespace braid {

// What the simulated kernel is like. The defaults are a machine without any
// fault, on which everything still takes a while, so that completions come in
// an order of their own.
//
// Probabilities are those of one occasion: one transfer, one connection, one
// sync.
struct SimOptions {
  // All that happens is a function of the seed and of what the program does.
  uint64_t seed = 1;

  // How long an operation takes to begin, a packet to arrive, and a completion
  // to become visible: anything up to this.
  absl::Duration operation_delay_max = absl::Microseconds(50);
  absl::Duration network_delay_max = absl::Microseconds(500);
  absl::Duration completion_delay_max = absl::Microseconds(20);
  // What a turn of the loop takes by itself.
  absl::Duration turn_max = absl::Microseconds(5);

  // Reads, writes, receives and sends that move only a part.
  double short_transfer = 0;
  // Accepts, receives, sends, reads and writes that end with EINTR before they
  // have moved anything, as by a signal. Also, of operations that are cancelled
  // when they are already under way, how many end so.
  double interruption = 0;
  // Receives that end with ENOBUFS though buffers are left.
  double no_buffers = 0;
  // Connections that are reset, some time after they were made.
  double reset = 0;
  absl::Duration reset_after_max = absl::Milliseconds(20);
  // Cancel requests that find their operation already under way.
  double late_cancel = 0;
  // Syncs that fail with EIO. What they were to write is lost, and no later
  // sync tells, as on Linux.
  double sync_failure = 0;

  // Limits of the machine. The numbers of entries are powers of two.
  unsigned submission_entries = 64;
  unsigned completion_entries = 256;
  int descriptors_max = 4096;
  size_t socket_buffer_bytes = 64 << 10;

  // If set, it is called with a line for each submission that the kernel takes
  // and each completion that it publishes: virtual time, what it is, result.
  // Runs with the same seed give the same lines.
  std::function<void(std::string_view line)> trace;

  // A machine on which everything goes wrong now and then.
  static SimOptions Hostile(uint64_t seed);
};

// One submission, while the simulated kernel executes it.
struct SimRequest {
  io_uring_sqe entry;
  // Which submission it was. Unlike addresses, the same in every run.
  uint64_t number = 0;
  // When its newest completion becomes visible: the next one comes later.
  MonotonicNanos last_completion = 0;
  // Where it waits for something, takes it away from there and gives the result
  // that its cancellation has. Null before it begins.
  absl::AnyInvocable<int()> withdraw;
  // Bytes that it has moved so far.
  uint64_t moved = 0;
  bool ended = false;

  bool multishot() const;
};
using SimRequestPtr = std::shared_ptr<SimRequest>;

// A completion, and the number of its request.
struct SimCompletion {
  uint64_t request;
  RingCompletion entry;
};

// Time, chance and completions of a simulated machine: what its network and
// its disk stand on. Thread: the loop's.
class SimKernel {
 public:
  SimKernel(const SimOptions& options, ManualClock& clock)
      : options_(options), clock_(clock), random_(options.seed) {}
  SimKernel(const SimKernel&) = delete;
  SimKernel& operator=(const SimKernel&) = delete;

  const SimOptions& options() const { return options_; }
  MonotonicNanos Now() const { return clock_.Now(); }

  // Chance. ------------------------------------------------------------------

  bool Happens(double probability) {
    return probability > 0 &&
           std::uniform_real_distribution<>()(random_) < probability;
  }
  // From `min` to `max`, both included.
  uint64_t Between(uint64_t min, uint64_t max) {
    return std::uniform_int_distribution<uint64_t>(min, max)(random_);
  }
  // A part of `size`, at least 1, when a short transfer happens; else all.
  size_t Transferred(size_t size) {
    return size > 1 && Happens(options_.short_transfer) ? Between(1, size - 1)
                                                        : size;
  }
  int64_t UpTo(absl::Duration max) {
    return static_cast<int64_t>(
        Between(0, static_cast<uint64_t>(absl::ToInt64Nanoseconds(max))));
  }

  // Time. --------------------------------------------------------------------

  // Runs `event` at `time`, or in the next turn if that has passed. Events of
  // one time run in an order that the seed decides.
  void At(MonotonicNanos time, absl::AnyInvocable<void()> event);
  void After(int64_t nanos, absl::AnyInvocable<void()> event) {
    At(Now() + nanos, std::move(event));
  }
  // Runs what is due.
  void RunDue();
  // Forgets all events, and those that come.
  void Stop();
  // kNever if nothing is planned.
  MonotonicNanos NextEvent() const {
    return events_.empty() ? kNever : events_.top().time;
  }

  // Completions. -------------------------------------------------------------

  // A completion of the request, which becomes visible a while later. The
  // request has ended unless `flags` has IORING_CQE_F_MORE.
  void Complete(SimRequest& request, int result, uint32_t flags = 0);
  // What Complete() gives it to when the time has come.
  using Publish = absl::AnyInvocable<void(const SimCompletion&)>;
  void set_publish(Publish publish) { publish_ = std::move(publish); }

  // Provided buffers. --------------------------------------------------------

  void SetBuffers(const ProvidedBuffers& buffers) { buffers_ = buffers; }
  // The next one, which is taken by it; none if none is left.
  std::optional<ProvidedBuffers::Buffer> TakeBuffer();

 private:
  struct Event {
    MonotonicNanos time;
    uint64_t order;
    // Priority queues give out constant elements.
    mutable absl::AnyInvocable<void()> run;
    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };

  const SimOptions options_;
  ManualClock& clock_;
  std::mt19937_64 random_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  bool stopped_ = false;
  Publish publish_;
  ProvidedBuffers buffers_;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_SIM_KERNEL_H_
