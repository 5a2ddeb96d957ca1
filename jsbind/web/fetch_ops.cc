#include "jsbind/web/fetch_ops.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/http/client.h"
#include "io/loop.h"
#include "jsbind/web/fetch_body.h"
#include "jsbind/web/fetch_upload.h"
#include "jsbind/web/header_lines.h"

namespace braid {

struct JsFetchOptions {
  std::string redirect = "follow";
  bool keep_alive = true;
  std::optional<uint64_t> content_length;  // Of an Upload, if it is known.
};
constexpr auto JsFields(const JsFetchOptions*) {
  return std::tuple(Field("redirect", &JsFetchOptions::redirect),
                    Field("keepAlive", &JsFetchOptions::keep_alive),
                    Field("contentLength", &JsFetchOptions::content_length));
}

namespace {

using RequestBody = std::variant<std::monostate, std::string, JsBytes,
                                 std::shared_ptr<FetchUpload>>;
using FetchResult =
    std::tuple<int32_t, Latin1, std::string, bool, std::optional<ByteString>,
               std::optional<std::shared_ptr<FetchBody>>>;

// Bodies up to this length that come with their head are not streamed.
constexpr size_t kAtOnceBytesMax = 64 << 10;

// Ports of other protocols (https://fetch.spec.whatwg.org/#port-blocking),
// whose servers might take a request for something of theirs.
constexpr uint16_t kBadPorts[] = {
    0,    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,    22,
    23,   25,   37,   42,   43,   53,   69,   77,   79,   87,   95,    101,
    102,  103,  104,  109,  110,  111,  113,  115,  117,  119,  123,   135,
    137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,   515,
    526,  530,  531,  532,  540,  548,  554,  556,  563,  587,  601,   636,
    989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659, 4045, 4190,  5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
};

absl::Status CheckPort(std::string_view, uint16_t port) {
  if (!std::ranges::binary_search(kBadPorts, port)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("bad port: ", port));
}

HttpClientOptions ClientOptions() {
  HttpClientOptions options;
  // As long as programs written for Node are used to.
  options.header_time = absl::Minutes(5);
  options.body_idle_time = absl::Minutes(5);
  options.max_connections_per_origin = 256;
  return options;
}

absl::StatusOr<HttpRedirects> RedirectsOf(std::string_view mode) {
  if (mode == "follow") return HttpRedirects::kFollow;
  if (mode == "manual") return HttpRedirects::kManual;
  if (mode == "error") return HttpRedirects::kError;
  return absl::InvalidArgumentError("no such redirect mode");
}

class FetchOps {
 public:
  Task<absl::StatusOr<FetchResult>> Request(Loop& loop, std::string url,
                                            std::string method,
                                            const Latin1& lines,
                                            RequestBody body,
                                            const JsFetchOptions& options) {
    HttpClientRequest request{.method = std::move(method),
                              .url = std::move(url)};
    CO_RETURN_IF_ERROR(AppendHeaderLines(lines.bytes, request.headers));
    CO_ASSIGN_OR_RETURN(request.redirects, RedirectsOf(options.redirect));
    request.keep_alive = options.keep_alive;
    request.allow = CheckPort;
    if (auto* text = std::get_if<std::string>(&body)) {
      request.body = std::move(*text);
    } else if (const auto* bytes = std::get_if<JsBytes>(&body)) {
      request.body = bytes->text();
    } else if (auto* upload =
                   std::get_if<std::shared_ptr<FetchUpload>>(&body)) {
      request.source = FetchUpload::SourceOf(std::move(*upload));
      request.source_length = options.content_length;
    }

    if (client_ == nullptr)
      client_ = std::make_shared<HttpClient>(loop, ClientOptions());
    // Kept, in case that the runtime ends.
    const std::shared_ptr<HttpClient> client = client_;
    CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                        co_await client->Fetch(std::move(request)));
    std::string whole;
    while (whole.size() < kAtOnceBytesMax) {
      const std::string_view piece = response.ReadBuffered();
      if (piece.empty()) break;
      whole += piece;
    }
    FetchResult result(response.status(), Latin1{response.headers().text()},
                       response.url(), response.redirected(), std::nullopt,
                       std::nullopt);
    if (response.ended()) {
      std::get<std::optional<ByteString>>(result) =
          ByteString{std::move(whole)};
    } else {
      std::get<std::optional<std::shared_ptr<FetchBody>>>(result) =
          std::make_shared<FetchBody>(client, std::move(response),
                                      std::move(whole));
    }
    co_return result;
  }

 private:
  std::shared_ptr<HttpClient> client_;
};

}  // namespace

void DefineFetchOps(ModuleDef& module) {
  auto ops = std::make_shared<FetchOps>();
  module
      .Class<FetchUpload>("Upload",
                          [](ClassDef<FetchUpload>& upload) {
                            upload.Constructor<>()
                                .AsyncMethod<&FetchUpload::Write>("write")
                                .Method<&FetchUpload::End>("end")
                                .Method<&FetchUpload::Fail>("fail");
                          })
      .Class<FetchBody>("Body",
                        [](ClassDef<FetchBody>& body) {
                          body.AsyncMethod<&FetchBody::Read>("read")
                              .AsyncMethod<&FetchBody::Bytes>("bytes")
                              .AsyncMethod<&FetchBody::SendRest>("sendRest")
                              .Getter<&FetchBody::sent>("sent")
                              .Method<&FetchBody::Close>("close");
                        })
      .AsyncFunction(
          "request", [ops](Loop& loop, std::string url, std::string method,
                           const Latin1& lines, RequestBody body,
                           const JsFetchOptions& options) {
            return ops->Request(loop, std::move(url), std::move(method), lines,
                                std::move(body), options);
          });
}

}  // namespace braid
