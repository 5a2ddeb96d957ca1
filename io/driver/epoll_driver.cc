#include "io/driver/epoll_driver.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/driver/epoll_file_calls.h"
#include "io/driver/epoll_socket_calls.h"

namespace braid {
namespace {

constexpr MonotonicNanos kTryAgainNanos = 1'000'000;

}  // namespace

EpollDriver::EpollDriver(Clock& clock, const UringOptions& options)
    : clock_(clock),
      memory_(ring_, options.submission_entries, options.completion_entries),
      descriptors_(set_),
      threads_(std::in_place, set_) {
  features_ = {
      .multishot_accept = options.multishot_accept,
      .multishot_receive = options.multishot_receive,
      .receive_limit = options.receive_limit && options.multishot_receive};
  // So that a program with little I/O allocates nothing for it later.
  constexpr size_t kUsual = 64;
  pending_.reserve(kUsual);
  // Events come only by entering, also while the loop has work.
  memory_.AskForEnters();
}

absl::StatusOr<std::unique_ptr<EpollDriver>> EpollDriver::Create(
    Clock& clock, const UringOptions& options) {
  std::unique_ptr<EpollDriver> driver(new EpollDriver(clock, options));
  RETURN_IF_ERROR(driver->set_.Open());
  return driver;
}

EpollDriver::~EpollDriver() {
  for (const std::unique_ptr<EpollRequest>& request : requests_) {
    if (request->on_thread) threads_->Remove(*request);
    if (request->waits()) request->StopWaiting();
  }
  threads_.reset();
}

// The ring's other side. ------------------------------------------------------

void EpollDriver::Enter(Wait wait, MonotonicNanos deadline) {
  CHECK(std::this_thread::get_id() == owner_)
      << "a ring was used by another thread than the one that made it";
  ++stats_.enters;
  memory_.FlushOverflow();
  TakeSubmissions();
  TakeThreadResults();
  for (;;) {
    EpollQueue now;
    now.Splice(later_);
    while (!now.empty()) Start(now.PopFront());
    const bool may_wait = wait == Wait::kForOne && !memory_.has_completions() &&
                          (deadline == kNever || clock_.Now() < deadline);
    descriptors_.DropStaleInterest();
    const bool woken = TakeEvents(may_wait, deadline);
    TakeThreadResults();
    if (!may_wait || woken || memory_.has_completions()) return;
  }
}

void EpollDriver::TakeSubmissions() {
  while (const std::optional<io_uring_sqe> entry = memory_.TakeSubmission()) {
    ++stats_.submitted;
    Submit(*entry);
  }
}

EpollRequest& EpollDriver::NewRequest(const io_uring_sqe& entry) {
  if (free_requests_.empty()) {
    requests_.push_back(std::make_unique<EpollRequest>());
    free_requests_.push_back(requests_.back().get());
    free_requests_.reserve(requests_.size());
  }
  EpollRequest& request = *free_requests_.back();
  free_requests_.pop_back();
  request.entry = entry;
  request.moved = 0;
  request.begun = false;
  return request;
}

void EpollDriver::Publish(const EpollRequest& request, int result,
                          uint32_t flags) {
  if (result >= 0 && (request.entry.flags & IOSQE_CQE_SKIP_SUCCESS) != 0)
    return;
  if (!memory_.Publish({request.entry.user_data, result, flags}))
    ++stats_.cq_overflows;
}

void EpollDriver::End(EpollRequest& request, int result, uint32_t flags) {
  DCHECK(!request.on_thread);
  if (request.waits()) descriptors_.Remove(request);
  if (request.pending) {
    request.pending = false;
    const auto found = pending_.find(request.entry.user_data);
    if (found != pending_.end() && found->second == &request)
      pending_.erase(found);
  }
  Publish(request, result, flags);
  free_requests_.push_back(&request);
}

void EpollDriver::Submit(const io_uring_sqe& entry) {
  EpollRequest& request = NewRequest(entry);
  constexpr unsigned kKnownFlags = IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS;
  if ((entry.flags & ~kKnownFlags) != 0) return End(request, -EINVAL);
  switch (entry.opcode) {
    case IORING_OP_NOP:
      return End(request, (entry.nop_flags & IORING_NOP_INJECT_RESULT) != 0
                              ? static_cast<int>(entry.len)
                              : 0);
    case IORING_OP_ASYNC_CANCEL:
      return End(request, Cancel(entry));
    default:
      if (IsAboutPath(entry)) return HandToThread(request);
  }
  // What the ring finds out when it takes the entry.
  if (!descriptors_.IsUsable(entry.fd)) return End(request, -EBADF);
  switch (entry.opcode) {
    case IORING_OP_SHUTDOWN:
      return End(request,
                 OrErrno(shutdown(entry.fd, static_cast<int>(entry.len))));
    case IORING_OP_CLOSE:
      return Close(request);
    case IORING_OP_ACCEPT:
      MakeNonBlocking(entry.fd);
      return Start(request);
    case IORING_OP_POLL_ADD:
      if (entry.len != 0) return End(request, -EINVAL);  // Multishot.
      return Start(request);
    case IORING_OP_READ:
    case IORING_OP_WRITE:
    case IORING_OP_RECV:
    case IORING_OP_SEND:
    case IORING_OP_SENDMSG:
    case IORING_OP_CONNECT:
      return Start(request);
    default:
      if (RunsOnThread(entry)) return HandToThread(request);
      return End(request, -EOPNOTSUPP);
  }
}

void EpollDriver::NotePending(EpollRequest& request) {
  request.pending = true;
  pending_[request.entry.user_data] = &request;
}

int EpollDriver::Cancel(const io_uring_sqe& entry) {
  if ((entry.cancel_flags & IORING_ASYNC_CANCEL_ANY) != 0) {
    std::vector<EpollRequest*> all;
    for (const auto& [user_data, request] : pending_) all.push_back(request);
    int count = 0;
    for (EpollRequest* request : all) count += int{CancelOne(*request)};
    return count > 0 ? count : -ENOENT;
  }
  if (entry.cancel_flags != 0) return -EINVAL;
  const auto found = pending_.find(entry.addr);
  if (found == pending_.end()) return -ENOENT;
  return CancelOne(*found->second) ? 0 : -EALREADY;
}

bool EpollDriver::CancelOne(EpollRequest& request) {
  // A multishot's bytes have had completions of their own.
  const bool tells_bytes =
      request.moved > 0 && request.entry.opcode != IORING_OP_RECV;
  const int result = tells_bytes ? static_cast<int>(request.moved) : -ECANCELED;
  if (!request.on_thread) {
    End(request, result);
    return true;
  }
  if (!threads_->Remove(request)) return false;
  EndThreads(request, result);
  return true;
}

// What needs no thread. -------------------------------------------------------

void EpollDriver::Start(EpollRequest& request) {
  EpollDescriptor& descriptor = descriptors_.At(request.entry.fd);
  EpollQueue& queue = descriptor.QueueOf(request.entry);
  const bool its_turn = queue.empty() || &queue == &descriptor.polls;
  if (its_turn && Follow(request, Try(request))) return;
  const int error = descriptors_.Add(request);
  if (error == -EPERM) return HandToThread(request);  // A file.
  if (error != 0) return End(request, error);
  NotePending(request);
}

Attempt EpollDriver::Try(EpollRequest& request) {
  const auto publish_more = [&](int result, uint32_t flags) {
    Publish(request, result, flags);
  };
  switch (request.entry.opcode) {
    case IORING_OP_READ:
    case IORING_OP_WRITE:
      return TryTransfer(request.entry, request.moved);
    case IORING_OP_SEND:
    case IORING_OP_SENDMSG:
      return TrySend(request.entry, request.moved);
    case IORING_OP_CONNECT:
      return TryConnect(request.entry, request.begun);
    case IORING_OP_RECV:
      return TryReceive(request.entry, request.moved,
                        buffers_[request.entry.buf_group], publish_more);
    case IORING_OP_ACCEPT:
      return TryAccept(request.entry, publish_more);
    default:
      return TryPoll(request.entry);
  }
}

bool EpollDriver::Follow(EpollRequest& request, const Attempt& attempt) {
  switch (attempt.outcome) {
    case Attempt::Outcome::kDone:
      End(request, attempt.result, attempt.flags);
      return true;
    case Attempt::Outcome::kNotReady:
      return false;
    case Attempt::Outcome::kTryLater:
      if (request.waits()) descriptors_.Remove(request);
      later_.PushBack(request);
      NotePending(request);
      return true;
    case Attempt::Outcome::kNeedsThread:
      if (request.waits()) descriptors_.Remove(request);
      HandToThread(request);
      return true;
  }
}

void EpollDriver::TryQueue(EpollQueue& queue, bool stop_at_first) {
  for (EpollRequest* request = queue.First(); request != nullptr;) {
    EpollRequest* const next = queue.Next(*request);
    if (!Follow(*request, Try(*request)) && stop_at_first) return;
    request = next;
  }
}

// What needs one. -------------------------------------------------------------

void EpollDriver::HandToThread(EpollRequest& request) {
  const bool about_path = IsAboutPath(request.entry);
  // Whoever closes is nobody's to cancel.
  const bool closes = request.entry.opcode == IORING_OP_CLOSE;
  if (!closes) NotePending(request);
  if (threads_->Add(request)) {
    if (!about_path && !closes) ++descriptors_.At(request.entry.fd).on_threads;
    return;
  }
  // A descriptor must not stay open for want of a thread.
  End(request, closes ? RunOnThread(request.entry, 0) : -EAGAIN);
}

void EpollDriver::TakeThreadResults() {
  for (EpollRequest* request : threads_->TakeResults())
    EndThreads(*request, request->result);
}

void EpollDriver::EndThreads(EpollRequest& request, int result) {
  const bool uses_descriptor =
      !IsAboutPath(request.entry) && request.entry.opcode != IORING_OP_CLOSE;
  const int fd = request.entry.fd;
  request.on_thread = false;
  End(request, result);
  if (!uses_descriptor) return;
  EpollDescriptor& descriptor = descriptors_.At(fd);
  if (--descriptor.on_threads == 0 && descriptor.close != nullptr)
    CloseNow(*std::exchange(descriptor.close, nullptr));
}

void EpollDriver::Close(EpollRequest& request) {
  const int fd = request.entry.fd;
  EpollDescriptor& descriptor = descriptors_.At(fd);
  for (EpollRequest* other = later_.First(); other != nullptr;) {
    EpollRequest* const next = later_.Next(*other);
    if (other->entry.fd == fd) CancelOne(*other);
    other = next;
  }
  for (EpollQueue* queue :
       {&descriptor.readers, &descriptor.writers, &descriptor.polls}) {
    while (!queue->empty()) CancelOne(queue->front());
  }
  // Not left to close(2): a child that was forked and has not yet become
  // another program holds the file as well, and epoll would go on telling.
  descriptors_.DropInterest(fd);
  // The number must not mean something else before they have ended.
  if (descriptor.on_threads > 0) {
    descriptor.close = &request;
    return;
  }
  CloseNow(request);
}

void EpollDriver::CloseNow(EpollRequest& request) {
  if (CloseMayWait(request.entry.fd)) return HandToThread(request);
  End(request, RunOnThread(request.entry, 0));
}

bool EpollDriver::TakeEvents(bool may_wait, MonotonicNanos deadline) {
  if (!later_.empty())
    deadline = std::min(deadline, clock_.Now() + kTryAgainNanos);
  MonotonicNanos timeout_nanos = 0;
  if (may_wait) {
    timeout_nanos = deadline == kNever
                        ? kNever
                        : std::max<int64_t>(0, deadline - clock_.Now());
  }
  std::array<epoll_event, 256> events;
  const EpollSet::Result ready = set_.Wait(events, timeout_nanos);
  for (const epoll_event& event : ready.events) {
    EpollDescriptor& descriptor = descriptors_.At(event.data.fd);
    const bool ended = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    if ((event.events & EPOLLIN) != 0 || ended)
      TryQueue(descriptor.readers, /*stop_at_first=*/true);
    if ((event.events & EPOLLOUT) != 0 || ended)
      TryQueue(descriptor.writers, /*stop_at_first=*/true);
    TryQueue(descriptor.polls, /*stop_at_first=*/false);
  }
  return ready.woken;
}

absl::Status EpollDriver::RegisterBufferRing(io_uring_buf_ring* buffers,
                                             unsigned entries, uint16_t group) {
  buffers_[group] = ProvidedBuffers(buffers, entries);
  return absl::OkStatus();
}

void EpollDriver::UnregisterBufferRing(uint16_t group) {
  buffers_.erase(group);
}

std::string EpollDriver::Describe() const {
  return absl::StrCat("epoll without io_uring, at most ",
                      EpollThreads::kThreadsMax, " threads for files");
}

}  // namespace braid
