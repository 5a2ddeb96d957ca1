#include "io/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/blocking.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"

namespace braid {
namespace {

// The result of a system call that gives 0 or sets errno.
absl::Status CallStatus(int result, const char* name, const std::string& path) {
  return result == 0 ? absl::OkStatus() : ErrnoStatus(errno, name, path);
}

std::string Arrow(const std::string& from, const std::string& to) {
  return absl::StrCat(from, " -> ", to);
}

}  // namespace

Task<absl::StatusOr<struct statx>> StatPath(Loop& loop, std::string path,
                                            Symlinks symlinks) {
  const bool follow = symlinks == Symlinks::kFollow;
  struct statx result;
  CO_RETURN_IF_ERROR(co_await SimpleOperation(
      loop, follow ? "stat" : "lstat", path, [&](io_uring_sqe* sqe) {
        io_uring_prep_statx(sqe, AT_FDCWD, path.c_str(),
                            follow ? 0 : AT_SYMLINK_NOFOLLOW,
                            STATX_BASIC_STATS | STATX_BTIME, &result);
      }));
  co_return result;
}

Task<absl::Status> MakeDirectory(Loop& loop, std::string path, mode_t mode) {
  co_return co_await SimpleOperation(
      loop, "mkdir", path,
      [&](io_uring_sqe* sqe) { io_uring_prep_mkdir(sqe, path.c_str(), mode); });
}

Task<absl::Status> RemoveFile(Loop& loop, std::string path) {
  co_return co_await SimpleOperation(
      loop, "unlink", path,
      [&](io_uring_sqe* sqe) { io_uring_prep_unlink(sqe, path.c_str(), 0); });
}

Task<absl::Status> RemoveDirectory(Loop& loop, std::string path) {
  co_return co_await SimpleOperation(
      loop, "rmdir", path, [&](io_uring_sqe* sqe) {
        io_uring_prep_unlink(sqe, path.c_str(), AT_REMOVEDIR);
      });
}

Task<absl::Status> Rename(Loop& loop, std::string from, std::string to) {
  const std::string subject = Arrow(from, to);
  co_return co_await SimpleOperation(
      loop, "rename", subject, [&](io_uring_sqe* sqe) {
        io_uring_prep_rename(sqe, from.c_str(), to.c_str());
      });
}

Task<absl::Status> MakeSymlink(Loop& loop, std::string target,
                               std::string path) {
  const std::string subject = Arrow(target, path);
  co_return co_await SimpleOperation(
      loop, "symlink", subject, [&](io_uring_sqe* sqe) {
        io_uring_prep_symlink(sqe, target.c_str(), path.c_str());
      });
}

Task<absl::Status> MakeHardLink(Loop& loop, std::string from, std::string to) {
  const std::string subject = Arrow(from, to);
  co_return co_await SimpleOperation(
      loop, "link", subject, [&](io_uring_sqe* sqe) {
        io_uring_prep_link(sqe, from.c_str(), to.c_str(), 0);
      });
}

Task<absl::StatusOr<std::vector<DirectoryEntry>>> ReadDirectory(
    Loop& loop, std::string path) {
  co_return co_await Blocking(
      loop, [&path]() -> absl::StatusOr<std::vector<DirectoryEntry>> {
        std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()),
                                                      &closedir);
        if (directory == nullptr) return ErrnoStatus(errno, "scandir", path);
        std::vector<DirectoryEntry> entries;
        for (;;) {
          errno = 0;
          const dirent* entry = readdir(directory.get());
          if (entry == nullptr) {
            if (errno != 0) return ErrnoStatus(errno, "scandir", path);
            return entries;
          }
          const std::string_view name = entry->d_name;
          if (name != "." && name != "..")
            entries.push_back({std::string(name), entry->d_type});
        }
      });
}

Task<absl::StatusOr<std::string>> ReadSymlink(Loop& loop, std::string path) {
  co_return co_await Blocking(loop, [&path]() -> absl::StatusOr<std::string> {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = readlink(path.c_str(), target.data(), target.size());
    if (size < 0) return ErrnoStatus(errno, "readlink", path);
    target.resize(static_cast<size_t>(size));
    return target;
  });
}

Task<absl::StatusOr<std::string>> RealPath(Loop& loop, std::string path) {
  co_return co_await Blocking(loop, [&path]() -> absl::StatusOr<std::string> {
    std::unique_ptr<char, void (*)(void*)> resolved(
        realpath(path.c_str(), nullptr), &free);
    if (resolved == nullptr) return ErrnoStatus(errno, "realpath", path);
    return std::string(resolved.get());
  });
}

Task<absl::Status> CheckAccess(Loop& loop, std::string path, int mode) {
  co_return co_await Blocking(loop, [&] {
    return CallStatus(access(path.c_str(), mode), "access", path);
  });
}

Task<absl::Status> ChangeMode(Loop& loop, std::string path, mode_t mode) {
  co_return co_await Blocking(loop, [&] {
    return CallStatus(chmod(path.c_str(), mode), "chmod", path);
  });
}

Task<absl::Status> TruncatePath(Loop& loop, std::string path, uint64_t size) {
  co_return co_await Blocking(loop, [&] {
    return CallStatus(truncate(path.c_str(), static_cast<off_t>(size)),
                      "truncate", path);
  });
}

Task<absl::Status> SetFileTimes(Loop& loop, std::string path, absl::Time access,
                                absl::Time modification) {
  const timespec times[] = {absl::ToTimespec(access),
                            absl::ToTimespec(modification)};
  co_return co_await Blocking(loop, [&] {
    return CallStatus(utimensat(AT_FDCWD, path.c_str(), times, 0), "utime",
                      path);
  });
}

Task<absl::StatusOr<std::string>> MakeTemporaryDirectory(Loop& loop,
                                                         std::string prefix) {
  co_return co_await Blocking(loop, [&prefix]() -> absl::StatusOr<std::string> {
    std::string path = absl::StrCat(prefix, "XXXXXX");
    if (mkdtemp(path.data()) == nullptr)
      return ErrnoStatus(errno, "mkdtemp", path);
    return path;
  });
}

}  // namespace braid
