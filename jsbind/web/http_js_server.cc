#include "jsbind/web/http_js_server.h"

#include <v8-exception.h>
#include <v8-function.h>
#include <v8-primitive.h>

#include <utility>

#include "async/promise_base.h"
#include "async/status_macros.h"
#include "jsbind/js_turn.h"
#include "jsbind/runtime.h"

namespace braid {

absl::StatusOr<std::unique_ptr<HttpJsServer>> HttpJsServer::Listen(
    Runtime& runtime, std::shared_ptr<JsHttpExchanges> exchanges,
    const JsListenOptions& options, const HttpServerOptions& limits,
    JsValue dispatch, JsValue on_abort) {
  ASSIGN_OR_RETURN(const SocketAddress address,
                   SocketAddress::Parse(options.hostname, options.port));
  ListenOptions listen;
  listen.reuse_port = options.reuse_port;
  ASSIGN_OR_RETURN(TcpListener listener,
                   TcpListener::Listen(runtime.loop(), address, listen));
  return std::unique_ptr<HttpJsServer>(new HttpJsServer(
      runtime, std::move(exchanges), limits, std::move(listener),
      std::move(dispatch), std::move(on_abort)));
}

HttpJsServer::HttpJsServer(Runtime& runtime,
                           std::shared_ptr<JsHttpExchanges> exchanges,
                           const HttpServerOptions& limits,
                           TcpListener listener, JsValue dispatch,
                           JsValue on_abort)
    : runtime_(runtime),
      exchanges_(std::move(exchanges)),
      dispatch_(std::move(dispatch)),
      on_abort_(std::move(on_abort)),
      address_(listener.address()),
      listener_(std::move(listener)),
      server_(runtime.loop(), limits,
              [this](HttpRequest& request, HttpResponse& response) {
                return Handle(request, response);
              }) {}

Task<absl::StatusOr<bool>> HttpJsServer::Drain(absl::Duration grace) {
  const absl::Status drained = co_await server_.Drain(grace);
  if (absl::IsDeadlineExceeded(drained)) co_return false;
  CO_RETURN_IF_ERROR(drained);
  co_return true;
}

Task<absl::Status> HttpJsServer::Handle(HttpRequest& request,
                                        HttpResponse& response) {
  JsHttpExchange exchange(*exchanges_, request, response,
                          (co_await CurrentTask()).cancel_scope(), port(),
                          server_.options().max_body_bytes);
  Dispatch(exchange);
  if (!exchange.ended()) {
    const absl::Status waited = co_await exchange.ended_event().Wait();
    if (!exchange.ended()) {
      TellAborted(exchange);
      exchange.End(waited);
    }
  }
  if (exchange.busy())
    CO_RETURN_IF_ERROR(co_await exchange.WaitForOperations());
  co_return exchange.status();
}

void HttpJsServer::Dispatch(JsHttpExchange& exchange) {
  if (runtime_.exiting())
    return exchange.End(absl::CancelledError("the program has ended"));
  // Requests of one turn share one run of the microtasks.
  JsTurn js(runtime_, JsTurn::DrainWhen::kLater);
  v8::TryCatch try_catch(js.isolate());
  try_catch.SetVerbose(true);
  v8::Local<v8::Value> id = v8::Integer::New(js.isolate(), exchange.id());
  if (dispatch_.Get(js)
          .As<v8::Function>()
          ->Call(js.context(), js.Undefined(), 1, &id)
          .IsEmpty()) {
    exchange.End(absl::InternalError("the handler was interrupted"));
  }
}

void HttpJsServer::TellAborted(JsHttpExchange& exchange) {
  if (runtime_.exiting()) return;
  const absl::Status reason = exchange.request().abort_reason();
  JsTurn js(runtime_);
  v8::TryCatch try_catch(js.isolate());
  try_catch.SetVerbose(true);
  const std::string& head = exchange.request().headers().text();
  v8::Local<v8::Value> arguments[] = {
      v8::Integer::New(js.isolate(), exchange.id()),
      js.String(reason.ok() ? "The request was cancelled" : reason.message()),
      v8::String::NewFromOneByte(
          js.isolate(), reinterpret_cast<const uint8_t*>(head.data()),
          v8::NewStringType::kNormal, static_cast<int>(head.size()))
          .ToLocalChecked(),
  };
  (void)on_abort_.Get(js).As<v8::Function>()->Call(js.context(), js.Undefined(),
                                                   3, arguments);
}

}  // namespace braid
