#ifndef BRAID_IO_STREAM_SOCKET_H_
#define BRAID_IO_STREAM_SOCKET_H_

#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

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
// nobody reads are queued as leases, at most kQueuedLeasesMax; then receiving
// is paused until the reader has caught up, and TCP's own window holds the
// peer back. When the loop has no free buffer the socket is parked and resumes
// by itself.
//
// Lifetime: the kernel holds the address of the receive operation, so the
// object outlives its handle: Abandon() keeps it until the terminal completion.
class StreamSocket final : private ReceiverNode, private Operation {
 public:
  static constexpr unsigned kQueuedLeasesMax = 8;

  // Takes `fd` over, a connected blocking socket.
  StreamSocket(Loop& loop, BufferRing& buffers, int fd);
  ~StreamSocket();

  // Cancels receiving, closes the descriptor and frees the socket when the
  // kernel has let go of it.
  static void Abandon(std::unique_ptr<StreamSocket> socket);

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

  // One send; gives how many bytes the kernel took.
  class [[nodiscard]] Sending final : public AwaitableOperation {
   public:
    Sending(StreamSocket& socket, std::span<const uint8_t> bytes)
        : AwaitableOperation(socket.loop_, "send"),
          socket_(socket),
          bytes_(bytes) {}
    void await_suspend(std::coroutine_handle<> handle);
    absl::StatusOr<size_t> await_resume();

   private:
    StreamSocket& socket_;
    std::span<const uint8_t> bytes_;
  };

  // One sendmsg of several parts.
  class [[nodiscard]] SendingParts final : public AwaitableOperation {
   public:
    SendingParts(StreamSocket& socket, std::span<const iovec> parts)
        : AwaitableOperation(socket.loop_, "sendmsg"), socket_(socket) {
      message_.msg_iov = const_cast<iovec*>(parts.data());
      message_.msg_iovlen = parts.size();
    }
    void await_suspend(std::coroutine_handle<> handle);
    absl::StatusOr<size_t> await_resume();

   private:
    StreamSocket& socket_;
    msghdr message_{};
  };

  // Puts the rest of a lease back, to be read next. At most one at a time.
  void Unread(Lease lease) {
    DCHECK(unread_.empty());
    unread_ = std::move(lease);
  }

  Task<absl::Status> WriteAll(std::span<const uint8_t> bytes);
  Task<absl::Status> WriteAll(std::span<const std::string_view> parts);
  Task<absl::Status> Shutdown(int how);
  // Waits until the kernel has let go of the socket, then closes it.
  static Task<absl::Status> Close(std::unique_ptr<StreamSocket> socket);

 private:
  class Ended;

  bool readable() const {
    return !unread_.empty() || !received_.empty() || end_ != kOpen;
  }
  void WaitForBytes(Reading& reading);
  absl::StatusOr<Lease> TakeReceived();
  void Arm();
  void UpdateReceiving() override;
  static void OnReceived(Operation& operation, const io_uring_cqe& cqe);

  // The stream's end as far as receiving goes: kOpen, kEnd, or a negative
  // errno.
  static constexpr int kOpen = 1;
  static constexpr int kEnd = 0;

  Loop& loop_;
  BufferRing& buffers_;
  int fd_;
  int end_ = kOpen;
  bool closing_ = false;
  Lease unread_;  // Comes before received_.
  LeaseQueue received_;
  WaiterQueue reader_;                  // At most one.
  WaiterQueue closer_;                  // Close(), until the receive has ended.
  std::unique_ptr<StreamSocket> self_;  // While abandoned.
};

}  // namespace braid

#endif  // BRAID_IO_STREAM_SOCKET_H_
