#include "async/clock.h"

#include "gtest/gtest.h"

namespace braid {
namespace {

TEST(DeadlineAfterTest, AddsWhatIsBetweenNothingAndForEver) {
  EXPECT_EQ(DeadlineAfter(100, absl::Nanoseconds(1)), 101);
  EXPECT_EQ(DeadlineAfter(100, absl::Seconds(2)), 2'000'000'100);
  EXPECT_EQ(DeadlineAfter(100, absl::ZeroDuration()), 100);
}

TEST(DeadlineAfterTest, ANegativeDelayIsNone) {
  EXPECT_EQ(DeadlineAfter(100, absl::Seconds(-5)), 100);
  EXPECT_EQ(DeadlineAfter(100, -absl::InfiniteDuration()), 100);
}

TEST(DeadlineAfterTest, NothingOverflows) {
  EXPECT_EQ(DeadlineAfter(100, absl::InfiniteDuration()), kNever);
  EXPECT_EQ(DeadlineAfter(kNever - 1, absl::Seconds(1)), kNever);
  EXPECT_EQ(DeadlineAfter(kNever - 5, absl::Nanoseconds(4)), kNever - 1);
  EXPECT_EQ(DeadlineAfter(kNever - 5, absl::Nanoseconds(5)), kNever);
  EXPECT_EQ(DeadlineAfter(kNever, absl::ZeroDuration()), kNever);
}

TEST(ManualClockTest, MovesOnlyWhenToldAndNeverBack) {
  ManualClock clock;
  const MonotonicNanos start = clock.Now();
  const absl::Time wall_start = clock.WallNow();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Milliseconds(3));
  EXPECT_EQ(clock.Now(), start + 3'000'000);
  EXPECT_EQ(clock.WallNow() - wall_start, absl::Milliseconds(3));
  clock.AdvanceTo(start);
  EXPECT_EQ(clock.Now(), start + 3'000'000);
  clock.AdvanceTo(start + 4'000'000);
  EXPECT_EQ(clock.Now(), start + 4'000'000);
}

TEST(SystemClockTest, GoesOn) {
  SystemClock clock;
  const MonotonicNanos start = clock.Now();
  EXPECT_GT(start, 0);
  while (clock.Now() == start) {
  }
  EXPECT_GT(clock.Now(), start);
  EXPECT_GT(clock.WallNow(), absl::UnixEpoch());
}

}  // namespace
}  // namespace braid
