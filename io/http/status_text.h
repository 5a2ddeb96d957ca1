#ifndef BRAID_IO_HTTP_STATUS_TEXT_H_
#define BRAID_IO_HTTP_STATUS_TEXT_H_

#include <string_view>

namespace braid {

// The reason phrase of a status code ("Not Found" for 404), as IANA has it;
// empty for a code that has none. A literal.
std::string_view ReasonPhrase(int status);

// Whether `status` can be that of a final response: 200 to 599. (1xx are
// interim responses; the server sends those itself.)
constexpr bool IsFinalStatus(int status) {
  return status >= 200 && status <= 599;
}

// Whether a response of this status never has a body, whatever the request
// was (RFC 9110, sections 15.3.5 and 15.4.5).
constexpr bool StatusForbidsBody(int status) {
  return status == 204 || status == 304;
}

}  // namespace braid

#endif  // BRAID_IO_HTTP_STATUS_TEXT_H_
