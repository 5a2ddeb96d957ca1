#include "jsbind/web/http_ops.h"

#include <simdutf.h>
#include <v8-container.h>
#include <v8-exception.h>
#include <v8-object.h>
#include <v8-primitive.h>
#include <v8-typed-array.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "jsbind/js_error.h"
#include "jsbind/web/body_source.h"
#include "jsbind/web/http_exchange.h"
#include "jsbind/web/http_js_server.h"
#include "jsbind/web/request_urls.h"

namespace braid {
namespace {

constexpr std::array<std::string_view, 8> kMethods = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE",
};
static_assert(static_cast<size_t>(HttpMethod::kOther) == kMethods.size());

// Text that is one byte a character.
v8::Local<v8::String> OneByte(
    Js& js, std::string_view text,
    v8::NewStringType type = v8::NewStringType::kNormal) {
  return v8::String::NewFromOneByte(
             js.isolate(), reinterpret_cast<const uint8_t*>(text.data()), type,
             static_cast<int>(text.size()))
      .ToLocalChecked();
}

// Gives a string's UTF-8 to `use`, without an allocation for short ones.
template <typename Use>
void WithUtf8(Js& js, v8::Local<v8::String> string, Use use) {
  constexpr size_t kShort = 4096;
  const size_t size = string->Utf8LengthV2(js.isolate());
  constexpr int kFlags = v8::String::WriteFlags::kReplaceInvalidUtf8;
  if (size <= kShort) {
    char text[kShort];
    string->WriteUtf8V2(js.isolate(), text, size, kFlags);
    use(std::string_view(text, size));
    return;
  }
  std::string text(size, '\0');
  string->WriteUtf8V2(js.isolate(), text.data(), size, kFlags);
  use(std::move(text));
}

// Header lines, which JS has checked to be Latin-1.
template <typename Use>
auto WithLatin1(Js& js, v8::Local<v8::String> string, Use use) {
  constexpr uint32_t kShort = 1024;
  const auto size = static_cast<uint32_t>(string->Length());
  if (size <= kShort) {
    char text[kShort];
    string->WriteOneByteV2(js.isolate(), 0, size,
                           reinterpret_cast<uint8_t*>(text));
    return use(std::string_view(text, size));
  }
  std::string text(size, '\0');
  string->WriteOneByteV2(js.isolate(), 0, size,
                         reinterpret_cast<uint8_t*>(text.data()));
  return use(std::string_view(text));
}

// The operations on exchanges; one object for each runtime.
class HttpOps {
 public:
  const std::shared_ptr<JsHttpExchanges>& exchanges() const {
    return exchanges_;
  }

  // The exchange, or null with an exception thrown.
  JsHttpExchange* Get(Js& js, int32_t id) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange == nullptr) {
      ThrowError(js, ErrorWithCode(js, "The request has been answered already",
                                   "ERR_HTTP_REQUEST_ENDED"));
    }
    return exchange;
  }

  v8::Local<v8::Value> Method(Js& js, int32_t id) const {
    JsHttpExchange* exchange = Get(js, id);
    if (exchange == nullptr) return {};
    const HttpMethod method = exchange->request().method();
    if (method == HttpMethod::kOther)
      return OneByte(js, exchange->request().method_name());
    return v8::Integer::New(js.isolate(), static_cast<int>(method));
  }

  v8::Local<v8::Value> Url(Js& js, int32_t id) {
    JsHttpExchange* exchange = Get(js, id);
    if (exchange == nullptr) return {};
    const HttpRequest& request = exchange->request();
    return MakeUrl(js, request.target(), request.authority(), exchange->port());
  }

  v8::Local<v8::Value> MakeUrl(Js& js, std::string_view target,
                               std::string_view authority, uint16_t port) {
    return OneByte(js, urls_.Make(target, authority, port));
  }

  v8::Local<v8::Value> Header(Js& js, int32_t id, std::string_view name) const {
    JsHttpExchange* exchange = Get(js, id);
    if (exchange == nullptr) return {};
    const std::optional<std::string> value =
        exchange->request().headers().GetCombined(name);
    if (!value.has_value()) return v8::Null(js.isolate());
    return OneByte(js, *value);
  }

  v8::Local<v8::Value> Headers(Js& js, int32_t id) const {
    JsHttpExchange* exchange = Get(js, id);
    if (exchange == nullptr) return {};
    std::vector<v8::Local<v8::Value>> items;
    items.reserve(2 * exchange->request().headers().size());
    for (const HttpHeaders::Header header : exchange->request().headers()) {
      items.push_back(OneByte(js, absl::AsciiStrToLower(header.name),
                              v8::NewStringType::kInternalized));
      items.push_back(OneByte(js, header.value));
    }
    return v8::Array::New(js.isolate(), items.data(), items.size());
  }

  v8::Local<v8::Value> TakeHead(Js& js, int32_t id) const {
    JsHttpExchange* exchange = Get(js, id);
    if (exchange == nullptr) return {};
    return OneByte(js, exchange->request().headers().text());
  }

  v8::Local<v8::Value> HasBody(Js& js, int32_t id) const {
    JsHttpExchange* exchange = Get(js, id);
    if (exchange == nullptr) return {};
    return v8::Boolean::New(js.isolate(), exchange->request().has_body());
  }

  v8::Local<v8::Value> Peer(Js& js, int32_t id) const {
    JsHttpExchange* exchange = Get(js, id);
    if (exchange == nullptr) return {};
    const SocketAddress address = exchange->request().peer_address();
    v8::Local<v8::Object> result = v8::Object::New(js.isolate());
    const auto set = [&](std::string_view name, v8::Local<v8::Value> value) {
      result->Set(js.context(), js.Name(name), value).Check();
    };
    set("transport", js.Name("tcp"));
    set("hostname", js.String(address.host()));
    set("port", v8::Integer::New(js.isolate(), address.port()));
    return result;
  }

  // The body. -----------------------------------------------------------------

  Task<absl::StatusOr<std::string>> BodyText(int32_t id) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange == nullptr) co_return Ended();
    HttpBody body = exchange->request().body();
    absl::StatusOr<std::string> text =
        co_await exchange->Run(body.ReadAll(exchange->body_bytes_max()));
    NoteFailure(id, text.status());
    co_return text;
  }

  Task<absl::StatusOr<ByteString>> BodyBytes(int32_t id) const {
    CO_ASSIGN_OR_RETURN(std::string bytes, co_await BodyText(id));
    co_return ByteString{std::move(bytes)};
  }

  Task<absl::StatusOr<std::optional<ByteString>>> ReadBody(int32_t id) const {
    CO_ASSIGN_OR_RETURN(const std::string_view piece, co_await ReadPiece(id));
    if (piece.empty()) co_return std::nullopt;
    co_return ByteString{std::string(piece)};
  }

  // `self` are these operations.
  static std::shared_ptr<BodySource> SourceOf(
      std::shared_ptr<const HttpOps> self, int32_t id) {
    return std::make_shared<BodySource>(
        [self = std::move(self), id, piece = std::string()]() mutable {
          return self->ReadTo(piece, id);
        });
  }

  void CancelBody(int32_t id) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange != nullptr) exchange->CancelBody();
  }

  // The answer. ---------------------------------------------------------------

  void Respond(Js& js, int32_t id, int32_t status, v8::Local<v8::Value> lines,
               v8::Local<v8::Value> body) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange == nullptr) return;
    const absl::Status head_set = WithLatin1(
        js, lines.As<v8::String>(),
        [&](std::string_view text) { return exchange->SetHead(status, text); });
    if (!head_set.ok()) return ThrowError(js, ErrorFromStatus(js, head_set));
    HttpResponse& response = exchange->response();
    if (body->IsString()) {
      WithUtf8(js, body.As<v8::String>(), [&](auto text) {
        if constexpr (std::is_same_v<decltype(text), std::string>) {
          response.take_body(std::move(text));
        } else {
          response.set_body(text);
        }
      });
    } else if (body->IsUint8Array()) {
      // Small arrays lie in V8's heap, from where they are copied.
      std::array<uint8_t, 64> storage;
      const v8::MemorySpan<uint8_t> bytes =
          body.As<v8::Uint8Array>()->GetContents(
              {storage.data(), storage.size()});
      response.set_body(
          {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    exchange->End(absl::OkStatus());
  }

  absl::Status SetHead(int32_t id, int32_t status, const Latin1& lines) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    return exchange == nullptr ? Ended()
                               : exchange->SetHead(status, lines.bytes);
  }

  Task<absl::Status> Write(int32_t id, std::span<const uint8_t> bytes) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange == nullptr) co_return Ended();
    co_return co_await exchange->Run(exchange->response().Write(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }

  Task<absl::Status> WriteAll(int32_t id,
                              std::shared_ptr<BodySource> source) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange == nullptr) co_return Ended();
    co_return co_await exchange->Run(Move(*source, exchange->response()));
  }

  void Finish(int32_t id) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange != nullptr) exchange->End(absl::OkStatus());
  }

  void Fail(int32_t id) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange != nullptr)
      exchange->End(absl::InternalError("the response's body failed"));
  }

  bool Refuse(int32_t id) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange == nullptr || exchange->body_error.ok()) return false;
    exchange->End(exchange->body_error);
    return true;
  }

 private:
  Task<absl::StatusOr<std::string_view>> ReadPiece(int32_t id) const {
    JsHttpExchange* exchange = exchanges_->Find(id);
    if (exchange == nullptr) co_return Ended();
    HttpBody body = exchange->request().body();
    const absl::StatusOr<std::string_view> piece =
        co_await exchange->RunOnBody(body.Read());
    NoteFailure(id, piece.status());
    co_return piece;
  }

  // The bytes outlive the request, which may end while they are on their way.
  Task<absl::StatusOr<std::string_view>> ReadTo(std::string& kept,
                                                int32_t id) const {
    CO_ASSIGN_OR_RETURN(const std::string_view piece, co_await ReadPiece(id));
    kept = piece;
    co_return kept;
  }

  static Task<absl::Status> Move(BodySource& source, HttpResponse& response) {
    for (;;) {
      CO_ASSIGN_OR_RETURN(const std::string_view piece, co_await source.Read());
      if (piece.empty()) co_return absl::OkStatus();
      CO_RETURN_IF_ERROR(co_await response.Write(piece));
    }
  }

  static absl::Status Ended() {
    return absl::FailedPreconditionError(
        "The request has been answered already");
  }

  void NoteFailure(int32_t id, const absl::Status& status) const {
    if (status.ok() || absl::IsCancelled(status)) return;
    // It may have ended meanwhile.
    if (JsHttpExchange* exchange = exchanges_->Find(id))
      exchange->body_error = status;
  }

  const std::shared_ptr<JsHttpExchanges> exchanges_ =
      std::make_shared<JsHttpExchanges>();
  RequestUrls urls_;
};

v8::Local<v8::Value> MethodNames(Js& js) {
  std::vector<v8::Local<v8::Value>> names;
  for (const std::string_view method : kMethods)
    names.push_back(js.Name(method));
  return v8::Array::New(js.isolate(), names.data(), names.size());
}

}  // namespace

void DefineHttpOps(ModuleDef& module) {
  auto ops = std::make_shared<HttpOps>();
  module
      .Class<HttpJsServer>("HttpJsServer",
                           [](ClassDef<HttpJsServer>& server) {
                             server.Getter<&HttpJsServer::hostname>("hostname")
                                 .Getter<&HttpJsServer::port>("port")
                                 .AsyncMethod<&HttpJsServer::Run>("run")
                                 .AsyncMethod<&HttpJsServer::Drain>("drain");
                           })
      .Class<BodySource>("BodySource", [](ClassDef<BodySource>&) {})
      .Function("listen",
                [ops](Runtime& runtime, const JsListenOptions& options,
                      const HttpServerOptions& limits, JsValue dispatch,
                      JsValue on_abort) {
                  return HttpJsServer::Listen(
                      runtime, ops->exchanges(), options, limits,
                      std::move(dispatch), std::move(on_abort));
                })
      .Value("methods", &MethodNames)
      .Function("method",
                [ops](Js& js, int32_t id) { return ops->Method(js, id); })
      .Function("url", [ops](Js& js, int32_t id) { return ops->Url(js, id); })
      .Function("makeUrl",
                [ops](Js& js, const Latin1& target, const Latin1& authority,
                      uint16_t port) {
                  return ops->MakeUrl(js, target.bytes, authority.bytes, port);
                })
      .Function("header",
                [ops](Js& js, int32_t id, std::string_view name) {
                  return ops->Header(js, id, name);
                })
      .Function("headers",
                [ops](Js& js, int32_t id) { return ops->Headers(js, id); })
      .Function("takeHead",
                [ops](Js& js, int32_t id) { return ops->TakeHead(js, id); })
      .Function("hasBody",
                [ops](Js& js, int32_t id) { return ops->HasBody(js, id); })
      .Function("peer", [ops](Js& js, int32_t id) { return ops->Peer(js, id); })
      .AsyncFunction("bodyText",
                     [ops](int32_t id) { return ops->BodyText(id); })
      .AsyncFunction("bodyBytes",
                     [ops](int32_t id) { return ops->BodyBytes(id); })
      .AsyncFunction("readBody",
                     [ops](int32_t id) { return ops->ReadBody(id); })
      .Function("bodySource",
                [ops](int32_t id) { return HttpOps::SourceOf(ops, id); })
      .Function("cancelBody", [ops](int32_t id) { ops->CancelBody(id); })
      .Function("respond",
                [ops](Js& js, int32_t id, int32_t status,
                      v8::Local<v8::Value> lines, v8::Local<v8::Value> body) {
                  ops->Respond(js, id, status, lines, body);
                })
      .Function("setHead",
                [ops](int32_t id, int32_t status, const Latin1& lines) {
                  return ops->SetHead(id, status, lines);
                })
      .AsyncFunction("write",
                     [ops](int32_t id, std::span<const uint8_t> bytes) {
                       return ops->Write(id, bytes);
                     })
      .AsyncFunction("writeAll",
                     [ops](int32_t id, std::shared_ptr<BodySource> source) {
                       return ops->WriteAll(id, std::move(source));
                     })
      .Function("finish", [ops](int32_t id) { ops->Finish(id); })
      .Function("fail", [ops](int32_t id) { ops->Fail(id); })
      .Function("refuse", [ops](int32_t id) { return ops->Refuse(id); });
}

}  // namespace braid
