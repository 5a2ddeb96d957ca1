#include "io/http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/status_macros.h"
#include "io/http/server.h"

namespace braid {
namespace {

// Closing then sends a reset instead of an orderly end.
void MakeCloseReset(const TcpStream& stream) {
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  stream.loop().driver().calls().SetOption(stream.fd(), SOL_SOCKET, SO_LINGER,
                                           &reset, sizeof(reset));
}

}  // namespace

HttpConnection::HttpConnection(HttpServer& server, TcpStream stream,
                               CancelScope& parent)
    : LazyTimer(server.loop_.executor().timers(),
                [](LazyTimer& timer) {
                  static_cast<HttpConnection&>(timer).OnDeadline();
                }),
      server_(server),
      stream_(std::move(stream)),
      scope_(parent, CancelPropagation::kInherit) {
  ++server_.stats_.accepted;
  ++server_.stats_.connections;
  server_.connections_.PushBack(*this);
  server_.quiet_.Reset();
  if (server_.grace_is_over_) CutShort(Cut::kServerEnds);
}

HttpConnection::~HttpConnection() {
  if (ListNode<HttpSuspendedTag>::linked())
    ListNode<HttpSuspendedTag>::Unlink();
  ListNode<HttpConnectionTag>::Unlink();
  --server_.stats_.connections;
  server_.NoteEnd();
}

void HttpConnection::CutShort(Cut cut) {
  if (cut_ != Cut::kNone) return;
  cut_ = cut;
  scope_.Cancel();
}

absl::Status HttpConnection::abort_reason() const {
  const HttpServerOptions& options = server_.options_;
  switch (cut_) {
    case Cut::kNone:
      break;
    case Cut::kPeerGone:
      return absl::UnavailableError("the peer closed the connection");
    case Cut::kIdle:
      return absl::DeadlineExceededError(absl::StrCat(
          "no request within ", absl::FormatDuration(options.idle_time),
          " (idle_time)"));
    case Cut::kHeaderTime:
      return absl::DeadlineExceededError(absl::StrCat(
          "the request's head did not come within ",
          absl::FormatDuration(options.header_time), " (header_time)"));
    case Cut::kBodyTime:
      return absl::DeadlineExceededError(absl::StrCat(
          "the request's body came too slowly: ",
          absl::FormatDuration(options.body_time), " plus a second for each ",
          options.min_body_bytes_per_second,
          " bytes (body_time, min_body_bytes_per_second)"));
    case Cut::kWriteTime:
      return absl::DeadlineExceededError(absl::StrCat(
          "the peer did not take the response within ",
          absl::FormatDuration(options.write_time), " (write_time)"));
    case Cut::kServerEnds:
      return absl::AbortedError("the server is shutting down");
  }
  if (scope_.cancelled())
    return absl::AbortedError("the server is shutting down");
  return absl::OkStatus();
}

void HttpConnection::SetReadDeadline(Wait wait, absl::Duration delay) {
  wait_ = wait;
  read_deadline_ = DeadlineAfter(server_.TurnNow(), delay);
  WakeBy(read_deadline_);
}

void HttpConnection::ClearReadDeadline() { read_deadline_ = kNever; }

void HttpConnection::OnDeadline() {
  const MonotonicNanos now = server_.loop_.clock().Now();
  if (write_deadline_ <= now) {
    CutShort(Cut::kWriteTime);
  } else if (read_deadline_ <= now) {
    CutShort(wait_ == Wait::kIdle   ? Cut::kIdle
             : wait_ == Wait::kHead ? Cut::kHeaderTime
                                    : Cut::kBodyTime);
  } else {
    WakeBy(std::min(read_deadline_, write_deadline_));
  }
}

Task<void> HttpConnection::Run() {
  Next next = co_await Serve().In(scope_);
  ClearReadDeadline();
  if (cut_ != Cut::kNone) next = co_await LastWords();
  // Where the end of the connection is that of the body, an orderly one would
  // make half a response look whole.
  if (exchange_ != nullptr && exchange_->streaming()) next = Next::kAbort;
  if (exchange_ != nullptr) server_.exchanges_.Return(std::move(exchange_));
  if (next == Next::kLinger) co_await Linger();
  if (next == Next::kAbort) MakeCloseReset(stream_);
  // Nobody is left who could be told that closing failed.
  (co_await stream_.Close()).IgnoreError();
}

Task<HttpConnection::Next> HttpConnection::Serve() {
  for (;;) {
    // A drain closes the connection in a moment, unless a request is there.
    if (server_.draining_) [[unlikely]] {
      idle_turn_ = server_.loop_.stats().turns;
      server_.CutIdleSoon();
    }
    // It is still set when nothing but line breaks has come: those do not begin
    // the time anew.
    if (read_deadline_ == kNever)
      SetReadDeadline(Wait::kIdle, server_.options_.idle_time);
    absl::StatusOr<Lease> received = co_await stream_.Read();
    if (!received.ok() || received->empty() || scope_.cancelled())
      co_return Next::kClose;
    exchange_ = server_.exchanges_.Take(*this);
    exchange_->parser.Skipped(skipped_bytes_);
    TakeInput(*std::move(received));
    const Next next = co_await Work();
    if (next != Next::kIdle) co_return next;
    skipped_bytes_ = exchange_->parser.skipped_bytes();
    server_.exchanges_.Return(std::move(exchange_));
  }
}

Task<HttpConnection::Next> HttpConnection::Work() {
  HttpExchange& x = *exchange_;
  for (;;) {
    switch (x.parser.Next(x.input, x.request)) {
      case HttpParser::Event::kHead:
        break;
      case HttpParser::Event::kNeedMore:
        x.lease = Lease();
        if (x.read_ahead.empty()) {
          if (!x.output.empty() && !(co_await Flush()).ok())
            co_return Next::kClose;
          if (x.parser.at_start() && !x.input_ended) co_return Next::kIdle;
          if (!x.head_timed && !x.parser.at_start()) {
            x.head_timed = true;
            SetReadDeadline(Wait::kHead, server_.options_.header_time);
          }
        }
        // The stream's end in the middle of a head has nobody to be told.
        if (!(co_await Fill()).value_or(false)) co_return Next::kClose;
        continue;
      case HttpParser::Event::kError:
        ClearReadDeadline();
        ++server_.stats_.refused;
        RenderRefusal(x.parser.refusal());
        co_return (co_await Flush()).ok() ? Next::kLinger : Next::kClose;
      case HttpParser::Event::kBody:
      case HttpParser::Event::kEnd:
        LOG(FATAL) << "the body of a request that was not begun";
    }

    ClearReadDeadline();
    x.StartRequest();
    ++server_.stats_.requests;
    handling_ = true;
    server_.handling_.PushBack(*this);
    absl::Status handled;
    try {
      handled = co_await server_.handler_(x.request, x.response);
    } catch (const std::exception& exception) {
      handled = absl::InternalError(
          absl::StrCat("the handler threw: ", exception.what()));
    } catch (...) {
      handled =
          absl::InternalError("the handler threw what is no std::exception");
    }
    handling_ = false;
    if (watch_is_due()) ListNode<HttpSuspendedTag>::Unlink();
    if (x.watch.has_value()) co_await StopWatch();

    // The short way, for the response of a handler that did nothing unusual.
    const bool plain = handled.ok() && !scope_.cancelled() &&
                       x.parser.complete() &&
                       x.response.state_ == HttpResponse::State::kUnsent &&
                       x.response.body().size() <= kCopiedBytesMax;
    if (plain) [[likely]]
      handled = RenderWhole();
    if (!plain || !handled.ok() || x.close_after) {
      const Next next = co_await FinishResponse(std::move(handled));
      if (next != Next::kIdle) co_return next;
    }
    x.in_request = false;
    x.parser.StartNext();
    if (x.output.size() >= server_.options_.max_gathered_bytes &&
        !(co_await Flush()).ok()) {
      co_return Next::kClose;
    }
  }
}

Task<HttpConnection::Next> HttpConnection::FinishResponse(
    absl::Status handled) {
  HttpExchange& x = *exchange_;
  HttpResponse& response = x.response;
  using State = HttpResponse::State;
  if (scope_.cancelled() || x.output_broken) co_return Next::kClose;
  if (!SkipReceivedBody()) x.close_after = true;

  if (handled.ok() && response.state_ == State::kUnsent) {
    handled = StartResponse(response.body().size());
    if (handled.ok()) {
      response.state_ = State::kComplete;
      if (!BodyIsLeftOut() && !(co_await Flush(response.body())).ok())
        co_return Next::kClose;
    }
  } else if (handled.ok() && response.state_ == State::kStreaming) {
    handled = EndStream();
  }

  if (!handled.ok()) {
    const bool peer_failed = x.body_refusal.status != 0 ||
                             !x.input_error.ok() ||
                             (x.input_ended && !x.parser.complete());
    if (!peer_failed) ReportFailure(handled);
    if (response.state_ == State::kStreaming) co_return Next::kAbort;
    if (response.state_ == State::kUnsent) {
      if (x.body_refusal.status != 0) {
        RenderRefusal(x.body_refusal);
        co_return (co_await Flush()).ok() ? Next::kLinger : Next::kClose;
      }
      if (peer_failed) co_return Next::kClose;
      response.Clear();
      CHECK_OK(response.Reply(500, "text/plain; charset=utf-8",
                              "500 Internal Server Error\n"));
      CHECK_OK(RenderWhole());
    }
  }

  const bool body_left = !x.parser.complete();
  if (!body_left && !x.close_after) co_return Next::kIdle;
  if (!x.output.empty() && !(co_await Flush()).ok()) co_return Next::kClose;
  if (!x.close_after) co_return co_await DrainBody();
  // Bytes that nobody reads would turn closing into a reset, which can overtake
  // the response. They may still be on their way if it was not the peer who
  // asked to close.
  co_return x.request.keep_alive() || body_left || !x.input.empty() ||
          !x.read_ahead.empty()
      ? Next::kLinger
      : Next::kClose;
}

bool HttpConnection::BodyStandsInTheWay(bool handler_ended) const {
  const HttpExchange& x = *exchange_;
  if (x.parser.complete()) return false;
  if (x.request.expects_continue() && !x.continue_sent) return true;
  if (!handler_ended) return false;
  if (x.body_refusal.status != 0 || x.input_ended || !x.input_error.ok())
    return true;
  const std::optional<uint64_t> length = x.request.content_length();
  return length.has_value() &&
         *length - x.parser.body_bytes() > server_.options_.max_drain_bytes;
}

bool HttpConnection::SkipReceivedBody() {
  HttpExchange& x = *exchange_;
  HttpParser::Event event;
  do {
    event = x.parser.Next(x.input, x.request);
  } while (event == HttpParser::Event::kBody);
  return event != HttpParser::Event::kError;
}

Task<HttpConnection::Next> HttpConnection::DrainBody() {
  HttpExchange& x = *exchange_;
  const uint64_t before = x.parser.body_bytes();
  for (;;) {
    switch (x.parser.Next(x.input, x.request)) {
      case HttpParser::Event::kEnd:
        co_return Next::kIdle;
      case HttpParser::Event::kBody:
        if (x.parser.body_bytes() - before > server_.options_.max_drain_bytes) {
          co_return Next::kLinger;
        }
        break;
      case HttpParser::Event::kNeedMore:
        if (!(co_await FillBody()).value_or(false)) co_return Next::kClose;
        break;
      case HttpParser::Event::kError:
        co_return Next::kLinger;
      case HttpParser::Event::kHead:
        LOG(FATAL) << "a request inside the body of another";
    }
  }
}

void HttpConnection::ReportFailure(const absl::Status& status) {
  ++server_.stats_.handler_failures;
  const HttpRequest& request = exchange_->request;
  LOG(ERROR) << "the handler of " << request.method_name() << " "
             << request.target() << " failed: " << status;
}

// Runs when the scope is cancelled, outside of it.
Task<HttpConnection::Next> HttpConnection::LastWords() {
  if (exchange_ == nullptr) co_return Next::kClose;
  HttpExchange& x = *exchange_;
  using State = HttpResponse::State;
  if (cut_ == Cut::kWriteTime) co_return Next::kAbort;
  if (cut_ == Cut::kPeerGone || x.output_broken) co_return Next::kClose;
  const bool in_head = cut_ == Cut::kHeaderTime;
  if (!in_head && !x.in_request) co_return Next::kClose;
  if (!in_head && x.response.state_ == State::kStreaming)
    co_return Next::kAbort;
  if (in_head || x.response.state_ == State::kUnsent) {
    const int status = cut_ == Cut::kServerEnds ? 503 : 408;
    RenderRefusal({status, std::string(abort_reason().message())});
  }
  if (x.output.empty()) co_return Next::kLinger;
  const absl::Status flushed =
      co_await Timeout(server_.options_.linger_time, Flush());
  co_return flushed.ok() ? Next::kLinger : Next::kClose;
}

Task<void> HttpConnection::Linger() {
  if (!(co_await stream_.ShutdownWrite()).ok()) co_return;
  (co_await Timeout(server_.options_.linger_time, DropInput())).IgnoreError();
}

Task<absl::Status> HttpConnection::DropInput() {
  size_t dropped = 0;
  while (dropped < server_.options_.max_linger_bytes) {
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream_.Read());
    if (lease.empty()) break;
    dropped += lease.size();
  }
  co_return absl::OkStatus();
}

}  // namespace braid
