#ifndef BRAID_IO_TCP_H_
#define BRAID_IO_TCP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "io/stream_socket.h"

namespace braid {

// A TCP connection, or one of another stream socket: it is the same where the
// address is a Unix socket's (unix_listener.h).
//
//   CO_ASSIGN_OR_RETURN(TcpStream stream,
//                       co_await TcpStream::Connect(loop, address));
//   CO_RETURN_IF_ERROR(co_await stream.WriteAll("ping\n"));
//   CO_ASSIGN_OR_RETURN(Lease reply, co_await stream.Read());
//
// Reading and writing are independent; at most one task does each at a time.
// Nagle's algorithm is off: gather what belongs together into one write.
//
// Ownership: a movable handle. Destroying it closes the connection without
// waiting; no task may be reading or writing then. Must end before the loop.
// Errors: statuses with errno (io/errno_status.h):
//   ECONNRESET  the peer has reset the connection: reading and writing
//   EPIPE       the peer has gone, or ShutdownWrite() was called: writing
//   ETIMEDOUT, EHOSTUNREACH, ENETUNREACH …  the network has given up
//   ENOBUFS, ENOMEM  the kernel has no memory: writing
// The stream is of no use after any of them but to be closed.
// Cancellation: a cancelled Read() loses nothing: bytes that arrive later are
// given to the next Read(). A cancelled write has sent an unknown part of its
// bytes, so the stream is best closed then.
// Thread: the loop's.
class TcpStream {
 public:
  // Errors: as connect(2) and socket(2), with the address in the message:
  // ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL (no free
  // local port), ENOENT (a Unix path), EMFILE and ENFILE (no descriptor left).
  static Task<absl::StatusOr<TcpStream>> Connect(Loop& loop,
                                                 SocketAddress address);

  // Takes over a descriptor that is connected already: a socket of any address
  // family, one of a pair, or an inherited one. It must be a blocking one, as
  // fd() says. Closes it when that fails: UnavailableError when there are no
  // receive buffers.
  static absl::StatusOr<TcpStream> Adopt(Loop& loop, int fd);

  TcpStream() = default;  // Of nothing; only to be assigned to.

  // Whether it is a connection (neither moved from nor closed). Nothing but
  // Close() may be called on a handle that is none.
  bool is_open() const { return socket_ != nullptr; }

  // The next bytes, as they come: `co_await stream.Read()` gives a
  // StatusOr<Lease>. An empty lease is the end of the stream. Bytes that
  // arrived before an error are given first.
  StreamSocket::Reading Read() { return StreamSocket::Reading(socket()); }

  // Whether Read() would end at once. What comes while nobody reads is only
  // seen behind a first Read(), which is what receiving begins with.
  bool readable() const { return socket().readable(); }

  // Reads until `buffer` is full; gives its size, or less at the end of the
  // stream. Bytes beyond it stay for the next read. A cancelled or failed call
  // has consumed what it copied.
  Task<absl::StatusOr<size_t>> ReadInto(std::span<uint8_t> buffer);

  // For a reader that will not read for a while: see StreamSocket.
  void PauseReceiving() { socket().PauseReceiving(); }

  // Sends once: `co_await stream.Write(bytes)` gives a StatusOr<size_t>, the
  // number of bytes the kernel took; 0 when a signal came first. `bytes` must
  // live until then.
  StreamSocket::Sending Write(std::span<const uint8_t> bytes) {
    return StreamSocket::Sending(socket(), bytes);
  }

  // Sends everything; waits while the peer does not read. What the arguments
  // refer to must live until the await has ended.
  Task<absl::Status> WriteAll(std::span<const uint8_t> bytes) {
    return socket().WriteAll(bytes);
  }
  Task<absl::Status> WriteAll(std::string_view text) {
    return socket().WriteAll(
        {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  // The parts one behind the other, in as few system calls as possible. The
  // array must live as long as the bytes.
  Task<absl::Status> WriteAll(std::span<const std::string_view> parts) {
    return socket().WriteAll(parts);
  }

  // Tells the peer that nothing more will come; reading goes on. Errors:
  // ENOTCONN when the peer has reset the connection.
  Task<absl::Status> ShutdownWrite();

  // Closes and waits until that has happened. Runs to its end even when
  // cancelled. The handle is closed from the call on; a second call gives
  // EBADF. Bytes that were not read make it a reset, as TCP has it.
  Task<absl::Status> Close() { return StreamSocket::Close(std::move(socket_)); }

  SocketAddress local_address() const {
    return SocketAddress::Local(loop().driver().calls(), socket().fd());
  }
  // Of no family once the peer has gone.
  SocketAddress peer_address() const {
    return SocketAddress::Peer(loop().driver().calls(), socket().fd());
  }
  Loop& loop() const { return socket().loop(); }
  // For socket options. It must stay a blocking one, and a lingering close
  // (SO_LINGER with a time) would hold up the loop.
  int fd() const { return socket().fd(); }

 private:
  friend class TcpListener;
  explicit TcpStream(StreamSocket::Handle socket)
      : socket_(std::move(socket)) {}

  StreamSocket& socket() const {
    CHECK(socket_ != nullptr) << "a closed TcpStream was used";
    return *socket_;
  }

  StreamSocket::Handle socket_;
};

struct ListenOptions {
  int backlog = 4096;  // Connections that wait to be accepted; the kernel's
                       // limit may be lower.
  bool reuse_port = false;  // Several processes or loops share the port.
};

// A TCP port that accepts connections.
//
//   CO_ASSIGN_OR_RETURN(TcpListener listener,
//                       TcpListener::Listen(loop, address));
//   for (;;) {
//     CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
//     scope.Spawn(Serve, std::move(stream));
//   }
//
// Ownership: a movable handle; destroying it closes the port and resets the
// connections that nobody accepted; no task may be accepting then. Must end
// before the loop. Thread: the loop's.
class TcpListener {
 public:
  // Port 0 lets the kernel choose; see port(). Errors: as socket(2), bind(2)
  // and listen(2), with the address in the message ("bind 127.0.0.1:80:
  // Permission denied"): EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE …
  static absl::StatusOr<TcpListener> Listen(Loop& loop,
                                            const SocketAddress& address,
                                            const ListenOptions& options = {});

  // Waits for the next connection: `co_await listener.Accept()` gives a
  // StatusOr<TcpStream>. At most one task accepts at a time.
  // Errors: EMFILE, ENFILE, ENOBUFS and ENOMEM pass when resources come back:
  // wait a little and call again; connections stay in the backlog meanwhile.
  // What is wrong with one connection alone (ECONNABORTED, EPROTO, a
  // firewall's EPERM, errors of the network) is no error of the listener: it
  // goes on with the next connection.
  // Cancellation: CancelledError; a connection that came is kept for the next
  // call.
  class Accepting;
  Accepting Accept();

  // Closes the port and waits until that has happened. Gives the connections
  // that had come by then and that no task has accepted, so that a server which
  // ends can still answer them (not all, should they be hundreds). Runs to its
  // end even when cancelled. The handle is of no use from the call on.
  Task<std::vector<TcpStream>> Close() { return Close(std::move(acceptor_)); }

  // For socket options, which the connections inherit. It must stay a blocking
  // one. REQUIRES: it was neither closed nor moved from.
  int fd() const;

  // The bound address; its port is the real one.
  const SocketAddress& address() const { return address_; }
  uint16_t port() const { return address_.port(); }

 private:
  class Acceptor;
  struct Abandoner {
    void operator()(Acceptor* acceptor) const;
  };
  using Handle = std::unique_ptr<Acceptor, Abandoner>;

  TcpListener(Handle acceptor, SocketAddress address)
      : acceptor_(std::move(acceptor)), address_(address) {}

  static Task<std::vector<TcpStream>> Close(Handle acceptor);

  Handle acceptor_;
  SocketAddress address_;
};

class [[nodiscard]] TcpListener::Accepting final : public Waiter {
 public:
  explicit Accepting(Acceptor& acceptor)
      : Waiter("accept"), acceptor_(acceptor) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<> handle);
  absl::StatusOr<TcpStream> await_resume();

 private:
  Acceptor& acceptor_;
};

}  // namespace braid

#endif  // BRAID_IO_TCP_H_
