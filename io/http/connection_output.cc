// The writing side of HttpConnection: what a handler made becomes bytes, and
// the bytes leave.

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "async/status_macros.h"
#include "io/http/chars.h"
#include "io/http/connection.h"
#include "io/http/server.h"
#include "io/http/status_text.h"

namespace braid {
namespace {

std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

bool HttpConnection::BodyIsLeftOut() const {
  return exchange_->request.method() == HttpMethod::kHead ||
         StatusForbidsBody(exchange_->response.status());
}

void HttpConnection::TakeConnectionHeader() {
  HttpExchange& x = *exchange_;
  HttpHeaders& headers = x.response.headers();
  if (headers.Has(HttpField::kConnection)) {
    const std::string options = *headers.GetCombined("connection");
    for (std::string_view option : absl::StrSplit(options, ',')) {
      option = absl::StripAsciiWhitespace(option);
      if (absl::EqualsIgnoreCase(option, "close")) x.close_after = true;
    }
    headers.Delete("connection");
  }
  if (headers.Has(HttpField::kTransferEncoding))
    headers.Delete("transfer-encoding");
}

absl::StatusOr<std::optional<uint64_t>> HttpConnection::AnnouncedLength() {
  const HttpHeaders& headers = exchange_->response.headers();
  if (!headers.Has(HttpField::kContentLength)) return std::nullopt;
  const std::string text = *headers.GetCombined("content-length");
  uint64_t length;
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsDigit) ||
      !absl::SimpleAtoi(text, &length)) {
    return absl::InternalError(
        absl::StrCat("content-length is no number: \"", text, "\""));
  }
  return length;
}

absl::Status HttpConnection::StartResponse(std::optional<uint64_t> length) {
  HttpExchange& x = *exchange_;
  HttpResponse& response = x.response;
  if (!IsFinalStatus(response.status())) {
    return absl::InternalError(absl::StrCat(
        "status ", response.status(), " is not that of a final response"));
  }
  if (!x.request.keep_alive() || server_.draining_) x.close_after = true;
  TakeConnectionHeader();

  ResponseHead head;
  head.status = response.status();
  ASSIGN_OR_RETURN(std::optional<uint64_t> announced, AnnouncedLength());
  if (StatusForbidsBody(response.status())) {
    head.framing = HttpFraming::kNone;
    if (response.status() == 204) response.headers().Delete("content-length");
  } else if (length.has_value()) {
    if (announced.has_value() && *announced != *length && !BodyIsLeftOut()) {
      return absl::InternalError(absl::StrCat("content-length is ", *announced,
                                              ", but the body has ", *length,
                                              " bytes"));
    }
    head.length = *length;
  } else if (announced.has_value()) {
    x.stream_left = announced;
    head.length = *announced;
  } else if (x.request.minor_version() == 1) {
    x.stream_chunked = true;
    head.framing = HttpFraming::kChunked;
  } else {
    x.close_after = true;
    head.framing = HttpFraming::kUntilClose;
  }
  // A streaming handler may still read the rest of the body; one that has
  // ended, or never asked for the body that the peer holds back, will not.
  if (BodyStandsInTheWay(/*handler_ended=*/length.has_value()))
    x.close_after = true;
  if (x.close_after) {
    head.persistence = HttpPersistence::kClose;
  } else if (x.request.minor_version() == 0) {
    head.persistence = HttpPersistence::kKeepAlive;
  }
  head.date = server_.date_.Get(server_.TurnNow());
  RenderHead(x.output, head, response.headers());
  response.state_ = HttpResponse::State::kStreaming;
  return absl::OkStatus();
}

absl::Status HttpConnection::RenderWhole() {
  HttpExchange& x = *exchange_;
  RETURN_IF_ERROR(StartResponse(x.response.body().size()));
  if (!BodyIsLeftOut()) x.output.Append(x.response.body());
  x.response.state_ = HttpResponse::State::kComplete;
  return absl::OkStatus();
}

void HttpConnection::RenderRefusal(const HttpRefusal& refusal) {
  HttpExchange& x = *exchange_;
  const std::string body =
      absl::StrCat(refusal.status, " ", ReasonPhrase(refusal.status), ": ",
                   refusal.message, "\n");
  HttpHeaders headers;
  CHECK_OK(headers.Append("content-type", "text/plain; charset=utf-8"));
  RenderHead(x.output,
             {.status = refusal.status,
              .length = body.size(),
              .persistence = HttpPersistence::kClose,
              .date = server_.date_.Get(server_.TurnNow())},
             headers);
  if (x.request.method() != HttpMethod::kHead) x.output.Append(body);
}

Task<absl::Status> HttpConnection::SendWhole(std::string_view body) {
  HttpExchange& x = *exchange_;
  if (x.response.head_sent()) {
    co_return absl::InternalError("Send() after the response's head was sent");
  }
  if (x.writing) CO_RETURN_IF_ERROR(co_await WaitForWriter());
  CO_RETURN_IF_ERROR(StartResponse(body.size()));
  x.response.state_ = HttpResponse::State::kComplete;
  if (BodyIsLeftOut()) body = {};
  if (body.size() > kCopiedBytesMax) co_return co_await Flush(body);
  x.output.Append(body);
  // A handler that ends soon has its response sent with others. Nobody would
  // send that of one that goes on waiting and is not looked at any more.
  co_return watch_is_due() ? absl::OkStatus() : co_await Flush();
}

Task<absl::Status> HttpConnection::WritePiece(std::string_view piece) {
  HttpExchange& x = *exchange_;
  if (x.response.state_ == HttpResponse::State::kComplete) {
    co_return absl::InternalError("Write() after the response was complete");
  }
  if (x.writing) CO_RETURN_IF_ERROR(co_await WaitForWriter());
  if (!x.response.head_sent()) CO_RETURN_IF_ERROR(StartResponse(std::nullopt));
  if (x.stream_left.has_value()) {
    if (piece.size() > *x.stream_left) {
      co_return absl::InternalError(
          absl::StrCat("the body is longer than its content-length, by ",
                       piece.size() - *x.stream_left, " bytes"));
    }
    *x.stream_left -= piece.size();
  }
  if (BodyIsLeftOut() || piece.empty()) co_return co_await Flush();
  if (x.stream_chunked) RenderChunkSize(x.output, piece.size());
  const std::string_view tail =
      x.stream_chunked ? kLineBreak : std::string_view();
  if (piece.size() > kCopiedBytesMax) co_return co_await Flush(piece, tail);
  x.output.Append(piece);
  x.output.Append(tail);
  co_return co_await Flush();
}

absl::Status HttpConnection::EndStream() {
  HttpExchange& x = *exchange_;
  if (x.stream_left.value_or(0) > 0 && !BodyIsLeftOut()) {
    return absl::InternalError(
        absl::StrCat("the body is shorter than its content-length, by ",
                     *x.stream_left, " bytes"));
  }
  if (x.stream_chunked && !BodyIsLeftOut()) x.output.Append(kLastChunk);
  x.response.state_ = HttpResponse::State::kComplete;
  return absl::OkStatus();
}

Task<absl::Status> HttpConnection::WaitForWriter() {
  HttpExchange& x = *exchange_;
  while (x.writing) {
    x.written.Reset();
    CO_RETURN_IF_ERROR(co_await x.written.Wait());
  }
  co_return absl::OkStatus();
}

void HttpConnection::SetWriteDeadline() {
  write_deadline_ =
      DeadlineAfter(server_.TurnNow(), server_.options_.write_time);
  WakeBy(write_deadline_);
}

Task<absl::Status> HttpConnection::Flush(std::string_view body,
                                         std::string_view tail) {
  HttpExchange& x = *exchange_;
  if (x.writing) CO_RETURN_IF_ERROR(co_await WaitForWriter());
  if (x.output_broken)
    co_return absl::UnavailableError("an earlier write failed");
  x.writing = true;
  ++server_.stats_.writes;
  absl::Status status;
  bool untouched = false;
  if (body.empty()) [[likely]] {
    SetWriteDeadline();
    const absl::StatusOr<size_t> sent =
        co_await stream_.Write(Bytes(x.output.view()));
    if (!sent.ok()) {
      status = sent.status();
      untouched = absl::IsCancelled(status);
    } else if (*sent < x.output.size()) {
      status = co_await stream_.WriteAll(x.output.view().substr(*sent));
    }
  } else {
    status = co_await WriteSlices(body, tail);
  }
  write_deadline_ = kNever;
  x.writing = false;
  x.written.Set();
  // Cancelled before a byte was sent: LastWords() may send it after all.
  if (untouched) [[unlikely]]
    co_return status;
  x.output.Clear();
  if (!status.ok()) x.output_broken = true;
  co_return status;
}

Task<absl::Status> HttpConnection::WriteSlices(std::string_view body,
                                               std::string_view tail) {
  std::string_view head = exchange_->output.view();
  while (!body.empty()) {
    const std::string_view slice = body.substr(0, kWriteSliceBytes);
    body.remove_prefix(slice.size());
    const std::array<std::string_view, 3> parts = {
        std::exchange(head, {}), slice,
        body.empty() ? tail : std::string_view()};
    SetWriteDeadline();
    CO_RETURN_IF_ERROR(co_await stream_.WriteAll(parts));
  }
  co_return absl::OkStatus();
}

}  // namespace braid
