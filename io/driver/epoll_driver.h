#ifndef BRAID_IO_DRIVER_EPOLL_DRIVER_H_
#define BRAID_IO_DRIVER_EPOLL_DRIVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/clock.h"
#include "io/driver/driver.h"
#include "io/driver/epoll_calls.h"
#include "io/driver/epoll_descriptors.h"
#include "io/driver/epoll_request.h"
#include "io/driver/epoll_set.h"
#include "io/driver/epoll_threads.h"
#include "io/driver/ring_memory.h"
#include "io/driver/uring_driver.h"

namespace braid {

// The same ring where the kernel has none to give: system calls that do not
// wait, tried again when epoll says so, and a few threads for what epoll knows
// nothing of, files above all. For containers whose seccomp profile forbids
// io_uring, and kernels without it.
//
// Operations on one descriptor in one direction are tried in their order. What
// ends at once (most sends, reads of files that are in memory) costs its own
// system call and nothing more. Multishot operations stay registered.
//
// What differs from the kernel's ring:
// - it costs a system call for each transfer instead of one for each turn;
// - closing a descriptor on which operations wait cancels them, and one that
//   is closed past the driver must have none;
// - a listening socket becomes non-blocking when it first accepts;
// - a call that a thread has begun is not interrupted: cancelling an open of a
//   FIFO without a peer waits for the peer.
// Thread: as every driver; another one that enters ends the process with a
// message.
class EpollDriver final : public Driver {
 public:
  // Of `options` the numbers of entries and what is switched off count.
  // `clock` as for UringDriver.
  // Errors: UnavailableError when no descriptor is left.
  static absl::StatusOr<std::unique_ptr<EpollDriver>> Create(
      Clock& clock, const UringOptions& options);
  ~EpollDriver() override;

  void Enter(Wait wait, MonotonicNanos deadline) override;
  absl::Status RegisterBufferRing(io_uring_buf_ring* buffers, unsigned entries,
                                  uint16_t group) override;
  void UnregisterBufferRing(uint16_t group) override;
  void Wake() override { set_.Wake(); }
  void OnWakeCompletion(uint32_t) override {}
  std::string Describe() const override;

 private:
  EpollDriver(Clock& clock, const UringOptions& options);

  // The ring's other side.
  void TakeSubmissions();
  EpollRequest& NewRequest(const io_uring_sqe& entry);
  void Submit(const io_uring_sqe& entry);
  void Publish(const EpollRequest& request, int result, uint32_t flags);
  // The terminal completion; the request is gone after it.
  void End(EpollRequest& request, int result, uint32_t flags = 0);
  // Lets cancel requests find it until it ends.
  void NotePending(EpollRequest& request);
  int Cancel(const io_uring_sqe& entry);
  bool CancelOne(EpollRequest& request);

  // What needs no thread.
  void Start(EpollRequest& request);
  Attempt Try(EpollRequest& request);
  // Does what an attempt asks for. False if the request is to wait.
  bool Follow(EpollRequest& request, const Attempt& attempt);
  // Tries what waits there, in its order.
  void TryQueue(EpollQueue& queue, bool stop_at_first);

  // What needs one.
  void HandToThread(EpollRequest& request);
  void TakeThreadResults();
  // Ends what was given to a thread, and what waited for it.
  void EndThreads(EpollRequest& request, int result);

  void Close(EpollRequest& request);
  void CloseNow(EpollRequest& request);

  // Gives whether somebody woke the driver.
  bool TakeEvents(bool may_wait, MonotonicNanos deadline);

  Clock& clock_;
  const std::thread::id owner_ = std::this_thread::get_id();
  RingMemory memory_;
  EpollSet set_;
  std::vector<std::unique_ptr<EpollRequest>> requests_;  // All there are.
  EpollDescriptors descriptors_;
  std::vector<EpollRequest*> free_requests_;
  // Those that can be cancelled, by user_data.
  absl::flat_hash_map<uint64_t, EpollRequest*> pending_;
  EpollQueue later_;  // To be tried again, though nothing tells when.
  absl::flat_hash_map<uint16_t, ProvidedBuffers> buffers_;
  std::optional<EpollThreads> threads_;  // Until the driver ends.
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_DRIVER_H_
