#include "io/http/response_parser.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "io/http/status_text.h"

namespace braid {

void HttpResponseHead::Clear() {
  ClearMessage();
  reason_offset_ = reason_size_ = 0;
  status_ = 0;
  has_body_ = ends_with_connection_ = false;
}

struct HttpResponseParser::Settings {
  static constexpr llhttp_settings_t Make() {
    llhttp_settings_t settings = Callbacks::Make();
    settings.on_status =
        Callbacks::Data<HttpResponseParser, &HttpResponseParser::OnReason>;
    return settings;
  }
  static const llhttp_settings_t kSettings;
};

constinit const llhttp_settings_t HttpResponseParser::Settings::kSettings =
    Make();

HttpResponseParser::HttpResponseParser(const HttpMessageLimits& limits)
    : HttpMessageParser(HTTP_RESPONSE, Settings::kSettings, limits,
                        "response") {}

bool HttpResponseParser::Begin(std::string_view& input) {
  response_->Clear();
  // llhttp skips line breaks here. Of a response they are a lie about where
  // the one before ended.
  if (input.front() == 'H') return true;
  Refuse(502, Malformed("it does not begin with HTTP/"));
  return false;
}

bool HttpResponseParser::RefuseHead(llhttp_errno_t error, char, size_t) {
  if (error != HPE_CLOSED_CONNECTION) return false;
  Refuse(502, "bytes behind a response that was to be the last");
  return true;
}

int HttpResponseParser::OnReason(const char* at, size_t size) {
  if (response_->reason_size_ == 0)
    response_->reason_offset_ = static_cast<uint32_t>(Offset(at));
  response_->reason_size_ += static_cast<uint32_t>(size);
  return 0;
}

bool HttpResponseParser::CheckStatusLine() {
  HttpResponseHead& head = *response_;
  const int major = llhttp().http_major;
  const int minor = llhttp().http_minor;
  if (major != 1 || minor > 1 || !absl::StartsWith(head_text(), "HTTP/1.")) {
    Refuse(502,
           absl::StrCat("HTTP/", major, ".", minor, " is not spoken here"));
    return false;
  }
  head.minor_version_ = static_cast<uint8_t>(minor);
  head.status_ = llhttp().status_code;
  if (head.status_ < 100 || head.status_ == 101) {
    Refuse(502,
           absl::StrCat("a response with status ", head.status_,
                        head.status_ == 101 ? ", which nobody asked for" : ""));
    return false;
  }
  return true;
}

int HttpResponseParser::CheckHead() {
  HttpResponseHead& head = *response_;
  if (!CheckStatusLine() || !CheckFraming(head)) return -1;
  const bool has_length = (llhttp().flags & F_CONTENT_LENGTH) != 0;
  if (has_length && head.chunked()) {
    Refuse(502, Malformed("both Content-Length and Transfer-Encoding"));
    return -1;
  }
  const bool forbidden = answers_ == Answers::kHead || head.interim() ||
                         StatusForbidsBody(head.status());
  if (forbidden) llhttp().flags |= F_SKIPBODY;
  if (!head.interim()) answers_ = Answers::kOther;
  head.ends_with_connection_ = !forbidden && !has_length && !head.chunked();
  head.has_body_ = !forbidden && (head.chunked() || head.content_length_ > 0 ||
                                  head.ends_with_connection_);
  return head.has_body_ ? 1 : 0;
}

}  // namespace braid
