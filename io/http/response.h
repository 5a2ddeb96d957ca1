#ifndef BRAID_IO_HTTP_RESPONSE_H_
#define BRAID_IO_HTTP_RESPONSE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "async/task.h"
#include "io/http/headers.h"

namespace braid {

class HttpConnection;

// The answer to a request. It is sent in one of three ways:
//
// - whole, when the handler has ended: set_body(), or nothing for an empty one;
//     co_return response.Reply(200, "text/plain", "Hello, World!");
// - whole, from memory of the handler's own, without a copy: co_await Send();
// - piece by piece: co_await Write(), any number of times. Each write waits
//   until the kernel has taken the piece, so a slow peer slows the handler and
//   nothing piles up in memory. The head goes out with the first piece; a
//   content-length header set before announces the length, else the body is
//   chunked (HTTP/1.0: ended by closing).
//
// The server adds date, content-length or transfer-encoding, and connection.
// Of what a handler sets itself: date and content-length stand (a length that
// the body does not keep to is an error, and the connection is closed, since
// the peer could not tell where the next response begins); `connection: close`
// is obeyed; anything else under connection and transfer-encoding is dropped.
// To a HEAD request, and with status 204 and 304, no body is sent.
//
// Lifetime: until the handler's task has ended. Thread: the loop's.
class HttpResponse {
 public:
  HttpResponse() = default;
  HttpResponse(const HttpResponse&) = delete;
  HttpResponse& operator=(const HttpResponse&) = delete;

  int status() const { return status_; }
  // 200 unless it is set. Outside of 200 to 599 it makes sending fail.
  void set_status(int status) { status_ = status; }

  // Changes after the head was sent mean nothing.
  HttpHeaders& headers() { return headers_; }
  const HttpHeaders& headers() const { return headers_; }

  std::string_view body() const { return body_; }
  // Copies the body, into memory that is used again for later responses.
  void set_body(std::string_view body) { body_.assign(body); }
  // Takes the body over.
  void take_body(std::string body) { body_ = std::move(body); }

  // Status, content type and body in one call. Errors: as HttpHeaders::Set.
  absl::Status Reply(int status, std::string_view content_type,
                     std::string_view body);

  // Sends the whole response with this body. `body` must live until the await
  // has ended; nothing can be added behind it.
  // Errors, here and below: InternalError for a wrong status or length, and
  // for a response that was complete already; the connection's error when the
  // peer has gone. The handler best returns them.
  // Cancellation: CancelledError, and the connection is closed.
  Task<absl::Status> Send(std::string_view body);

  // Sends the next piece of the body; the head before it the first time. An
  // empty piece sends the head alone. `piece` must live until the await has
  // ended.
  Task<absl::Status> Write(std::string_view piece);

  // Whether the head is on its way, so that the status is out of reach.
  bool head_sent() const { return state_ != State::kUnsent; }

 private:
  friend class HttpConnection;
  friend struct HttpExchange;

  enum class State : uint8_t {
    kUnsent,     // Nothing has been sent.
    kStreaming,  // The head has; the body is being written.
    kComplete,   // All of it has.
  };

  void Clear();

  HttpConnection* connection_ = nullptr;
  HttpHeaders headers_;
  std::string body_;
  int status_ = 200;
  State state_ = State::kUnsent;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_RESPONSE_H_
