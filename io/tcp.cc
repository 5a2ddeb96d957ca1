#include "io/tcp.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>

#include "absl/log/check.h"
#include "async/status_macros.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"

namespace braid {
namespace {

class [[nodiscard]] ConnectOperation final : public AwaitableOperation {
 public:
  ConnectOperation(Loop& loop, int fd, const SocketAddress& address)
      : AwaitableOperation(loop, "connect"), fd_(fd), address_(address) {}
  void await_suspend(std::coroutine_handle<> handle) {
    Start(handle, [this](io_uring_sqe* sqe) {
      io_uring_prep_connect(sqe, fd_, address_.data(), address_.size());
    });
  }
  absl::Status await_resume() {
    return Finish() < 0 ? Error(address_.text()) : absl::OkStatus();
  }

 private:
  const int fd_;
  const SocketAddress& address_;
};

// Accepted sockets inherit the option from the listening one.
void SetNoDelay(SystemCalls& calls, int fd) {
  const int on = 1;
  calls.SetOption(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

Task<absl::StatusOr<TcpStream>> TcpStream::Connect(Loop& loop,
                                                   SocketAddress address) {
  CO_ASSIGN_OR_RETURN(BufferRing * buffers, loop.receive_buffers());
  SystemCalls& calls = loop.driver().calls();
  const int fd = calls.Socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC);
  if (fd < 0) co_return ErrnoStatus(-fd, "socket", address.text());
  SetNoDelay(calls, fd);
  // Closes the descriptor if connecting fails.
  TcpStream stream(StreamSocket::Make(loop, *buffers, fd));
  CO_RETURN_IF_ERROR(co_await ConnectOperation(loop, fd, address));
  co_return stream;
}

absl::StatusOr<TcpStream> TcpStream::Adopt(Loop& loop, int fd) {
  const absl::StatusOr<BufferRing*> buffers = loop.receive_buffers();
  if (!buffers.ok()) {
    loop.driver().calls().Close(fd);
    return buffers.status();
  }
  return TcpStream(StreamSocket::Make(loop, **buffers, fd));
}

Task<absl::StatusOr<size_t>> TcpStream::ReadInto(std::span<uint8_t> buffer) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    CO_ASSIGN_OR_RETURN(Lease lease, co_await Read());
    if (lease.empty()) break;
    const size_t count = std::min(lease.size(), buffer.size() - filled);
    memcpy(buffer.data() + filled, lease.data(), count);
    filled += count;
    lease.RemovePrefix(count);
    if (!lease.empty()) socket().Unread(std::move(lease));
  }
  co_return filled;
}

Task<absl::Status> TcpStream::ShutdownWrite() {
  return socket().Shutdown(SHUT_WR);
}

// The listening socket. As a StreamSocket, it outlives its handle until the
// kernel has answered the accept for the last time.
class TcpListener::Acceptor final : public Operation, private DeferredNode {
 public:
  // Connections that were accepted and not asked for; then accepting pauses
  // and the rest waits in the kernel's backlog. Before a pause takes effect the
  // kernel may have accepted what the backlog held.
  static constexpr size_t kQueuedMax = 64;

  Acceptor(Loop& loop, BufferRing& buffers, int fd)
      : Operation(&Acceptor::OnAccepted),
        loop_(loop),
        buffers_(buffers),
        fd_(fd) {}
  ~Acceptor() {
    for (int fd : accepted_) loop_.driver().calls().Close(fd);
  }

  void Abandon() {
    std::unique_ptr<Acceptor> self(this);
    if (fd_ < 0) return;  // Close() has done it all.
    StopAccepting();      // Goes out before the close, which does not cancel.
    loop_.CloseLater(std::exchange(fd_, -1));
    if (in_flight()) self_ = std::move(self);
  }

  Task<std::vector<TcpStream>> Close();

  int fd() const { return fd_; }
  bool ready() const { return !accepted_.empty() || error_ != 0; }

  void Wait(Accepting& accepting) {
    CHECK(waiting_.empty()) << "two tasks accept from one listener";
    waiting_.Add(accepting);
    if (!in_flight()) Arm();
  }

  absl::StatusOr<TcpStream> Take() {
    if (!accepted_.empty()) {
      const int fd = accepted_.front();
      accepted_.pop_front();
      return TcpStream(StreamSocket::Make(loop_, buffers_, fd));
    }
    return ErrnoStatus(std::exchange(error_, 0), "accept");
  }

 private:
  class Ended;

  // What Abandon() and Close() begin with.
  void StopAccepting() {
    CHECK(waiting_.empty()) << "a listener was closed while a task accepts";
    closing_ = true;
    if (DeferredNode::linked()) DeferredNode::Unlink();
    RequestCancel(loop_);
  }

  // Takes what waits in the backlog. REQUIRES: !in_flight().
  void AcceptBacklog();

  void Arm() {
    io_uring_sqe* sqe = loop_.NextSqe();
    if (loop_.features().multishot_accept) {
      io_uring_prep_multishot_accept(sqe, fd_, nullptr, nullptr, SOCK_CLOEXEC);
    } else {
      io_uring_prep_accept(sqe, fd_, nullptr, nullptr, SOCK_CLOEXEC);
    }
    Submit(loop_, sqe);
  }

  void RunDeferred() override {
    if (in_flight()) {
      if (accepted_.size() >= kQueuedMax) RequestCancel(loop_);
    } else if (!waiting_.empty()) {
      Arm();
    }
  }

  static void OnAccepted(Operation& operation, const io_uring_cqe& cqe) {
    auto& self = static_cast<Acceptor&>(operation);
    if (cqe.res >= 0) self.accepted_.push_back(cqe.res);
    if (self.closing_) {
      if (self.in_flight()) return;
      self.closer_.WakeAll();
      self.self_.reset();  // Frees an abandoned one: nothing may follow.
      return;
    }
    if (cqe.res < 0) {
      if (!ConcernsListener(-cqe.res)) {
        self.loop_.Defer(self);
        return;
      }
      // With nobody to tell, the next call finds out for itself: what was
      // wrong may be over by then.
      if (!self.waiting_.empty()) self.error_ = -cqe.res;
    }
    if (!self.waiting_.empty()) {
      self.waiting_.WakeFront();
    } else if (self.accepted_.size() >= kQueuedMax) {
      self.loop_.Defer(self);
    }
  }

  // Whether accept's error says something about the listener. The others are
  // a cancellation (paused, but a task may have come since), or the trouble of
  // the one connection that was to be accepted.
  static bool ConcernsListener(int error) {
    switch (error) {
      case ECANCELED:
      case EINTR:
      case EAGAIN:
      case ECONNABORTED:  // The peer left before it was accepted.
      case ECONNRESET:
      case EPERM:  // A firewall's rule.
      case EPROTO:
      case ETIMEDOUT:
      case ENETDOWN:
      case ENETUNREACH:
      case EHOSTDOWN:
      case EHOSTUNREACH:
      case ENONET:
      case ENOPROTOOPT:
        return false;
      default:
        return true;
    }
  }

  Loop& loop_;
  BufferRing& buffers_;
  int fd_;
  int error_ = 0;
  bool closing_ = false;
  std::deque<int> accepted_;
  WaiterQueue waiting_;  // At most one.
  WaiterQueue closer_;   // Close(), until the accept has ended.
  std::unique_ptr<Acceptor> self_;
};

// Waits for the terminal completion of the accept.
class [[nodiscard]] TcpListener::Acceptor::Ended final : public Waiter {
 public:
  explicit Ended(Acceptor& acceptor)
      : Waiter("closing a listener", Uncancellable{}), acceptor_(acceptor) {}
  bool await_ready() const { return !acceptor_.in_flight(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    acceptor_.closer_.Add(*this);
  }
  void await_resume() {
    [[maybe_unused]] const absl::Status ended = Finish();
    DCHECK_OK(ended);
  }

 private:
  Acceptor& acceptor_;
};

Task<std::vector<TcpStream>> TcpListener::Acceptor::Close() {
  StopAccepting();
  co_await Ended(*this);
  AcceptBacklog();
  std::vector<TcpStream> streams;
  while (!accepted_.empty()) streams.push_back(*Take());
  (co_await CloseDescriptor(loop_, std::exchange(fd_, -1))).IgnoreError();
  co_return streams;
}

void TcpListener::Acceptor::AcceptBacklog() {
  // The ring needs a blocking socket, but it has no use for this one any more.
  if (fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) return;
  for (size_t i = 0; i < kQueuedMax; ++i) {
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      accepted_.push_back(fd);
    } else if (errno == EAGAIN || ConcernsListener(errno)) {
      return;
    }
  }
}

Task<std::vector<TcpStream>> TcpListener::Close(Handle acceptor) {
  CHECK(acceptor != nullptr) << "a TcpListener that was moved from was used";
  co_return co_await acceptor->Close();
}

void TcpListener::Abandoner::operator()(Acceptor* acceptor) const {
  acceptor->Abandon();
}

bool TcpListener::Accepting::await_ready() {
  return CancelledBeforeStart() || acceptor_.ready();
}

void TcpListener::Accepting::await_suspend(std::coroutine_handle<> handle) {
  Suspend(handle);
  acceptor_.Wait(*this);
}

absl::StatusOr<TcpStream> TcpListener::Accepting::await_resume() {
  if (absl::Status status = Finish(); !status.ok()) return status;
  return acceptor_.Take();
}

absl::StatusOr<TcpListener> TcpListener::Listen(Loop& loop,
                                                const SocketAddress& address,
                                                const ListenOptions& options) {
  ASSIGN_OR_RETURN(BufferRing * buffers, loop.receive_buffers());
  SystemCalls& calls = loop.driver().calls();
  const int fd = calls.Socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC);
  if (fd < 0) return ErrnoStatus(-fd, "socket", address.text());
  Handle acceptor(new Acceptor(loop, *buffers, fd));
  const int on = 1;
  calls.SetOption(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (options.reuse_port)
    calls.SetOption(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  SetNoDelay(calls, fd);
  if (const int error = calls.Bind(fd, address.data(), address.size());
      error < 0) {
    return ErrnoStatus(-error, "bind", address.text());
  }
  if (const int error = calls.Listen(fd, options.backlog); error < 0)
    return ErrnoStatus(-error, "listen", address.text());
  return TcpListener(std::move(acceptor), SocketAddress::Local(calls, fd));
}

int TcpListener::fd() const {
  CHECK(acceptor_ != nullptr) << "a TcpListener that was moved from was used";
  return acceptor_->fd();
}

TcpListener::Accepting TcpListener::Accept() {
  CHECK(acceptor_ != nullptr) << "a TcpListener that was moved from was used";
  return Accepting(*acceptor_);
}

}  // namespace braid
