#include "io/file_system.h"

#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/blocking.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"

namespace braid {
namespace {

// Makes a call that has no operation in the ring, on a thread of the pool.
// `call` gives 0 or a negative errno. The arguments must outlive the await.
template <typename Call>
Task<absl::Status> CallOnThread(Loop& loop, const char* name,
                                const std::string& path, Call call) {
  co_return co_await Blocking(
      loop, [&, &calls = loop.driver().path_calls()]() -> absl::Status {
        const int result = call(calls);
        return result == 0 ? absl::OkStatus()
                           : ErrnoStatus(-result, name, path);
      });
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
  std::vector<DirectoryEntry> entries;
  CO_RETURN_IF_ERROR(co_await CallOnThread(
      loop, "scandir", path,
      [&](PathCalls& calls) { return calls.ReadDirectory(path, entries); }));
  co_return entries;
}

Task<absl::StatusOr<std::string>> ReadSymlink(Loop& loop, std::string path) {
  std::string target;
  CO_RETURN_IF_ERROR(co_await CallOnThread(
      loop, "readlink", path,
      [&](PathCalls& calls) { return calls.ReadSymlink(path, target); }));
  co_return target;
}

Task<absl::StatusOr<std::string>> RealPath(Loop& loop, std::string path) {
  std::string resolved;
  CO_RETURN_IF_ERROR(co_await CallOnThread(
      loop, "realpath", path,
      [&](PathCalls& calls) { return calls.RealPath(path, resolved); }));
  co_return resolved;
}

Task<absl::Status> CheckAccess(Loop& loop, std::string path, int mode) {
  co_return co_await CallOnThread(loop, "access", path, [&](PathCalls& calls) {
    return calls.CheckAccess(path, mode);
  });
}

Task<absl::Status> ChangeMode(Loop& loop, std::string path, mode_t mode) {
  co_return co_await CallOnThread(loop, "chmod", path, [&](PathCalls& calls) {
    return calls.ChangeMode(path, mode);
  });
}

Task<absl::Status> TruncatePath(Loop& loop, std::string path, uint64_t size) {
  co_return co_await CallOnThread(
      loop, "truncate", path,
      [&](PathCalls& calls) { return calls.TruncatePath(path, size); });
}

Task<absl::Status> SetFileTimes(Loop& loop, std::string path, absl::Time access,
                                absl::Time modification) {
  co_return co_await CallOnThread(loop, "utime", path, [&](PathCalls& calls) {
    return calls.SetFileTimes(path, absl::ToTimespec(access),
                              absl::ToTimespec(modification));
  });
}

Task<absl::StatusOr<std::string>> MakeTemporaryDirectory(Loop& loop,
                                                         std::string prefix) {
  std::string path = absl::StrCat(prefix, "XXXXXX");
  const std::string pattern = path;  // For the error: the call changes `path`.
  CO_RETURN_IF_ERROR(co_await CallOnThread(
      loop, "mkdtemp", pattern,
      [&](PathCalls& calls) { return calls.MakeTemporaryDirectory(path); }));
  co_return path;
}

}  // namespace braid
