#include "io/stream_socket.h"

#include <sys/socket.h>
#include <unistd.h>

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
  absl::Status await_resume() { return Finish(); }

 private:
  StreamSocket& socket_;
};

StreamSocket::StreamSocket(Loop& loop, BufferRing& buffers, int fd)
    : Operation(&StreamSocket::OnReceived),
      loop_(loop),
      buffers_(buffers),
      fd_(fd) {}

StreamSocket::~StreamSocket() {
  buffers_.Clear(received_);
  if (ReceiverNode::linked()) ReceiverNode::Unlink();
  if (fd_ >= 0) close(fd_);
}

void StreamSocket::Abandon(std::unique_ptr<StreamSocket> socket) {
  StreamSocket& self = *socket;
  CHECK(self.reader_.empty())
      << "a stream was destroyed while a task reads from it";
  self.closing_ = true;
  self.unread_ = Lease();
  self.buffers_.Clear(self.received_);
  if (self.ReceiverNode::linked()) self.ReceiverNode::Unlink();
  self.RequestCancel(self.loop_);  // Goes out before the close.
  self.loop_.CloseLater(std::exchange(self.fd_, -1));
  if (self.in_flight()) self.self_ = std::move(socket);
}

void StreamSocket::WaitForBytes(Reading& reading) {
  CHECK(reader_.empty()) << "two tasks read from one stream";
  reader_.Add(reading);
  Arm();
}

absl::StatusOr<Lease> StreamSocket::TakeReceived() {
  if (!unread_.empty()) return std::move(unread_);
  if (!received_.empty()) return buffers_.Pop(received_);
  if (end_ == kEnd) return Lease();
  return ErrnoStatus(-end_, "recv");
}

void StreamSocket::Arm() {
  // A parked socket is armed by the buffer ring; one whose cancellation is
  // under way, by the completion of that.
  if (in_flight() || ReceiverNode::linked()) return;
  io_uring_sqe* sqe = loop_.NextSqe();
  if (loop_.features().multishot_receive) {
    io_uring_prep_recv_multishot(sqe, fd_, nullptr, 0, 0);
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
    // Also when nobody wants the bytes: the buffer has to come back.
    self.buffers_.TakeInto(self.received_, cqe.flags, std::max(cqe.res, 0));
    if (cqe.res <= 0 || self.closing_) self.buffers_.Clear(self.received_);
  }
  if (self.closing_) {
    if (self.in_flight()) return;
    self.closer_.WakeAll();
    self.self_.reset();  // Frees an abandoned socket: nothing may follow.
    return;
  }
  switch (cqe.res) {
    case -ENOBUFS:  // All buffers are lent: wait for one, not an error.
      self.buffers_.Park(self);
      return;
    case -ECANCELED:  // Paused; but a reader may have come meanwhile.
      if (!self.reader_.empty()) self.buffers_.UpdateLater(self);
      return;
    case -EINTR:   // Nothing was received, and nothing is wrong
    case -EAGAIN:  // with the socket.
      self.buffers_.UpdateLater(self);
      return;
    default:
      if (cqe.res <= 0) self.end_ = cqe.res;
  }
  if (!self.reader_.empty()) {
    self.reader_.WakeFront();
  } else if (self.received_.size() >= kQueuedLeasesMax && self.in_flight() &&
             !self.ReceiverNode::linked()) {
    self.buffers_.UpdateLater(self);
  }
}

void StreamSocket::UpdateReceiving() {
  if (in_flight()) {
    if (received_.size() >= kQueuedLeasesMax) RequestCancel(loop_);
  } else if (end_ == kOpen && !reader_.empty()) {
    Arm();
  }
}

void StreamSocket::Sending::await_suspend(std::coroutine_handle<> handle) {
  Start(handle, [this](io_uring_sqe* sqe) {
    io_uring_prep_send(sqe, socket_.fd_, bytes_.data(), bytes_.size(),
                       kSendFlags);
  });
}

absl::StatusOr<size_t> StreamSocket::Sending::await_resume() {
  const int sent = Finish();
  if (sent < 0) return Error();
  return static_cast<size_t>(sent);
}

void StreamSocket::SendingParts::await_suspend(std::coroutine_handle<> handle) {
  Start(handle, [this](io_uring_sqe* sqe) {
    io_uring_prep_sendmsg(sqe, socket_.fd_, &message_, kSendFlags);
  });
}

absl::StatusOr<size_t> StreamSocket::SendingParts::await_resume() {
  const int sent = Finish();
  if (sent < 0) return Error();
  return static_cast<size_t>(sent);
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

Task<absl::Status> StreamSocket::Close(std::unique_ptr<StreamSocket> socket) {
  CHECK(socket->reader_.empty())
      << "a stream was closed while a task reads from it";
  socket->closing_ = true;
  socket->unread_ = Lease();
  socket->buffers_.Clear(socket->received_);
  if (socket->ReceiverNode::linked()) socket->ReceiverNode::Unlink();
  socket->RequestCancel(socket->loop_);
  const absl::Status ended = co_await Ended(*socket);
  DCHECK_OK(ended);
  co_return co_await CloseDescriptor(socket->loop_,
                                     std::exchange(socket->fd_, -1));
}

}  // namespace braid
