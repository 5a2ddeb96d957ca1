#include "io/driver/path_calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace braid {
namespace {

int OrErrno(int result) { return result < 0 ? -errno : 0; }

}  // namespace

int PathCalls::ReadDirectory(const std::string& path,
                             std::vector<DirectoryEntry>& entries) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()),
                                                      &closedir);
  if (directory == nullptr) return -errno;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) return -errno;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..")
      entries.push_back({std::string(name), entry->d_type});
  }
}

int PathCalls::ReadSymlink(const std::string& path, std::string& target) {
  target.resize(PATH_MAX);
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  if (size < 0) return -errno;
  target.resize(static_cast<size_t>(size));
  return 0;
}

int PathCalls::RealPath(const std::string& path, std::string& resolved) {
  const std::unique_ptr<char, void (*)(void*)> found(
      realpath(path.c_str(), nullptr), &free);
  if (found == nullptr) return -errno;
  resolved = found.get();
  return 0;
}

int PathCalls::CheckAccess(const std::string& path, int mode) {
  return OrErrno(access(path.c_str(), mode));
}

int PathCalls::ChangeMode(const std::string& path, mode_t mode) {
  return OrErrno(chmod(path.c_str(), mode));
}

int PathCalls::TruncatePath(const std::string& path, uint64_t size) {
  return OrErrno(truncate(path.c_str(), static_cast<off_t>(size)));
}

int PathCalls::SetFileTimes(const std::string& path, const timespec& access,
                            const timespec& modification) {
  const timespec times[] = {access, modification};
  return OrErrno(utimensat(AT_FDCWD, path.c_str(), times, 0));
}

int PathCalls::MakeTemporaryDirectory(std::string& path) {
  return mkdtemp(path.data()) == nullptr ? -errno : 0;
}

}  // namespace braid
