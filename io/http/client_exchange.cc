#include "io/http/client_exchange.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "async/combinators.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "io/errno_status.h"
#include "io/http/chars.h"
#include "io/http/render.h"

namespace braid {
namespace {

// Bodies and pieces up to this size are copied behind what is sent before them,
// longer ones are sent from where they are.
constexpr size_t kCopiedBytesMax = 16 << 10;

// Whether the method announces a body even where there is none (RFC 9110,
// section 8.6).
bool ExpectsBody(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

HttpClientExchange::HttpClientExchange(
    Loop& loop, const HttpClientOptions& options, HttpClientPool::Slot slot,
    HttpClientRequest& request, const HttpUrl& url, MonotonicNanos deadline)
    : loop_(loop),
      options_(options),
      slot_(std::move(slot)),
      request_(request),
      deadline_(deadline),
      was_used_(slot_.connection->was_used),
      progress_at_(loop.clock().Now()) {
  RenderHead(url);
}

void HttpClientExchange::RenderHead(const HttpUrl& url) {
  const HttpHeaders& headers = request_.headers;
  absl::StrAppend(&out_, request_.method, " ", url.target, " HTTP/1.1\r\n");
  if (!headers.Has(HttpField::kHost))
    absl::StrAppend(&out_, "host: ", url.authority, "\r\n");
  const size_t before = out_.size();
  out_.resize(before + headers.wire_bytes());
  headers.WriteTo(out_.data() + before);
  if (!request_.keep_alive) absl::StrAppend(&out_, "connection: close\r\n");
  if (request_.source != nullptr) {
    source_ended_ = false;
    if (request_.source_length.has_value()) {
      source_left_ = *request_.source_length;
      absl::StrAppend(&out_, "content-length: ", source_left_, "\r\n");
    } else {
      absl::StrAppend(&out_, "transfer-encoding: chunked\r\n");
    }
  } else if (!request_.body.empty() || ExpectsBody(request_.method)) {
    absl::StrAppend(&out_, "content-length: ", request_.body.size(), "\r\n");
  }
  out_ += kLineBreak;
  if (request_.body.size() <= kCopiedBytesMax) {
    out_ += request_.body;
  } else {
    parts_[1] = request_.body;
  }
  parts_[0] = out_;
  parser().Expect(request_.method == "HEAD"
                      ? HttpResponseParser::Answers::kHead
                      : HttpResponseParser::Answers::kOther);
}

// Sending. --------------------------------------------------------------------

absl::Status HttpClientExchange::PutPiece(std::string_view piece) {
  const bool chunked = !request_.source_length.has_value();
  source_ended_ = piece.empty();
  if (!chunked) {
    if (piece.size() > source_left_ || (source_ended_ && source_left_ > 0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the request's body is ", source_ended_ ? "shorter" : "longer",
          " than its source_length of ", *request_.source_length));
    }
    source_left_ -= piece.size();
    parts_[0] = piece;
    return absl::OkStatus();
  }
  if (source_ended_) {
    parts_[0] = kLastChunk;
    return absl::OkStatus();
  }
  out_ = absl::StrCat(absl::Hex(piece.size()), "\r\n");
  if (piece.size() <= kCopiedBytesMax) {
    absl::StrAppend(&out_, piece, kLineBreak);
    parts_[0] = out_;
  } else {
    parts_ = {out_, piece, kLineBreak};
  }
  return absl::OkStatus();
}

Task<absl::Status> HttpClientExchange::TakePiece() {
  source_pending_ = true;
  absl::StatusOr<std::string_view> piece = co_await request_.source();
  source_pending_ = false;
  progress_at_ = loop_.clock().Now();
  absl::Status status =
      piece.ok() ? PutPiece(*piece) : std::move(piece).status();
  // Broken off, by whoever has read the response meanwhile: to be called again.
  const PromiseBase& task = co_await CurrentTask();
  if (!status.ok() && !(absl::IsCancelled(status) && task.cancelled())) {
    source_error_ = status;
    // A response to half a request is of no use.
    if (reader_ != nullptr) reader_->Cancel();
  }
  co_return status;
}

Task<absl::StatusOr<size_t>> HttpClientExchange::WriteOnce(
    std::string_view part) {
  co_return co_await stream().Write(
      {reinterpret_cast<const uint8_t*>(part.data()), part.size()});
}

Task<absl::Status> HttpClientExchange::Send() {
  DCHECK(!sending_);
  sending_ = true;
  const absl::Cleanup done = [this] {
    sending_ = false;
    sender_ended_.Set();
  };
  for (;;) {
    for (std::string_view& part : parts_) {
      while (!part.empty()) {
        const absl::StatusOr<size_t> count =
            co_await Timeout(options_.header_time, WriteOnce(part));
        if (!count.ok()) {
          if (!absl::IsCancelled(count.status())) send_error_ = count.status();
          co_return count.status();
        }
        part.remove_prefix(*count);
        progress_at_ = loop_.clock().Now();
      }
    }
    if (source_ended_) break;
    CO_RETURN_IF_ERROR(co_await TakePiece());
  }
  sent_ = true;
  co_return absl::OkStatus();
}

Task<absl::Status> HttpClientExchange::SendRest() {
  DCHECK(!sending_rest_);
  sending_rest_ = true;  // From here on readers leave the sending to this task.
  if (sending_) {
    sender_ended_.Reset();
    if (absl::Status ended = co_await sender_ended_.Wait(); !ended.ok()) {
      sending_rest_ = false;
      co_return ended;
    }
  }
  absl::Status status = send_error_;
  status.Update(source_error_);
  if (status.ok() && !sent_ && !slot_.held())
    status = absl::UnavailableError("the connection has ended");
  if (status.ok() && !sent_) status = co_await Send();
  sending_rest_ = false;
  FinishIfComplete();  // The response may have been read meanwhile.
  co_return status;
}

Task<void> HttpClientExchange::SendBeside() {
  if (!sending_) (co_await Send()).IgnoreError();  // It notes what happens.
}

template <typename T>
Task<T> HttpClientExchange::WhileSending(Task<T> reading) {
  // If the connection takes nothing more, there may still be a response that
  // says why.
  if (sent_ || !send_error_.ok()) co_return co_await std::move(reading);
  if (!source_error_.ok()) co_return source_error_;
  Scope scope(co_await CurrentTask());
  CancelScope reader((co_await CurrentTask()).cancel_scope(),
                     CancelPropagation::kInherit);
  reader_ = &reader;
  if (!sending_rest_) scope.Spawn(SendBeside());
  Task<T> running = std::move(reading);
  T result = co_await std::move(running).In(reader);
  reader_ = nullptr;
  scope.Cancel();
  (co_await scope.Join()).IgnoreError();
  if (!source_error_.ok()) co_return source_error_;
  co_return result;
}

// Receiving. ------------------------------------------------------------------

Task<absl::Status> HttpClientExchange::Begin() {
  const bool short_request = source_ended_ && parts_[1].empty();
  absl::Status status;
  if (short_request) {
    // The kernel takes it whatever the peer does. One that has gone may have
    // left a response all the same.
    status = co_await Send();
    if (!absl::IsCancelled(status)) status = co_await ReadHead();
  } else {
    status = co_await WhileSending(ReadHead());
  }
  if (!status.ok()) {
    slot_.Release(absl::ZeroDuration());
    co_return status;
  }
  body_ended_ = !head_.has_body();
  FinishIfComplete();
  co_return absl::OkStatus();
}

bool HttpClientExchange::was_stale() const {
  return was_used_ && lost_ && !received_;
}

absl::Status HttpClientExchange::TotalTimeError(
    const HttpClientOptions& options) {
  return absl::DeadlineExceededError(
      absl::StrCat("no complete response within ",
                   absl::FormatDuration(options.total_time), " (total_time)"));
}

absl::Status HttpClientExchange::Refusal() const {
  return absl::InvalidArgumentError(slot_.connection->parser.refusal().message);
}

Task<absl::StatusOr<bool>> HttpClientExchange::Fill(absl::Duration limit,
                                                    std::string_view name) {
  DCHECK(input_.empty());
  lease_ = Lease();  // Buffers are scarce: who waits holds none.
  for (;;) {
    const MonotonicNanos until =
        std::min(DeadlineAfter(progress_at_, limit), deadline_);
    const MonotonicNanos before = loop_.clock().Now();
    const absl::Duration left = until == kNever
                                    ? absl::InfiniteDuration()
                                    : absl::Nanoseconds(until - before);
    absl::StatusOr<Lease> lease = stream().readable()
                                      ? co_await stream().Read()
                                      : co_await Timeout(left, ReadLease());
    if (lease.ok()) {
      lost_ = lease->empty();
      received_ |= !lost_;
      lease_ = *std::move(lease);
      input_ = lease_.text();
      co_return !lost_;
    }
    if (absl::IsCancelled(lease.status())) co_return lease.status();
    // Not of the connection, whose time-outs have an errno.
    const bool timed_out = absl::IsDeadlineExceeded(lease.status()) &&
                           ErrnoOf(lease.status()) == 0;
    if (!timed_out) {
      lost_ = true;
      co_return lease.status();
    }
    const MonotonicNanos now = loop_.clock().Now();
    if (now >= deadline_) co_return TotalTimeError(options_);
    // It is not the peer who keeps us waiting.
    if (source_pending_) progress_at_ = now;
    if (DeadlineAfter(progress_at_, limit) > now) continue;
    co_return absl::DeadlineExceededError(
        absl::StrCat("nothing came from the peer for ",
                     absl::FormatDuration(limit), " (", name, ")"));
  }
}

Task<absl::Status> HttpClientExchange::ReadHead() {
  int interim = 0;
  for (;;) {
    switch (parser().Next(input_, head_)) {
      case HttpMessageParser::Event::kHead:
        if (!head_.interim()) co_return absl::OkStatus();
        if (++interim > options_.max_interim_responses) {
          co_return absl::InvalidArgumentError(absl::StrCat(
              "the number of interim responses is above the limit of ",
              options_.max_interim_responses, " (max_interim_responses)"));
        }
        parser().StartNext();
        break;
      case HttpMessageParser::Event::kError:
        co_return Refusal();
      case HttpMessageParser::Event::kBody:
      case HttpMessageParser::Event::kEnd:
        LOG(FATAL) << "a response's head was read twice";
      case HttpMessageParser::Event::kNeedMore: {
        CO_ASSIGN_OR_RETURN(const bool more,
                            co_await Fill(options_.header_time, "header_time"));
        if (!more) {
          co_return absl::UnavailableError(
              received_ ? "the peer closed the connection in the middle of the "
                          "response's head"
                        : "the peer closed the connection without a response");
        }
      }
    }
  }
}

Task<absl::StatusOr<std::string_view>> HttpClientExchange::Read() {
  if (!error_.ok()) co_return error_;
  if (body_ended_) co_return std::string_view();
  progress_at_ = loop_.clock().Now();
  absl::StatusOr<std::string_view> piece = co_await WhileSending(ReadPiece());
  if (piece.ok()) {
    FinishIfComplete();
  } else if (!absl::IsCancelled(piece.status()) || !source_error_.ok()) {
    error_ = piece.status();
    slot_.Release(absl::ZeroDuration());
  }
  co_return piece;
}

std::string_view HttpClientExchange::ReadBuffered() {
  if (!body_ended_ && error_.ok() && source_error_.ok()) {
    const absl::StatusOr<std::optional<std::string_view>> piece =
        PieceOfInput();
    if (piece.ok()) {
      FinishIfComplete();
      if (piece->has_value() && !(*piece)->empty()) return **piece;
    } else {
      error_ = piece.status();
      slot_.Release(absl::ZeroDuration());
    }
  }
  lease_ = Lease();  // All of it was given, and Fill() may be long to come.
  return {};
}

absl::StatusOr<std::optional<std::string_view>>
HttpClientExchange::PieceOfInput() {
  switch (parser().Next(input_, head_)) {
    case HttpMessageParser::Event::kBody:
      body_ended_ = parser().complete();
      return parser().body();
    case HttpMessageParser::Event::kEnd:
      body_ended_ = true;
      return std::string_view();
    case HttpMessageParser::Event::kNeedMore:
      return std::nullopt;
    case HttpMessageParser::Event::kError:
      return Refusal();
    case HttpMessageParser::Event::kHead:
      break;
  }
  LOG(FATAL) << "a body was read behind the response";
}

Task<absl::StatusOr<std::string_view>> HttpClientExchange::ReadPiece() {
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::optional<std::string_view> piece,
                        PieceOfInput());
    if (piece.has_value()) co_return *piece;
    CO_ASSIGN_OR_RETURN(const bool more, co_await Fill(options_.body_idle_time,
                                                       "body_idle_time"));
    if (more) continue;
    if (!parser().at_connection_end()) {
      co_return absl::UnavailableError(
          absl::StrCat("the peer closed the connection in the middle of the "
                       "body, after ",
                       parser().body_bytes(), " bytes of it"));
    }
    body_ended_ = true;
    co_return std::string_view();
  }
}

absl::Duration HttpClientExchange::KeepFor() const {
  const std::optional<std::string_view> hint =
      head_.headers().Get("keep-alive");
  if (!hint.has_value()) return options_.pool_time;
  for (std::string_view part : absl::StrSplit(*hint, absl::ByAnyChar(", "))) {
    uint32_t seconds;
    constexpr std::string_view kTimeout = "timeout=";
    if (absl::StartsWithIgnoreCase(part, kTimeout) &&
        absl::SimpleAtoi(part.substr(kTimeout.size()), &seconds)) {
      return std::min(absl::Seconds(int64_t{seconds} - 1),
                      options_.max_pool_time);
    }
  }
  return options_.pool_time;
}

void HttpClientExchange::FinishIfComplete() {
  if (!body_ended_ || !slot_.held() || sending_rest_) return;
  DCHECK(!sending_);
  const bool reusable = sent_ && request_.keep_alive && head_.keep_alive() &&
                        !lost_ && parser().complete() && input_.empty() &&
                        !stream().readable();
  if (reusable) parser().StartNext();
  slot_.Release(reusable ? KeepFor() : absl::ZeroDuration());
}

}  // namespace braid
