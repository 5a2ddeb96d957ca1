#ifndef BRAID_IO_DRIVER_EPOLL_CALLS_H_
#define BRAID_IO_DRIVER_EPOLL_CALLS_H_

#include <poll.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>

namespace braid {

// What the calls that EpollDriver makes have in common.

// What came of trying an operation without waiting.
struct Attempt {
  enum class Outcome {
    kDone,         // `result` and `flags` are those of its last completion.
    kNotReady,     // To be tried again when the descriptor is ready.
    kTryLater,     // The same, but nothing tells when that is.
    kNeedsThread,  // Only a call that may wait can do it: RunOnThread().
  };
  Outcome outcome;
  int result = 0;  // A negative errno for what failed.
  uint32_t flags = 0;

  static Attempt Done(int result, uint32_t flags = 0) {
    return {Outcome::kDone, result, flags};
  }
  static Attempt NotReady() { return {Outcome::kNotReady}; }
  static Attempt TryLater() { return {Outcome::kTryLater}; }
  static Attempt NeedsThread() { return {Outcome::kNeedsThread}; }
};

// A call's result as a completion has it.
inline int OrErrno(ssize_t result) {
  return result < 0 ? -errno : static_cast<int>(result);
}

// Whether poll(2) tells one of the events, or that the descriptor has ended.
inline bool IsReady(int fd, short events) {
  pollfd descriptor = {fd, events, 0};
  return poll(&descriptor, 1, 0) > 0;
}

// A submission entry's address.
template <typename T>
T* PointerTo(uint64_t address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_CALLS_H_
