#include "jsbind/web/request_urls.h"

#include <ada.h>

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"

namespace braid {
namespace {

constexpr std::string_view kScheme = "http://";

// Characters that the parser leaves alone in a path and in a query.
constexpr std::array<bool, 256> MakePlainTable() {
  std::array<bool, 256> table{};
  for (size_t c = 0x21; c <= 0x7e; ++c) table[c] = true;
  for (const char c : std::string_view("\"#'<>\\^`{}"))
    table[static_cast<unsigned char>(c)] = false;
  return table;
}
constexpr std::array<bool, 256> kPlain = MakePlainTable();

// False if parsing might change the path or the query.
bool IsPlain(std::string_view target) {
  char before = '\0';
  for (const char c : target) {
    if (!kPlain[static_cast<unsigned char>(c)]) return false;
    // "/./", "/../", and "/%2e/", which means the same.
    if (before == '/' && (c == '.' || c == '%')) return false;
    before = c;
  }
  return true;
}

std::optional<std::string> Serialise(std::string_view url) {
  const ada::result<ada::url_aggregator> parsed =
      ada::parse<ada::url_aggregator>(url);
  if (!parsed) return std::nullopt;
  return std::string(parsed->get_href());
}

// What stands behind the host of an absolute target.
std::string_view BehindAuthority(std::string_view target) {
  const size_t authority = target.find("://") + 3;
  const size_t end = target.find_first_of("/?", authority);
  return end == std::string_view::npos ? "/" : target.substr(end);
}

}  // namespace

std::string RequestUrls::Make(std::string_view target,
                              std::string_view authority, uint16_t port) {
  std::string_view path = target == "*" ? "/*" : target;
  if (!path.starts_with('/')) {
    if (std::optional<std::string> url = Serialise(target)) return *url;
    path = BehindAuthority(target);
  } else if (!authority.empty()) {
    std::string url = absl::StrCat(kScheme, authority, path);
    if (authority == plain_authority_ && IsPlain(path)) return url;
    if (const std::optional<std::string> parsed = Serialise(url)) {
      const size_t size = kScheme.size() + authority.size();
      if (parsed->compare(0, size, url, 0, size) == 0 &&
          parsed->compare(size, 1, "/") == 0)
        plain_authority_ = authority;
      return *parsed;
    }
  }
  const std::string url = absl::StrCat(kScheme, "localhost:", port, path);
  return Serialise(url).value_or(url);
}

}  // namespace braid
