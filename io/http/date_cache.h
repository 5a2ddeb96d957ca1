#ifndef BRAID_IO_HTTP_DATE_CACHE_H_
#define BRAID_IO_HTTP_DATE_CACHE_H_

#include <string_view>

#include "absl/time/time.h"
#include "async/clock.h"

namespace braid {

// The value of the Date header, "Sun, 06 Nov 1994 08:49:37 GMT", rendered once
// a second instead of once a response.
//
//   std::string_view date = date_cache.Get(now);
//
// Thread: the loop's.
class DateCache {
 public:
  static constexpr size_t kBytes = 29;

  // `clock` must outlive the cache.
  explicit DateCache(Clock& clock) : clock_(clock) {}

  // `now` is the clock's Now() or shortly before. The view is valid until the
  // next call.
  std::string_view Get(MonotonicNanos now) {
    if (now >= next_change_) [[unlikely]]
      Render(now);
    return {text_, kBytes};
  }

 private:
  void Render(MonotonicNanos now);

  Clock& clock_;
  MonotonicNanos next_change_ = 0;
  char text_[kBytes];
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_DATE_CACHE_H_
