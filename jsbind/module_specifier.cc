#include "jsbind/module_specifier.h"

#include <ada.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace braid {
namespace {

constexpr std::string_view kInternal = "internal:";

// Built-in modules form one tree: "internal:web/url.js" and "./event.js" make
// "internal:web/event.js".
absl::StatusOr<std::string> ResolveInternal(std::string_view specifier,
                                            std::string_view referrer) {
  std::vector<std::string_view> parts =
      absl::StrSplit(referrer.substr(kInternal.size()), '/');
  parts.pop_back();
  for (std::string_view part : absl::StrSplit(specifier, '/')) {
    if (part == ".") continue;
    if (part == "..") {
      if (parts.empty())
        return absl::InvalidArgumentError(
            "it leads out of the built-in modules");
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  return absl::StrCat(kInternal, absl::StrJoin(parts, "/"));
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string FileUrlOf(std::string_view absolute_path) {
  std::string url = "file://";
  for (const char c : absolute_path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F || absl::StrContains("%?#\\\"<>`{}^", c)) {
      absl::StrAppendFormat(&url, "%%%02X", byte);
    } else {
      url.push_back(c);
    }
  }
  // Through the parser, so that "." and ".." and letter case are as in any URL.
  auto parsed = ada::parse<ada::url_aggregator>(url);
  return parsed ? std::string(parsed->get_href()) : url;
}

absl::StatusOr<std::string> PathOfFileUrl(std::string_view url) {
  auto parsed = ada::parse<ada::url_aggregator>(url);
  if (!parsed || parsed->get_protocol() != "file:") {
    return absl::InvalidArgumentError("it is no file: URL");
  }
  if (!parsed->get_hostname().empty()) {
    return absl::InvalidArgumentError("a file: URL must not name a host");
  }
  std::string path = PercentDecoded(parsed->get_pathname());
  if (absl::StrContainsIgnoreCase(parsed->get_pathname(), "%2f") ||
      absl::StrContains(path, '\0')) {
    return absl::InvalidArgumentError(
        "a file: URL must not have an encoded / or NUL in its path");
  }
  return path;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size() || HexDigit(text[i + 1]) < 0 ||
        HexDigit(text[i + 2]) < 0) {
      decoded.push_back(text[i]);
      continue;
    }
    decoded.push_back(
        static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
    i += 2;
  }
  return decoded;
}

absl::StatusOr<std::string> ResolveUrl(std::string_view specifier,
                                       std::string_view referrer) {
  if (absl::StartsWith(referrer, kInternal))
    return ResolveInternal(specifier, referrer);
  auto base =
      ada::parse<ada::url_aggregator>(referrer.empty() ? "file:///" : referrer);
  if (!base) return absl::InvalidArgumentError("its importer has no valid URL");
  auto resolved = ada::parse<ada::url_aggregator>(specifier, &*base);
  if (!resolved) return absl::InvalidArgumentError("it makes no valid URL");
  return std::string(resolved->get_href());
}

bool IsPathSpecifier(std::string_view specifier) {
  return absl::StartsWith(specifier, "./") ||
         absl::StartsWith(specifier, "../") ||
         absl::StartsWith(specifier, "/") || specifier == "." ||
         specifier == "..";
}

bool IsProgramScheme(std::string_view scheme) {
  return scheme == "native" || scheme == "braid" || scheme == "node" ||
         scheme == "internal";
}

std::string_view SchemeOf(std::string_view specifier) {
  const size_t colon = specifier.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  for (const char c : specifier.substr(0, colon)) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '+' &&
        c != '-' && c != '.') {
      return {};
    }
  }
  return specifier.substr(0, colon);
}

}  // namespace braid
