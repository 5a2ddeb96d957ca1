#ifndef BRAID_ASYNC_CLOCK_H_
#define BRAID_ASYNC_CLOCK_H_

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace braid {

// A point on the monotonic clock, in nanoseconds from an arbitrary origin.
// Only differences mean anything.
using MonotonicNanos = int64_t;

// Later than every deadline.
inline constexpr MonotonicNanos kNever = std::numeric_limits<int64_t>::max();

// `now` plus `delay`, held between `now` and kNever: a negative delay is none,
// an infinite one never ends, and nothing overflows.
inline MonotonicNanos DeadlineAfter(MonotonicNanos now, absl::Duration delay) {
  const int64_t nanos = absl::ToInt64Nanoseconds(delay);
  if (nanos <= 0) return now;
  return nanos >= kNever - now ? kNever : now + nanos;
}

// Time as the runtime sees it. Injected, so that tests and simulations run in
// virtual time. Implementations need not be thread-safe: a clock belongs to
// its loop's thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // Never goes back.
  virtual MonotonicNanos Now() = 0;

  // The calendar's time, which may jump.
  virtual absl::Time WallNow() = 0;
};

// The kernel's CLOCK_MONOTONIC and CLOCK_REALTIME.
class SystemClock final : public Clock {
 public:
  MonotonicNanos Now() override;
  absl::Time WallNow() override;
};

// Time that stands still until it is told to move.
class ManualClock final : public Clock {
 public:
  MonotonicNanos Now() override { return now_; }
  absl::Time WallNow() override {
    return absl::UnixEpoch() + absl::Nanoseconds(now_);
  }

  // REQUIRES: `delay` is not negative.
  void Advance(absl::Duration delay) { now_ = DeadlineAfter(now_, delay); }
  void AdvanceTo(MonotonicNanos time) { now_ = time > now_ ? time : now_; }

 private:
  MonotonicNanos now_ = 1'000'000'000;
};

}  // namespace braid

#endif  // BRAID_ASYNC_CLOCK_H_
