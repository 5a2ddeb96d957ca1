#include "async/clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace braid {

MonotonicNanos SystemClock::Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

absl::Time SystemClock::WallNow() { return absl::Now(); }

}  // namespace braid
