#include "jsbind/node/fs_ops.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/blocking.h"
#include "io/errno_status.h"
#include "io/file_system.h"
#include "jsbind/node/fs_copy.h"
#include "jsbind/node/fs_file.h"
#include "jsbind/node/fs_values.h"

namespace braid {
namespace {

Task<absl::StatusOr<ByteString>> ReadBytes(Loop& loop, std::string path) {
  CO_ASSIGN_OR_RETURN(std::string contents,
                      co_await ReadFile(loop, std::move(path)));
  co_return ByteString{std::move(contents)};
}

Task<absl::StatusOr<std::string>> ReadText(Loop& loop, std::string path) {
  return ReadFile(loop, std::move(path));
}

Task<absl::StatusOr<StatNumbers>> Stat(Loop& loop, std::string path) {
  CO_ASSIGN_OR_RETURN(const struct statx status,
                      co_await StatPath(loop, std::move(path)));
  co_return ToStatNumbers(status);
}

Task<absl::StatusOr<StatNumbers>> Lstat(Loop& loop, std::string path) {
  CO_ASSIGN_OR_RETURN(
      const struct statx status,
      co_await StatPath(loop, std::move(path), Symlinks::kDoNotFollow));
  co_return ToStatNumbers(status);
}

using DirectoryNames =
    std::tuple<std::vector<std::string>, std::vector<int32_t>>;

Task<absl::StatusOr<DirectoryNames>> ReadNames(Loop& loop, std::string path) {
  CO_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries,
                      co_await ReadDirectory(loop, std::move(path)));
  DirectoryNames result;
  auto& [names, types] = result;
  names.reserve(entries.size());
  types.reserve(entries.size());
  for (DirectoryEntry& entry : entries) {
    names.push_back(std::move(entry.name));
    types.push_back(entry.type);
  }
  co_return result;
}

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

Task<absl::StatusOr<std::optional<std::string>>> MakeDirectories(
    Loop& loop, std::string path, uint32_t mode) {
  co_return co_await Blocking(loop,
                              [&] { return MakeDirectoriesNow(path, mode); });
}

Task<absl::Status> MakeOneDirectory(Loop& loop, std::string path,
                                    uint32_t mode) {
  return MakeDirectory(loop, std::move(path), mode);
}

Task<absl::Status> Access(Loop& loop, std::string path, int32_t mode) {
  return CheckAccess(loop, std::move(path), mode);
}

Task<absl::Status> Chmod(Loop& loop, std::string path, uint32_t mode) {
  return ChangeMode(loop, std::move(path), mode);
}

Task<absl::Status> Utimes(Loop& loop, std::string path, double access,
                          double modification) {
  return SetFileTimes(loop, std::move(path), FromSeconds(access),
                      FromSeconds(modification));
}

}  // namespace

void DefineFsOps(ModuleDef& module) {
  module.AsyncFunction<&ReadBytes>("readFile")
      .AsyncFunction<&ReadText>("readText")
      .AsyncFunction<&Stat>("stat")
      .AsyncFunction<&Lstat>("lstat")
      .AsyncFunction<&ReadNames>("readDirectory")
      .AsyncFunction<&MakeOneDirectory>("makeDirectory")
      .AsyncFunction<&MakeDirectories>("makeDirectories")
      .AsyncFunction<&MakeTemporaryDirectory>("makeTemporaryDirectory")
      .AsyncFunction<&RemoveFile>("removeFile")
      .AsyncFunction<&RemoveDirectory>("removeDirectory")
      .AsyncFunction<&Rename>("rename")
      .AsyncFunction<&CopyFile>("copyFile")
      .AsyncFunction<&MakeSymlink>("symlink")
      .AsyncFunction<&MakeHardLink>("link")
      .AsyncFunction<&ReadSymlink>("readlink")
      .AsyncFunction<&RealPath>("realpath")
      .AsyncFunction<&Access>("access")
      .AsyncFunction<&Chmod>("chmod")
      .AsyncFunction<&Utimes>("utimes")
      .Class<File>("File", &DefineFsFile)
      .Value("constants", &FsConstants);
}

}  // namespace braid
