#ifndef BRAID_IO_DRIVER_EPOLL_THREADS_H_
#define BRAID_IO_DRIVER_EPOLL_THREADS_H_

#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "io/driver/epoll_request.h"
#include "io/driver/epoll_set.h"
#include "io/driver/thread_pool.h"

namespace braid {

// The threads on which EpollDriver makes the calls that may wait for a disk,
// and their way back to its own. They start when they are needed.
// Thread: the driver's, but for GiveBack().
class EpollThreads {
 public:
  static constexpr int kThreadsMax = 4;

  // `set`'s wait is ended when a result has come. It must outlive this.
  explicit EpollThreads(EpollSet& set);
  // Waits for the calls that are under way. REQUIRES: none is queued.
  ~EpollThreads() = default;
  EpollThreads(const EpollThreads&) = delete;
  EpollThreads& operator=(const EpollThreads&) = delete;

  // Runs the request on a thread. False when there is none and none can be
  // made; the request was not taken then.
  bool Add(EpollRequest& request);
  // Takes the request back unless a thread has begun with it.
  bool Remove(EpollRequest& request);
  // Those whose call has returned since the last time, in that order. Valid
  // until the next call.
  std::span<EpollRequest* const> TakeResults();

  // The threads' side.
  void GiveBack(EpollRequest& request);

 private:
  EpollSet& set_;
  std::mutex mutex_;
  std::vector<EpollRequest*> results_;  // Guarded by mutex_.
  std::vector<EpollRequest*> taken_;    // Kept for its memory.
  ThreadPool pool_;  // The last, because its threads use all the others.
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_THREADS_H_
