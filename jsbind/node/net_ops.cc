#include "jsbind/node/net_ops.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/errno_status.h"
#include "io/socket_address.h"
#include "io/tcp.h"
#include "io/unix_listener.h"
#include "jsbind/node/connection.h"

namespace braid {
namespace {

using ConnectionPtr = std::unique_ptr<Connection>;

Task<absl::StatusOr<ConnectionPtr>> ConnectTo(Loop& loop,
                                              SocketAddress address) {
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, std::move(address)));
  co_return std::make_unique<Connection>(std::move(stream));
}

Task<absl::StatusOr<ConnectionPtr>> Connect(Loop& loop, std::string host,
                                            int32_t port) {
  CO_ASSIGN_OR_RETURN(SocketAddress address, SocketAddress::Parse(host, port));
  co_return co_await ConnectTo(loop, std::move(address));
}

Task<absl::StatusOr<ConnectionPtr>> ConnectPath(Loop& loop, std::string path) {
  CO_ASSIGN_OR_RETURN(SocketAddress address, SocketAddress::Unix(path));
  co_return co_await ConnectTo(loop, std::move(address));
}

absl::Status SetKeepAlive(Connection& connection, bool on, int32_t delay_s) {
  RETURN_IF_ERROR(connection.SetOption(SOL_SOCKET, SO_KEEPALIVE, on ? 1 : 0));
  if (!on || delay_s <= 0) return absl::OkStatus();
  return connection.SetOption(IPPROTO_TCP, TCP_KEEPIDLE, delay_s);
}

// A listening socket that may be closed while a call accepts.
class Listener {
 public:
  using Socket = std::variant<TcpListener, UnixListener>;

  explicit Listener(Socket socket, SocketAddress address)
      : socket_(std::move(socket)), address_(std::move(address)) {}

  const SocketAddress& address() const { return address_; }

  Task<absl::StatusOr<ConnectionPtr>> Accept() {
    if (closing_) co_return ErrnoStatus(EBADF, "accept");
    CancelScope scope((co_await CurrentTask()).cancel_scope(),
                      CancelPropagation::kInherit);
    accepting_ = &scope;
    absl::StatusOr<TcpStream> stream = co_await AcceptOnce().In(scope);
    accepting_ = nullptr;
    if (closing_) idle_.Set();
    if (!stream.ok()) co_return std::move(stream).status();
    co_return std::make_unique<Connection>(*std::move(stream));
  }

  Task<absl::Status> Close() {
    if (closing_) co_return absl::OkStatus();
    closing_ = true;
    if (accepting_ != nullptr) {
      accepting_->Cancel();
    } else {
      idle_.Set();
    }
    co_return co_await Shield(CloseWhenIdle());
  }

 private:
  Task<absl::StatusOr<TcpStream>> AcceptOnce() {
    co_return co_await std::visit(
        [](auto& listener) { return listener.Accept(); }, socket_);
  }

  Task<absl::Status> CloseWhenIdle() {
    CO_RETURN_IF_ERROR(co_await idle_.Wait());
    // Connections that nobody accepted end with it.
    co_await std::visit([](auto& listener) { return listener.Close(); },
                        socket_);
    co_return absl::OkStatus();
  }

  Socket socket_;
  const SocketAddress address_;
  bool closing_ = false;
  CancelScope* accepting_ = nullptr;
  Event idle_;
};

absl::StatusOr<std::unique_ptr<Listener>> Listen(Loop& loop,
                                                 const std::string& host,
                                                 int32_t port, int32_t backlog,
                                                 bool reuse_port) {
  ASSIGN_OR_RETURN(const SocketAddress address,
                   SocketAddress::Parse(host, port));
  ASSIGN_OR_RETURN(
      TcpListener listener,
      TcpListener::Listen(loop, address,
                          {.backlog = backlog, .reuse_port = reuse_port}));
  SocketAddress bound = listener.address();
  return std::make_unique<Listener>(std::move(listener), std::move(bound));
}

absl::StatusOr<std::unique_ptr<Listener>> ListenPath(Loop& loop,
                                                     const std::string& path,
                                                     int32_t backlog) {
  ASSIGN_OR_RETURN(SocketAddress address, SocketAddress::Unix(path));
  // Node leaves files of others alone, whoever has left them.
  ASSIGN_OR_RETURN(
      UnixListener listener,
      UnixListener::Listen(loop, path,
                           {.backlog = backlog, .replace_stale = false}));
  return std::make_unique<Listener>(std::move(listener), std::move(address));
}

}  // namespace

void DefineNetOps(ModuleDef& module) {
  module
      .Class<Connection>(
          "Connection",
          [](ClassDef<Connection>& connection) {
            connection.StaticMethod<&Connect>("connect")
                .StaticMethod<&ConnectPath>("connectPath")
                .AsyncMethod<&Connection::Read>("read")
                .AsyncMethod<&Connection::Write>("write")
                .AsyncMethod<&Connection::ShutdownWrite>("shutdownWrite")
                .AsyncMethod<&Connection::Close>("close")
                .AsyncMethod<&Connection::Reset>("reset")
                .Method("setNoDelay",
                        [](Connection& self, bool on) {
                          return self.SetOption(IPPROTO_TCP, TCP_NODELAY,
                                                on ? 1 : 0);
                        })
                .Method<&SetKeepAlive>("setKeepAlive")
                .Getter<&Connection::local_address>("localAddress")
                .Getter<&Connection::peer_address>("peerAddress");
          })
      .Class<Listener>("Listener", [](ClassDef<Listener>& listener) {
        listener.StaticMethod<&Listen>("listen")
            .StaticMethod<&ListenPath>("listenPath")
            .AsyncMethod<&Listener::Accept>("accept")
            .AsyncMethod<&Listener::Close>("close")
            .Getter("address",
                    [](Listener& self) { return PartsOf(self.address()); });
      });
}

}  // namespace braid
