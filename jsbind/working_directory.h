#ifndef BRAID_JSBIND_WORKING_DIRECTORY_H_
#define BRAID_JSBIND_WORKING_DIRECTORY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace braid {

// Where relative paths begin. Errors: an errno status, as when the folder has
// been removed.
absl::StatusOr<std::string> WorkingDirectory();

// `path` if it is absolute, else that path below the working directory, or
// below / where there is none.
std::string AbsolutePath(std::string_view path);

}  // namespace braid

#endif  // BRAID_JSBIND_WORKING_DIRECTORY_H_
