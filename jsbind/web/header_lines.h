#ifndef BRAID_JSBIND_WEB_HEADER_LINES_H_
#define BRAID_JSBIND_WEB_HEADER_LINES_H_

#include <string_view>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "async/status_macros.h"
#include "io/http/chars.h"
#include "io/http/headers.h"

namespace braid {

// Appends headers that JS gives as one text, "name: value\r\n" each.
// Errors: InvalidArgumentError for a name or value that HTTP does not allow.
inline absl::Status AppendHeaderLines(std::string_view lines,
                                      HttpHeaders& headers) {
  while (!lines.empty()) {
    const size_t end = lines.find(kLineBreak);
    const size_t colon = lines.find(": ");
    CHECK(end != std::string_view::npos && colon < end)
        << "headers are given as lines";
    RETURN_IF_ERROR(headers.Append(lines.substr(0, colon),
                                   lines.substr(colon + 2, end - colon - 2)));
    lines.remove_prefix(end + kLineBreak.size());
  }
  return absl::OkStatus();
}

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_HEADER_LINES_H_
