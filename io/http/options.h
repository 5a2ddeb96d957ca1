#ifndef BRAID_IO_HTTP_OPTIONS_H_
#define BRAID_IO_HTTP_OPTIONS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace braid {

// The limits of an HTTP server: everything that a peer could otherwise make
// large, long or many. The defaults protect a service that faces strangers.
// Going over one gives the status in brackets and closes the connection; the
// response's text names the limit as it is called here.
//
//   HttpServerOptions options;
//   options.max_body_bytes = 64 << 20;  // This service takes uploads.
struct HttpServerOptions {
  // Of one request. ----------------------------------------------------------

  // Request line and headers together, and the trailers of a chunked body.
  // [431]
  size_t max_header_bytes = 16 << 10;
  size_t max_header_count = 100;  // [431]
  // The part of the request line between method and version. [414]
  size_t max_target_bytes = 8 << 10;
  // The body, as sent (without the framing of chunks). A body of known length
  // is refused before the handler is called; of a chunked one the handler gets
  // the error when it reads that far. Memory is no concern here, since bodies
  // are streamed: HttpBody::ReadAll has a limit of its own. [413]
  uint64_t max_body_bytes = 1 << 20;

  // Time. --------------------------------------------------------------------

  // From the first byte of a request to the end of its headers. [408]
  absl::Duration header_time = absl::Seconds(10);
  // For the body, counting only the time the handler waits for it: this long,
  // plus what the bytes that came take at the slowest rate allowed. So a large
  // upload may take long, and a peer that sends a byte now and then may not.
  // [408]
  absl::Duration body_time = absl::Seconds(20);
  int64_t min_body_bytes_per_second = 1024;
  // Between two requests, and before the first. Closed without a word, since
  // nothing was asked.
  absl::Duration idle_time = absl::Seconds(60);
  // For the peer to take kWriteSliceBytes of a response. Closed at once.
  absl::Duration write_time = absl::Seconds(30);

  // Of the server. -----------------------------------------------------------

  // Connections at one time. Further ones wait in the kernel's backlog.
  int max_connections = 10'000;
  // Responses to pipelined requests that are gathered in memory before they
  // are written; then the next request waits until the peer has taken them.
  size_t max_gathered_bytes = 64 << 10;
  // Bytes of further requests that are taken in while a handler runs, to
  // notice whether the peer is still there.
  size_t max_read_ahead_bytes = 16 << 10;
  // What is read and dropped of a body that the handler did not want, so that
  // the connection can be used again. A longer rest closes it.
  uint64_t max_drain_bytes = 64 << 10;
  // After the last response, unless the peer asked for it to be the last: how
  // long and how much is read and dropped before closing. Closing with unread
  // bytes would reset the connection, and the peer might never see the
  // response.
  absl::Duration linger_time = absl::Seconds(2);
  size_t max_linger_bytes = 256 << 10;

  // Behaviour. ---------------------------------------------------------------

  // A peer that closes its side of the connection while its request is being
  // answered has mostly gone away, and its handler is cancelled. True serves
  // it to the end, for peers that shut down their side after the last request.
  bool serve_half_closed = false;
};

// The unit in which long responses are written, each within write_time.
inline constexpr size_t kWriteSliceBytes = 256 << 10;

}  // namespace braid

#endif  // BRAID_IO_HTTP_OPTIONS_H_
