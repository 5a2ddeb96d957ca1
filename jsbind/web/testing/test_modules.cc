#include "jsbind/web/testing/test_modules.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/socket_address.h"
#include "io/tcp.h"
#include "jsbind/class_def.h"
#include "jsbind/module_def.h"

namespace braid {
namespace {

struct RequestOptions {
  bool close_at_once = false;
  bool head_only = false;
};
constexpr auto JsFields(const RequestOptions*) {
  return std::tuple(Field("closeAtOnce", &RequestOptions::close_at_once),
                    Field("headOnly", &RequestOptions::head_only));
}

Task<absl::StatusOr<std::string>> Request(
    Loop& loop, uint16_t port, std::string bytes,
    std::optional<RequestOptions> options) {
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", port));
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, address));
  CO_RETURN_IF_ERROR(co_await stream.WriteAll(bytes));
  std::string answer;
  const RequestOptions given = options.value_or(RequestOptions());
  if (given.close_at_once) co_return answer;
  while (!given.head_only || answer.find("\r\n\r\n") == std::string::npos) {
    const absl::StatusOr<Lease> piece = co_await stream.Read();
    // A connection that is reset has ended, too.
    if (!piece.ok() || piece->size() == 0) break;
    answer.append(piece->text());
  }
  co_return answer;
}

// A peer that a script moves step by step.
class Peer {
 public:
  explicit Peer(TcpStream stream) : stream_(std::move(stream)) {}

  Task<absl::Status> Write(std::string bytes) {
    co_return co_await stream_.WriteAll(bytes);
  }
  Task<absl::StatusOr<std::string>> Read() {
    const absl::StatusOr<Lease> piece = co_await stream_.Read();
    // A connection that is reset has ended, too.
    co_return piece.ok() ? std::string(piece->text()) : std::string();
  }
  Task<absl::Status> Close() { return stream_.Close(); }

 private:
  TcpStream stream_;
};

Task<absl::StatusOr<std::unique_ptr<Peer>>> Connect(Loop& loop, uint16_t port) {
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", port));
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, address));
  co_return std::make_unique<Peer>(std::move(stream));
}

// Where clients of a script connect to: its peers.
class Listener {
 public:
  explicit Listener(TcpListener listener) : listener_(std::move(listener)) {}

  uint16_t port() const { return listener_.address().port(); }
  Task<absl::StatusOr<std::unique_ptr<Peer>>> Accept() {
    CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener_.Accept());
    co_return std::make_unique<Peer>(std::move(stream));
  }
  // REQUIRES: nobody accepts.
  Task<absl::Status> Close() {
    co_await listener_.Close();
    co_return absl::OkStatus();
  }

 private:
  TcpListener listener_;
};

absl::StatusOr<std::unique_ptr<Listener>> Listen(Loop& loop) {
  ASSIGN_OR_RETURN(const SocketAddress address,
                   SocketAddress::Parse("127.0.0.1", 0));
  ASSIGN_OR_RETURN(TcpListener listener, TcpListener::Listen(loop, address));
  return std::make_unique<Listener>(std::move(listener));
}

void DefineTesting(ModuleDef& module) {
  module
      .Class<Peer>("Peer",
                   [](ClassDef<Peer>& peer) {
                     peer.AsyncMethod<&Peer::Write>("write")
                         .AsyncMethod<&Peer::Read>("read")
                         .AsyncMethod<&Peer::Close>("close");
                   })
      .Class<Listener>("Listener",
                       [](ClassDef<Listener>& listener) {
                         listener.Getter<&Listener::port>("port")
                             .AsyncMethod<&Listener::Accept>("accept")
                             .AsyncMethod<&Listener::Close>("close");
                       })
      .AsyncFunction<&Request>("request")
      .AsyncFunction<&Connect>("connect")
      .Function("listen", &Listen)
      .Function("collectGarbage",
                [](Js& js) { js.isolate()->LowMemoryNotification(); });
}

constexpr Extension::PublicModule kModules[] = {
    {"braid:inspect", "jsbind/web/inspect.js"},
    {"braid:format", "jsbind/web/format.js"},
};
constexpr Extension::NativeModule kNativeModules[] = {
    {"braid:testing", &DefineTesting},
};

}  // namespace

const Extension& TestModules() {
  static const Extension extension = {.files = {},
                                      .public_modules = kModules,
                                      .native_modules = kNativeModules,
                                      .bootstrap = {}};
  return extension;
}

}  // namespace braid
