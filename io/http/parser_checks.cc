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

std::string HttpParser::AboveLimit(std::string_view what, uint64_t limit,
                                   std::string_view name) {
  return absl::StrCat(what, " above the limit of ", limit, " (", name, ")");
}

bool HttpParser::CheckRequestLine() {
  HttpRequestHead& head = *head_;
  const int major = llhttp_.http_major;
  const int minor = llhttp_.http_minor;
  if (major != 1 || minor > 1) {
    Refuse(505,
           absl::StrCat("HTTP/", major, ".", minor, " is not spoken here"));
    return false;
  }
  head.minor_version_ = static_cast<uint8_t>(minor);

  // llhttp takes any number of spaces, and the protocols RTSP and ICE.
  const size_t target_end = head.target_offset_ + head.target_size_;
  const bool one_space_before =
      head.target_offset_ >= 2 && head_text_[head.target_offset_ - 2] != ' ';
  const std::string_view rest = head_text_.substr(target_end);
  if (!one_space_before ||
      !absl::StartsWith(rest, minor == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")) {
    Refuse(400,
           "malformed request: the request line is not METHOD TARGET HTTP/1.1");
    return false;
  }
  head.method_size_ = static_cast<uint8_t>(head.target_offset_ - 1);
  if (llhttp_.method == HTTP_CONNECT) {
    Refuse(501, "CONNECT is not offered: this is no proxy");
    return false;
  }
  return true;
}

bool HttpParser::CheckTarget() {
  const std::string_view target =
      Text(head_->target_offset_, head_->target_size_);
  if (target.find('#') != std::string_view::npos) {
    Refuse(400, "malformed request: a fragment in the target");
    return false;
  }
  if (target.front() == '/') [[likely]]
    return true;
  if (target == "*") {
    if (head_->method_ == HttpMethod::kOptions) return true;
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
    if (head_->minor_version_ == 0) return true;
    Refuse(400, "malformed request: Host is missing");
    return false;
  }
  if (hosts_ > 1) {
    Refuse(400, "malformed request: more than one Host");
    return false;
  }
  // head_'s own text is filled at the end, so its accessors are not usable yet.
  const std::string_view host =
      head_->headers_.ParsedValue(HttpField::kHost, head_text_);
  if (!std::all_of(host.begin(), host.end(), IsHostChar)) {
    Refuse(400, "malformed request: invalid character in Host");
    return false;
  }
  return true;
}

bool HttpParser::CheckFraming() {
  // llhttp has refused two lengths, malformed ones, and a length beside a
  // coding.
  head_->chunked_ = transfer_encodings_ > 0;
  head_->content_length_ =
      (llhttp_.flags & F_CONTENT_LENGTH) != 0 ? llhttp_.content_length : 0;
  if (head_->chunked_) {
    if (head_->minor_version_ == 0) {
      Refuse(400, "malformed request: Transfer-Encoding in HTTP/1.0");
      return false;
    }
    const std::string_view coding =
        head_->headers_.ParsedValue(HttpField::kTransferEncoding, head_text_);
    if (transfer_encodings_ > 1 || !absl::EqualsIgnoreCase(coding, "chunked")) {
      Refuse(501, "a Transfer-Encoding other than chunked");
      return false;
    }
    // llhttp takes no tab for a space here, and would read to the end of the
    // connection.
    if ((llhttp_.flags & F_CHUNKED) == 0) {
      Refuse(400, "malformed request: a tab in Transfer-Encoding");
      return false;
    }
  }
  if (head_->content_length_ > options_.max_body_bytes) {
    Refuse(413, AboveLimit("the bytes of the body are", options_.max_body_bytes,
                           "max_body_bytes"));
    return false;
  }
  return true;
}

bool HttpParser::CheckExpect() {
  if (!head_->headers_.Has(HttpField::kExpect)) [[likely]]
    return true;
  const std::string_view expect =
      head_->headers_.ParsedValue(HttpField::kExpect, head_text_);
  if (!absl::EqualsIgnoreCase(expect, "100-continue")) {
    Refuse(417, "an Expect other than 100-continue");
    return false;
  }
  // HTTP/1.0 has no interim responses (RFC 9110, section 10.1.1).
  head_->expects_continue_ = head_->minor_version_ == 1 && head_->has_body();
  return true;
}

}  // namespace braid
