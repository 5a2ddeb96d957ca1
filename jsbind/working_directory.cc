#include "jsbind/working_directory.h"

#include <limits.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "io/errno_status.h"

namespace braid {

absl::StatusOr<std::string> WorkingDirectory() {
  char path[PATH_MAX];
  // The name of the call in Node's errors.
  if (getcwd(path, sizeof(path)) == nullptr)
    return ErrnoStatus(errno, "uv_cwd");
  return path;
}

std::string AbsolutePath(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  const std::string folder = WorkingDirectory().value_or("/");
  return absl::StrCat(folder, folder.ends_with('/') ? "" : "/", path);
}

}  // namespace braid
