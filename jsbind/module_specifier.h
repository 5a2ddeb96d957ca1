#ifndef BRAID_JSBIND_MODULE_SPECIFIER_H_
#define BRAID_JSBIND_MODULE_SPECIFIER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace braid {

// What the names of Node's own modules begin with.
inline constexpr std::string_view kNodePrefix = "node:";

// The URL of an absolute path: "/a b.js" -> "file:///a%20b.js".
std::string FileUrlOf(std::string_view absolute_path);

// The path of a file: URL. Errors: InvalidArgumentError for another host, or
// an encoded slash or NUL.
absl::StatusOr<std::string> PathOfFileUrl(std::string_view url);

// `text` with each %XX replaced by that byte.
std::string PercentDecoded(std::string_view text);

// What a relative or absolute specifier or a file: URL means in a module at
// `referrer` (a file: or internal: URL). Errors: InvalidArgumentError.
absl::StatusOr<std::string> ResolveUrl(std::string_view specifier,
                                       std::string_view referrer);

// "./x", "../x", "/x": as opposed to a bare name or a URL.
bool IsPathSpecifier(std::string_view specifier);

// Of modules that are part of the program: native:, braid:, node:, internal:.
bool IsProgramScheme(std::string_view scheme);

// "node" of "node:fs"; empty if there is none.
std::string_view SchemeOf(std::string_view specifier);

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_SPECIFIER_H_
