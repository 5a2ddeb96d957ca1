#ifndef BRAID_JSBIND_MODULE_DATA_URL_H_
#define BRAID_JSBIND_MODULE_DATA_URL_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace braid {

// A module whose source is its URL: "data:text/javascript,export default 1",
// "data:application/json;base64,e30=".
struct DataUrl {
  std::string media_type;  // In lower case, without parameters.
  std::string body;        // Decoded.
};

// Errors: InvalidArgumentError for no comma, no media type or bad base64.
absl::StatusOr<DataUrl> ParseDataUrl(std::string_view url);

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_DATA_URL_H_
