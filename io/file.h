#ifndef BRAID_IO_FILE_H_
#define BRAID_IO_FILE_H_

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/operation.h"

namespace braid {

// Reads at this offset mean "at the file's own position, and advance it".
inline constexpr uint64_t kCurrentPosition = ~uint64_t{0};

// pread(2) through the ring; gives the number of bytes, 0 at the end.
class [[nodiscard]] ReadOperation final : public AwaitableOperation {
 public:
  ReadOperation(Loop& loop, int fd, std::span<uint8_t> buffer, uint64_t offset)
      : AwaitableOperation(loop, "read"),
        fd_(fd),
        buffer_(buffer),
        offset_(offset) {}
  void await_suspend(std::coroutine_handle<> handle);
  absl::StatusOr<size_t> await_resume() { return FinishBytes(); }

 private:
  const int fd_;
  const std::span<uint8_t> buffer_;
  const uint64_t offset_;
};

// pwrite(2) through the ring; gives the number of bytes, which may be less
// than asked for.
class [[nodiscard]] WriteOperation final : public AwaitableOperation {
 public:
  WriteOperation(Loop& loop, int fd, std::span<const uint8_t> bytes,
                 uint64_t offset)
      : AwaitableOperation(loop, "write"),
        fd_(fd),
        bytes_(bytes),
        offset_(offset) {}
  void await_suspend(std::coroutine_handle<> handle);
  absl::StatusOr<size_t> await_resume() { return FinishBytes(); }

 private:
  const int fd_;
  const std::span<const uint8_t> bytes_;
  const uint64_t offset_;
};

// fsync(2) or fdatasync(2) through the ring.
class [[nodiscard]] SyncOperation final : public AwaitableOperation {
 public:
  SyncOperation(Loop& loop, int fd, unsigned flags)
      : AwaitableOperation(loop, "fsync"), fd_(fd), flags_(flags) {}
  void await_suspend(std::coroutine_handle<> handle);
  absl::Status await_resume();

 private:
  const int fd_;
  const unsigned flags_;
};

// An open file.
//
//   CO_ASSIGN_OR_RETURN(
//       File file, co_await File::Open(loop, "data.log", O_RDWR | O_CREAT));
//   CO_RETURN_IF_ERROR(co_await file.WriteAll(record, offset));
//   CO_RETURN_IF_ERROR(co_await file.SyncData());
//
// Offsets are in bytes from the beginning, or kCurrentPosition. Any number of
// operations may be under way at once; the kernel runs them in any order.
// Ownership: a movable handle. Destroying it closes the file without waiting;
// no operation may be under way then. Must end before the loop. Buffers belong
// to the caller and must live until the await has ended.
// Errors: statuses with errno and, for Open, the path. ENOSPC and EIO reach
// the caller: after a failed Sync() the kernel may have dropped what was not
// written, so calling it again proves nothing. EINTR (a signal came before
// anything was moved) reaches the callers of Read() and Write(); ReadFull(),
// WriteAll() and the functions below go on.
// Cancellation: an operation that has moved bytes reports them; see
// AwaitableOperation. Thread: the loop's.
class File {
 public:
  // `flags` as for open(2); O_CLOEXEC is added. `mode` is for O_CREAT.
  static Task<absl::StatusOr<File>> Open(Loop& loop, std::string path,
                                         int flags, mode_t mode = 0666);

  // Takes an open descriptor over.
  File(Loop& loop, int fd) : loop_(&loop), fd_(fd) {}
  File() = default;  // Of nothing; only to be assigned to.
  File(File&& other) noexcept
      : loop_(other.loop_), fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  // Gives the descriptor away: the caller closes it.
  int Release() { return std::exchange(fd_, -1); }

  ReadOperation Read(std::span<uint8_t> buffer,
                     uint64_t offset = kCurrentPosition) {
    return ReadOperation(*loop_, fd_, buffer, offset);
  }
  // Reads until `buffer` is full or the file ends; gives the number of bytes.
  Task<absl::StatusOr<size_t>> ReadFull(std::span<uint8_t> buffer,
                                        uint64_t offset = kCurrentPosition);

  WriteOperation Write(std::span<const uint8_t> bytes,
                       uint64_t offset = kCurrentPosition) {
    return WriteOperation(*loop_, fd_, bytes, offset);
  }
  // Writes everything, in several operations where the kernel takes less.
  Task<absl::Status> WriteAll(std::span<const uint8_t> bytes,
                              uint64_t offset = kCurrentPosition);
  Task<absl::Status> WriteAll(std::string_view text,
                              uint64_t offset = kCurrentPosition) {
    return WriteAll(
        {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, offset);
  }

  // Waits until everything written is on the device: data and all metadata,
  // or data and what is needed to read it.
  SyncOperation Sync() { return SyncOperation(*loop_, fd_, 0); }
  SyncOperation SyncData() {
    return SyncOperation(*loop_, fd_, IORING_FSYNC_DATASYNC);
  }

  // Sets the size in bytes; a file that grows gets zeros.
  Task<absl::Status> Truncate(uint64_t size);

  Task<absl::StatusOr<struct statx>> Stat();

  // Closes and waits for the result, which tells of late write errors on some
  // file systems. Runs to its end even when cancelled. The handle is closed
  // from the call on.
  Task<absl::Status> Close();

 private:
  // Owns the file from the call on, so that a Close() that is never awaited
  // closes all the same.
  static Task<absl::Status> CloseFile(File file);

  Loop* loop_ = nullptr;
  int fd_ = -1;
};

// The whole file as a string. Errors: as open(2) and read(2), with the path;
// ResourceExhaustedError when it is larger than `bytes_max`.
Task<absl::StatusOr<std::string>> ReadFile(Loop& loop, std::string path,
                                           uint64_t bytes_max = uint64_t{1}
                                                                << 31);

// Makes the file hold exactly `contents`, creating it if need be. Not atomic:
// for that, write another file, Sync() it and Rename() it.
Task<absl::Status> WriteFile(Loop& loop, std::string path, std::string contents,
                             mode_t mode = 0666);

}  // namespace braid

#endif  // BRAID_IO_FILE_H_
