#include "jsbind/node/fs_ops.h"

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/blocking.h"
#include "io/file_system.h"
#include "jsbind/node/fs_copy.h"
#include "jsbind/node/fs_descriptors.h"
#include "jsbind/node/fs_file.h"
#include "jsbind/node/fs_paths.h"
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

Task<absl::Status> Chown(Loop& loop, std::string path, uint32_t user,
                         uint32_t group) {
  co_return co_await Blocking(
      loop, [&] { return ChangeOwnerNow(path, user, group); });
}

Task<absl::Status> Lchown(Loop& loop, std::string path, uint32_t user,
                          uint32_t group) {
  co_return co_await Blocking(
      loop, [&] { return ChangeLinkOwnerNow(path, user, group); });
}

Task<absl::Status> Lutimes(Loop& loop, std::string path, double access,
                           double modification) {
  co_return co_await Blocking(
      loop, [&] { return SetLinkTimesNow(path, access, modification); });
}

Task<absl::StatusOr<std::vector<double>>> StatFileSystem(Loop& loop,
                                                         std::string path) {
  co_return co_await Blocking(loop, [&] { return StatFileSystemNow(path); });
}

// What the functions give: a promise, or nothing yet.
enum class Form { kPromise, kSuspending };

template <auto kFunction>
void Add(ModuleDef& module, Form form, std::string_view name) {
  if (form == Form::kPromise) {
    module.AsyncFunction<kFunction>(name);
  } else {
    module.SuspendingFunction<kFunction>(name);
  }
}

void AddPathCalls(ModuleDef& module, Form form) {
  Add<&ReadBytes>(module, form, "readFile");
  Add<&ReadText>(module, form, "readText");
  Add<&Stat>(module, form, "stat");
  Add<&Lstat>(module, form, "lstat");
  Add<&StatFileSystem>(module, form, "statfs");
  Add<&ReadNames>(module, form, "readDirectory");
  Add<&MakeOneDirectory>(module, form, "makeDirectory");
  Add<&MakeDirectories>(module, form, "makeDirectories");
  Add<&MakeTemporaryDirectory>(module, form, "makeTemporaryDirectory");
  Add<&RemoveFile>(module, form, "removeFile");
  Add<&RemoveDirectory>(module, form, "removeDirectory");
  Add<&Rename>(module, form, "rename");
  Add<&CopyFile>(module, form, "copyFile");
  Add<&MakeSymlink>(module, form, "symlink");
  Add<&MakeHardLink>(module, form, "link");
  Add<&ReadSymlink>(module, form, "readlink");
  Add<&RealPath>(module, form, "realpath");
  Add<&Access>(module, form, "access");
  Add<&Chmod>(module, form, "chmod");
  Add<&Chown>(module, form, "chown");
  Add<&Lchown>(module, form, "lchown");
  Add<&Utimes>(module, form, "utimes");
  Add<&Lutimes>(module, form, "lutimes");
}

}  // namespace

void DefineFsOps(ModuleDef& module) {
  AddPathCalls(module, Form::kPromise);
  module.Class<File>("File", &DefineFsFile).Value("constants", &FsConstants);
}

void DefineFsCalls(ModuleDef& module) {
  AddPathCalls(module, Form::kSuspending);
  DefineDescriptorCalls(module);
}

}  // namespace braid
