#include "io/http/parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "io/http/chars.h"

namespace braid {
namespace {

// Line breaks before a request line that are skipped: some clients send one
// behind a body (RFC 9112, section 2.2).
constexpr int kLineBreakBytesMax = 4;

// How much chunk framing a body's bytes excuse: senders that write byte by
// byte need five for each, and a chunk's size may be padded with zeros.
constexpr uint64_t kExcusedPerBodyByte = 2;
constexpr uint64_t kExcusedPerChunk = 16;

HttpMethod MethodOf(uint8_t method) {
  switch (method) {
    case HTTP_GET:
      return HttpMethod::kGet;
    case HTTP_HEAD:
      return HttpMethod::kHead;
    case HTTP_POST:
      return HttpMethod::kPost;
    case HTTP_PUT:
      return HttpMethod::kPut;
    case HTTP_DELETE:
      return HttpMethod::kDelete;
    case HTTP_PATCH:
      return HttpMethod::kPatch;
    case HTTP_OPTIONS:
      return HttpMethod::kOptions;
    case HTTP_TRACE:
      return HttpMethod::kTrace;
    default:
      return HttpMethod::kOther;
  }
}

}  // namespace

// llhttp knows its user by a pointer.
struct HttpParser::Callbacks {
  static HttpParser& Self(llhttp_t* llhttp) {
    return *static_cast<HttpParser*>(llhttp->data);
  }

  template <int (HttpParser::*kMethod)(const char*, size_t)>
  static int Data(llhttp_t* llhttp, const char* at, size_t size) {
    return (Self(llhttp).*kMethod)(at, size);
  }
  template <int (HttpParser::*kMethod)()>
  static int Plain(llhttp_t* llhttp) {
    return (Self(llhttp).*kMethod)();
  }

  static constexpr llhttp_settings_t Make() {
    llhttp_settings_t settings{};
    settings.on_method_complete = Plain<&HttpParser::OnMethodComplete>;
    settings.on_url = Data<&HttpParser::OnTarget>;
    settings.on_header_field = Data<&HttpParser::OnFieldName>;
    settings.on_header_value = Data<&HttpParser::OnFieldValue>;
    settings.on_header_value_complete = Plain<&HttpParser::OnFieldComplete>;
    settings.on_headers_complete = Plain<&HttpParser::OnHeadersComplete>;
    settings.on_body = Data<&HttpParser::OnBody>;
    settings.on_chunk_header = Plain<&HttpParser::OnChunkHeader>;
    settings.on_chunk_complete = Plain<&HttpParser::OnChunkComplete>;
    settings.on_message_complete = Plain<&HttpParser::OnMessageComplete>;
    return settings;
  }
  static const llhttp_settings_t kSettings;
};

constinit const llhttp_settings_t HttpParser::Callbacks::kSettings = Make();

HttpParser::HttpParser(const HttpServerOptions& options) : options_(options) {
  llhttp_init(&llhttp_, HTTP_REQUEST, &Callbacks::kSettings);
  llhttp_.data = this;
}

void HttpParser::Reset() {
  if (state_ != State::kStart) llhttp_reset(&llhttp_);
  state_ = State::kStart;
  line_breaks_ = 0;
}

void HttpParser::StartNext() {
  DCHECK(complete());
  state_ = State::kStart;
  line_breaks_ = 0;
}

HttpParser::Event HttpParser::Next(std::string_view& input,
                                   HttpRequestHead& head) {
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

bool HttpParser::SkipLineBreaks(std::string_view& input) {
  while (!input.empty() && (input.front() == '\r' || input.front() == '\n')) {
    if (++line_breaks_ > kLineBreakBytesMax) return false;
    input.remove_prefix(1);
  }
  return true;
}

HttpParser::Event HttpParser::ParseHead(std::string_view& input) {
  std::string& copy = head_->headers_.text_;
  if (state_ == State::kStart) {
    if (!SkipLineBreaks(input)) {
      head_->Clear();  // The refusal is not about the request before.
      return Refuse(400, "line breaks instead of a request");
    }
    if (input.empty()) return Event::kNeedMore;
    head_->Clear();
    state_ = State::kHead;
    message_complete_ = last_chunk_ = false;
    hosts_ = transfer_encodings_ = 0;
    name_size_ = value_size_ = 0;
    body_bytes_ = excess_bytes_ = 0;
  }
  const size_t before = copy.size();
  std::string_view segment =
      input.substr(0, options_.max_header_bytes - before);
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
    // Everything is known, and the request is in order.
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
  if (copy.size() < options_.max_header_bytes) return Event::kNeedMore;
  return Refuse(431, AboveLimit("the bytes of the request's head are",
                                options_.max_header_bytes, "max_header_bytes"));
}

HttpParser::Event HttpParser::ParseBody(std::string_view& input) {
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
    if (excess_bytes_ > options_.max_header_bytes) {
      const bool trailing = (llhttp_.flags & F_TRAILING) != 0;
      return Refuse(
          trailing ? 431 : 400,
          AboveLimit(
              "the bytes of chunk sizes, chunk extensions and trailers are",
              options_.max_header_bytes, "max_header_bytes"));
    }

    if (message_complete_) state_ = State::kComplete;
    if (!body_.empty()) return Event::kBody;
    if (message_complete_) return Event::kEnd;
  }
  return Event::kNeedMore;
}

HttpParser::Event HttpParser::Refuse(int status, std::string message) {
  state_ = State::kFailed;
  refusal_.status = status;
  refusal_.message = std::move(message);
  return Event::kError;
}

HttpParser::Event HttpParser::RefuseAsMalformed(llhttp_errno_t error,
                                                std::string_view segment) {
  // By a callback, in its own words.
  if (state_ == State::kFailed) return Event::kError;
  const bool in_head = state_ == State::kHead;
  if (error == HPE_PAUSED_H2_UPGRADE)
    return Refuse(505, "HTTP/2 is not spoken here");

  const char* const at =
      std::clamp(llhttp_get_error_pos(&llhttp_), segment.data(),
                 segment.data() + segment.size());
  const char bad = at < segment.data() + segment.size() ? *at : '\0';
  if (in_head) {
    const size_t offset = Offset(at);
    const bool unknown_method =
        (error == HPE_INVALID_METHOD &&
         (IsTokenChar(bad) || (bad == ' ' && offset > 0))) ||
        (error == HPE_INVALID_CONSTANT && llhttp_.method >= HTTP_DESCRIBE &&
         llhttp_.method <= HTTP_FLUSH);
    if (unknown_method) return Refuse(501, "unknown method");
    if (error == HPE_INVALID_VERSION && offset >= 3) {
      const std::string_view version = head_text_.substr(offset - 3, 3);
      if (IsDigit(version[0]) && version[1] == '.' && IsDigit(version[2]) &&
          version != "1.0" && version != "1.1") {
        return Refuse(505,
                      absl::StrCat("HTTP/", version, " is not spoken here"));
      }
    }
    return Refuse(400, absl::StrCat("malformed request: ",
                                    llhttp_get_error_reason(&llhttp_),
                                    " at byte ", offset));
  }
  return Refuse(
      400, absl::StrCat("malformed body: ", llhttp_get_error_reason(&llhttp_),
                        " after ", body_bytes_, " bytes of it"));
}

int HttpParser::OnMethodComplete() {
  head_->method_ = MethodOf(llhttp_.method);
  return 0;
}

int HttpParser::OnTarget(const char* at, size_t size) {
  if (head_->target_size_ == 0)
    head_->target_offset_ = static_cast<uint32_t>(Offset(at));
  head_->target_size_ += static_cast<uint32_t>(size);
  if (head_->target_size_ <= options_.max_target_bytes) [[likely]]
    return 0;
  Refuse(414, AboveLimit("the bytes of the target are",
                         options_.max_target_bytes, "max_target_bytes"));
  return HPE_USER;
}

int HttpParser::OnFieldName(const char* at, size_t size) {
  // Trailers are checked and dropped.
  if ((llhttp_.flags & F_TRAILING) != 0) return 0;
  if (name_size_ == 0) name_offset_ = Offset(at);
  name_size_ += size;
  return 0;
}

int HttpParser::OnFieldValue(const char* at, size_t size) {
  if ((llhttp_.flags & F_TRAILING) != 0) return 0;
  if (value_size_ == 0) value_offset_ = Offset(at);
  value_size_ += size;
  return 0;
}

int HttpParser::OnFieldComplete() {
  if ((llhttp_.flags & F_TRAILING) != 0) return 0;
  HttpHeaders& headers = head_->headers_;
  if (headers.size() >= options_.max_header_count) {
    Refuse(431, AboveLimit("the number of headers is",
                           options_.max_header_count, "max_header_count"));
    return HPE_USER;
  }
  const HttpField field = FieldOf(Text(name_offset_, name_size_));
  if (field == HttpField::kHost) hosts_ = std::min(hosts_ + 1, 2);
  if (field == HttpField::kTransferEncoding) {
    transfer_encodings_ = std::min(transfer_encodings_ + 1, 2);
  }
  const size_t value_size =
      StripTrailingSpace(Text(value_offset_, value_size_)).size();
  headers.AddParsed(name_offset_, name_size_, value_offset_, value_size, field);
  name_size_ = value_size_ = 0;
  return 0;
}

int HttpParser::OnHeadersComplete() {
  if (!CheckRequestLine() || !CheckTarget() || !CheckHost() ||
      !CheckFraming() || !CheckExpect()) {
    return HPE_USER;
  }
  head_->keep_alive_ = llhttp_should_keep_alive(&llhttp_) != 0;
  // Upgrades are not offered, so the header means nothing.
  llhttp_.upgrade = 0;
  // Without a body, llhttp goes straight on to the end of the message.
  return head_->has_body() ? HPE_PAUSED : 0;
}

int HttpParser::OnBody(const char* at, size_t size) {
  body_bytes_ += size;
  if (body_bytes_ > options_.max_body_bytes) {
    Refuse(413, AboveLimit("the bytes of the body are", options_.max_body_bytes,
                           "max_body_bytes"));
    return HPE_USER;
  }
  DCHECK(body_.empty());
  body_ = {at, size};
  return 0;
}

int HttpParser::OnChunkHeader() {
  last_chunk_ = llhttp_.content_length == 0;
  return 0;
}

int HttpParser::OnChunkComplete() {
  chunk_complete_ = true;
  return last_chunk_ ? 0 : HPE_PAUSED;
}

int HttpParser::OnMessageComplete() {
  message_complete_ = true;
  // A trailer has no say in whether the connection goes on: the response may
  // have announced that already.
  if ((llhttp_.flags & F_TRAILING) != 0 && head_->keep_alive_)
    llhttp_.flags &= static_cast<uint16_t>(~F_CONNECTION_CLOSE);
  return HPE_PAUSED;
}

}  // namespace braid
