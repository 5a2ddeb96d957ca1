#include "io/driver/sim_kernel.h"

#include <algorithm>
#include <utility>

#include "absl/log/check.h"

namespace braid {

SimOptions SimOptions::Hostile(uint64_t seed) {
  SimOptions options;
  options.seed = seed;
  options.operation_delay_max = absl::Milliseconds(1);
  options.network_delay_max = absl::Milliseconds(5);
  options.completion_delay_max = absl::Milliseconds(1);
  options.short_transfer = 0.2;
  options.interruption = 0.05;
  options.no_buffers = 0.05;
  options.reset = 0.05;
  options.late_cancel = 0.3;
  options.sync_failure = 0.01;
  options.submission_entries = 4;
  options.completion_entries = 8;
  options.socket_buffer_bytes = 4 << 10;
  return options;
}

bool SimRequest::multishot() const {
  switch (entry.opcode) {
    case IORING_OP_ACCEPT:
      return (entry.ioprio & IORING_ACCEPT_MULTISHOT) != 0;
    case IORING_OP_RECV:
      return (entry.ioprio & IORING_RECV_MULTISHOT) != 0;
    default:
      return false;
  }
}

void SimKernel::At(MonotonicNanos time, absl::AnyInvocable<void()> event) {
  if (stopped_) return;
  events_.push({std::max(time, Now()), random_(), std::move(event)});
}

void SimKernel::RunDue() {
  while (!events_.empty() && events_.top().time <= Now()) {
    absl::AnyInvocable<void()> run = std::move(events_.top().run);
    events_.pop();
    run();
  }
}

void SimKernel::Stop() {
  stopped_ = true;
  // What events own may want to plan others as it ends.
  decltype(events_) events;
  events.swap(events_);
}

void SimKernel::Complete(SimRequest& request, int result, uint32_t flags) {
  CHECK(!request.ended) << "a simulated request ended twice";
  if ((flags & IORING_CQE_F_MORE) == 0) {
    request.ended = true;
    // It may own the socket that the caller is busy with.
    if (request.withdraw != nullptr)
      At(Now(), [owned = std::move(request.withdraw)] {});
  }
  const bool silent = request.entry.flags & IOSQE_CQE_SKIP_SUCCESS;
  if (silent && result >= 0) return;
  const SimCompletion completion = {request.number,
                                    {request.entry.user_data, result, flags}};
  // Completions of one request keep their order.
  request.last_completion = std::max(
      request.last_completion + 1, Now() + UpTo(options_.completion_delay_max));
  At(request.last_completion, [this, completion] { publish_(completion); });
}

std::optional<ProvidedBuffers::Buffer> SimKernel::TakeBuffer() {
  const std::optional<ProvidedBuffers::Buffer> buffer = buffers_.Next();
  if (buffer.has_value()) buffers_.Take();
  return buffer;
}

}  // namespace braid
