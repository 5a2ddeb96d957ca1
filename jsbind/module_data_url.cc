#include "jsbind/module_data_url.h"

#include <simdutf.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "jsbind/module_specifier.h"

namespace braid {

absl::StatusOr<DataUrl> ParseDataUrl(std::string_view url) {
  absl::ConsumePrefix(&url, "data:");
  // The fragment tells modules apart and is no part of the source.
  url = url.substr(0, url.find('#'));
  const size_t comma = url.find(',');
  if (comma == std::string_view::npos)
    return absl::InvalidArgumentError("a data: URL must have a comma");
  std::string_view head = url.substr(0, comma);
  DataUrl data;
  data.body = PercentDecoded(url.substr(comma + 1));
  const bool base64 = absl::EndsWithIgnoreCase(head, ";base64");
  head = head.substr(0, head.find(';'));
  data.media_type = absl::AsciiStrToLower(absl::StripAsciiWhitespace(head));
  if (!absl::StrContains(data.media_type, '/')) {
    return absl::InvalidArgumentError(
        "a data: URL must name a media type, as in data:text/javascript,...");
  }
  if (!base64) return data;
  std::string bytes(simdutf::maximal_binary_length_from_base64(
                        data.body.data(), data.body.size()),
                    '\0');
  const simdutf::result decoded = simdutf::base64_to_binary(
      data.body.data(), data.body.size(), bytes.data());
  if (decoded.error != simdutf::error_code::SUCCESS)
    return absl::InvalidArgumentError("the data: URL is no valid base64");
  bytes.resize(decoded.count);
  data.body = std::move(bytes);
  return data;
}

}  // namespace braid
