#include "io/file.h"

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/blocking.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"

namespace braid {
namespace {

// The kernel moves at most this much in one read or write.
constexpr size_t kTransferBytesMax = 0x7ffff000;

// Whether a signal came before anything was moved: what is to be moved whole is
// then asked for again. (Of a cancelled task this is a CancelledError.)
bool WasInterrupted(const absl::StatusOr<size_t>& count) {
  return !count.ok() && ErrnoOf(count.status()) == EINTR;
}

class [[nodiscard]] OpenOperation final : public AwaitableOperation {
 public:
  OpenOperation(Loop& loop, const std::string& path, int flags, mode_t mode)
      : AwaitableOperation(loop, "open"),
        path_(path),
        flags_(flags),
        mode_(mode) {}
  void await_suspend(std::coroutine_handle<> handle) {
    Start(handle, [this](io_uring_sqe* sqe) {
      io_uring_prep_openat(sqe, AT_FDCWD, path_.c_str(), flags_ | O_CLOEXEC,
                           mode_);
    });
  }
  absl::StatusOr<int> await_resume() {
    const int fd = Finish();
    if (fd < 0) return Error(path_);
    return fd;
  }

 private:
  const std::string& path_;
  const int flags_;
  const mode_t mode_;
};

}  // namespace

void ReadOperation::await_suspend(std::coroutine_handle<> handle) {
  Start(handle, [this](io_uring_sqe* sqe) {
    const size_t bytes = std::min(buffer_.size(), kTransferBytesMax);
    io_uring_prep_read(sqe, fd_, buffer_.data(), static_cast<unsigned>(bytes),
                       offset_);
  });
}

void WriteOperation::await_suspend(std::coroutine_handle<> handle) {
  Start(handle, [this](io_uring_sqe* sqe) {
    const size_t bytes = std::min(bytes_.size(), kTransferBytesMax);
    io_uring_prep_write(sqe, fd_, bytes_.data(), static_cast<unsigned>(bytes),
                        offset_);
  });
}

void SyncOperation::await_suspend(std::coroutine_handle<> handle) {
  Start(handle,
        [this](io_uring_sqe* sqe) { io_uring_prep_fsync(sqe, fd_, flags_); });
}

absl::Status SyncOperation::await_resume() {
  return Finish() < 0 ? Error() : absl::OkStatus();
}

Task<absl::StatusOr<File>> File::Open(Loop& loop, std::string path, int flags,
                                      mode_t mode) {
  CO_ASSIGN_OR_RETURN(const int fd,
                      co_await OpenOperation(loop, path, flags, mode));
  co_return File(loop, fd);
}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) loop_->CloseLater(fd_);
    loop_ = other.loop_;
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

File::~File() {
  if (fd_ >= 0) loop_->CloseLater(fd_);
}

Task<absl::StatusOr<size_t>> File::ReadFull(std::span<uint8_t> buffer,
                                            uint64_t offset) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    const absl::StatusOr<size_t> count =
        co_await Read(buffer.subspan(filled),
                      offset == kCurrentPosition ? offset : offset + filled);
    if (WasInterrupted(count)) continue;
    CO_RETURN_IF_ERROR(count.status());
    if (*count == 0) break;
    filled += *count;
  }
  co_return filled;
}

Task<absl::Status> File::WriteAll(std::span<const uint8_t> bytes,
                                  uint64_t offset) {
  while (!bytes.empty()) {
    const absl::StatusOr<size_t> count = co_await Write(bytes, offset);
    if (WasInterrupted(count)) continue;
    CO_RETURN_IF_ERROR(count.status());
    // Regular files never take nothing; a device that does would loop for ever.
    if (*count == 0) co_return ErrnoStatus(EIO, "write");
    bytes = bytes.subspan(*count);
    if (offset != kCurrentPosition) offset += *count;
  }
  co_return absl::OkStatus();
}

Task<absl::Status> File::Truncate(uint64_t size) {
  // IORING_OP_FTRUNCATE came with Linux 6.9; the thread pool has no such limit.
  SystemCalls& calls = loop_->driver().calls();
  co_return co_await Blocking(*loop_,
                              [&calls, fd = fd_, size]() -> absl::Status {
                                const int error = calls.Truncate(fd, size);
                                if (error == 0) return absl::OkStatus();
                                return ErrnoStatus(-error, "ftruncate");
                              });
}

Task<absl::StatusOr<struct statx>> File::Stat() {
  struct statx result;
  CO_RETURN_IF_ERROR(co_await SimpleOperation(
      *loop_, "fstat", {}, [fd = fd_, &result](io_uring_sqe* sqe) {
        io_uring_prep_statx(sqe, fd, "", AT_EMPTY_PATH,
                            STATX_BASIC_STATS | STATX_BTIME, &result);
      }));
  co_return result;
}

Task<absl::Status> File::Close() { return CloseFile(std::move(*this)); }

Task<absl::Status> File::CloseFile(File file) {
  if (!file.is_open()) co_return ErrnoStatus(EBADF, "close");
  co_return co_await CloseDescriptor(*file.loop_, std::exchange(file.fd_, -1));
}

namespace {

// A failed operation on a file whose path is known says it.
absl::Status WithPath(const absl::Status& status, const std::string& path) {
  const int error = ErrnoOf(status);
  return error == 0 ? status : ErrnoStatus(error, SyscallOf(status), path);
}

Task<absl::StatusOr<std::string>> ReadToEnd(File& file, uint64_t size,
                                            uint64_t bytes_max) {
  constexpr uint64_t kRoomMin = 4096;
  std::string contents;
  size_t filled = 0;
  // Files in /proc say that they are empty, and others may grow: what is read
  // decides. One byte more than the size shows the end without another read.
  uint64_t room = std::max(size + 1, kRoomMin);
  while (filled <= bytes_max) {
    // One byte beyond the limit shows that the file is larger.
    const uint64_t left = bytes_max - filled;
    if (room > left) room = left + 1;
    contents.resize(filled + room);
    const absl::StatusOr<size_t> count = co_await file.Read(
        {reinterpret_cast<uint8_t*>(contents.data()) + filled, room}, filled);
    if (WasInterrupted(count)) continue;
    CO_RETURN_IF_ERROR(count.status());
    filled += *count;
    if (*count == 0 || (*count < room && size > 0 && filled >= size)) break;
    room = std::max(room - *count, kRoomMin);
  }
  contents.resize(filled);
  co_return contents;
}

}  // namespace

Task<absl::StatusOr<std::string>> ReadFile(Loop& loop, std::string path,
                                           uint64_t bytes_max) {
  CO_ASSIGN_OR_RETURN(File file, co_await File::Open(loop, path, O_RDONLY));
  CO_ASSIGN_OR_RETURN(const struct statx status, co_await file.Stat());
  if (S_ISDIR(status.stx_mode)) co_return ErrnoStatus(EISDIR, "read", path);
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(absl::StrCat(
        path, " is larger than the limit of ", bytes_max, " bytes"));
  };
  // Before memory for it is asked for.
  if (status.stx_size > bytes_max) co_return too_large();
  absl::StatusOr<std::string> contents =
      co_await ReadToEnd(file, status.stx_size, bytes_max);
  if (!contents.ok()) co_return WithPath(contents.status(), path);
  if (contents->size() > bytes_max) co_return too_large();
  co_return contents;
}

Task<absl::Status> WriteFile(Loop& loop, std::string path, std::string contents,
                             mode_t mode) {
  CO_ASSIGN_OR_RETURN(
      File file,
      co_await File::Open(loop, path, O_WRONLY | O_CREAT | O_TRUNC, mode));
  absl::Status written = co_await file.WriteAll(contents, 0);
  if (written.ok()) written = co_await file.Close();
  co_return WithPath(written, path);
}

}  // namespace braid
