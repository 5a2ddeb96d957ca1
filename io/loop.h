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
#include "absl/time/time.h"
#include "async/executor.h"
#include "async/intrusive_list.h"
#include "async/scope.h"
#include "async/task.h"
#include "async/timer_queue.h"
#include "io/driver/driver.h"
#include "io/world.h"

namespace braid {

class Operation;
struct CancelAskedTag;
class BufferRing;
class BlockingPool;

// The limits of one loop. The defaults suit a server.
struct LoopOptions {
  // Buffers in which all sockets receive: how many there are at first, and how
  // many at most. More are added when all are lent; when that is not possible
  // any more, sockets wait for one (buffer_ring.h). Powers of two, at most
  // 32,768. Pages that were never filled take no memory.
  unsigned receive_buffers = 256;
  unsigned receive_buffers_max = 4096;
  // A multiple of 4,096.
  uint32_t receive_buffer_bytes = 16 << 10;
  // When all of them are lent, bytes that no task has read yet are copied out
  // of them, so that they serve those who read: at most this many.
  uint64_t unread_bytes_max = uint64_t{256} << 20;
  // Threads that Blocking() uses.
  int blocking_threads = 4;
};

// Counters of one loop. They only grow.
struct LoopStats {
  uint64_t turns = 0;
  uint64_t resumed = 0;    // Coroutines taken from the ready queue.
  uint64_t submitted = 0;  // Operations, without cancel requests.
  uint64_t completed = 0;  // Their terminal completions.
  uint64_t timers_fired = 0;
  uint64_t posts = 0;  // Functions posted from outside that have run.
  uint64_t posts_at_once_max = 0;  // The most that ran in one turn.
};

// Something that shares the loop's thread and gets its turn once in each turn
// of the loop, as the JS runtime does.
class LoopGuest {
 public:
  virtual ~LoopGuest() = default;

  // Runs after the ready coroutines and the timers, before the loop submits
  // and waits. It may make coroutines ready and submit operations, but must
  // not add or remove guests.
  virtual void OnTurn() = 0;

  // Whether it has work that cannot wait for an event: the loop then only
  // polls the ring instead of waiting.
  virtual bool HasImmediateWork() const = 0;
};

// What has to submit because of a completion, whose handler must not.
class DeferredNode : public ListNode<struct DeferredNodeTag> {
 public:
  // Called once, at the end of a turn; may submit.
  virtual void RunDeferred() = 0;

 protected:
  ~DeferredNode() = default;
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
// must end before it. Thread: everything but Post() and posts_waiting() belongs
// to the thread that made the World; another thread that runs a turn ends the
// process with a message.
class Loop {
 public:
  static constexpr size_t kReadyBudget = 4096;

  explicit Loop(World world, const LoopOptions& options = {});
  // REQUIRES: no task is left (Run() has returned). Destroys what was posted
  // and has not run, cancels what is still in flight (closing sockets) and
  // waits until the kernel has let go of all of it.
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
  // order of the calls of each thread. It must not throw. May be called from
  // any thread, as long as the loop exists. It does not keep Run() from
  // returning; what was posted and has not run by then runs in the next Run(),
  // or is destroyed with the loop. The queue has no bound of its own: it holds
  // what was posted during one turn, so whoever posts without end has to wait
  // for answers. How deep it is and was, posts_waiting() and stats() tell.
  void Post(absl::AnyInvocable<void()> function);
  // How many functions were posted and have not run.
  size_t posts_waiting() const;

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
  // a full queue is handed over first. A kernel that takes nothing, being short
  // of memory, is asked again for 10 s; then the process ends.
  io_uring_sqe* NextSqe() {
    io_uring_sqe* sqe = io_uring_get_sqe(&world_.driver->ring());
    if (sqe == nullptr) [[unlikely]]
      sqe = NextSqeWhenFull();
    return sqe;
  }
  // Calls the node at the end of the turn, unless it is waiting for a call
  // already. One that ends before leaves the list.
  void Defer(DeferredNode& node) {
    if (!node.linked()) deferred_.PushBack(node);
  }
  // Closes a descriptor through the ring; nobody waits for the result, but the
  // loop does not end before it.
  void CloseLater(int fd);

  // Asks the kernel to end an operation, and asks again, from time to time, as
  // long as the operation goes on and the kernel does not find it: it may be
  // between two states in which it can be found.
  void AskToCancel(Operation& operation);
  // An operation that was asked has ended.
  void NoteCancelEnded(Operation& operation);

  void NoteSubmitted() { ++stats_.submitted; }
  void NoteTerminal() { ++stats_.completed; }
  // The ledger: operations whose terminal completion is still to come. 0 when
  // no task waits for I/O and no socket is open that was read from.
  uint64_t in_flight() const { return stats_.submitted - stats_.completed; }

  const LoopStats& stats() const { return stats_; }
  // The counters of loop, ring and receive buffers as text, a line each, for
  // `--stats`.
  std::string FormatStats() const;

 private:
  using PostedFunctions = std::vector<absl::AnyInvocable<void()>>;

  void ReapCompletions();
  // Completions that belong to no operation.
  void TakeTagged(const io_uring_cqe& cqe);
  io_uring_sqe* NextSqeWhenFull();
  void RunDeferred();
  void RunPosted();
  void DropPosted();
  void DrainRing();
  void SubmitCancel(Operation& operation);
  void AskAgain();

  // When to ask again those that were asked to end and have not.
  class AskAgainTimer final : public TimerNode {
   public:
    explicit AskAgainTimer(Loop& loop)
        : TimerNode([](TimerNode& timer) {
            static_cast<AskAgainTimer&>(timer).loop_.AskAgain();
          }),
          loop_(loop) {}

   private:
    Loop& loop_;
  };

  World world_;
  const LoopOptions options_;
  Executor executor_;
  LoopStats stats_;
  bool poll_only_ = false;       // Run() is over: the turn must not wait.
  uint64_t closes_pending_ = 0;  // Of CloseLater().
  std::vector<LoopGuest*> guests_;
  IntrusiveList<DeferredNode, DeferredNodeTag> deferred_;
  IntrusiveList<Operation, CancelAskedTag> cancelling_;
  AskAgainTimer ask_again_{*this};
  absl::Duration ask_again_pause_;
  std::unique_ptr<BufferRing> receive_buffers_;
  std::unique_ptr<BlockingPool> blocking_pool_;

  mutable std::mutex post_mutex_;
  PostedFunctions posted_;   // Guarded by post_mutex_.
  PostedFunctions running_;  // What RunPosted() runs; kept for its memory.
  // How a Post() ends a wait, without a system call when there is none. Each
  // side writes its flag and then reads the other's, all four in one total
  // order (sequential consistency), so one of them sees the other:
  //   Post():  has_posted_ = true;  if (sleeping_) wake the driver
  //   Turn():  sleeping_ = true;    if (has_posted_) do not wait
  // The first poster to see sleeping_ takes it back, so that a thousand posts
  // wake once.
  std::atomic<bool> has_posted_ = false;
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
