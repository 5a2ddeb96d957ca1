#include "io/driver/epoll_set.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"

namespace braid {

EpollSet::~EpollSet() {
  if (epoll_fd_ >= 0) close(epoll_fd_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

absl::Status EpollSet::Open() {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd_ >= 0) wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd_ >= 0 && SetEvents(wake_fd_, 0, EPOLLIN) == 0)
    return absl::OkStatus();
  const int error = errno;
  return absl::UnavailableError(absl::StrCat(
      "epoll cannot be used: ",
      error == EMFILE || error == ENFILE
          ? "no file descriptor is left for it: raise the limit of open files "
            "(ulimit -n)"
          : strerror(error)));
}

int EpollSet::SetEvents(int fd, uint32_t former, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  const auto control = [&](int operation) {
    return epoll_ctl(epoll_fd_, operation, fd, &event);
  };
  int result;
  if (events == 0) {
    result = control(EPOLL_CTL_DEL);
  } else if (former != 0) {
    result = control(EPOLL_CTL_MOD);
    if (result != 0 && errno == ENOENT) result = control(EPOLL_CTL_ADD);
  } else {
    result = control(EPOLL_CTL_ADD);
    if (result != 0 && errno == EEXIST) result = control(EPOLL_CTL_MOD);
  }
  return result != 0 ? -errno : 0;
}

EpollSet::Result EpollSet::Wait(std::span<epoll_event> events,
                                int64_t timeout_nanos) {
  const int count = WaitOnce(events, timeout_nanos);
  if (count < 0) {
    CHECK_EQ(errno, EINTR) << "epoll_wait failed";
    return {.woken = true};  // A handler has run; the loop looks what it did.
  }
  Result result = {.events = events.first(static_cast<size_t>(count))};
  const auto wake = std::find_if(
      events.begin(), events.begin() + count,
      [this](const epoll_event& event) { return event.data.fd == wake_fd_; });
  if (wake == events.begin() + count) return result;
  if (timeout_nanos != 0) {
    uint64_t wakes;
    [[maybe_unused]] const ssize_t size = read(wake_fd_, &wakes, sizeof(wakes));
    result.woken = true;
  }
  std::swap(*wake, events[static_cast<size_t>(count) - 1]);
  result.events = result.events.first(result.events.size() - 1);
  return result;
}

int EpollSet::WaitOnce(std::span<epoll_event> events, int64_t timeout_nanos) {
  const int size = static_cast<int>(events.size());
  if (timeout_nanos == 0 || timeout_nanos == kNever) {
    return epoll_wait(epoll_fd_, events.data(), size,
                      timeout_nanos == 0 ? 0 : -1);
  }
  if (has_pwait2_) {
    const timespec timeout = {timeout_nanos / 1'000'000'000,
                              timeout_nanos % 1'000'000'000};
    const int count =
        epoll_pwait2(epoll_fd_, events.data(), size, &timeout, nullptr);
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
    // Before Linux 5.11, and under filters that do not know it.
    has_pwait2_ = false;
  }
  constexpr int64_t kNanosPerMilli = 1'000'000;
  constexpr int64_t kMillisMax = 1'000'000'000;
  const int64_t millis =
      std::min(kMillisMax, (timeout_nanos - 1) / kNanosPerMilli + 1);
  return epoll_wait(epoll_fd_, events.data(), size, static_cast<int>(millis));
}

void EpollSet::Wake() {
  const int saved_errno = errno;  // The caller may be a signal handler.
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
  errno = saved_errno;
}

}  // namespace braid
