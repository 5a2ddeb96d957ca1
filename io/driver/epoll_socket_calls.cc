#include "io/driver/epoll_socket_calls.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>

#include "absl/container/inlined_vector.h"

namespace braid {
namespace {

// Turns of one descriptor before the others get theirs.
constexpr int kReceivesAtOnce = 32;
constexpr int kAcceptsAtOnce = 64;
// What a fast reader may take of one send before others get their turn.
constexpr size_t kSendBytesAtOnce = 1 << 20;

// The parts of a message behind its first `moved` bytes.
absl::InlinedVector<iovec, 16> PartsBehind(const msghdr& message,
                                           size_t moved) {
  absl::InlinedVector<iovec, 16> parts;
  for (const iovec& part :
       std::span<const iovec>(message.msg_iov, message.msg_iovlen)) {
    const size_t dropped = std::min(moved, part.iov_len);
    moved -= dropped;
    if (dropped < part.iov_len) {
      parts.push_back({static_cast<char*>(part.iov_base) + dropped,
                       part.iov_len - dropped});
    }
  }
  return parts;
}

size_t SizeOf(const io_uring_sqe& entry) {
  if (entry.opcode == IORING_OP_SEND) return entry.len;
  const auto* message = PointerTo<const msghdr>(entry.addr);
  size_t size = 0;
  for (size_t i = 0; i < message->msg_iovlen; ++i)
    size += message->msg_iov[i].iov_len;
  return size;
}

int CallSend(const io_uring_sqe& entry, size_t moved) {
  const int flags =
      static_cast<int>(entry.msg_flags & ~unsigned{MSG_WAITALL}) | MSG_DONTWAIT;
  if (entry.opcode == IORING_OP_SEND) {
    return OrErrno(send(entry.fd, PointerTo<const char>(entry.addr) + moved,
                        entry.len - moved, flags));
  }
  const auto* message = PointerTo<const msghdr>(entry.addr);
  if (moved == 0) return OrErrno(sendmsg(entry.fd, message, flags));
  absl::InlinedVector<iovec, 16> parts = PartsBehind(*message, moved);
  msghdr rest = *message;
  rest.msg_iov = parts.data();
  rest.msg_iovlen = parts.size();
  // It went with the first bytes.
  rest.msg_control = nullptr;
  rest.msg_controllen = 0;
  return OrErrno(sendmsg(entry.fd, &rest, flags));
}

}  // namespace

Attempt TrySend(const io_uring_sqe& entry, size_t& moved) {
  // A result is an int. Whoever has more to send goes on by himself.
  const size_t size = std::min(SizeOf(entry), size_t{1} << 30);
  const size_t turn_ends = moved + kSendBytesAtOnce;
  while (true) {
    const int result = CallSend(entry, moved);
    if (result == -EAGAIN) return Attempt::NotReady();
    if (result < 0)
      return Attempt::Done(moved > 0 ? static_cast<int>(moved) : result);
    moved += static_cast<size_t>(result);
    if (moved >= size || (entry.msg_flags & MSG_WAITALL) == 0)
      return Attempt::Done(static_cast<int>(moved));
    if (moved >= turn_ends) return Attempt::NotReady();
  }
}

Attempt TryConnect(const io_uring_sqe& entry, bool& begun) {
  if (begun) {
    if (!IsReady(entry.fd, POLLOUT)) return Attempt::NotReady();
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(entry.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = errno;
    return Attempt::Done(-error);
  }
  const int flags = fcntl(entry.fd, F_GETFL);
  if (flags < 0) return Attempt::Done(-errno);
  fcntl(entry.fd, F_SETFL, flags | O_NONBLOCK);
  const int result =
      OrErrno(connect(entry.fd, PointerTo<const sockaddr>(entry.addr),
                      static_cast<socklen_t>(entry.off)));
  fcntl(entry.fd, F_SETFL, flags);
  if (result == -EAGAIN) return Attempt::TryLater();
  if (result != -EINPROGRESS) return Attempt::Done(result);
  begun = true;
  return Attempt::NotReady();
}

Attempt TryReceive(const io_uring_sqe& entry, size_t& moved,
                   ProvidedBuffers& buffers, PublishMore publish_more) {
  const int flags = static_cast<int>(entry.msg_flags) | MSG_DONTWAIT;
  if ((entry.flags & IOSQE_BUFFER_SELECT) == 0) {
    const int result =
        OrErrno(recv(entry.fd, PointerTo<char>(entry.addr), entry.len, flags));
    return result == -EAGAIN ? Attempt::NotReady() : Attempt::Done(result);
  }
  for (int i = 0; i < kReceivesAtOnce; ++i) {
    const std::optional<ProvidedBuffers::Buffer> buffer = buffers.Next();
    if (!buffer.has_value()) return Attempt::Done(-ENOBUFS);
    const std::span<uint8_t> memory = buffer->memory;
    const int result =
        OrErrno(recv(entry.fd, memory.data(), memory.size(), flags));
    if (result == -EAGAIN) return Attempt::NotReady();
    if (result <= 0) return Attempt::Done(result);
    buffers.Take();
    const auto count = static_cast<size_t>(result);
    moved += count;
    const bool goes_on = (entry.ioprio & IORING_RECV_MULTISHOT) != 0 &&
                         (entry.optlen == 0 || moved < entry.optlen);
    if (!goes_on) return Attempt::Done(result, buffer->cqe_flags);
    publish_more(result, buffer->cqe_flags | IORING_CQE_F_MORE);
    // The socket is empty; what has come meanwhile epoll tells.
    if (count < memory.size()) break;
  }
  return Attempt::NotReady();
}

Attempt TryAccept(const io_uring_sqe& entry, PublishMore publish_more) {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    const int fd = OrErrno(accept4(entry.fd, PointerTo<sockaddr>(entry.addr),
                                   PointerTo<socklen_t>(entry.addr2),
                                   static_cast<int>(entry.accept_flags)));
    if (fd == -EAGAIN) return Attempt::NotReady();
    const bool goes_on =
        fd >= 0 && (entry.ioprio & IORING_ACCEPT_MULTISHOT) != 0;
    if (!goes_on) return Attempt::Done(fd);
    publish_more(fd, IORING_CQE_F_MORE);
  }
  return Attempt::NotReady();
}

void MakeNonBlocking(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) == 0)
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

}  // namespace braid
