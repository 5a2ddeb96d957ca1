#ifndef BRAID_IO_HTTP_HTTP_URL_H_
#define BRAID_IO_HTTP_HTTP_URL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace braid {

// An http URL, parsed as the URL standard has it, in the parts that a request
// needs.
struct HttpUrl {
  std::string href;       // Serialised; with the fragment.
  std::string host;       // "example.org", "::1" (without brackets).
  std::string authority;  // "example.org:8080", "[::1]": what Host says.
  std::string target;     // "/path?query".
  std::string fragment;   // "#part", "#", or empty for none.
  uint16_t port = 80;
};

// `base` is a URL that `text` may be relative to; empty for none.
// Errors: InvalidArgumentError for what is no URL, for other schemes, and for
// credentials in the URL (they would end up in logs: set Authorization);
// UnimplementedError for https.
absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text,
                                     std::string_view base = {});

}  // namespace braid

#endif  // BRAID_IO_HTTP_HTTP_URL_H_
