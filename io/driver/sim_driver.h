#ifndef BRAID_IO_DRIVER_SIM_DRIVER_H_
#define BRAID_IO_DRIVER_SIM_DRIVER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "async/clock.h"
#include "io/driver/driver.h"
#include "io/driver/ring_memory.h"
#include "io/driver/sim_disk.h"
#include "io/driver/sim_files.h"
#include "io/driver/sim_kernel.h"
#include "io/driver/sim_network.h"

namespace braid {

// A simulated kernel: the same ring, executed in virtual time on an in-memory
// network, with every fault that SimOptions names. A run is a function of its
// seed and of what the program does, so what failed once fails again.
//
//   World world = World::Simulated(SimOptions::Hostile(seed));
//   Loop loop(std::move(world));
//
// Time stands still while the program runs and jumps to the next event when it
// waits, so a minute of time-outs takes as long as what happens in it. A
// program that waits while nothing can ever happen any more would hang on a
// real machine; here the process ends with a message.
//
// What it simulates: TCP sockets (connect, accept, receive, send, shutdown,
// close, all with cancellation), files, directories and symbolic links on a disk
// that fills up and loses power (sim_disk.h), a table of descriptors that fills
// up, provided buffers, a completion queue that overflows. What it does not know
// (pipes, so signals) ends with EOPNOTSUPP or EBADF. Functions of Blocking() run
// on the loop's thread; the calls of io/file_system.h are about its own disk.
// Thread: the one that made it; Wake() alone may come from another, and then
// the run is not a function of the seed any more.
class SimDriver final : public Driver, private SystemCalls {
 public:
  // `clock` must outlive the driver; the driver moves it. `disk` is what an
  // earlier machine has left, or an empty one.
  SimDriver(const SimOptions& options, ManualClock& clock,
            std::shared_ptr<SimDisk> disk);
  ~SimDriver() override;

  void Enter(Wait wait, MonotonicNanos deadline) override;
  absl::Status RegisterBufferRing(io_uring_buf_ring* buffers, unsigned entries,
                                  uint16_t group) override;
  void UnregisterBufferRing(uint16_t group) override;
  void Wake() override { woken_.store(true, std::memory_order_release); }
  void OnWakeCompletion(uint32_t) override {}
  SystemCalls& calls() override { return *this; }
  PathCalls& path_calls() override { return files_; }
  bool has_threads() const override { return false; }
  std::string Describe() const override;

  // How many descriptors are open.
  size_t descriptors() const { return descriptors_.size(); }

 private:
  // SystemCalls.
  int Socket(int family, int type) override;
  int SetOption(int fd, int level, int name, const void* value,
                socklen_t size) override;
  int Bind(int fd, const sockaddr* address, socklen_t size) override;
  int Listen(int fd, int backlog) override;
  int LocalAddress(int fd, sockaddr* address, socklen_t* size) override;
  int PeerAddress(int fd, sockaddr* address, socklen_t* size) override;
  int Truncate(int fd, uint64_t size) override;
  int Close(int fd) override;
  int GetRandom(std::span<uint8_t> bytes) override;

  // One of the two.
  struct Descriptor {
    SimSocketPtr socket;
    SimFilePtr file;
  };
  SimSocketPtr Find(int fd) const;
  int AddDescriptor(Descriptor descriptor);

  void TakeSubmissions();
  void Submit(const io_uring_sqe& entry);
  void Execute(const Descriptor& descriptor, const SimRequestPtr& request);
  // The result of an IORING_OP_ASYNC_CANCEL.
  int Cancel(const io_uring_sqe& entry);
  // Whether the request could be cancelled.
  bool CancelOne(SimRequest& request);
  void Publish(const SimCompletion& completion);
  void Trace(const SimRequest& request) const;
  void Trace(const SimCompletion& completion) const;

  ManualClock& clock_;
  SimKernel kernel_;
  SimNetwork network_;
  SimFiles files_;

  RingMemory memory_;
  uint64_t last_request_ = 0;

  std::map<int, Descriptor> descriptors_;
  // By user_data, also those that have ended. Without cancel requests.
  absl::flat_hash_map<uint64_t, SimRequestPtr> requests_;
  std::atomic<bool> woken_ = false;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_SIM_DRIVER_H_
