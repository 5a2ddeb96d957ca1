#include "io/http/client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/status_macros.h"
#include "io/connect.h"
#include "io/errno_status.h"
#include "io/http/chars.h"
#include "io/http/client_exchange.h"
#include "io/http/http_url.h"

namespace braid {
namespace {

constexpr std::string_view kClientsOwn[] = {
    "content-length", "transfer-encoding", "connection", "expect"};
constexpr std::string_view kBodyHeaders[] = {
    "content-encoding", "content-language", "content-location", "content-type"};
constexpr std::string_view kOriginHeaders[] = {"authorization", "cookie",
                                               "proxy-authorization", "host"};

bool IsIdempotent(std::string_view method) {
  constexpr std::string_view kMethods[] = {"GET",   "HEAD", "OPTIONS",
                                           "TRACE", "PUT",  "DELETE"};
  return std::ranges::find(kMethods, method) != std::end(kMethods);
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

absl::Status CheckRequest(const HttpClientRequest& request) {
  if (request.method.empty() ||
      FindNonToken(request.method) != std::string_view::npos ||
      request.method == "CONNECT") {
    return absl::InvalidArgumentError(absl::StrCat(
        "no method for a request: \"", absl::CEscape(request.method), "\""));
  }
  for (const std::string_view name : kClientsOwn) {
    if (request.headers.Has(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the header ", name, " is the client's to set"));
    }
  }
  // Of two hosts, two servers on the way might each believe another.
  if (std::count_if(request.headers.begin(), request.headers.end(),
                    [](HttpHeaders::Header header) {
                      return FieldOf(header.name) == HttpField::kHost;
                    }) > 1) {
    return absl::InvalidArgumentError("a request with two Host headers");
  }
  if (request.source != nullptr && !request.body.empty()) {
    return absl::InvalidArgumentError("a request with a body and a source");
  }
  return absl::OkStatus();
}

std::string OriginOf(const HttpUrl& url) {
  return absl::StrCat(url.host, " ", url.port);
}

}  // namespace

// A request under way, from Fetch() to the response's end.
struct HttpClientResponse::State {
  HttpClientRequest request;
  HttpUrl url;
  MonotonicNanos deadline;
  int redirects = 0;
  std::optional<HttpClientExchange> exchange;  // Refers to the others.
};

HttpClientResponse::HttpClientResponse(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
HttpClientResponse::HttpClientResponse(HttpClientResponse&&) noexcept = default;
HttpClientResponse& HttpClientResponse::operator=(
    HttpClientResponse&&) noexcept = default;
HttpClientResponse::~HttpClientResponse() = default;

int HttpClientResponse::status() const {
  return state_->exchange->head().status();
}
std::string_view HttpClientResponse::reason() const {
  return state_->exchange->head().reason();
}
const HttpHeaders& HttpClientResponse::headers() const {
  return state_->exchange->head().headers();
}
const std::string& HttpClientResponse::url() const { return state_->url.href; }
bool HttpClientResponse::redirected() const { return state_->redirects > 0; }
bool HttpClientResponse::sent() const { return state_->exchange->sent(); }

Task<absl::StatusOr<std::string_view>> HttpClientResponse::Read() {
  return state_->exchange->Read();
}

std::string_view HttpClientResponse::ReadBuffered() {
  return state_->exchange->ReadBuffered();
}
bool HttpClientResponse::ended() const { return state_->exchange->ended(); }

Task<absl::Status> HttpClientResponse::SendRest() {
  return state_->exchange->SendRest();
}

Task<absl::StatusOr<std::string>> HttpClientResponse::ReadAll(size_t limit) {
  std::string all;
  // Nothing is reserved on the peer's word.
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::string_view piece, co_await Read());
    if (piece.empty()) co_return all;
    if (piece.size() > limit - all.size()) {
      co_return absl::ResourceExhaustedError(
          absl::StrCat("the response's body is longer than ", limit, " bytes"));
    }
    all.append(piece);
  }
}

HttpClient::HttpClient(Loop& loop, HttpClientOptions options)
    : loop_(loop), options_(std::move(options)), pool_(loop, options_) {}

Task<absl::StatusOr<HttpClientResponse>> HttpClient::Fetch(
    HttpClientRequest request) {
  CO_RETURN_IF_ERROR(CheckRequest(request));
  auto state = std::make_unique<State>();
  CO_ASSIGN_OR_RETURN(state->url, ParseHttpUrl(request.url));
  state->request = std::move(request);
  state->deadline = DeadlineAfter(loop_.clock().Now(), options_.total_time);
  const absl::Status status =
      co_await Timeout(options_.total_time, FetchAll(*state));
  if (status.ok()) co_return HttpClientResponse(std::move(state));
  if (absl::IsDeadlineExceeded(status) &&
      loop_.clock().Now() >= state->deadline) {
    co_return HttpClientExchange::TotalTimeError(options_);
  }
  co_return status;
}

Task<absl::Status> HttpClient::FetchAll(State& state) {
  for (;;) {
    CO_RETURN_IF_ERROR(co_await Exchange(state));
    CO_ASSIGN_OR_RETURN(const bool again, co_await FollowRedirect(state));
    if (!again) co_return absl::OkStatus();
  }
}

Task<absl::Status> HttpClient::Exchange(State& state) {
  if (state.request.allow != nullptr) {
    CO_RETURN_IF_ERROR(state.request.allow(state.url.host, state.url.port));
  }
  const std::string origin = OriginOf(state.url);
  const bool repeatable =
      IsIdempotent(state.request.method) && state.request.source == nullptr;
  for (auto reuse : {HttpClientPool::Reuse::kYes, HttpClientPool::Reuse::kNo}) {
    CO_ASSIGN_OR_RETURN(HttpClientPool::Slot slot,
                        co_await pool_.Acquire(origin, reuse));
    if (slot.connection == nullptr) {
      CO_ASSIGN_OR_RETURN(TcpStream stream,
                          co_await Connect(state.url.host, state.url.port));
      slot.connection = std::make_unique<HttpClientConnection>(
          std::move(stream),
          HttpMessageLimits{.max_header_bytes = options_.max_header_bytes,
                            .max_header_count = options_.max_header_count,
                            .max_body_bytes = options_.max_body_bytes});
    }
    state.exchange.emplace(loop_, options_, std::move(slot), state.request,
                           state.url, state.deadline);
    absl::Status status = co_await state.exchange->Begin();
    if (status.ok() || !repeatable || !state.exchange->was_stale())
      co_return status;
    state.exchange.reset();
  }
  co_return absl::InternalError("a new connection was an old one");
}

Task<absl::StatusOr<TcpStream>> HttpClient::Connect(std::string host,
                                                    uint16_t port) {
  const std::string where = absl::StrCat(host, " port ", port);
  absl::StatusOr<TcpStream> stream = co_await Timeout(
      options_.connect_time, ResolveAndConnect(std::move(host), port));
  // Not of an attempt, whose time-outs have an errno.
  if (absl::IsDeadlineExceeded(stream.status()) &&
      ErrnoOf(stream.status()) == 0) {
    co_return absl::DeadlineExceededError(absl::StrCat(
        "no connection to ", where, " within ",
        absl::FormatDuration(options_.connect_time), " (connect_time)"));
  }
  co_return stream;
}

Task<absl::StatusOr<TcpStream>> HttpClient::ResolveAndConnect(std::string host,
                                                              uint16_t port) {
  CO_ASSIGN_OR_RETURN(std::vector<SocketAddress> addresses,
                      co_await Resolve(host, port));
  if (addresses.empty())
    co_return absl::NotFoundError(absl::StrCat("no address of ", host));
  co_return co_await ConnectToAny(loop_, std::move(addresses));
}

Task<absl::StatusOr<std::vector<SocketAddress>>> HttpClient::Resolve(
    std::string host, uint16_t port) {
  if (options_.resolve != nullptr)
    co_return co_await options_.resolve(std::move(host), port);
  if (!resolver_.has_value()) {
    CO_ASSIGN_OR_RETURN(resolver_, Resolver::Make(loop_));
  }
  co_return co_await resolver_->Lookup(std::move(host), port);
}

Task<absl::Status> HttpClient::Drain(HttpClientExchange& exchange) {
  size_t drained = 0;
  while (drained <= options_.max_drain_bytes && !exchange.ended()) {
    CO_ASSIGN_OR_RETURN(const std::string_view piece, co_await exchange.Read());
    drained += piece.size();
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<bool>> HttpClient::FollowRedirect(State& state) {
  HttpClientRequest& request = state.request;
  const HttpResponseHead& head = state.exchange->head();
  const int status = head.status();
  if (request.redirects == HttpRedirects::kManual || !IsRedirect(status))
    co_return false;
  if (request.redirects == HttpRedirects::kError) {
    co_return absl::InvalidArgumentError(absl::StrCat(
        "unexpected redirect: ", status, " from ", state.url.href));
  }
  const std::optional<std::string_view> location =
      head.headers().Get("location");
  if (!location.has_value()) co_return false;
  CO_ASSIGN_OR_RETURN(HttpUrl next, ParseHttpUrl(*location, state.url.href));
  if (next.fragment.empty()) {
    next.href += state.url.fragment;
    next.fragment = state.url.fragment;
  }
  if (++state.redirects > request.max_redirects) {
    co_return absl::InvalidArgumentError(
        absl::StrCat("redirect count exceeded: more than ",
                     request.max_redirects, " (max_redirects)"));
  }
  if (status != 303 && request.source != nullptr) {
    co_return absl::InvalidArgumentError(absl::StrCat(
        "a redirect (", status, ") of a body that cannot be sent again"));
  }
  if (OriginOf(next) != OriginOf(state.url)) {
    for (const std::string_view name : kOriginHeaders)
      request.headers.Delete(name);
  }

  const absl::Status drained =
      co_await Timeout(options_.max_drain_time, Drain(*state.exchange));
  if (absl::IsCancelled(drained)) co_return drained;
  state.exchange.reset();

  const std::string& method = request.method;
  if (((status == 301 || status == 302) && method == "POST") ||
      (status == 303 && method != "GET" && method != "HEAD")) {
    for (const std::string_view name : kBodyHeaders)
      request.headers.Delete(name);
    request.method = "GET";
    request.body.clear();
    request.source = nullptr;
    request.source_length.reset();
  }
  state.url = std::move(next);
  co_return true;
}

}  // namespace braid
