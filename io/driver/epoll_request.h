#ifndef BRAID_IO_DRIVER_EPOLL_REQUEST_H_
#define BRAID_IO_DRIVER_EPOLL_REQUEST_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>

#include "async/intrusive_list.h"
#include "io/driver/thread_pool.h"

namespace braid {

class EpollThreads;

// One submission of EpollDriver while it is under way. It waits in a
// descriptor's queue, or for a thread, or runs on one.
struct EpollRequest final : ListNode<struct EpollRequestTag>, ThreadJob {
  // On a thread: makes the call and gives the result to `threads`.
  void Run() override;

  // Whether a queue holds it. (ThreadJob is a node of a list as well.)
  bool waits() const { return ListNode<EpollRequestTag>::linked(); }
  void StopWaiting() { ListNode<EpollRequestTag>::Unlink(); }

  io_uring_sqe entry;
  size_t moved = 0;        // Bytes; of a multishot receive, all of them.
  bool begun = false;      // A connect.
  bool on_thread = false;  // Queued for one, or running.
  bool pending = false;    // Can be found, to be cancelled.
  int result = 0;          // What its thread got.
  EpollThreads* threads = nullptr;
};

using EpollQueue = IntrusiveList<EpollRequest, EpollRequestTag>;

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_REQUEST_H_
