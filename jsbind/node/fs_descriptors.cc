#include "jsbind/node/fs_descriptors.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/blocking.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "jsbind/node/fs_values.h"

namespace braid {
namespace {

// A file whose descriptor stays open.
class BorrowedFile {
 public:
  BorrowedFile(Loop& loop, int fd) : file_(loop, fd) {}
  ~BorrowedFile() { (void)file_.Release(); }
  BorrowedFile(const BorrowedFile&) = delete;
  BorrowedFile& operator=(const BorrowedFile&) = delete;
  File* operator->() { return &file_; }

 private:
  File file_;
};

uint64_t ToOffset(double position) {
  return position < 0 ? kCurrentPosition : static_cast<uint64_t>(position);
}

Task<absl::StatusOr<int32_t>> Open(Loop& loop, std::string path, int32_t flags,
                                   uint32_t mode) {
  CO_ASSIGN_OR_RETURN(File file,
                      co_await File::Open(loop, std::move(path), flags, mode));
  co_return file.Release();
}

Task<absl::Status> Close(Loop& loop, int32_t fd) {
  return File(loop, fd).Close();
}

Task<absl::StatusOr<double>> Read(Loop& loop, int32_t fd,
                                  std::span<uint8_t> bytes, double position) {
  CO_ASSIGN_OR_RETURN(
      const size_t count,
      co_await ReadOperation(loop, fd, bytes, ToOffset(position)));
  co_return static_cast<double>(count);
}

Task<absl::StatusOr<double>> Write(Loop& loop, int32_t fd,
                                   std::span<const uint8_t> bytes,
                                   double position) {
  CO_ASSIGN_OR_RETURN(
      const size_t count,
      co_await WriteOperation(loop, fd, bytes, ToOffset(position)));
  co_return static_cast<double>(count);
}

Task<absl::Status> WriteAll(Loop& loop, int32_t fd,
                            std::span<const uint8_t> bytes, double position) {
  BorrowedFile file(loop, fd);
  co_return co_await file->WriteAll(bytes, ToOffset(position));
}

// Fills one buffer after the other, until one is not filled.
Task<absl::StatusOr<double>> Readv(Loop& loop, int32_t fd,
                                   std::vector<JsBytes> buffers,
                                   double position) {
  double total = 0;
  for (const JsBytes& bytes : buffers) {
    if (bytes.size() == 0) continue;
    const double at = position < 0 ? position : position + total;
    CO_ASSIGN_OR_RETURN(
        const size_t count,
        co_await ReadOperation(loop, fd, bytes.bytes(), ToOffset(at)));
    total += static_cast<double>(count);
    if (count < bytes.size()) break;
  }
  co_return total;
}

Task<absl::StatusOr<double>> Writev(Loop& loop, int32_t fd,
                                    std::vector<JsBytes> buffers,
                                    double position) {
  BorrowedFile file(loop, fd);
  double total = 0;
  for (const JsBytes& bytes : buffers) {
    const double at = position < 0 ? position : position + total;
    CO_RETURN_IF_ERROR(
        co_await file->WriteAll(std::span<const uint8_t>(bytes), ToOffset(at)));
    total += static_cast<double>(bytes.size());
  }
  co_return total;
}

Task<absl::StatusOr<StatNumbers>> Fstat(Loop& loop, int32_t fd) {
  BorrowedFile file(loop, fd);
  CO_ASSIGN_OR_RETURN(const struct statx status, co_await file->Stat());
  co_return ToStatNumbers(status);
}

Task<absl::StatusOr<ByteString>> ReadFileOf(Loop& loop, int32_t fd) {
  BorrowedFile file(loop, fd);
  CO_ASSIGN_OR_RETURN(const struct statx status, co_await file->Stat());
  if (S_ISDIR(status.stx_mode)) co_return ErrnoStatus(EISDIR, "read");
  std::string contents;
  size_t filled = 0;
  for (;;) {
    // One byte more than the size shows the end without another read.
    const size_t expected = static_cast<size_t>(status.stx_size) + 1;
    contents.resize(expected > filled ? expected : filled + (size_t{64} << 10));
    CO_ASSIGN_OR_RETURN(
        const size_t count,
        co_await file->Read(
            {reinterpret_cast<uint8_t*>(contents.data()) + filled,
             contents.size() - filled}));
    filled += count;
    if (count == 0) break;
  }
  contents.resize(filled);
  co_return ByteString{std::move(contents)};
}

Task<absl::Status> Ftruncate(Loop& loop, int32_t fd, double size) {
  BorrowedFile file(loop, fd);
  co_return co_await file->Truncate(static_cast<uint64_t>(size));
}

Task<absl::Status> Fsync(Loop& loop, int32_t fd) {
  co_return co_await SyncOperation(loop, fd, 0);
}

Task<absl::Status> Fdatasync(Loop& loop, int32_t fd) {
  co_return co_await SyncOperation(loop, fd, IORING_FSYNC_DATASYNC);
}

Task<absl::Status> Fchmod(Loop& loop, int32_t fd, uint32_t mode) {
  co_return co_await Blocking(loop, [fd, mode]() -> absl::Status {
    return fchmod(fd, mode) == 0 ? absl::OkStatus()
                                 : ErrnoStatus(errno, "fchmod");
  });
}

Task<absl::Status> Fchown(Loop& loop, int32_t fd, uint32_t user,
                          uint32_t group) {
  co_return co_await Blocking(loop, [fd, user, group]() -> absl::Status {
    return fchown(fd, user, group) == 0 ? absl::OkStatus()
                                        : ErrnoStatus(errno, "fchown");
  });
}

Task<absl::Status> Futimes(Loop& loop, int32_t fd, double access,
                           double modification) {
  co_return co_await Blocking(
      loop, [fd, access, modification]() -> absl::Status {
        const std::array<timespec, 2> times = {
            absl::ToTimespec(FromSeconds(access)),
            absl::ToTimespec(FromSeconds(modification))};
        return futimens(fd, times.data()) == 0 ? absl::OkStatus()
                                               : ErrnoStatus(errno, "futime");
      });
}

}  // namespace

void DefineDescriptorCalls(ModuleDef& module) {
  module.SuspendingFunction<&Open>("open")
      .SuspendingFunction<&Close>("close")
      .SuspendingFunction<&Read>("read")
      .SuspendingFunction<&Write>("write")
      .SuspendingFunction<&WriteAll>("writeAll")
      .SuspendingFunction<&Readv>("readv")
      .SuspendingFunction<&Writev>("writev")
      .SuspendingFunction<&Fstat>("fstat")
      .SuspendingFunction<&ReadFileOf>("readFileOf")
      .SuspendingFunction<&Ftruncate>("ftruncate")
      .SuspendingFunction<&Fsync>("fsync")
      .SuspendingFunction<&Fdatasync>("fdatasync")
      .SuspendingFunction<&Fchmod>("fchmod")
      .SuspendingFunction<&Fchown>("fchown")
      .SuspendingFunction<&Futimes>("futimes");
}

}  // namespace braid
