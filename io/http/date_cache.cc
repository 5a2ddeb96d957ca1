#include "io/http/date_cache.h"

#include <cstring>

#include "absl/log/check.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace braid {
namespace {

// Not by strftime, which would follow the process's locale.
constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu",
                                 "Fri", "Sat", "Sun"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

void DateCache::Render(MonotonicNanos now) {
  const absl::Time wall = clock_.WallNow();
  const absl::CivilSecond utc = absl::ToCivilSecond(wall, absl::UTCTimeZone());
  const std::string text =
      absl::StrFormat("%s, %02d %s %04d %02d:%02d:%02d GMT",
                      kDays[static_cast<int>(absl::GetWeekday(utc))], utc.day(),
                      kMonths[utc.month() - 1], utc.year(), utc.hour(),
                      utc.minute(), utc.second());
  CHECK_EQ(text.size(), kBytes) << text;
  std::memcpy(text_, text.data(), kBytes);
  // The next whole second of the wall's clock, in monotonic time.
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(wall));
  next_change_ = DeadlineAfter(now, second + absl::Seconds(1) - wall);
}

}  // namespace braid
