#ifndef BRAID_IO_DRIVER_EPOLL_SET_H_
#define BRAID_IO_DRIVER_EPOLL_SET_H_

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "async/clock.h"

namespace braid {

// An epoll instance, and an eventfd by which other threads end its wait.
// Thread: one, but for Wake().
class EpollSet {
 public:
  EpollSet() = default;
  ~EpollSet();
  EpollSet(const EpollSet&) = delete;
  EpollSet& operator=(const EpollSet&) = delete;

  // To be called once, before all others. Errors: UnavailableError when no
  // descriptor is left.
  absl::Status Open();

  // Makes the descriptor's events `events`; 0 takes it out. `former` are those
  // that were asked for last, 0 if none; it need not be true any more, for a
  // descriptor may have been closed since and be another file now.
  // Gives 0 or a negative errno; -EPERM for what is always ready (files).
  int SetEvents(int fd, uint32_t former, uint32_t events);

  // Gives what is ready, as much as `events` has room for, and waits until
  // something is, for at most `timeout_nanos` (kNever: without end). Of
  // wake-ups, which are no event, it tells only when it waits: one for Wake()
  // that came since it last did, or for a signal.
  struct Result {
    std::span<const epoll_event> events;  // `data.fd` is the descriptor.
    bool woken = false;
  };
  Result Wait(std::span<epoll_event> events, int64_t timeout_nanos);

  // Ends the wait that is under way, or else the next one. From any thread, and
  // from signal handlers.
  void Wake();

 private:
  int WaitOnce(std::span<epoll_event> events, int64_t timeout_nanos);

  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  bool has_pwait2_ = true;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_SET_H_
