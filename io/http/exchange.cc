#include "io/http/exchange.h"

#include "absl/log/check.h"

namespace braid {
namespace {

// What an exchange may keep of each buffer while nobody uses it.
constexpr size_t kKeptBytesMax = 32 << 10;

void Trim(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptBytesMax) std::string().swap(text);
}

}  // namespace

void HttpExchange::Attach(HttpConnection* connection) {
  request.connection_ = connection;
  response.connection_ = connection;
}

void HttpExchange::StartRequest() {
  response.Clear();
  head_timed = body_reading = body_lent = continue_sent = close_after =
      stream_chunked = false;
  in_request = true;
  body_refusal.status = 0;
  body_waited = absl::ZeroDuration();
  stream_left.reset();
}

void HttpExchange::Clear() {
  CHECK(!watch.has_value()) << "an exchange ended before its watch";
  Attach(nullptr);
  parser.Reset();
  request.Clear();
  if (request.capacity_bytes() > kKeptBytesMax) request.ReleaseMemory();
  response.Clear();
  if (response.headers_.capacity_bytes() > kKeptBytesMax)
    response.headers_.ReleaseMemory();
  Trim(response.body_);
  input = {};
  lease = Lease();
  Trim(copy);
  Trim(read_ahead);
  output.Clear();
  if (output.capacity() > kKeptBytesMax) output.ReleaseMemory();
  received.Reset();
  written.Reset();
  DCHECK(!reading && !writing);
  input_ended = output_broken = head_timed = in_request = false;
  input_error = absl::OkStatus();
}

void HttpExchangePool::Return(std::unique_ptr<HttpExchange> exchange) {
  exchange->Clear();
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(exchange));
}

std::unique_ptr<HttpExchange> HttpExchangePool::Make(
    HttpConnection& connection) {
  auto exchange = std::make_unique<HttpExchange>(options_);
  exchange->Attach(&connection);
  return exchange;
}

}  // namespace braid
