#include "jsbind/node/fs_ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <v8-object.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/blocking.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/file_system.h"

namespace braid {
namespace {

using StatNumbers = std::vector<double>;

StatNumbers ToNumbers(const struct statx& status) {
  const auto device = [](uint32_t major, uint32_t minor) {
    return static_cast<double>(makedev(major, minor));
  };
  const auto number = [](auto value) { return static_cast<double>(value); };
  return {
      device(status.stx_dev_major, status.stx_dev_minor),
      number(status.stx_mode),
      number(status.stx_nlink),
      number(status.stx_uid),
      number(status.stx_gid),
      device(status.stx_rdev_major, status.stx_rdev_minor),
      number(status.stx_blksize),
      number(status.stx_ino),
      number(status.stx_size),
      number(status.stx_blocks),
      number(status.stx_atime.tv_sec),
      number(status.stx_atime.tv_nsec),
      number(status.stx_mtime.tv_sec),
      number(status.stx_mtime.tv_nsec),
      number(status.stx_ctime.tv_sec),
      number(status.stx_ctime.tv_nsec),
      number(status.stx_btime.tv_sec),
      number(status.stx_btime.tv_nsec),
  };
}

absl::Time FromSeconds(double seconds) {
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

// Paths. ----------------------------------------------------------------------

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
  co_return ToNumbers(status);
}

Task<absl::StatusOr<StatNumbers>> Lstat(Loop& loop, std::string path) {
  CO_ASSIGN_OR_RETURN(
      const struct statx status,
      co_await StatPath(loop, std::move(path), Symlinks::kDoNotFollow));
  co_return ToNumbers(status);
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

// Copies what is in one descriptor to another, inside the kernel.
absl::Status CopyContents(int from, int to, const std::string& subject,
                          bool want_clone, bool must_clone) {
  if (want_clone || must_clone) {
    if (ioctl(to, FICLONE, from) == 0) return absl::OkStatus();
    if (must_clone) return ErrnoStatus(errno, "copyfile", subject);
  }
  constexpr size_t kChunkBytes = size_t{1} << 30;
  bool in_kernel = true;
  std::vector<char> buffer;
  for (;;) {
    ssize_t count = -1;
    if (in_kernel) {
      count = copy_file_range(from, nullptr, to, nullptr, kChunkBytes, 0);
      // Between some file systems, and from /proc, the kernel does not copy.
      if (count < 0 && (errno == EXDEV || errno == EINVAL ||
                        errno == EOPNOTSUPP || errno == ENOSYS)) {
        in_kernel = false;
        continue;
      }
    } else {
      buffer.resize(size_t{64} << 10);
      count = read(from, buffer.data(), buffer.size());
      for (ssize_t written = 0; written < count;) {
        const ssize_t more = write(to, buffer.data() + written,
                                   static_cast<size_t>(count - written));
        if (more < 0) return ErrnoStatus(errno, "copyfile", subject);
        written += more;
      }
    }
    if (count < 0) return ErrnoStatus(errno, "copyfile", subject);
    if (count == 0) return absl::OkStatus();
  }
}

constexpr int kCopyExclusive = 1;   // COPYFILE_EXCL
constexpr int kCopyClone = 2;       // COPYFILE_FICLONE
constexpr int kCopyForceClone = 4;  // COPYFILE_FICLONE_FORCE

absl::Status CopyFileNow(const std::string& from, const std::string& to,
                         int flags) {
  const std::string subject = absl::StrCat(from, " -> ", to);
  struct Descriptor {
    int fd;
    ~Descriptor() {
      if (fd >= 0) close(fd);
    }
  };
  const Descriptor source{open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (source.fd < 0) return ErrnoStatus(errno, "copyfile", subject);
  struct stat status;
  if (fstat(source.fd, &status) != 0)
    return ErrnoStatus(errno, "copyfile", subject);
  if (S_ISDIR(status.st_mode)) return ErrnoStatus(EISDIR, "copyfile", subject);
  struct stat target;
  if (stat(to.c_str(), &target) == 0 && target.st_dev == status.st_dev &&
      target.st_ino == status.st_ino && (flags & kCopyExclusive) == 0) {
    return absl::OkStatus();  // Onto itself; opening it would empty it.
  }
  const int exclusive = (flags & kCopyExclusive) != 0 ? O_EXCL : O_TRUNC;
  const Descriptor copy{open(to.c_str(),
                             O_WRONLY | O_CREAT | O_CLOEXEC | exclusive,
                             status.st_mode & 07777)};
  if (copy.fd < 0) return ErrnoStatus(errno, "copyfile", subject);
  if (fchmod(copy.fd, status.st_mode & 07777) != 0 && errno != EPERM) {
    return ErrnoStatus(errno, "copyfile", subject);
  }
  return CopyContents(source.fd, copy.fd, subject, (flags & kCopyClone) != 0,
                      (flags & kCopyForceClone) != 0);
}

Task<absl::Status> CopyFile(Loop& loop, std::string from, std::string to,
                            int32_t flags) {
  co_return co_await Blocking(loop,
                              [&] { return CopyFileNow(from, to, flags); });
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

// Open files. -----------------------------------------------------------------

uint64_t ToOffset(double position) {
  return position < 0 ? kCurrentPosition : static_cast<uint64_t>(position);
}

Task<absl::StatusOr<File>> OpenFile(Loop& loop, std::string path, int32_t flags,
                                    uint32_t mode) {
  return File::Open(loop, std::move(path), flags, mode);
}

Task<absl::StatusOr<double>> ReadFrom(File& file, std::span<uint8_t> bytes,
                                      double position) {
  CO_ASSIGN_OR_RETURN(const size_t count,
                      co_await file.Read(bytes, ToOffset(position)));
  co_return static_cast<double>(count);
}

Task<absl::StatusOr<double>> WriteTo(File& file, std::span<const uint8_t> bytes,
                                     double position) {
  CO_ASSIGN_OR_RETURN(const size_t count,
                      co_await file.Write(bytes, ToOffset(position)));
  co_return static_cast<double>(count);
}

Task<absl::Status> WriteAllTo(File& file, std::span<const uint8_t> bytes,
                              double position) {
  return file.WriteAll(bytes, ToOffset(position));
}

// From the file's own position to its end.
Task<absl::StatusOr<ByteString>> ReadAllFrom(File& file) {
  CO_ASSIGN_OR_RETURN(const struct statx status, co_await file.Stat());
  if (S_ISDIR(status.stx_mode)) co_return ErrnoStatus(EISDIR, "read");
  std::string contents;
  size_t filled = 0;
  for (;;) {
    // One byte more than the size shows the end without another read.
    const size_t expected = static_cast<size_t>(status.stx_size) + 1;
    contents.resize(expected > filled ? expected : filled + (size_t{64} << 10));
    CO_ASSIGN_OR_RETURN(
        const size_t count,
        co_await file.Read(
            {reinterpret_cast<uint8_t*>(contents.data()) + filled,
             contents.size() - filled}));
    filled += count;
    if (count == 0) break;
  }
  contents.resize(filled);
  co_return ByteString{std::move(contents)};
}

Task<absl::StatusOr<StatNumbers>> StatOf(File& file) {
  CO_ASSIGN_OR_RETURN(const struct statx status, co_await file.Stat());
  co_return ToNumbers(status);
}

Task<absl::Status> TruncateTo(File& file, double size) {
  return file.Truncate(static_cast<uint64_t>(size));
}

Task<absl::Status> Sync(File& file) { co_return co_await file.Sync(); }
Task<absl::Status> SyncData(File& file) { co_return co_await file.SyncData(); }

Task<absl::Status> ChmodOf(Loop& loop, File& file, uint32_t mode) {
  co_return co_await Blocking(loop, [fd = file.fd(), mode]() -> absl::Status {
    return fchmod(fd, mode) == 0 ? absl::OkStatus()
                                 : ErrnoStatus(errno, "fchmod");
  });
}

Task<absl::Status> UtimesOf(Loop& loop, File& file, double access,
                            double modification) {
  co_return co_await Blocking(
      loop, [fd = file.fd(), access, modification]() -> absl::Status {
        const std::array<timespec, 2> times = {
            absl::ToTimespec(FromSeconds(access)),
            absl::ToTimespec(FromSeconds(modification))};
        return futimens(fd, times.data()) == 0 ? absl::OkStatus()
                                               : ErrnoStatus(errno, "futime");
      });
}

Task<absl::Status> CloseOf(File& file) { return file.Close(); }

struct NamedNumber {
  const char* name;
  int value;
};
constexpr NamedNumber kConstants[] = {
    {"F_OK", F_OK},
    {"R_OK", R_OK},
    {"W_OK", W_OK},
    {"X_OK", X_OK},
    {"O_RDONLY", O_RDONLY},
    {"O_WRONLY", O_WRONLY},
    {"O_RDWR", O_RDWR},
    {"O_CREAT", O_CREAT},
    {"O_EXCL", O_EXCL},
    {"O_NOCTTY", O_NOCTTY},
    {"O_TRUNC", O_TRUNC},
    {"O_APPEND", O_APPEND},
    {"O_DIRECTORY", O_DIRECTORY},
    {"O_NOATIME", O_NOATIME},
    {"O_NOFOLLOW", O_NOFOLLOW},
    {"O_SYNC", O_SYNC},
    {"O_DSYNC", O_DSYNC},
    {"O_DIRECT", O_DIRECT},
    {"O_NONBLOCK", O_NONBLOCK},
    {"S_IFMT", S_IFMT},
    {"S_IFREG", S_IFREG},
    {"S_IFDIR", S_IFDIR},
    {"S_IFCHR", S_IFCHR},
    {"S_IFBLK", S_IFBLK},
    {"S_IFIFO", S_IFIFO},
    {"S_IFLNK", S_IFLNK},
    {"S_IFSOCK", S_IFSOCK},
    {"S_IRWXU", S_IRWXU},
    {"S_IRUSR", S_IRUSR},
    {"S_IWUSR", S_IWUSR},
    {"S_IXUSR", S_IXUSR},
    {"S_IRWXG", S_IRWXG},
    {"S_IRGRP", S_IRGRP},
    {"S_IWGRP", S_IWGRP},
    {"S_IXGRP", S_IXGRP},
    {"S_IRWXO", S_IRWXO},
    {"S_IROTH", S_IROTH},
    {"S_IWOTH", S_IWOTH},
    {"S_IXOTH", S_IXOTH},
    {"COPYFILE_EXCL", kCopyExclusive},
    {"COPYFILE_FICLONE", kCopyClone},
    {"COPYFILE_FICLONE_FORCE", kCopyForceClone},
    {"UV_FS_O_FILEMAP", 0},
    {"UV_DIRENT_UNKNOWN", 0},
    {"UV_DIRENT_FILE", 1},
    {"UV_DIRENT_DIR", 2},
    {"UV_DIRENT_LINK", 3},
    {"UV_DIRENT_FIFO", 4},
    {"UV_DIRENT_SOCKET", 5},
    {"UV_DIRENT_CHAR", 6},
    {"UV_DIRENT_BLOCK", 7},
};

v8::Local<v8::Value> Constants(Js& js) {
  v8::Local<v8::Object> constants = v8::Object::New(js.isolate());
  for (const NamedNumber& constant : kConstants) {
    constants
        ->Set(js.context(), js.Name(constant.name),
              v8::Integer::New(js.isolate(), constant.value))
        .Check();
  }
  return constants;
}

void DefineFile(ClassDef<File>& file) {
  file.StaticMethod<&OpenFile>("open")
      .AsyncMethod<&ReadFrom>("read")
      .AsyncMethod<&WriteTo>("write")
      .AsyncMethod<&WriteAllTo>("writeAll")
      .AsyncMethod<&ReadAllFrom>("readAll")
      .AsyncMethod<&StatOf>("stat")
      .AsyncMethod<&TruncateTo>("truncate")
      .AsyncMethod<&Sync>("sync")
      .AsyncMethod<&SyncData>("syncData")
      .AsyncMethod("chmod",
                   [](File& self, Loop& loop, uint32_t mode) {
                     return ChmodOf(loop, self, mode);
                   })
      .AsyncMethod(
          "utimes",
          [](File& self, Loop& loop, double access, double modification) {
            return UtimesOf(loop, self, access, modification);
          })
      .AsyncMethod<&CloseOf>("close")
      .Getter("fd", [](File& self) { return self.fd(); });
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
      .Class<File>("File", &DefineFile)
      .Value("constants", &Constants);
}

}  // namespace braid
