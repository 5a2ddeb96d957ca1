#ifndef BRAID_IO_HTTP_RESPONSE_HEAD_H_
#define BRAID_IO_HTTP_RESPONSE_HEAD_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "io/http/message_head.h"

namespace braid {

// Status line and headers of one response, as HttpResponseParser leaves them.
class HttpResponseHead : public HttpMessageHead {
 public:
  // 100 to 999: programs use codes that no standard has.
  int status() const { return status_; }
  // "Not Found"; may be empty.
  std::string_view reason() const {
    return Text().substr(reason_offset_, reason_size_);
  }
  // Whether another response to the same request follows (100 Continue, 103
  // Early Hints).
  bool interim() const { return status_ < 200; }

  // Whether a body follows: a chunked one, one with a length above 0, or one
  // that ends with the connection.
  bool has_body() const { return has_body_; }
  bool ends_with_connection() const { return ends_with_connection_; }
  // The body's length, where the head tells it.
  std::optional<uint64_t> content_length() const {
    if (has_body_ && (chunked_ || ends_with_connection_)) return std::nullopt;
    return has_body_ ? content_length_ : 0;
  }

  void Clear();

 private:
  friend class HttpResponseParser;

  uint32_t reason_offset_ = 0;
  uint32_t reason_size_ = 0;
  int status_ = 0;
  bool has_body_ = false;
  bool ends_with_connection_ = false;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_RESPONSE_HEAD_H_
