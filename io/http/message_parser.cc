#include "io/http/message_parser.h"

#include <algorithm>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "io/http/chars.h"

namespace braid {
namespace {

// How much chunk framing a body's bytes excuse: senders that write byte by
// byte need five for each, and a chunk's size may be padded with zeros.
constexpr uint64_t kExcusedPerBodyByte = 2;
constexpr uint64_t kExcusedPerChunk = 16;

}  // namespace

HttpMessageParser::HttpMessageParser(llhttp_type_t type,
                                     const llhttp_settings_t& settings,
                                     const HttpMessageLimits& limits,
                                     std::string_view what)
    : limits_(limits), what_(what), is_response_(type == HTTP_RESPONSE) {
  llhttp_init(&llhttp_, type, &settings);
  llhttp_.data = this;
}

void HttpMessageParser::Reset() {
  if (state_ != State::kStart) llhttp_reset(&llhttp_);
  state_ = State::kStart;
}

void HttpMessageParser::StartNext() {
  DCHECK(complete());
  state_ = State::kStart;
}

HttpMessageParser::Event HttpMessageParser::NextOf(std::string_view& input,
                                                   HttpMessageHead& head) {
  switch (state_) {
    case State::kStart:
    case State::kHead:
      head_ = &head;
      return ParseHead(input);
    case State::kBody:
      DCHECK(head_ == &head);
      return ParseBody(input);
    case State::kComplete:
      return Event::kEnd;
    case State::kFailed:
      break;
  }
  return Event::kError;
}

HttpMessageParser::Event HttpMessageParser::ParseHead(std::string_view& input) {
  std::string& copy = head_->headers_.text_;
  if (state_ == State::kStart) {
    if (input.empty()) return Event::kNeedMore;
    if (!Begin(input)) return Event::kError;
    if (input.empty()) return Event::kNeedMore;
    state_ = State::kHead;
    message_complete_ = last_chunk_ = false;
    transfer_encodings_ = 0;
    name_size_ = value_size_ = 0;
    body_bytes_ = excess_bytes_ = 0;
  }
  const size_t before = copy.size();
  std::string_view segment = input.substr(0, limits_.max_header_bytes - before);
  const bool first = before == 0;
  if (first) {
    head_text_ = segment;
  } else {
    copy.append(segment);
    head_text_ = copy;
    segment = head_text_.substr(before);
  }

  const llhttp_errno_t error =
      llhttp_execute(&llhttp_, segment.data(), segment.size());
  if (error == HPE_PAUSED) [[likely]] {
    // Everything is known, and the message is in order.
    const size_t consumed =
        static_cast<size_t>(llhttp_get_error_pos(&llhttp_) - segment.data());
    llhttp_resume(&llhttp_);
    if (first) {
      copy.assign(segment.data(), consumed);
    } else {
      copy.resize(before + consumed);
    }
    input.remove_prefix(consumed);
    state_ = message_complete_ ? State::kComplete : State::kBody;
    return Event::kHead;
  }
  if (error != HPE_OK) return RefuseAsMalformed(error, segment);
  if (first) copy.assign(segment);
  input.remove_prefix(segment.size());
  if (copy.size() < limits_.max_header_bytes) return Event::kNeedMore;
  return Refuse(
      431, AboveLimit(absl::StrCat("the bytes of the ", what_, "'s head are"),
                      limits_.max_header_bytes, "max_header_bytes"));
}

HttpMessageParser::Event HttpMessageParser::ParseBody(std::string_view& input) {
  body_ = {};
  while (!input.empty()) {
    chunk_complete_ = false;
    const llhttp_errno_t error =
        llhttp_execute(&llhttp_, input.data(), input.size());
    if (error != HPE_OK && error != HPE_PAUSED)
      return RefuseAsMalformed(error, input);
    size_t consumed = input.size();
    if (error == HPE_PAUSED) {
      consumed =
          static_cast<size_t>(llhttp_get_error_pos(&llhttp_) - input.data());
      llhttp_resume(&llhttp_);
    }
    input.remove_prefix(consumed);

    // The framing of chunks may take its share beside the body's bytes. More
    // than that is a peer that keeps the parser busy for nothing.
    excess_bytes_ += consumed - body_.size();
    const uint64_t excused = kExcusedPerBodyByte * body_.size() +
                             (chunk_complete_ ? kExcusedPerChunk : 0);
    excess_bytes_ -= std::min(excess_bytes_, excused);
    if (excess_bytes_ > limits_.max_header_bytes) {
      const bool trailing = (llhttp_.flags & F_TRAILING) != 0;
      return Refuse(
          trailing ? 431 : 400,
          AboveLimit(
              "the bytes of chunk sizes, chunk extensions and trailers are",
              limits_.max_header_bytes, "max_header_bytes"));
    }

    if (message_complete_) state_ = State::kComplete;
    if (!body_.empty()) return Event::kBody;
    if (message_complete_) return Event::kEnd;
  }
  return Event::kNeedMore;
}

HttpMessageParser::Event HttpMessageParser::Refuse(int status,
                                                   std::string message) {
  state_ = State::kFailed;
  constexpr int kBadGateway = 502;
  refusal_.status = is_response_ ? kBadGateway : status;
  refusal_.message = std::move(message);
  return Event::kError;
}

std::string HttpMessageParser::AboveLimit(std::string_view what, uint64_t limit,
                                          std::string_view name) {
  return absl::StrCat(what, " above the limit of ", limit, " (", name, ")");
}

std::string HttpMessageParser::Malformed(std::string_view how) const {
  return absl::StrCat("malformed ", what_, ": ", how);
}

HttpMessageParser::Event HttpMessageParser::RefuseAsMalformed(
    llhttp_errno_t error, std::string_view segment) {
  // By a callback, in its own words.
  if (state_ == State::kFailed) return Event::kError;
  const std::string_view reason = llhttp_get_error_reason(&llhttp_);
  if (state_ != State::kHead) {
    return Refuse(400, absl::StrCat("malformed body: ", reason, " after ",
                                    body_bytes_, " bytes of it"));
  }
  const char* const at =
      std::clamp(llhttp_get_error_pos(&llhttp_), segment.data(),
                 segment.data() + segment.size());
  const char bad = at < segment.data() + segment.size() ? *at : '\0';
  const size_t offset = Offset(at);
  if (RefuseHead(error, bad, offset)) return Event::kError;
  return Refuse(400, Malformed(absl::StrCat(reason, " at byte ", offset)));
}

int HttpMessageParser::OnFieldName(const char* at, size_t size) {
  // Trailers are checked and dropped.
  if ((llhttp_.flags & F_TRAILING) != 0) return 0;
  if (name_size_ == 0) name_offset_ = Offset(at);
  name_size_ += size;
  return 0;
}

int HttpMessageParser::OnFieldValue(const char* at, size_t size) {
  if ((llhttp_.flags & F_TRAILING) != 0) return 0;
  if (value_size_ == 0) value_offset_ = Offset(at);
  value_size_ += size;
  return 0;
}

int HttpMessageParser::OnFieldComplete() {
  if ((llhttp_.flags & F_TRAILING) != 0) return 0;
  HttpHeaders& headers = head_->headers_;
  if (headers.size() >= limits_.max_header_count) {
    Refuse(431, AboveLimit("the number of headers is", limits_.max_header_count,
                           "max_header_count"));
    return HPE_USER;
  }
  const HttpField field = FieldOf(Text(name_offset_, name_size_));
  if (field == HttpField::kTransferEncoding) {
    transfer_encodings_ = std::min(transfer_encodings_ + 1, 2);
  }
  if (field != HttpField::kOther) OnField(field);
  const size_t value_size =
      StripTrailingSpace(Text(value_offset_, value_size_)).size();
  headers.AddParsed(name_offset_, name_size_, value_offset_, value_size, field);
  name_size_ = value_size_ = 0;
  return 0;
}

bool HttpMessageParser::CheckFraming(HttpMessageHead& head) {
  // llhttp has refused two lengths, malformed ones, and a length beside a
  // coding.
  head.chunked_ = transfer_encodings_ > 0;
  head.content_length_ =
      (llhttp_.flags & F_CONTENT_LENGTH) != 0 ? llhttp_.content_length : 0;
  if (head.chunked_) {
    if (head.minor_version_ == 0) {
      Refuse(400, Malformed("Transfer-Encoding in HTTP/1.0"));
      return false;
    }
    const std::string_view coding = ParsedValue(HttpField::kTransferEncoding);
    if (transfer_encodings_ > 1 || !absl::EqualsIgnoreCase(coding, "chunked")) {
      Refuse(501, "a Transfer-Encoding other than chunked");
      return false;
    }
    // llhttp takes no tab for a space here, and would read to the end of the
    // connection.
    if ((llhttp_.flags & F_CHUNKED) == 0) {
      Refuse(400, Malformed("a tab in Transfer-Encoding"));
      return false;
    }
  }
  if (head.content_length_ > limits_.max_body_bytes) {
    Refuse(413, AboveLimit("the bytes of the body are", limits_.max_body_bytes,
                           "max_body_bytes"));
    return false;
  }
  return true;
}

int HttpMessageParser::OnHeadersComplete() {
  const int has_body = CheckHead();
  if (has_body < 0) return HPE_USER;
  head_->keep_alive_ = llhttp_should_keep_alive(&llhttp_) != 0;
  // Upgrades are not offered, so the header means nothing.
  llhttp_.upgrade = 0;
  // Without a body, llhttp goes straight on to the end of the message.
  return has_body > 0 ? HPE_PAUSED : 0;
}

int HttpMessageParser::OnBody(const char* at, size_t size) {
  body_bytes_ += size;
  if (body_bytes_ > limits_.max_body_bytes) {
    Refuse(413, AboveLimit("the bytes of the body are", limits_.max_body_bytes,
                           "max_body_bytes"));
    return HPE_USER;
  }
  DCHECK(body_.empty());
  body_ = {at, size};
  return 0;
}

int HttpMessageParser::OnChunkHeader() {
  last_chunk_ = llhttp_.content_length == 0;
  return 0;
}

int HttpMessageParser::OnChunkComplete() {
  chunk_complete_ = true;
  return last_chunk_ ? 0 : HPE_PAUSED;
}

int HttpMessageParser::OnMessageComplete() {
  message_complete_ = true;
  // A trailer has no say in whether the connection goes on: what came before
  // it has announced that already.
  if ((llhttp_.flags & F_TRAILING) != 0 && head_->keep_alive_)
    llhttp_.flags &= static_cast<uint16_t>(~F_CONNECTION_CLOSE);
  return HPE_PAUSED;
}

}  // namespace braid
