// The URLs that the server makes of request targets and Host headers: whatever
// those say, the result is a URL as the standard serialises it.

#include <ada.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "jsbind/web/request_urls.h"

// The input is a target, a line break, and an authority.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line_end = input.find('\n');
  // The parser lets no other targets through.
  const std::string target = absl::StrCat("/", input.substr(0, line_end));
  const std::string_view authority =
      line_end == std::string_view::npos ? "" : input.substr(line_end + 1);
  braid::RequestUrls urls;
  const std::string url = urls.Make(target, authority, 8080);
  const ada::result<ada::url_aggregator> parsed =
      ada::parse<ada::url_aggregator>(url);
  CHECK(parsed) << url;
  CHECK_EQ(std::string(parsed->get_href()), url);
  CHECK_EQ(std::string(parsed->get_protocol()), "http:");
  // What it keeps of the last request changes nothing.
  CHECK_EQ(urls.Make(target, authority, 8080), url);
  return 0;
}
