#include "io/loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/strings/str_cat.h"
#include "io/blocking.h"
#include "io/buffer_ring.h"
#include "io/operation.h"

namespace braid {

// The eventfd that Post() writes to, and the read that notices.
class Loop::WakeUp final : public Operation {
 public:
  explicit WakeUp(Loop& loop)
      : Operation([](Operation&, const io_uring_cqe&) {}),
        loop_(loop),
        event_fd_(eventfd(0, EFD_CLOEXEC)) {
    PCHECK(event_fd_ >= 0) << "no eventfd for the loop's wake-up";
  }
  ~WakeUp() { close(event_fd_); }

  // Keeps a read pending. It is not an operation of the program, so it stays
  // out of the ledger's count.
  void Arm() {
    if (in_flight()) return;
    io_uring_sqe* sqe = loop_.NextSqe();
    io_uring_prep_read(sqe, event_fd_, &count_, sizeof(count_), 0);
    Submit(loop_, sqe);
  }

  // From any thread.
  void Ring() {
    const uint64_t one = 1;
    // Fails only when 2^64 - 2 wake-ups are pending, and then it is awake.
    [[maybe_unused]] const ssize_t written =
        write(event_fd_, &one, sizeof(one));
  }

 private:
  Loop& loop_;
  const int event_fd_;
  uint64_t count_ = 0;
};

Loop::Loop(World world)
    : world_(std::move(world)),
      executor_(*world_.clock),
      wake_up_(std::make_unique<WakeUp>(*this)) {}

Loop::~Loop() {
  // Sockets that were closed may still have an operation in flight, and the
  // wake-up has; the kernel must not write into them once they are gone.
  if (in_flight() > 0) {
    io_uring_sqe* sqe = NextSqe();
    io_uring_prep_cancel64(sqe, 0,
                           IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data(sqe, nullptr);
    while (in_flight() > 0) {
      world_.driver->Enter(Driver::Wait::kForOne, kNever);
      ReapCompletions();
    }
  }
  world_.driver->Enter(Driver::Wait::kNo, kNever);  // The last queued closes.
  // Threads of the pool post their results; they end before what they post to.
  blocking_pool_.reset();
}

void Loop::Turn(Driver::Wait wait) {
  ++stats_.turns;
  wake_up_->Arm();
  if (has_posted_.load(std::memory_order_acquire)) RunPosted();
  stats_.resumed += executor_.RunReady(kReadyBudget);
  stats_.timers_fired += executor_.RunTimers();
  for (LoopGuest* guest : guests_) guest->OnTurn();
  if (receive_buffers_ != nullptr) receive_buffers_->UpdateReceivers();

  const bool more_work =
      executor_.has_ready() ||
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
  io_uring& ring = world_.driver->ring();
  io_uring_cqe* cqe;
  unsigned head;
  unsigned count = 0;
  io_uring_for_each_cqe(&ring, head, cqe) {
    ++count;
    auto* operation = static_cast<Operation*>(io_uring_cqe_get_data(cqe));
    if (operation != nullptr) operation->Complete(*this, *cqe);
  }
  io_uring_cq_advance(&ring, count);
  world_.driver->CountCompletions(count);
}

io_uring_sqe* Loop::NextSqeWhenFull() {
  // A kernel that has no room for completions takes no submissions before they
  // are taken out, so both are done in turns.
  constexpr int kAttemptsMax = 1'000;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    world_.driver->Enter(Driver::Wait::kNo, kNever);
    if (io_uring_sqe* sqe = io_uring_get_sqe(&world_.driver->ring()))
      return sqe;
    ReapCompletions();
  }
  LOG(FATAL) << "the kernel takes no submissions";
}

void Loop::CloseLater(int fd) {
  io_uring_sqe* sqe = NextSqe();
  io_uring_prep_close(sqe, fd);
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data(sqe, nullptr);
}

void Loop::Post(absl::AnyInvocable<void()> function) {
  {
    std::lock_guard lock(post_mutex_);
    posted_.push_back(std::move(function));
  }
  has_posted_.store(true, std::memory_order_seq_cst);
  if (sleeping_.exchange(false, std::memory_order_seq_cst)) wake_up_->Ring();
}

void Loop::RunPosted() {
  std::vector<absl::AnyInvocable<void()>> functions;
  {
    std::lock_guard lock(post_mutex_);
    has_posted_.store(false, std::memory_order_relaxed);
    functions.swap(posted_);
  }
  stats_.posts += functions.size();
  for (absl::AnyInvocable<void()>& function : functions) function();
}

void Loop::AddGuest(LoopGuest& guest) { guests_.push_back(&guest); }

void Loop::RemoveGuest(LoopGuest& guest) { std::erase(guests_, &guest); }

absl::StatusOr<BufferRing*> Loop::receive_buffers() {
  if (receive_buffers_ == nullptr) {
    absl::StatusOr<std::unique_ptr<BufferRing>> made =
        BufferRing::Create(*this, {});
    if (!made.ok()) return made.status();
    receive_buffers_ = *std::move(made);
  }
  return receive_buffers_.get();
}

BlockingPool& Loop::blocking_pool() {
  if (blocking_pool_ == nullptr)
    blocking_pool_ = std::make_unique<BlockingPool>(*this);
  return *blocking_pool_;
}

std::string Loop::FormatStats() const {
  const DriverStats& driver = world_.driver->stats();
  return absl::StrCat(
      "loop turns          ", stats_.turns, "\ncoroutines resumed  ",
      stats_.resumed, "\ntimers fired        ", stats_.timers_fired,
      "\nposted functions    ", stats_.posts, "\noperations          ",
      stats_.submitted, " submitted, ", stats_.completed,
      " completed\nring enters         ", driver.enters,
      "\nring submissions    ", driver.submitted, "\nring completions    ",
      driver.completions, "\nring overflows      ", driver.cq_overflows, "\n");
}

}  // namespace braid
