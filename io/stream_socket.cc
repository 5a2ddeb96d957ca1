#include "io/stream_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "absl/container/inlined_vector.h"
#include "async/status_macros.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"

namespace braid {
namespace {

// MSG_WAITALL: the kernel itself goes on after a short send, so that a write
// larger than the socket's buffer still costs one operation.
constexpr int kSendFlags = MSG_NOSIGNAL | MSG_WAITALL;

// The kernel sends at most this much at once; an entry has 32 bits for it.
constexpr size_t kSendBytesMax = 0x7ffff000;

}  // namespace

// Waits for the terminal completion of the receive.
class [[nodiscard]] StreamSocket::Ended final : public Waiter {
 public:
  explicit Ended(StreamSocket& socket)
      : Waiter("closing a socket", Uncancellable{}), socket_(socket) {}
  bool await_ready() const { return !socket_.in_flight(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    socket_.closer_.Add(*this);
  }
  void await_resume() {
    [[maybe_unused]] const absl::Status ended = Finish();
    DCHECK_OK(ended);
  }

 private:
  StreamSocket& socket_;
};

StreamSocket::Handle StreamSocket::Make(Loop& loop, BufferRing& buffers,
                                        int fd) {
  return Handle(new StreamSocket(loop, buffers, fd));
}

StreamSocket::StreamSocket(Loop& loop, BufferRing& buffers, int fd)
    : Operation(&StreamSocket::OnReceived),
      loop_(loop),
      buffers_(buffers),
      fd_(fd) {}

StreamSocket::~StreamSocket() { DCHECK(received_.empty() && fd_ < 0); }

void StreamSocket::StopReceiving() {
  CHECK(reader_.empty()) << "a stream was closed while a task reads from it";
  CHECK(!sending_) << "a stream was closed while a task writes to it";
  closing_ = true;
  unread_ = Lease();
  kept_ = Lease();
  buffers_.Clear(received_);
  NoteUnread();
  if (ReceiverNode::linked()) ReceiverNode::Unlink();
  RequestCancel(loop_);
}

void StreamSocket::Abandon() {
  std::unique_ptr<StreamSocket> self(this);
  if (fd_ < 0) return;  // Close() has done it all.
  StopReceiving();      // Goes out before the close, which does not cancel.
  loop_.CloseLater(std::exchange(fd_, -1));
  if (in_flight()) self_ = std::move(self);
}

void StreamSocket::WaitForBytes(Reading& reading) {
  CHECK(reader_.empty()) << "two tasks read from one stream";
  reader_.Add(reading);
  Arm();
}

absl::StatusOr<Lease> StreamSocket::TakeReceived() {
  Lease next;
  if (!unread_.empty()) {
    next = std::move(unread_);
  } else if (!kept_.empty()) {
    next = std::move(kept_);
  } else if (!received_.empty()) {
    next = buffers_.Pop(received_);
  }
  NoteUnread();
  if (!next.empty()) return next;
  if (end_ == kEnd) return Lease();
  return ErrnoStatus(-end_, "recv");
}

void StreamSocket::Arm() {
  // A parked socket is armed by the buffer ring; one whose cancellation is
  // under way, by the completion of that.
  if (in_flight() || ReceiverNode::linked()) return;
  const RingFeatures& features = loop_.features();
  io_uring_sqe* sqe = loop_.NextSqe();
  if (features.multishot_receive) {
    io_uring_prep_recv_multishot(sqe, fd_, nullptr, 0, 0);
    limited_ = features.receive_limit;
    if (limited_) {
      sqe->optlen = buffers_.queued_leases_max() * buffers_.buffer_bytes();
    }
  } else {
    io_uring_prep_recv(sqe, fd_, nullptr, 0, 0);
  }
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->buf_group = buffers_.group();
  Submit(loop_, sqe);
}

void StreamSocket::OnReceived(Operation& operation, const io_uring_cqe& cqe) {
  auto& self = static_cast<StreamSocket&>(operation);
  if ((cqe.flags & IORING_CQE_F_BUFFER) != 0) {
    if (cqe.res > 0 && !self.closing_) {
      self.buffers_.TakeInto(self.received_, cqe.flags,
                             static_cast<uint32_t>(cqe.res));
    } else {
      self.buffers_.Return(cqe.flags);  // Nobody's, but not the kernel's.
    }
  }
  if (self.closing_) {
    if (self.in_flight()) return;
    self.closer_.WakeAll();
    self.self_.reset();  // Frees an abandoned socket: nothing may follow.
    return;
  }
  switch (cqe.res) {
    case -ENOBUFS:
      self.buffers_.Park(self);
      return;
    case -ECANCELED:
    case -EINTR:
    case -EAGAIN:
      self.loop_.Defer(self);
      return;
    case -EINVAL:
      if (!self.limited_) break;
      self.loop_.driver().DropReceiveLimit();
      self.loop_.Defer(self);
      return;
    default:
      break;
  }
  if (cqe.res <= 0) self.end_ = cqe.res;
  if (!self.reader_.empty()) {
    self.reader_.WakeFront();
    return;
  }
  self.NoteUnread();
  if (self.in_flight() && self.is_to_pause()) self.loop_.Defer(self);
}

bool StreamSocket::UpdateReceiving() {
  if (in_flight()) {
    if (is_to_pause()) RequestCancel(loop_);
    return false;
  }
  if (end_ != kOpen || reader_.empty()) return false;
  Arm();
  return true;
}

bool StreamSocket::GiveBuffersBack() {
  if (!buffers_.Keep(unread_, kept_, received_)) return false;
  RequestCancel(loop_);
  return true;
}

void StreamSocket::Sending::await_suspend(std::coroutine_handle<> handle) {
  Begin();
  Start(handle, [this](io_uring_sqe* sqe) {
    io_uring_prep_send(sqe, socket_.fd_, bytes_.data(),
                       std::min(bytes_.size(), kSendBytesMax), kSendFlags);
  });
}

void StreamSocket::SendingParts::await_suspend(std::coroutine_handle<> handle) {
  Begin();
  Start(handle, [this](io_uring_sqe* sqe) {
    io_uring_prep_sendmsg(sqe, socket_.fd_, &message_, kSendFlags);
  });
}

Task<absl::Status> StreamSocket::WriteAll(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    CO_ASSIGN_OR_RETURN(const size_t sent, co_await Sending(*this, bytes));
    bytes = bytes.subspan(sent);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> StreamSocket::WriteAll(
    std::span<const std::string_view> parts) {
  absl::InlinedVector<iovec, 8> vectors;
  for (std::string_view part : parts) {
    if (!part.empty())
      vectors.push_back({const_cast<char*>(part.data()), part.size()});
  }
  std::span<iovec> left(vectors.data(), vectors.size());
  while (!left.empty()) {
    constexpr size_t kPartsMax = 1024;  // The kernel's UIO_MAXIOV.
    CO_ASSIGN_OR_RETURN(
        size_t sent, co_await SendingParts(
                         *this, left.first(std::min(left.size(), kPartsMax))));
    while (!left.empty() && sent >= left.front().iov_len) {
      sent -= left.front().iov_len;
      left = left.subspan(1);
    }
    if (sent > 0) {
      left.front().iov_base = static_cast<char*>(left.front().iov_base) + sent;
      left.front().iov_len -= sent;
    }
  }
  co_return absl::OkStatus();
}

Task<absl::Status> StreamSocket::Shutdown(int how) {
  co_return co_await SimpleOperation(loop_, "shutdown", {},
                                     [this, how](io_uring_sqe* sqe) {
                                       io_uring_prep_shutdown(sqe, fd_, how);
                                     });
}

Task<absl::Status> StreamSocket::Close(Handle socket) {
  if (socket == nullptr) co_return ErrnoStatus(EBADF, "close");
  socket->StopReceiving();
  co_await Ended(*socket);
  co_return co_await CloseDescriptor(socket->loop_,
                                     std::exchange(socket->fd_, -1));
}

}  // namespace braid
