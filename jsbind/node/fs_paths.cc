#include "jsbind/node/fs_paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "io/errno_status.h"
#include "jsbind/node/fs_values.h"

namespace braid {
namespace {

absl::Status Result(int result, const char* name, const std::string& path) {
  return result == 0 ? absl::OkStatus() : ErrnoStatus(errno, name, path);
}

absl::Status SetTimes(const std::string& path, double access,
                      double modification, int flags, const char* name) {
  const std::array<timespec, 2> times = {
      absl::ToTimespec(FromSeconds(access)),
      absl::ToTimespec(FromSeconds(modification))};
  return Result(utimensat(AT_FDCWD, path.c_str(), times.data(), flags), name,
                path);
}

}  // namespace

absl::StatusOr<std::optional<std::string>> MakeDirectoriesNow(
    const std::string& path, mode_t mode) {
  // Most often only the last part is missing, or nothing.
  size_t end = path.size();
  std::vector<size_t> missing;
  for (;;) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), mode) == 0) {
      missing.push_back(end);
      break;
    }
    if (errno == EEXIST) {
      struct stat status;
      if (stat(part.c_str(), &status) != 0)
        return ErrnoStatus(errno, "mkdir", path);
      if (!S_ISDIR(status.st_mode)) {
        return ErrnoStatus(end == path.size() ? EEXIST : ENOTDIR, "mkdir",
                           path);
      }
      break;
    }
    if (errno != ENOENT) return ErrnoStatus(errno, "mkdir", path);
    missing.push_back(end);
    end = path.find_last_not_of('/', end - 1);
    end = end == std::string::npos ? end : path.rfind('/', end);
    if (end == std::string::npos || end == 0)
      return ErrnoStatus(ENOENT, "mkdir", path);
  }
  if (missing.empty()) return std::nullopt;
  // What mkdir() has made above is the outermost; if it only found it, the
  // outermost missing part is to be made first.
  const size_t outermost = missing.back();
  std::ranges::reverse(missing);
  for (const size_t part_end : missing) {
    if (mkdir(path.substr(0, part_end).c_str(), mode) != 0 && errno != EEXIST) {
      return ErrnoStatus(errno, "mkdir", path);
    }
  }
  return path.substr(0, outermost);
}

absl::Status ChangeOwnerNow(const std::string& path, uid_t user, gid_t group) {
  return Result(chown(path.c_str(), user, group), "chown", path);
}

absl::Status ChangeLinkOwnerNow(const std::string& path, uid_t user,
                                gid_t group) {
  return Result(lchown(path.c_str(), user, group), "lchown", path);
}

absl::Status SetTimesNow(const std::string& path, double access,
                         double modification) {
  return SetTimes(path, access, modification, 0, "utime");
}

absl::Status SetLinkTimesNow(const std::string& path, double access,
                             double modification) {
  return SetTimes(path, access, modification, AT_SYMLINK_NOFOLLOW, "lutime");
}

absl::StatusOr<DirectoryNames> ReadDirectoryNow(const std::string& path) {
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  if (directory == nullptr) return ErrnoStatus(errno, "scandir", path);
  DirectoryNames result;
  auto& [names, types] = result;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) {
      if (errno != 0) return ErrnoStatus(errno, "scandir", path);
      return result;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    names.emplace_back(name);
    types.push_back(entry->d_type);
  }
}

absl::StatusOr<std::vector<double>> StatFileSystemNow(const std::string& path) {
  struct statfs status;
  if (statfs(path.c_str(), &status) != 0)
    return ErrnoStatus(errno, "statfs", path);
  const auto number = [](auto value) { return static_cast<double>(value); };
  return std::vector<double>{
      number(status.f_type),  number(status.f_bsize),  number(status.f_blocks),
      number(status.f_bfree), number(status.f_bavail), number(status.f_files),
      number(status.f_ffree),
  };
}

}  // namespace braid
