#ifndef BRAID_JSBIND_VERSION_H_
#define BRAID_JSBIND_VERSION_H_

#include <string_view>

namespace braid {

// The version of Braid, as --version, process.versions.braid and
// navigator.userAgent tell it.
inline constexpr std::string_view kBraidVersion = "0.1.0";

}  // namespace braid

#endif  // BRAID_JSBIND_VERSION_H_
