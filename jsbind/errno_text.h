#ifndef BRAID_JSBIND_ERRNO_TEXT_H_
#define BRAID_JSBIND_ERRNO_TEXT_H_

#include <string_view>

namespace braid {

// What programs written for Node compare with: the name of an errno ("ENOENT")
// and libuv's sentence for it ("no such file or directory"). For a number that
// Linux does not know: "UNKNOWN" and "unknown error".
std::string_view ErrnoName(int error);
std::string_view ErrnoText(int error);

}  // namespace braid

#endif  // BRAID_JSBIND_ERRNO_TEXT_H_
