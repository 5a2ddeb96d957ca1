#include "jsbind/node/fs_sync_ops.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/status_macros.h"
#include "io/errno_status.h"
#include "jsbind/node/fs_copy.h"
#include "jsbind/node/fs_paths.h"
#include "jsbind/node/fs_values.h"

namespace braid {
namespace {

using Data = std::variant<std::string, JsBytes>;

std::string_view TextOf(const Data& data) {
  const auto* text = std::get_if<std::string>(&data);
  return text != nullptr ? std::string_view(*text)
                         : std::get<JsBytes>(data).text();
}

absl::Status Result(int result, const char* name,
                    std::string_view subject = {}) {
  return result == 0 ? absl::OkStatus() : ErrnoStatus(errno, name, subject);
}

std::string Arrow(const std::string& from, const std::string& to) {
  return absl::StrCat(from, " -> ", to);
}

// A descriptor that is closed at the end of the block.
class OpenDescriptor {
 public:
  explicit OpenDescriptor(int fd) : fd_(fd) {}
  ~OpenDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  OpenDescriptor(const OpenDescriptor&) = delete;
  OpenDescriptor& operator=(const OpenDescriptor&) = delete;
  int fd() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// Makes the call again when a signal interrupted it.
template <typename Call>
auto Retrying(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

absl::StatusOr<int> Open(const std::string& path, int32_t flags,
                         uint32_t mode) {
  const int fd =
      Retrying([&] { return open(path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return ErrnoStatus(errno, "open", path);
  return fd;
}

absl::Status Close(int32_t fd) {
  // The descriptor is closed also where EINTR says otherwise.
  if (close(fd) == 0 || errno == EINTR) return absl::OkStatus();
  return ErrnoStatus(errno, "close");
}

// Statuses -------------------------------------------------------------------

absl::StatusOr<std::optional<StatNumbers>> StatAt(int fd, const char* path,
                                                  int flags, const char* name,
                                                  bool must_exist) {
  struct statx status;
  if (statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &status) == 0)
    return ToStatNumbers(status);
  if (!must_exist && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  return ErrnoStatus(errno, name, path);
}

absl::StatusOr<std::optional<StatNumbers>> Stat(const std::string& path,
                                                bool must_exist) {
  return StatAt(AT_FDCWD, path.c_str(), 0, "stat", must_exist);
}

absl::StatusOr<std::optional<StatNumbers>> Lstat(const std::string& path,
                                                 bool must_exist) {
  return StatAt(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, "lstat",
                must_exist);
}

absl::StatusOr<std::optional<StatNumbers>> Fstat(int32_t fd) {
  return StatAt(fd, "", AT_EMPTY_PATH, "fstat", /*must_exist=*/true);
}

// Contents -------------------------------------------------------------------

absl::StatusOr<double> Moved(ssize_t count, const char* name) {
  if (count < 0) return ErrnoStatus(errno, name);
  return static_cast<double>(count);
}

absl::StatusOr<double> Read(int32_t fd, std::span<uint8_t> bytes,
                            double position) {
  return Moved(Retrying([&] {
                 return position < 0 ? read(fd, bytes.data(), bytes.size())
                                     : pread(fd, bytes.data(), bytes.size(),
                                             static_cast<off_t>(position));
               }),
               "read");
}

absl::StatusOr<double> WriteText(int fd, std::string_view text,
                                 double position) {
  return Moved(Retrying([&] {
                 return position < 0 ? write(fd, text.data(), text.size())
                                     : pwrite(fd, text.data(), text.size(),
                                              static_cast<off_t>(position));
               }),
               "write");
}

absl::StatusOr<double> Write(int32_t fd, const Data& data, double position) {
  return WriteText(fd, TextOf(data), position);
}

absl::Status WriteAllText(int fd, std::string_view text, double position) {
  while (!text.empty()) {
    absl::StatusOr<double> count = WriteText(fd, text, position);
    if (!count.ok()) return count.status();
    if (*count == 0) return ErrnoStatus(EIO, "write");
    text.remove_prefix(static_cast<size_t>(*count));
    if (position >= 0) position += *count;
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int32_t fd, const Data& data, double position) {
  return WriteAllText(fd, TextOf(data), position);
}

// Calls `transfer` for as many buffers at a time as the system takes, until one
// of the calls moves less than it could.
template <typename Transfer>
absl::StatusOr<double> MoveVectors(const std::vector<JsBytes>& buffers,
                                   const char* name, Transfer transfer) {
  double total = 0;
  for (size_t first = 0; first < buffers.size(); first += IOV_MAX) {
    const size_t count = std::min<size_t>(IOV_MAX, buffers.size() - first);
    std::vector<iovec> vectors;
    size_t wanted = 0;
    for (const JsBytes& bytes : std::span(buffers).subspan(first, count)) {
      vectors.push_back({bytes.data(), bytes.size()});
      wanted += bytes.size();
    }
    const ssize_t moved = Retrying([&] {
      return transfer(vectors.data(), static_cast<int>(count), total);
    });
    if (moved < 0) return ErrnoStatus(errno, name);
    total += static_cast<double>(moved);
    if (static_cast<size_t>(moved) < wanted) break;
  }
  return total;
}

absl::StatusOr<double> Readv(int32_t fd, const std::vector<JsBytes>& buffers,
                             double position) {
  return MoveVectors(
      buffers, "read", [&](const iovec* vectors, int count, double before) {
        return position < 0 ? readv(fd, vectors, count)
                            : preadv(fd, vectors, count,
                                     static_cast<off_t>(position + before));
      });
}

absl::StatusOr<double> Writev(int32_t fd, const std::vector<JsBytes>& buffers,
                              double position) {
  return MoveVectors(
      buffers, "write", [&](const iovec* vectors, int count, double before) {
        return position < 0 ? writev(fd, vectors, count)
                            : pwritev(fd, vectors, count,
                                      static_cast<off_t>(position + before));
      });
}

// From the descriptor's position to the end.
absl::StatusOr<std::string> ReadToEnd(int fd, const std::string& path) {
  struct stat status;
  if (fstat(fd, &status) != 0) return ErrnoStatus(errno, "fstat", path);
  if (S_ISDIR(status.st_mode)) return ErrnoStatus(EISDIR, "read", path);
  constexpr size_t kRoomMin = 8192;
  // What is read decides: files in /proc say that they are empty. One byte more
  // than the size shows the end without another read.
  const size_t size =
      S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) : 0;
  // As the asynchronous ones.
  constexpr size_t kBytesMax = (size_t{1} << 31) - 1;
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(absl::StrCat(
        path, " is larger than the limit of ", kBytesMax, " bytes"));
  };
  if (size > kBytesMax) return too_large();
  std::string contents;
  size_t filled = 0;
  for (;;) {
    if (filled > kBytesMax) return too_large();
    if (contents.size() - filled < kRoomMin / 2 || filled == 0) {
      contents.resize(filled == 0 ? std::max(size + 1, kRoomMin)
                                  : 2 * contents.size());
    }
    const ssize_t count = Retrying([&] {
      return read(fd, contents.data() + filled, contents.size() - filled);
    });
    if (count < 0) return ErrnoStatus(errno, "read", path);
    filled += static_cast<size_t>(count);
    if (count == 0 || (size > 0 && filled == size)) break;
  }
  contents.resize(filled);
  return contents;
}

absl::StatusOr<std::string> ReadText(const std::string& path, int32_t flags) {
  absl::StatusOr<int> fd = Open(path, flags, 0666);
  if (!fd.ok()) return fd.status();
  const OpenDescriptor file(*fd);
  return ReadToEnd(file.fd(), path);
}

absl::StatusOr<ByteString> ReadFile(const std::string& path, int32_t flags) {
  absl::StatusOr<std::string> contents = ReadText(path, flags);
  if (!contents.ok()) return contents.status();
  return ByteString{*std::move(contents)};
}

absl::StatusOr<std::string> ReadTextOf(int32_t fd) { return ReadToEnd(fd, ""); }

absl::StatusOr<ByteString> ReadFileOf(int32_t fd) {
  absl::StatusOr<std::string> contents = ReadToEnd(fd, "");
  if (!contents.ok()) return contents.status();
  return ByteString{*std::move(contents)};
}

absl::Status WriteFile(const std::string& path, int32_t flags, uint32_t mode,
                       const Data& data, bool flush) {
  absl::StatusOr<int> fd = Open(path, flags, mode);
  if (!fd.ok()) return fd.status();
  OpenDescriptor file(*fd);
  absl::Status written = WriteAllText(file.fd(), TextOf(data), -1);
  if (written.ok() && flush && fsync(file.fd()) != 0)
    written = ErrnoStatus(errno, "fsync");
  if (!written.ok()) return written;
  return Close(file.Release());
}

// Paths ----------------------------------------------------------------------

absl::StatusOr<std::string> ReadSymlink(const std::string& path) {
  std::string target(256, '\0');
  for (;;) {
    const ssize_t size = readlink(path.c_str(), target.data(), target.size());
    if (size < 0) return ErrnoStatus(errno, "readlink", path);
    if (static_cast<size_t>(size) < target.size()) {
      target.resize(static_cast<size_t>(size));
      return target;
    }
    target.resize(2 * target.size());
  }
}

absl::StatusOr<std::string> RealPath(const std::string& path) {
  struct Free {
    void operator()(char* text) const { free(text); }
  };
  const std::unique_ptr<char, Free> found(realpath(path.c_str(), nullptr));
  if (found == nullptr) return ErrnoStatus(errno, "realpath", path);
  return std::string(found.get());
}

absl::StatusOr<std::string> MakeTemporaryDirectory(const std::string& prefix) {
  std::string path = prefix + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    return ErrnoStatus(errno, "mkdtemp", prefix + "XXXXXX");
  return path;
}

std::array<timespec, 2> Times(double access, double modification) {
  return {absl::ToTimespec(FromSeconds(access)),
          absl::ToTimespec(FromSeconds(modification))};
}

void DefinePathCalls(ModuleDef& module) {
  using Path = const std::string&;
  module
      .Function("exists",
                [](Path path) { return access(path.c_str(), F_OK) == 0; })
      .Function("access",
                [](Path path, int32_t mode) {
                  return Result(access(path.c_str(), mode), "access", path);
                })
      .Function<&Stat>("stat")
      .Function<&Lstat>("lstat")
      .Function<&ReadDirectoryNow>("readDirectory")
      .Function<&StatFileSystemNow>("statfs")
      .Function("makeDirectory",
                [](Path path, uint32_t mode) {
                  return Result(mkdir(path.c_str(), mode), "mkdir", path);
                })
      .Function("makeDirectories",
                [](Path path, uint32_t mode) {
                  return MakeDirectoriesNow(path, mode);
                })
      .Function<&MakeTemporaryDirectory>("makeTemporaryDirectory")
      .Function("removeFile",
                [](Path path) {
                  return Result(unlink(path.c_str()), "unlink", path);
                })
      .Function(
          "removeDirectory",
          [](Path path) { return Result(rmdir(path.c_str()), "rmdir", path); })
      .Function("rename",
                [](Path from, Path to) {
                  return Result(rename(from.c_str(), to.c_str()), "rename",
                                Arrow(from, to));
                })
      .Function("copyFile",
                [](Path from, Path to, int32_t flags) {
                  return CopyFileNow(from, to, flags);
                })
      .Function("symlink",
                [](Path target, Path path) {
                  return Result(symlink(target.c_str(), path.c_str()),
                                "symlink", Arrow(target, path));
                })
      .Function("link",
                [](Path from, Path to) {
                  return Result(link(from.c_str(), to.c_str()), "link",
                                Arrow(from, to));
                })
      .Function<&ReadSymlink>("readlink")
      .Function<&RealPath>("realpath")
      .Function("chmod",
                [](Path path, uint32_t mode) {
                  return Result(chmod(path.c_str(), mode), "chmod", path);
                })
      .Function<&ChangeOwnerNow>("chown")
      .Function<&ChangeLinkOwnerNow>("lchown")
      .Function<&SetTimesNow>("utimes")
      .Function<&SetLinkTimesNow>("lutimes");
}

void DefineDescriptorCalls(ModuleDef& module) {
  module.Function<&Open>("open")
      .Function<&Close>("close")
      .Function<&Read>("read")
      .Function<&Write>("write")
      .Function<&WriteAll>("writeAll")
      .Function<&Readv>("readv")
      .Function<&Writev>("writev")
      .Function<&Fstat>("fstat")
      .Function("ftruncate",
                [](int32_t fd, double size) {
                  return Result(ftruncate(fd, static_cast<off_t>(size)),
                                "ftruncate");
                })
      .Function("fsync", [](int32_t fd) { return Result(fsync(fd), "fsync"); })
      .Function("fdatasync",
                [](int32_t fd) { return Result(fdatasync(fd), "fdatasync"); })
      .Function("fchmod",
                [](int32_t fd, uint32_t mode) {
                  return Result(fchmod(fd, mode), "fchmod");
                })
      .Function("fchown",
                [](int32_t fd, uint32_t user, uint32_t group) {
                  return Result(fchown(fd, user, group), "fchown");
                })
      .Function("futimes", [](int32_t fd, double access, double modification) {
        return Result(futimens(fd, Times(access, modification).data()),
                      "futime");
      });
}

}  // namespace

void DefineFsSyncOps(ModuleDef& module) {
  DefinePathCalls(module);
  DefineDescriptorCalls(module);
  module.Function<&ReadFile>("readFile")
      .Function<&ReadText>("readText")
      .Function<&ReadFileOf>("readFileOf")
      .Function<&ReadTextOf>("readTextOf")
      .Function<&WriteFile>("writeFile");
}

}  // namespace braid
