// The checks of HttpParser that llhttp leaves to its users, in the order in
// which they are made.

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "io/http/chars.h"
#include "io/http/parser.h"
#include "io/http/target.h"

namespace braid {

bool HttpParser::CheckRequestLine() {
  HttpRequestHead& head = *request_;
  const int major = llhttp().http_major;
  const int minor = llhttp().http_minor;
  if (major != 1 || minor > 1) {
    Refuse(505,
           absl::StrCat("HTTP/", major, ".", minor, " is not spoken here"));
    return false;
  }
  head.minor_version_ = static_cast<uint8_t>(minor);

  // llhttp takes any number of spaces, and the protocols RTSP and ICE.
  const size_t target_end = head.target_offset_ + head.target_size_;
  const bool one_space_before =
      head.target_offset_ >= 2 && head_text()[head.target_offset_ - 2] != ' ';
  const std::string_view rest = head_text().substr(target_end);
  if (!one_space_before ||
      !absl::StartsWith(rest, minor == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")) {
    Refuse(400,
           "malformed request: the request line is not METHOD TARGET HTTP/1.1");
    return false;
  }
  head.method_size_ = static_cast<uint8_t>(head.target_offset_ - 1);
  if (llhttp().method == HTTP_CONNECT) {
    Refuse(501, "CONNECT is not offered: this is no proxy");
    return false;
  }
  return true;
}

bool HttpParser::CheckTarget() {
  const std::string_view target =
      Text(request_->target_offset_, request_->target_size_);
  if (target.find('#') != std::string_view::npos) {
    Refuse(400, "malformed request: a fragment in the target");
    return false;
  }
  if (target.front() == '/') [[likely]]
    return true;
  if (target == "*") {
    if (request_->method_ == HttpMethod::kOptions) return true;
    Refuse(400, "malformed request: the target * is for OPTIONS alone");
    return false;
  }
  const std::optional<AbsoluteTarget> absolute = SplitAbsoluteTarget(target);
  if (!absolute.has_value() ||
      (!absl::EqualsIgnoreCase(absolute->scheme, "http") &&
       !absl::EqualsIgnoreCase(absolute->scheme, "https"))) {
    Refuse(400,
           "malformed request: the target is neither a path nor an http URL");
    return false;
  }
  const std::string_view authority = absolute->authority;
  if (authority.empty() ||
      !std::all_of(authority.begin(), authority.end(), IsHostChar)) {
    Refuse(400, "malformed request: the target's host is missing or malformed");
    return false;
  }
  return true;
}

bool HttpParser::CheckHost() {
  if (hosts_ == 0) {
    if (request_->minor_version_ == 0) return true;
    Refuse(400, "malformed request: Host is missing");
    return false;
  }
  if (hosts_ > 1) {
    Refuse(400, "malformed request: more than one Host");
    return false;
  }
  const std::string_view host = ParsedValue(HttpField::kHost);
  if (!std::all_of(host.begin(), host.end(), IsHostChar)) {
    Refuse(400, "malformed request: invalid character in Host");
    return false;
  }
  return true;
}

bool HttpParser::CheckExpect() {
  if (!request_->headers_.Has(HttpField::kExpect)) [[likely]]
    return true;
  const std::string_view expect = ParsedValue(HttpField::kExpect);
  if (!absl::EqualsIgnoreCase(expect, "100-continue")) {
    Refuse(417, "an Expect other than 100-continue");
    return false;
  }
  // HTTP/1.0 has no interim responses (RFC 9110, section 10.1.1).
  request_->expects_continue_ =
      request_->minor_version_ == 1 && request_->has_body();
  return true;
}

}  // namespace braid
