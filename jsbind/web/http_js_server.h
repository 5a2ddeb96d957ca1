#ifndef BRAID_JSBIND_WEB_HTTP_JS_SERVER_H_
#define BRAID_JSBIND_WEB_HTTP_JS_SERVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/http/server.h"
#include "io/socket_address.h"
#include "io/tcp.h"
#include "jsbind/converters.h"
#include "jsbind/web/http_exchange.h"

namespace braid {

class Runtime;

// What serve() of JS takes: where to listen, and limits of the server.
struct JsListenOptions {
  std::string hostname = "0.0.0.0";
  uint16_t port = 8000;
  bool reuse_port = false;
};
constexpr auto JsFields(const JsListenOptions*) {
  return std::tuple(Field("hostname", &JsListenOptions::hostname),
                    Field("port", &JsListenOptions::port),
                    Field("reusePort", &JsListenOptions::reuse_port));
}
constexpr auto JsFields(const HttpServerOptions*) {
  using Limits = HttpServerOptions;
  return std::tuple(Field("maxHeaderBytes", &Limits::max_header_bytes),
                    Field("maxHeaderCount", &Limits::max_header_count),
                    Field("maxTargetBytes", &Limits::max_target_bytes),
                    Field("maxBodyBytes", &Limits::max_body_bytes),
                    Field("maxConnections", &Limits::max_connections),
                    Field("headerTimeMs", &Limits::header_time),
                    Field("bodyTimeMs", &Limits::body_time),
                    Field("idleTimeMs", &Limits::idle_time),
                    Field("writeTimeMs", &Limits::write_time));
}

// An HTTP server whose handler is a function of JS: dispatch(id) is called for
// each request, from the connection's own task, and answers it by the
// operations of "internal:ops/http", at once or later.
//
// When a handler is cancelled (the peer has gone, the server ends),
// on_abort(id, message, head) is called; `head` is the text of the request's
// head, which JS cannot get afterwards.
// Thread: the loop's.
class HttpJsServer {
 public:
  // Listens; nothing is accepted before Run(). Errors: as SocketAddress::Parse
  // and TcpListener::Listen.
  static absl::StatusOr<std::unique_ptr<HttpJsServer>> Listen(
      Runtime& runtime, std::shared_ptr<JsHttpExchanges> exchanges,
      const JsListenOptions& options, const HttpServerOptions& limits,
      JsValue dispatch, JsValue on_abort);

  std::string hostname() const { return address_.host(); }
  uint16_t port() const { return address_.port(); }

  // Serves until drained. To be called once.
  Task<absl::Status> Run() { return server_.Serve(*std::move(listener_)); }
  // Ends the service in good order; gives whether all requests were finished
  // within `grace`.
  Task<absl::StatusOr<bool>> Drain(absl::Duration grace);

 private:
  HttpJsServer(Runtime& runtime, std::shared_ptr<JsHttpExchanges> exchanges,
               const HttpServerOptions& limits, TcpListener listener,
               JsValue dispatch, JsValue on_abort);

  Task<absl::Status> Handle(HttpRequest& request, HttpResponse& response);
  // Enters JS with a request.
  void Dispatch(JsHttpExchange& exchange);
  void TellAborted(JsHttpExchange& exchange);

  Runtime& runtime_;
  const std::shared_ptr<JsHttpExchanges> exchanges_;
  const JsValue dispatch_;
  const JsValue on_abort_;
  const SocketAddress address_;
  std::optional<TcpListener> listener_;
  HttpServer server_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_HTTP_JS_SERVER_H_
