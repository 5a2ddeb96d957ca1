#ifndef BRAID_IO_HTTP_CLIENT_REQUEST_H_
#define BRAID_IO_HTTP_CLIENT_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/http/headers.h"

namespace braid {

// Where a streamed body comes from: each call gives the next piece, valid until
// the next call; an empty one is the end. An error ends the request with it.
// A call may be cancelled and made again, since the response may come before
// the body was sent: as TcpStream::Read(), it then has lost nothing.
using HttpBodySource =
    absl::AnyInvocable<Task<absl::StatusOr<std::string_view>>()>;

// What to do with 301, 302, 303, 307 and 308.
enum class HttpRedirects : uint8_t {
  kFollow,
  kError,   // The request fails.
  kManual,  // It is the response, as any other.
};

// A request that is to be made. A value; it is moved into the client.
struct HttpClientRequest {
  std::string method = "GET";
  std::string url;
  // Host may be set. Those that say how the body is sent (Content-Length,
  // Transfer-Encoding), Connection and Expect are the client's, and are refused
  // here.
  HttpHeaders headers;

  // The body, or
  std::string body;
  // where it comes from. With a length it is announced, and a source that does
  // not keep to it fails the request; else the body is sent in chunks.
  HttpBodySource source;
  std::optional<uint64_t> source_length;

  // False tells the peer that the connection ends with the response.
  bool keep_alive = true;

  // As the Fetch standard has it ("HTTP-redirect fetch"): 303, and 301 and 302
  // to POST, make it a GET without a body; Authorization, Cookie,
  // Proxy-Authorization and Host do not go to another origin; a streamed body
  // cannot be sent again (307, 308), so the request fails.
  HttpRedirects redirects = HttpRedirects::kFollow;
  int max_redirects = 20;
  // Asked about each host that the request goes to, those of redirects too; an
  // error fails it.
  absl::AnyInvocable<absl::Status(std::string_view host, uint16_t port)> allow;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_CLIENT_REQUEST_H_
