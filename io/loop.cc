#include "io/loop.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/strings/str_cat.h"
#include "io/blocking.h"
#include "io/buffer_ring.h"
#include "io/operation.h"

namespace braid {
namespace {

// How long a cancelled operation that the kernel did not find is left alone
// before it is asked again: twice as long each time.
constexpr absl::Duration kAskAgainPauseMin = absl::Milliseconds(1);
constexpr absl::Duration kAskAgainPauseMax = absl::Milliseconds(128);

}  // namespace

Loop::Loop(World world, const LoopOptions& options)
    : world_(std::move(world)), options_(options), executor_(*world_.clock) {}

Loop::~Loop() {
  // Threads of the pool post their results; they end before what they post to.
  blocking_pool_.reset();
  // What was posted may own sockets and files, which close through the ring.
  DropPosted();
  DrainRing();
}

void Loop::DropPosted() {
  PostedFunctions functions;
  {
    std::lock_guard lock(post_mutex_);
    functions.swap(posted_);
  }
}

// Sockets that were closed may still have an operation in flight; the kernel
// must not write into them once they are gone. And a close that has not
// happened would leak its descriptor.
void Loop::DrainRing() {
  // Once is enough, unless an operation is just between two states in which
  // the kernel can find it.
  constexpr int64_t kCancelAgainNanos = 100'000'000;
  MonotonicNanos next_cancel = 0;
  while (in_flight() > 0 || closes_pending_ > 0) {
    const MonotonicNanos now = clock().Now();
    if (in_flight() > 0 && now >= next_cancel) {
      io_uring_sqe* sqe = NextSqe();
      io_uring_prep_cancel64(sqe, 0,
                             IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
      sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
      io_uring_sqe_set_data64(sqe, 0);
      next_cancel = now + kCancelAgainNanos;
    }
    world_.driver->Enter(Driver::Wait::kForOne, now + kCancelAgainNanos);
    ReapCompletions();
  }
}

void Loop::Turn(Driver::Wait wait) {
  ++stats_.turns;
  if (has_posted_.load(std::memory_order_acquire)) RunPosted();
  stats_.resumed += executor_.RunReady(kReadyBudget);
  stats_.timers_fired += executor_.RunTimers();
  for (LoopGuest* guest : guests_) guest->OnTurn();
  const bool parked_can_receive =
      receive_buffers_ != nullptr && receive_buffers_->ServeParked();
  RunDeferred();

  const bool more_work =
      executor_.has_ready() || parked_can_receive ||
      std::any_of(guests_.begin(), guests_.end(), [](const LoopGuest* guest) {
        return guest->HasImmediateWork();
      });
  if (more_work || poll_only_) wait = Driver::Wait::kNo;
  poll_only_ = false;
  if (wait == Driver::Wait::kForOne) {
    sleeping_.store(true, std::memory_order_seq_cst);
    if (has_posted_.load(std::memory_order_seq_cst)) wait = Driver::Wait::kNo;
  }
  // While there is work, a look at the ring is free unless the kernel says
  // that it has something or something is to be submitted.
  io_uring& ring = world_.driver->ring();
  if (wait == Driver::Wait::kForOne || io_uring_sq_ready(&ring) > 0 ||
      io_uring_cq_has_overflow(&ring) ||
      (IO_URING_READ_ONCE(*ring.sq.kflags) & IORING_SQ_TASKRUN) != 0) {
    world_.driver->Enter(wait, executor_.timers().NextDeadline());
  }
  sleeping_.store(false, std::memory_order_relaxed);
  ReapCompletions();
}

void Loop::ReapCompletions() {
  static_assert(alignof(Operation) >= 1 << kCompletionTagBits);
  constexpr uint64_t kTagMask = (1 << kCompletionTagBits) - 1;
  io_uring& ring = world_.driver->ring();
  io_uring_cqe* cqe;
  unsigned head;
  unsigned count = 0;
  io_uring_for_each_cqe(&ring, head, cqe) {
    ++count;
    if ((cqe->user_data & kTagMask) == 0 && cqe->user_data != 0) [[likely]] {
      static_cast<Operation*>(io_uring_cqe_get_data(cqe))
          ->Complete(*this, *cqe);
    } else {
      TakeTagged(*cqe);
    }
  }
  io_uring_cq_advance(&ring, count);
  world_.driver->CountCompletions(count);
}

void Loop::TakeTagged(const io_uring_cqe& cqe) {
  constexpr uint64_t kTagMask = (1 << kCompletionTagBits) - 1;
  switch (static_cast<CompletionTag>(cqe.user_data & kTagMask)) {
    case CompletionTag::kOperation:
      // A cancel request that found nothing. Its operation has ended, or was
      // in a moment in which the kernel cannot find it.
      if (!cancelling_.empty() && !ask_again_.pending()) {
        executor_.timers().Add(ask_again_,
                               DeadlineAfter(clock().Now(), ask_again_pause_));
      }
      break;
    case CompletionTag::kWake:
      world_.driver->OnWakeCompletion(cqe.flags);
      break;
    case CompletionTag::kClose:
      --closes_pending_;
      // Cancelled before it began (DrainRing() cancels everything). All other
      // errors leave the descriptor closed.
      if (cqe.res == -ECANCELED) {
        world_.driver->calls().Close(
            static_cast<int>(cqe.user_data >> kCompletionTagBits));
      }
      break;
  }
}

void Loop::AskToCancel(Operation& operation) {
  if (cancelling_.empty()) ask_again_pause_ = kAskAgainPauseMin;
  SubmitCancel(operation);
}

void Loop::SubmitCancel(Operation& operation) {
  cancelling_.PushBack(operation);
  // May complete the operation; from here on it is an address alone. Nothing
  // else can be submitted at that address before this entry.
  io_uring_sqe* sqe = NextSqe();
  io_uring_prep_cancel(sqe, &operation, 0);
  // The operation's own completion tells how it ended; only a request that
  // found nothing posts one of its own.
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(sqe, 0);
}

void Loop::AskAgain() {
  ask_again_pause_ = std::min(2 * ask_again_pause_, kAskAgainPauseMax);
  IntrusiveList<Operation, CancelAskedTag> asked;
  asked.Splice(cancelling_);
  while (!asked.empty()) {
    Operation& operation = asked.front();
    operation.ListNode<CancelAskedTag>::Unlink();
    SubmitCancel(operation);
  }
}

void Loop::NoteCancelEnded(Operation& operation) {
  operation.ListNode<CancelAskedTag>::Unlink();
  if (cancelling_.empty() && ask_again_.pending())
    executor_.timers().Remove(ask_again_);
}

io_uring_sqe* Loop::NextSqeWhenFull() {
  // A kernel that has no room for completions takes no submissions before they
  // are taken out, so both are done in turns. One that is short of memory gets
  // some time, which the whole thread waits: without an entry nothing can go
  // on, not even a cancellation.
  constexpr int kAttemptsAtOnce = 10;
  constexpr auto kPause = std::chrono::microseconds(100);
  constexpr MonotonicNanos kPatienceNanos = 10'000'000'000;
  MonotonicNanos give_up = kNever;
  for (int attempt = 1;; ++attempt) {
    world_.driver->Enter(Driver::Wait::kNo, kNever);
    if (io_uring_sqe* sqe = io_uring_get_sqe(&world_.driver->ring()))
      return sqe;
    ReapCompletions();
    if (attempt < kAttemptsAtOnce) continue;
    const MonotonicNanos now = clock().Now();
    if (attempt == kAttemptsAtOnce) give_up = now + kPatienceNanos;
    if (now >= give_up) break;
    std::this_thread::sleep_for(kPause);
  }
  LOG(FATAL) << "the kernel has taken no submissions for 10 s";
}

void Loop::CloseLater(int fd) {
  DCHECK_GE(fd, 0);
  ++closes_pending_;
  io_uring_sqe* sqe = NextSqe();
  io_uring_prep_close(sqe, fd);
  io_uring_sqe_set_data64(sqe,
                          static_cast<uint64_t>(fd) << kCompletionTagBits |
                              static_cast<uint64_t>(CompletionTag::kClose));
}

void Loop::Post(absl::AnyInvocable<void()> function) {
  {
    std::lock_guard lock(post_mutex_);
    posted_.push_back(std::move(function));
  }
  has_posted_.store(true, std::memory_order_seq_cst);
  // The load alone keeps posters to a busy loop from fighting over the flag.
  if (sleeping_.load(std::memory_order_seq_cst) &&
      sleeping_.exchange(false, std::memory_order_seq_cst)) {
    world_.driver->Wake();
  }
}

void Loop::RunDeferred() {
  // Submitting may take completions out, which may put more here: those are for
  // the next turn.
  IntrusiveList<DeferredNode, DeferredNodeTag> now;
  now.Splice(deferred_);
  while (!now.empty()) now.PopFront().RunDeferred();
}

void Loop::RunPosted() {
  {
    std::lock_guard lock(post_mutex_);
    // Not behind the lock: a poster that is let in next sets it again.
    has_posted_.store(false, std::memory_order_relaxed);
    running_.swap(posted_);
  }
  stats_.posts += running_.size();
  stats_.posts_at_once_max =
      std::max<uint64_t>(stats_.posts_at_once_max, running_.size());
  for (absl::AnyInvocable<void()>& function : running_) function();
  running_.clear();
  // The memory is kept for the next ones, but not that of a rare flood.
  constexpr size_t kKeptMax = 4096;
  if (running_.capacity() > kKeptMax) PostedFunctions().swap(running_);
}

void Loop::AddGuest(LoopGuest& guest) { guests_.push_back(&guest); }

void Loop::RemoveGuest(LoopGuest& guest) { std::erase(guests_, &guest); }

absl::StatusOr<BufferRing*> Loop::receive_buffers() {
  if (receive_buffers_ == nullptr) {
    absl::StatusOr<std::unique_ptr<BufferRing>> made = BufferRing::Create(
        *this, {.count = options_.receive_buffers,
                .count_max = options_.receive_buffers_max,
                .buffer_bytes = options_.receive_buffer_bytes,
                .kept_bytes_max = options_.unread_bytes_max});
    if (!made.ok()) return made.status();
    receive_buffers_ = *std::move(made);
  }
  return receive_buffers_.get();
}

BlockingPool& Loop::blocking_pool() {
  if (blocking_pool_ == nullptr) {
    blocking_pool_ =
        std::make_unique<BlockingPool>(*this, options_.blocking_threads);
  }
  return *blocking_pool_;
}

size_t Loop::posts_waiting() const {
  std::lock_guard lock(post_mutex_);
  return posted_.size();
}

std::string Loop::FormatStats() const {
  const DriverStats& driver = world_.driver->stats();
  std::string text = absl::StrCat(
      "loop turns          ", stats_.turns, "\ncoroutines resumed  ",
      stats_.resumed, "\ntimers fired        ", stats_.timers_fired,
      "\nposted functions    ", stats_.posts, ", ", posts_waiting(),
      " waiting, at most ", stats_.posts_at_once_max,
      " at once\noperations          ", stats_.submitted, " submitted, ",
      stats_.completed, " completed\nring enters         ", driver.enters,
      "\nring submissions    ", driver.submitted, "\nring completions    ",
      driver.completions, "\nring overflows      ", driver.cq_overflows, "\n");
  if (receive_buffers_ != nullptr) text += receive_buffers_->FormatStats();
  return text;
}

}  // namespace braid
