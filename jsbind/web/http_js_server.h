#ifndef BRAID_JSBIND_WEB_HTTP_JS_SERVER_H_
#define BRAID_JSBIND_WEB_HTTP_JS_SERVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

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

// What serve() of JS takes; the limits are those of HttpServerOptions.
struct JsServeOptions {
  std::string hostname = "0.0.0.0";
  uint16_t port = 8000;
  bool reuse_port = false;
  HttpServerOptions limits;
};
template <>
struct Convert<JsServeOptions> {
  static std::optional<JsServeOptions> FromJs(Js& js,
                                              v8::Local<v8::Value> value);
};

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
      const JsServeOptions& options, JsValue dispatch, JsValue on_abort);

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
