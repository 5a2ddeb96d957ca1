#ifndef BRAID_IO_HTTP_CLIENT_OPTIONS_H_
#define BRAID_IO_HTTP_CLIENT_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "io/socket_address.h"

namespace braid {

// Finds the addresses of a host, best first; they are tried as ConnectToAny()
// does. Arguments: the host as it stands in the URL (without brackets), and the
// port. To be cancelled like any task.
using HttpResolve =
    absl::AnyInvocable<Task<absl::StatusOr<std::vector<SocketAddress>>>(
        std::string host, uint16_t port)>;

// The limits of an HTTP client: everything that a peer could otherwise make
// large, long or many. Going over one ends the request with an error that names
// the limit as it is called here.
struct HttpClientOptions {
  // Of one response. ---------------------------------------------------------

  // Status line and headers together, and the trailers of a chunked body.
  size_t max_header_bytes = 16 << 10;
  size_t max_header_count = 256;
  // The body, as sent. Memory is no concern here, since bodies are streamed:
  // HttpClientResponse::ReadAll has a limit of its own.
  uint64_t max_body_bytes = std::numeric_limits<uint64_t>::max();
  // Interim responses (100, 103) before the one that counts.
  int max_interim_responses = 16;

  // Time. --------------------------------------------------------------------

  // For finding the host's addresses and connecting to one of them.
  absl::Duration connect_time = absl::Seconds(10);
  // From the request's last byte to the end of the response's headers. While
  // the body is still being sent it begins anew with each piece.
  absl::Duration header_time = absl::Seconds(60);
  // Without a byte of the response's body while somebody waits for one.
  absl::Duration body_idle_time = absl::Seconds(60);
  // From Fetch() to the end of the body, redirects included.
  absl::Duration total_time = absl::InfiniteDuration();

  // Of the pool. -------------------------------------------------------------

  // Connections to one origin (host and port), and in all, idle ones included.
  // Further requests wait, first come first served.
  int max_connections_per_origin = 64;
  int max_connections = 512;
  // How long a connection is kept for the next request. A server that says
  // `Keep-Alive: timeout=N` is believed instead, a second less, up to
  // max_pool_time.
  absl::Duration pool_time = absl::Seconds(4);
  absl::Duration max_pool_time = absl::Minutes(1);

  // What is read and dropped of a redirect's body, and for how long, so that
  // the connection can be used again. A longer one closes it.
  size_t max_drain_bytes = 64 << 10;
  absl::Duration max_drain_time = absl::Seconds(1);

  // Names. -------------------------------------------------------------------

  // Instead of the system's way (Resolver).
  HttpResolve resolve;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_CLIENT_OPTIONS_H_
