#ifndef BRAID_IO_STREAM_SOCKET_H_
#define BRAID_IO_STREAM_SOCKET_H_

#include <cerrno>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/task.h"
#include "async/waiter.h"
#include "io/buffer_ring.h"
#include "io/loop.h"
#include "io/operation.h"

namespace braid {

// A connected stream socket (TCP or Unix): the part that TcpStream and
// UnixStream share. Use those; this is their engine.
//
// Receiving: the first read arms a multishot receive, which then stays armed,
// so a message costs one completion and no submission. Bytes that come while
// nobody reads are queued as leases. At a number of them that the buffer ring
// says (eight, or one when buffers are scarce) receiving is paused until the
// reader has caught up, and TCP's own window holds the peer back. Before a
// pause takes effect the kernel may receive as many bytes as that many buffers
// hold. When the loop has no free buffer the socket is parked and resumes by
// itself. What it has not read then may be copied out of the buffers, for the
// sake of sockets that are read (buffer_ring.h).
//
// What a receive can end with, and why it is handled so:
//   0             the peer has ended its side: every later read says so again
//   ENOBUFS       no free buffer: parked, never an error
//   ECANCELED     paused, or closed: nothing is lost; a read arms it anew
//   EINTR, EAGAIN nothing was received and nothing is wrong: armed anew
//   EINVAL        once, when a kernel before 6.16 does not know the limit:
//                 armed anew without
//   others        (ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENOMEM …) the stream
//                 has failed: every later read says so again, behind the bytes
//                 that came before
// Sending reports what send(2) does: EPIPE and ECONNRESET when the peer has
// gone, ENOBUFS and ENOMEM when the kernel has no memory. SIGPIPE is not
// raised. EINTR is no error: nothing was sent and nothing is wrong, so it
// counts as 0 bytes, and WriteAll() goes on.
//
// Lifetime: the kernel holds the address of the receive operation, so the
// object outlives its handle until the terminal completion.
class StreamSocket final : private ReceiverNode,
                           private UnreadNode,
                           private Operation {
 public:
  // Ends with the socket closed: receiving is cancelled, the descriptor closed
  // without waiting, and the object freed when the kernel has let go of it.
  struct Abandoner {
    void operator()(StreamSocket* socket) const { socket->Abandon(); }
  };
  using Handle = std::unique_ptr<StreamSocket, Abandoner>;

  // Takes `fd` over, a connected blocking socket (the ring answers EAGAIN on
  // others instead of waiting).
  static Handle Make(Loop& loop, BufferRing& buffers, int fd);

  Loop& loop() const { return loop_; }
  int fd() const { return fd_; }

  // Waits for bytes; see TcpStream::Read.
  class [[nodiscard]] Reading final : public Waiter {
   public:
    explicit Reading(StreamSocket& socket) : Waiter("recv"), socket_(socket) {}
    bool await_ready() { return CancelledBeforeStart() || socket_.readable(); }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      socket_.WaitForBytes(*this);
    }
    absl::StatusOr<Lease> await_resume() {
      if (absl::Status status = Finish(); !status.ok()) return status;
      return socket_.TakeReceived();
    }

   private:
    StreamSocket& socket_;
  };

  // What sends have in common; each gives how many bytes the kernel took.
  class SendBase : public AwaitableOperation {
   public:
    // A task may be destroyed between its send's completion and its turn.
    ~SendBase() { End(); }
    absl::StatusOr<size_t> await_resume() {
      End();
      const int count = Finish();
      if (count >= 0) [[likely]]
        return static_cast<size_t>(count);
      if (count == -EINTR && !task()->cancelled()) return 0;
      return Error();
    }

   protected:
    SendBase(StreamSocket& socket, const char* name)
        : AwaitableOperation(socket.loop_, name), socket_(socket) {}
    void Begin() {
      socket_.BeginSend();
      begun_ = true;
    }

    StreamSocket& socket_;

   private:
    void End() {
      if (std::exchange(begun_, false)) socket_.EndSend();
    }

    bool begun_ = false;
  };

  // One send.
  class [[nodiscard]] Sending final : public SendBase {
   public:
    Sending(StreamSocket& socket, std::span<const uint8_t> bytes)
        : SendBase(socket, "send"), bytes_(bytes) {}
    void await_suspend(std::coroutine_handle<> handle);

   private:
    const std::span<const uint8_t> bytes_;
  };

  // One sendmsg of several parts.
  class [[nodiscard]] SendingParts final : public SendBase {
   public:
    SendingParts(StreamSocket& socket, std::span<const iovec> parts)
        : SendBase(socket, "sendmsg") {
      message_.msg_iov = const_cast<iovec*>(parts.data());
      message_.msg_iovlen = parts.size();
    }
    void await_suspend(std::coroutine_handle<> handle);

   private:
    msghdr message_{};
  };

  // Whether a read would end at once: bytes, the end of the stream or an error
  // have come.
  bool readable() const {
    return !unread_.empty() || !kept_.empty() || !received_.empty() ||
           end_ != kOpen;
  }

  // Receives nothing more before the next read: what comes stays in the kernel
  // instead of in buffers of the loop. What has been received is kept.
  void PauseReceiving() { RequestCancel(loop_); }

  // Puts the rest of a lease back, to be read next. At most one at a time.
  void Unread(Lease lease) {
    DCHECK(unread_.empty());
    unread_ = std::move(lease);
    NoteUnread();
  }

  Task<absl::Status> WriteAll(std::span<const uint8_t> bytes);
  Task<absl::Status> WriteAll(std::span<const std::string_view> parts);
  Task<absl::Status> Shutdown(int how);
  // Waits until the kernel has let go of the socket, then closes it. EBADF
  // for an empty handle.
  static Task<absl::Status> Close(Handle socket);

 private:
  class Ended;

  StreamSocket(Loop& loop, BufferRing& buffers, int fd);
  ~StreamSocket();
  friend std::default_delete<StreamSocket>;

  void Abandon();
  // What Abandon() and Close() begin with.
  void StopReceiving();

  // Whether so much is unread that receiving pauses.
  bool is_to_pause() const {
    return !kept_.empty() || received_.size() >= buffers_.queued_leases_max();
  }
  // Whether bytes wait in buffers is what the buffer ring wants to know.
  void NoteUnread() {
    buffers_.NoteUnread(*this, !received_.empty() || unread_.holds_buffer());
  }
  void WaitForBytes(Reading& reading);
  absl::StatusOr<Lease> TakeReceived();
  void Arm();
  bool UpdateReceiving() override;
  bool GiveBuffersBack() override;
  static void OnReceived(Operation& operation, const io_uring_cqe& cqe);

  // Around each send: at most one task writes.
  void BeginSend() {
    CHECK(!sending_) << "two tasks write to one stream";
    sending_ = true;
  }
  void EndSend() { sending_ = false; }

  // The stream's end as far as receiving goes: kOpen, kEnd, or a negative
  // errno.
  static constexpr int kOpen = 1;
  static constexpr int kEnd = 0;

  Loop& loop_;
  BufferRing& buffers_;
  int fd_;
  int end_ = kOpen;
  bool closing_ = false;
  bool sending_ = false;
  bool limited_ = false;  // The receive in flight has a limit.
  // In the order in which they are read.
  Lease unread_;  // The rest of a lease that was given before.
  Lease kept_;    // Copied out of the ring while nobody read.
  LeaseQueue received_;
  WaiterQueue reader_;                  // At most one.
  WaiterQueue closer_;                  // Close(), until the receive has ended.
  std::unique_ptr<StreamSocket> self_;  // While abandoned.
};

}  // namespace braid

#endif  // BRAID_IO_STREAM_SOCKET_H_
