#ifndef BRAID_IO_LOOP_H_
#define BRAID_IO_LOOP_H_

#include <liburing.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/executor.h"
#include "async/scope.h"
#include "async/task.h"
#include "io/driver/driver.h"
#include "io/world.h"

namespace braid {

class Operation;
class BufferRing;
class BlockingPool;

// Counters of one loop. They only grow.
struct LoopStats {
  uint64_t turns = 0;
  uint64_t resumed = 0;    // Coroutines taken from the ready queue.
  uint64_t submitted = 0;  // Operations, without cancel requests.
  uint64_t completed = 0;  // Their terminal completions.
  uint64_t timers_fired = 0;
  uint64_t posts = 0;  // Functions posted from outside.
};

// Something that shares the loop's thread and gets its turn once in each turn
// of the loop, as the JS runtime does.
class LoopGuest {
 public:
  virtual ~LoopGuest() = default;

  // Runs after the ready coroutines and the timers, before the loop submits
  // and waits. It may make coroutines ready and submit operations.
  virtual void OnTurn() = 0;

  // Whether it has work that cannot wait for an event: the loop then only
  // polls the ring instead of waiting.
  virtual bool HasImmediateWork() const = 0;
};

// One thread, one ring: runs coroutines, timers and I/O.
//
//   absl::StatusOr<World> world = World::System();
//   Loop loop(*std::move(world));
//   absl::Status status = loop.Run(Serve(loop));
//
// One turn: resume what is ready (at most kReadyBudget coroutines, so nothing
// starves), fire due timers, give guests their turn, then submit everything
// queued and wait for completions in one system call. Completions queue
// coroutines; they never resume one by themselves.
//
// Ownership: the loop owns its World. Sockets and files refer to the loop and
// must end before it. Thread: everything but Post() belongs to the thread that
// made the loop.
class Loop {
 public:
  static constexpr size_t kReadyBudget = 4096;

  explicit Loop(World world);
  // REQUIRES: no task is left (Run() has returned). Cancels what is still in
  // flight (closing sockets) and waits for its completions.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs `main` and everything it starts to the end and gives its result.
  // Rethrows an exception that it lets out. Not reentrant.
  template <typename T>
  T Run(Task<T> main);

  // One turn; Run() is made of it. First runs what is ready, then submits and,
  // with kForOne, waits for an event unless something is ready by then: also
  // when it has run something. With kNo it only looks for what has completed.
  void Turn(Driver::Wait wait);

  // Runs `function` on the loop's thread, in one of the next turns, in the
  // order of the calls of each thread. May be called from any thread, as long
  // as the loop exists. It does not keep Run() from returning; what was posted
  // and has not run by then runs in the next Run(), or is destroyed with the
  // loop.
  void Post(absl::AnyInvocable<void()> function);

  Executor& executor() { return executor_; }
  Clock& clock() { return *world_.clock; }
  std::mt19937_64& random() { return world_.random; }
  Driver& driver() { return *world_.driver; }
  const RingFeatures& features() const { return world_.driver->features(); }

  // The receive buffers that all sockets of the loop share; made at first use.
  // Errors: UnavailableError when the kernel refuses them.
  absl::StatusOr<BufferRing*> receive_buffers();
  // The threads of Blocking(); made at first use.
  BlockingPool& blocking_pool();

  void AddGuest(LoopGuest& guest);
  void RemoveGuest(LoopGuest& guest);

  // For operations. ---------------------------------------------------------

  // A cleared submission entry; it goes out at the end of the turn. Never null:
  // a full queue is handed over first.
  io_uring_sqe* NextSqe() {
    io_uring_sqe* sqe = io_uring_get_sqe(&world_.driver->ring());
    if (sqe == nullptr) [[unlikely]]
      sqe = NextSqeWhenFull();
    return sqe;
  }
  // Closes a descriptor through the ring; nobody waits for the result.
  void CloseLater(int fd);

  void NoteSubmitted() { ++stats_.submitted; }
  void NoteTerminal() { ++stats_.completed; }
  // Operations whose terminal completion is still to come.
  uint64_t in_flight() const { return stats_.submitted - stats_.completed; }

  const LoopStats& stats() const { return stats_; }
  // The counters of loop and ring as text, a line each, for `--stats`.
  std::string FormatStats() const;

 private:
  class WakeUp;

  void ReapCompletions();
  io_uring_sqe* NextSqeWhenFull();
  void RunPosted();

  World world_;
  Executor executor_;
  LoopStats stats_;
  bool poll_only_ = false;  // Run() is over: the turn must not wait.
  std::vector<LoopGuest*> guests_;
  std::unique_ptr<WakeUp> wake_up_;
  std::unique_ptr<BufferRing> receive_buffers_;
  std::unique_ptr<BlockingPool> blocking_pool_;

  std::mutex post_mutex_;
  std::vector<absl::AnyInvocable<void()>> posted_;  // Guarded by post_mutex_.
  std::atomic<bool> has_posted_ = false;
  // Whether the loop is about to wait or waits, so that a Post() has to wake
  // it. Paired with has_posted_ in the order of sequential consistency: either
  // the poster sees kSleeping or the loop sees what was posted.
  std::atomic<bool> sleeping_ = false;
};

template <typename T>
T Loop::Run(Task<T> main) {
  std::conditional_t<std::is_void_v<T>, bool, std::optional<T>> result{};
  std::exception_ptr exception;
  Scope scope(executor_.root_scope());
  scope.Spawn([&]() -> Task<void> {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(main);
      } else {
        result.emplace(co_await std::move(main));
      }
    } catch (...) {
      exception = std::current_exception();
    }
    // The turn that ends the last task must not wait for another event.
    poll_only_ = true;
  });
  while (scope.size() > 0) Turn(Driver::Wait::kForOne);
  if (exception != nullptr) std::rethrow_exception(exception);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace braid

#endif  // BRAID_IO_LOOP_H_
