#include "jsbind/node/fs_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/blocking.h"
#include "io/errno_status.h"
#include "jsbind/node/fs_values.h"

namespace braid {
namespace {

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
  co_return ToStatNumbers(status);
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

Task<absl::Status> ChownOf(Loop& loop, File& file, uint32_t user,
                           uint32_t group) {
  co_return co_await Blocking(
      loop, [fd = file.fd(), user, group]() -> absl::Status {
        return fchown(fd, user, group) == 0 ? absl::OkStatus()
                                            : ErrnoStatus(errno, "fchown");
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

}  // namespace

void DefineFsFile(ClassDef<File>& file) {
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
      .AsyncMethod("chown",
                   [](File& self, Loop& loop, uint32_t user, uint32_t group) {
                     return ChownOf(loop, self, user, group);
                   })
      .AsyncMethod(
          "utimes",
          [](File& self, Loop& loop, double access, double modification) {
            return UtimesOf(loop, self, access, modification);
          })
      .AsyncMethod<&CloseOf>("close")
      .Getter("fd", [](File& self) { return self.fd(); });
}

}  // namespace braid
