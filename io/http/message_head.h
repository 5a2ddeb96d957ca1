#ifndef BRAID_IO_HTTP_MESSAGE_HEAD_H_
#define BRAID_IO_HTTP_MESSAGE_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "io/http/headers.h"

namespace braid {

// What the heads of requests and of responses have in common, as a parser
// leaves them: checked, and copied out of the receive buffer in one piece. All
// views are valid until the object is parsed into again.
class HttpMessageHead {
 public:
  // The x of HTTP/1.x: 0 or 1.
  int minor_version() const { return minor_version_; }
  const HttpHeaders& headers() const { return headers_; }

  bool chunked() const { return chunked_; }
  // Whether the peer would go on using the connection behind this message.
  bool keep_alive() const { return keep_alive_; }

  // Memory that is held, and giving it back. See HttpHeaders.
  size_t capacity_bytes() const { return headers_.capacity_bytes(); }
  void ReleaseMemory() { headers_.ReleaseMemory(); }

 protected:
  friend class HttpMessageParser;

  HttpMessageHead() = default;
  ~HttpMessageHead() = default;

  std::string_view Text() const { return headers_.text(); }
  void ClearMessage() {
    headers_.Clear();
    content_length_ = 0;
    chunked_ = keep_alive_ = false;
  }

  HttpHeaders headers_;  // Its text is the whole head.
  uint64_t content_length_ = 0;
  uint8_t minor_version_ = 1;
  bool chunked_ = false;
  bool keep_alive_ = false;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_MESSAGE_HEAD_H_
