#ifndef BRAID_IO_HTTP_REQUEST_HEAD_H_
#define BRAID_IO_HTTP_REQUEST_HEAD_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "io/http/message_head.h"
#include "io/http/method.h"

namespace braid {

// Request line and headers of one request, as HttpParser leaves them.
class HttpRequestHead : public HttpMessageHead {
 public:
  HttpMethod method() const { return method_; }
  // "GET", "PROPFIND".
  std::string_view method_name() const {
    return Text().substr(0, method_size_);
  }

  // As it stands in the request line: "/a%20b?c=d", "http://host/a", "*".
  // Percent-encoding is left alone, here and below.
  std::string_view target() const {
    return Text().substr(target_offset_, target_size_);
  }
  // The target's path, "/a%20b"; "/" where an absolute target has none; "*"
  // for `OPTIONS *`.
  std::string_view path() const;
  // What stands behind the first '?' of the target, or nothing.
  std::string_view query() const;
  // Whom the request is for, "host:8080": from an absolute target, else from
  // Host. Empty where an HTTP/1.0 request names nobody.
  std::string_view authority() const;

  // Whether a body follows: a chunked one, or one with a length above 0.
  bool has_body() const { return chunked_ || content_length_ > 0; }
  // The body's length; nothing while that of a chunked body is unknown.
  std::optional<uint64_t> content_length() const {
    if (chunked_) return std::nullopt;
    return content_length_;
  }
  // Whether the peer waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }

  void Clear();

 private:
  friend class HttpParser;

  uint32_t target_offset_ = 0;
  uint32_t target_size_ = 0;
  uint8_t method_size_ = 0;
  HttpMethod method_ = HttpMethod::kOther;
  bool expects_continue_ = false;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_REQUEST_HEAD_H_
