// Headers that programs build: what is taken cannot break a message's framing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "io/http/headers.h"

// The input is "name:value" lines; each is appended, set or deleted by what its
// length says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  braid::HttpHeaders headers;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const std::string_view value =
        colon == std::string_view::npos ? "" : line.substr(colon + 1);
    const size_t before = headers.size();
    if (line.size() % 5 == 0) {
      headers.Delete(name);
      CHECK(!headers.Has(name));
    } else if (line.size() % 3 == 0) {
      if (headers.Set(name, value).ok()) {
        CHECK(headers.Has(name));
      } else {
        CHECK_EQ(headers.size(), before);
      }
    } else {
      const bool taken = headers.Append(name, value).ok();
      CHECK_EQ(headers.size(), before + (taken ? 1 : 0));
    }
  }
  // As many lines as headers, and nothing that ends a head early.
  std::string wire(headers.wire_bytes(), '\0');
  CHECK_EQ(headers.WriteTo(wire.data()), wire.data() + wire.size());
  size_t lines = 0;
  for (size_t at = 0; (at = wire.find('\n', at)) != std::string::npos; ++at)
    ++lines;
  CHECK_EQ(lines, headers.size());
  CHECK(!absl::StrContains(wire, "\r\n\r\n"));
  for (const braid::HttpHeaders::Header header : headers)
    CHECK(headers.Get(header.name).has_value());
  return 0;
}
