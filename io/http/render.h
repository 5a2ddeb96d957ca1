#ifndef BRAID_IO_HTTP_RENDER_H_
#define BRAID_IO_HTTP_RENDER_H_

#include <cstdint>
#include <string_view>

#include "io/http/headers.h"
#include "io/http/output_buffer.h"

namespace braid {

// How a response says where its body ends.
enum class HttpFraming : uint8_t {
  kNone,        // It has none, and says nothing about it (204, 304).
  kLength,      // By its length.
  kChunked,     // In chunks.
  kUntilClose,  // By the connection's end: for HTTP/1.0, which has no chunks.
};

// What a response's head says about the connection.
enum class HttpPersistence : uint8_t {
  kDefault,    // Nothing: HTTP/1.1 goes on.
  kKeepAlive,  // It goes on: for HTTP/1.0, where closing is the default.
  kClose,      // It is closed behind the response.
};

struct ResponseHead {
  int status = 200;
  HttpFraming framing = HttpFraming::kLength;
  uint64_t length = 0;  // For kLength.
  HttpPersistence persistence = HttpPersistence::kDefault;
  std::string_view date = {};  // A Date header's value.
};

// Writes a response's head, the empty line included, behind what is in `out`:
// status line, Date, `headers`, and the lines that `head` asks for. What
// `headers` says about Date and Content-Length goes before; about Connection
// and Transfer-Encoding it must say nothing. One pass over the bytes, no
// allocation in a warm buffer.
void RenderHead(OutputBuffer& out, const ResponseHead& head,
                const HttpHeaders& headers);

// Writes the size line of a chunk of `size` bytes. The chunk's bytes and a
// line break follow.
void RenderChunkSize(OutputBuffer& out, uint64_t size);

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace braid

#endif  // BRAID_IO_HTTP_RENDER_H_
