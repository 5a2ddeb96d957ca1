#include "io/http/parser.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "io/http/chars.h"

namespace braid {
namespace {

// Line breaks before a request line that are skipped: some clients send one
// behind a body (RFC 9112, section 2.2).
constexpr int kLineBreakBytesMax = 4;

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

struct HttpParser::Settings {
  static constexpr llhttp_settings_t Make() {
    llhttp_settings_t settings = Callbacks::Make();
    settings.on_method_complete =
        Callbacks::Plain<HttpParser, &HttpParser::OnMethodComplete>;
    settings.on_url = Callbacks::Data<HttpParser, &HttpParser::OnTarget>;
    return settings;
  }
  static const llhttp_settings_t kSettings;
};

constinit const llhttp_settings_t HttpParser::Settings::kSettings = Make();

HttpParser::HttpParser(const HttpServerOptions& options)
    : HttpMessageParser(HTTP_REQUEST, Settings::kSettings,
                        {.max_header_bytes = options.max_header_bytes,
                         .max_header_count = options.max_header_count,
                         .max_body_bytes = options.max_body_bytes},
                        "request"),
      options_(options) {}

bool HttpParser::Begin(std::string_view& input) {
  while (!input.empty() && (input.front() == '\r' || input.front() == '\n')) {
    if (++line_breaks_ > kLineBreakBytesMax) {
      request_->Clear();  // The refusal is not about the request before.
      Refuse(400, "line breaks instead of a request");
      return false;
    }
    input.remove_prefix(1);
  }
  if (input.empty()) return true;
  request_->Clear();
  hosts_ = 0;
  return true;
}

bool HttpParser::RefuseHead(llhttp_errno_t error, char bad, size_t offset) {
  if (error == HPE_PAUSED_H2_UPGRADE) {
    Refuse(505, "HTTP/2 is not spoken here");
    return true;
  }
  const int method = llhttp().method;
  const bool unknown_method =
      (error == HPE_INVALID_METHOD &&
       (IsTokenChar(bad) || (bad == ' ' && offset > 0))) ||
      (error == HPE_INVALID_CONSTANT && method >= HTTP_DESCRIBE &&
       method <= HTTP_FLUSH);
  if (unknown_method) {
    Refuse(501, "unknown method");
    return true;
  }
  if (error != HPE_INVALID_VERSION || offset < 3) return false;
  const std::string_view version = head_text().substr(offset - 3, 3);
  if (!IsDigit(version[0]) || version[1] != '.' || !IsDigit(version[2]) ||
      version == "1.0" || version == "1.1") {
    return false;
  }
  Refuse(505, absl::StrCat("HTTP/", version, " is not spoken here"));
  return true;
}

int HttpParser::OnMethodComplete() {
  request_->method_ = MethodOf(llhttp().method);
  return 0;
}

int HttpParser::OnTarget(const char* at, size_t size) {
  if (request_->target_size_ == 0)
    request_->target_offset_ = static_cast<uint32_t>(Offset(at));
  request_->target_size_ += static_cast<uint32_t>(size);
  if (request_->target_size_ <= options_.max_target_bytes) [[likely]]
    return 0;
  Refuse(414, AboveLimit("the bytes of the target are",
                         options_.max_target_bytes, "max_target_bytes"));
  return HPE_USER;
}

void HttpParser::OnField(HttpField field) {
  if (field == HttpField::kHost) hosts_ = std::min(hosts_ + 1, 2);
}

int HttpParser::CheckHead() {
  if (!CheckRequestLine() || !CheckTarget() || !CheckHost() ||
      !CheckFraming(*request_) || !CheckExpect()) {
    return -1;
  }
  return request_->has_body() ? 1 : 0;
}

}  // namespace braid
