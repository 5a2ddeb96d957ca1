#include "io/blocking.h"

namespace braid {

void BlockingJob::Run() {
  RunFunction();
  loop_.Post([this] { Done(); });
}

absl::Status BlockingPool::Add(BlockingJob& job) {
  if (!loop_.driver().has_threads()) {
    job.Run();
    return absl::OkStatus();
  }
  if (threads_.Add(job)) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "no thread can be made for a blocking function: raise the limit of "
      "processes (ulimit -u) or of memory");
}

}  // namespace braid
