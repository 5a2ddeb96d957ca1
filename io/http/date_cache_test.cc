#include "io/http/date_cache.h"

#include "gtest/gtest.h"

namespace braid {
namespace {

// A clock whose wall can be set.
class WallClock final : public Clock {
 public:
  MonotonicNanos Now() override { return now; }
  absl::Time WallNow() override { return wall; }
  MonotonicNanos now = 5'000'000'000;
  absl::Time wall;
};

TEST(DateCacheTest, RendersTheDateOfRfc9110) {
  WallClock clock;
  DateCache cache(clock);
  clock.wall = absl::FromUnixSeconds(784111777) + absl::Milliseconds(250);
  EXPECT_EQ(cache.Get(clock.now), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(DateCacheTest, ChangesWithTheSecondAndNotBefore) {
  WallClock clock;
  DateCache cache(clock);
  clock.wall = absl::FromUnixSeconds(784111777) + absl::Milliseconds(250);
  cache.Get(clock.now);
  clock.wall += absl::Milliseconds(749);
  clock.now += 749'000'000;
  EXPECT_EQ(cache.Get(clock.now), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.wall += absl::Milliseconds(1);
  clock.now += 1'000'000;
  EXPECT_EQ(cache.Get(clock.now), "Sun, 06 Nov 1994 08:49:38 GMT");
}

TEST(DateCacheTest, FollowsAWallThatIsSetBackWithinASecond) {
  WallClock clock;
  DateCache cache(clock);
  clock.wall = absl::FromUnixSeconds(784111777);
  cache.Get(clock.now);
  clock.wall -= absl::Hours(24);
  clock.now += 1'000'000'000;
  EXPECT_EQ(cache.Get(clock.now), "Sat, 05 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace braid
