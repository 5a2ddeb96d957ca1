// The reading side of HttpConnection: where received bytes come from, and the
// watch over a suspended handler.

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/log/check.h"
#include "absl/log/log.h"
#include "async/status_macros.h"
#include "io/http/connection.h"
#include "io/http/server.h"

namespace braid {

void HttpConnection::TakeInput(Lease lease) {
  exchange_->lease = std::move(lease);
  exchange_->input = exchange_->lease.text();
}

void HttpConnection::WatchAnew() {
  if (handling_ && !watch_is_due()) server_.handling_.PushBack(*this);
}

Task<absl::StatusOr<bool>> HttpConnection::Fill() {
  HttpExchange& x = *exchange_;
  DCHECK(x.input.empty());
  // Buffers are scarce: a connection that waits holds none.
  x.lease = Lease();
  x.body_lent = false;
  for (;;) {
    if (!x.read_ahead.empty()) {
      x.copy.swap(x.read_ahead);
      x.read_ahead.clear();
      x.input = x.copy;
      // The watch may have ended because there was so much.
      WatchAnew();
      co_return true;
    }
    if (!x.input_error.ok()) co_return x.input_error;
    if (x.input_ended) co_return false;
    if (!x.reading) break;
    // The watch reads; it tells when it has something.
    x.received.Reset();
    CO_RETURN_IF_ERROR(co_await x.received.Wait());
  }

  x.reading = true;
  absl::StatusOr<Lease> received = co_await stream_.Read();
  x.reading = false;
  WatchAnew();
  if (!received.ok()) {
    if (!absl::IsCancelled(received.status()))
      x.input_error = received.status();
    co_return std::move(received).status();
  }
  if (received->empty()) {
    x.input_ended = true;
    co_return false;
  }
  TakeInput(*std::move(received));
  co_return true;
}

Task<absl::StatusOr<std::string_view>> HttpConnection::ReadBody() {
  HttpExchange& x = *exchange_;
  CHECK(!x.body_reading) << "two tasks read the body of one request";
  x.body_reading = true;
  const absl::Cleanup done = [&x] { x.body_reading = false; };
  for (;;) {
    switch (x.parser.Next(x.input, x.request)) {
      case HttpParser::Event::kHead:
        LOG(FATAL) << "a body was read behind the request";
      case HttpParser::Event::kBody:
        x.body_lent = true;
        co_return x.parser.body();
      case HttpParser::Event::kEnd:
        co_return std::string_view();
      case HttpParser::Event::kError:
        x.body_refusal = x.parser.refusal();
        co_return x.body_refusal.status == 400
            ? absl::InvalidArgumentError(x.body_refusal.message)
            : absl::ResourceExhaustedError(x.body_refusal.message);
      case HttpParser::Event::kNeedMore:
        break;
    }
    if (x.writing) CO_RETURN_IF_ERROR(co_await WaitForWriter());
    if (x.request.expects_continue() && !x.continue_sent &&
        !x.response.head_sent()) {
      x.continue_sent = true;
      // Who has begun to send the body does not wait.
      if (x.parser.body_bytes() == 0) x.output.Append(kContinue);
    }
    // The peer may want to see the responses before this one first.
    if (!x.output.empty()) CO_RETURN_IF_ERROR(co_await Flush());
    CO_ASSIGN_OR_RETURN(const bool more, co_await FillBody());
    if (!more) {
      co_return absl::UnavailableError(
          "the peer closed the connection in the middle of the body");
    }
  }
}

Task<absl::StatusOr<bool>> HttpConnection::FillBody() {
  HttpExchange& x = *exchange_;
  const HttpServerOptions& options = server_.options_;
  const absl::Duration earned =
      absl::Seconds(static_cast<double>(x.parser.body_bytes()) /
                    options.min_body_bytes_per_second);
  SetReadDeadline(Wait::kBody, options.body_time + earned - x.body_waited);
  const MonotonicNanos before = server_.TurnNow();
  absl::StatusOr<bool> more = co_await Fill();
  x.body_waited += absl::Nanoseconds(server_.TurnNow() - before);
  ClearReadDeadline();
  if (!more.ok() && cut_ == Cut::kBodyTime) co_return abort_reason();
  co_return more;
}

void HttpConnection::RefuseBody(std::string message) {
  exchange_->body_refusal = {413, std::move(message)};
}

void HttpConnection::StartWatch() {
  HttpExchange& x = *exchange_;
  if (!x.lease.empty() && !x.body_lent) {
    x.copy.assign(x.input);
    x.input = x.copy;
    x.lease = Lease();
  }
  const bool reads =
      !x.reading && !x.input_ended && x.input_error.ok() &&
      x.read_ahead.size() < server_.options_.max_read_ahead_bytes;
  const bool writes = !x.writing && !x.output.empty();
  if (!reads && !writes) return;
  if (!x.watch.has_value()) x.watch.emplace(scope_);
  // A watch that runs already is reading.
  if (x.watch->size() == 0 || writes) x.watch->Spawn(Watch());
}

Task<void> HttpConnection::Watch() {
  HttpExchange& x = *exchange_;
  if (!x.writing && !x.output.empty()) {
    // In the connection's scope, not the watch's: ending the watch must not
    // cut a response in two.
    const absl::Status flushed = co_await Flush().In(scope_);
    if (!flushed.ok()) {
      if (!absl::IsCancelled(flushed)) CutShort(Cut::kPeerGone);
      co_return;
    }
  }
  while (!x.reading &&
         x.read_ahead.size() < server_.options_.max_read_ahead_bytes) {
    x.reading = true;
    absl::StatusOr<Lease> received = co_await stream_.Read();
    x.reading = false;
    if (!received.ok()) {
      if (absl::IsCancelled(received.status())) co_return;
      x.input_error = std::move(received).status();
    } else if (received->empty()) {
      x.input_ended = true;
    } else {
      x.read_ahead.append(received->text());
    }
    x.received.Set();
    if (x.input_ended && server_.options_.serve_half_closed) co_return;
    if (x.input_ended || !x.input_error.ok()) {
      CutShort(Cut::kPeerGone);
      co_return;
    }
  }
  // What comes now would lie in the receive buffers of all until the handler
  // has ended. It waits in the kernel instead.
  if (!x.reading) stream_.PauseReceiving();
}

Task<void> HttpConnection::StopWatch() {
  HttpExchange& x = *exchange_;
  x.watch->Cancel();
  (co_await x.watch->Join()).IgnoreError();  // It tells by cut().
  x.watch.reset();
}

}  // namespace braid
