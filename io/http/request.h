#ifndef BRAID_IO_HTTP_REQUEST_H_
#define BRAID_IO_HTTP_REQUEST_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/http/request_head.h"
#include "io/socket_address.h"

namespace braid {

class HttpConnection;

// The body of a request, as a stream: it is received as it is read, and the
// peer is held back while nobody reads.
//
//   for (;;) {
//     CO_ASSIGN_OR_RETURN(std::string_view piece,
//                         co_await request.body().Read());
//     if (piece.empty()) break;
//     CO_RETURN_IF_ERROR(co_await file.WriteAll(piece));
//   }
//
// At most one task reads. A handler need not read the body, nor all of it.
// Errors: InvalidArgumentError for malformed chunks, ResourceExhaustedError
// above a limit, DeadlineExceededError when it comes too slowly,
// UnavailableError when the peer closes before its end. A handler that returns
// one of them needs not answer: the server does, with the fitting 4xx.
// Cancellation: CancelledError; what has come is kept.
class HttpBody {
 public:
  static constexpr size_t kReadAllMax = 1 << 20;

  // The next bytes, as they come; empty at the end of the body, and from then
  // on. They stay in the receive buffer and are valid until the next call.
  // The first call tells a peer that waits for it (Expect: 100-continue) to
  // send the body.
  Task<absl::StatusOr<std::string_view>> Read();

  // All of the body, or ResourceExhaustedError above `limit` bytes.
  Task<absl::StatusOr<std::string>> ReadAll(size_t limit = kReadAllMax);

 private:
  friend class HttpRequest;
  explicit HttpBody(HttpConnection* connection) : connection_(connection) {}

  HttpConnection* connection_;
};

// One request, as a handler sees it.
//
// Lifetime: the request and all views of it are valid until the handler's task
// has ended. Thread: the loop's.
class HttpRequest final : public HttpRequestHead {
 public:
  HttpBody body() { return HttpBody(connection_); }

  // Why the handler was cancelled: OK while it was not;
  // UnavailableError when the peer closed the connection, DeadlineExceededError
  // when it took or sent bytes too slowly, AbortedError when the server ends.
  // The task's cancel scope tells the moment: every await of the handler ends
  // with CancelledError from then on.
  absl::Status abort_reason() const;

  // The peer's address, asked from the kernel by this call.
  SocketAddress peer_address() const;

 private:
  friend struct HttpExchange;

  HttpConnection* connection_ = nullptr;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_REQUEST_H_
