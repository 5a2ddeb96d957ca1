#ifndef BRAID_IO_DRIVER_EPOLL_DESCRIPTORS_H_
#define BRAID_IO_DRIVER_EPOLL_DESCRIPTORS_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "io/driver/epoll_request.h"
#include "io/driver/epoll_set.h"

namespace braid {

// What waits on a descriptor, and what epoll knows of it.
struct EpollDescriptor {
  // In the order of their submission. Readers and writers are served in it.
  EpollQueue readers;
  EpollQueue writers;
  EpollQueue polls;
  uint32_t interest = 0;  // Of epoll; 0 if it does not know the descriptor.
  bool stale = false;     // `interest` may be more than what is needed.
  int on_threads = 0;     // Requests that threads have or will have.
  EpollRequest* close = nullptr;  // Waits for those.

  bool waits() const {
    return !readers.empty() || !writers.empty() || !polls.empty();
  }
  // Where a request with this entry waits.
  EpollQueue& QueueOf(const io_uring_sqe& entry);
  // The events that what waits here waits for; 0 if nothing does.
  uint32_t NeededEvents();
};

// All descriptors that EpollDriver has met, and what it asks epoll about them.
class EpollDescriptors {
 public:
  // `set` must outlive this.
  explicit EpollDescriptors(EpollSet& set);
  EpollDescriptors(const EpollDescriptors&) = delete;
  EpollDescriptors& operator=(const EpollDescriptors&) = delete;

  // Whether operations on the descriptor can be taken: it is open, and does not
  // wait for its close.
  bool IsUsable(int fd);

  // REQUIRES: the descriptor is or was open: the table grows to its number.
  EpollDescriptor& At(int fd);

  // Makes a request wait in its queue. Gives 0, or why that cannot be as a
  // negative errno; -EPERM for what is always ready.
  int Add(EpollRequest& request);
  // Takes a request out of its queue.
  void Remove(EpollRequest& request);

  // Makes epoll not tell any more of what nothing waits for. To be called
  // before a wait and not at once, since mostly the next operation waits for
  // the same.
  void DropStaleInterest();
  // The same at once, for one that is about to be closed.
  void DropInterest(int fd);

 private:
  EpollSet& set_;
  std::vector<std::unique_ptr<EpollDescriptor>> descriptors_;  // By number.
  std::vector<int> stale_;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_DESCRIPTORS_H_
