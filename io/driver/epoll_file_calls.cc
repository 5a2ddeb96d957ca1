#include "io/driver/epoll_file_calls.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "absl/log/log.h"

namespace braid {
namespace {

bool IsRead(const io_uring_sqe& entry) {
  return entry.opcode == IORING_OP_READ;
}

constexpr off_t kCurrent = -1;

// As pread(2) and pwrite(2), or read(2) and write(2) at the current position.
int CallAt(const io_uring_sqe& entry, const iovec& part, off_t offset,
           int flags) {
  if (flags != 0) {
    return OrErrno(IsRead(entry) ? preadv2(entry.fd, &part, 1, offset, flags)
                                 : pwritev2(entry.fd, &part, 1, offset, flags));
  }
  // Not the same calls without the flag: where it is not known they may not be.
  if (offset == kCurrent) {
    return OrErrno(IsRead(entry)
                       ? read(entry.fd, part.iov_base, part.iov_len)
                       : write(entry.fd, part.iov_base, part.iov_len));
  }
  return OrErrno(IsRead(entry)
                     ? pread(entry.fd, part.iov_base, part.iov_len, offset)
                     : pwrite(entry.fd, part.iov_base, part.iov_len, offset));
}

int CallTransfer(const io_uring_sqe& entry, size_t moved, size_t bytes_max,
                 int flags) {
  const iovec part = {PointerTo<char>(entry.addr) + moved,
                      std::min(entry.len - moved, bytes_max)};
  if (static_cast<off_t>(entry.off) == kCurrent)
    return CallAt(entry, part, kCurrent, flags);
  const int result =
      CallAt(entry, part, static_cast<off_t>(entry.off + moved), flags);
  // The ring takes no notice of an offset into what has none.
  return result == -ESPIPE ? CallAt(entry, part, kCurrent, flags) : result;
}

// For descriptors that do not know RWF_NOWAIT: terminals, pipes before Linux
// 6.4, many files.
Attempt TransferWithoutFlag(const io_uring_sqe& entry, size_t moved) {
  struct stat status;
  if (fstat(entry.fd, &status) != 0) return Attempt::Done(-errno);
  size_t bytes_max = entry.len;
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFBLK:
      return Attempt::NeedsThread();
    case S_IFCHR:
      // A terminal that was stopped takes nothing, however it polls.
      if (!IsRead(entry)) return Attempt::NeedsThread();
      break;
    case S_IFSOCK: {
      const int result =
          OrErrno(IsRead(entry) ? recv(entry.fd, PointerTo<char>(entry.addr),
                                       entry.len, MSG_DONTWAIT)
                                : send(entry.fd, PointerTo<char>(entry.addr),
                                       entry.len, MSG_DONTWAIT | MSG_NOSIGNAL));
      return result == -EAGAIN ? Attempt::NotReady() : Attempt::Done(result);
    }
    case S_IFIFO:
      // A pipe that can be written to takes as much as this without waiting.
      bytes_max = PIPE_BUF;
      break;
    default:
      break;
  }
  if (!IsReady(entry.fd, IsRead(entry) ? POLLIN : POLLOUT))
    return Attempt::NotReady();
  const int result = CallTransfer(entry, moved, bytes_max, 0);
  return result == -EAGAIN ? Attempt::NotReady() : Attempt::Done(result);
}

bool IsRegularFile(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Attempt TryTransfer(const io_uring_sqe& entry, size_t& moved) {
  while (true) {
    const int result = CallTransfer(entry, moved, entry.len, RWF_NOWAIT);
    if (result > 0) {
      moved += static_cast<size_t>(result);
      // A file of which a part is not in memory, or its end. All others gave
      // what they have; of a datagram socket, the next bytes are not the same
      // message's.
      if (moved < entry.len && IsRegularFile(entry.fd)) continue;
    }
    if (result >= 0) return Attempt::Done(static_cast<int>(moved));
    const bool has_no_flag = result == -EOPNOTSUPP || result == -ENOSYS;
    if (moved > 0) {
      if (result == -EAGAIN || has_no_flag) return Attempt::NeedsThread();
      return Attempt::Done(static_cast<int>(moved));
    }
    if (result == -EAGAIN) return Attempt::NotReady();
    if (has_no_flag) return TransferWithoutFlag(entry, moved);
    return Attempt::Done(result);
  }
}

Attempt TryPoll(const io_uring_sqe& entry) {
  pollfd descriptor = {entry.fd, static_cast<short>(entry.poll32_events), 0};
  const int count = poll(&descriptor, 1, 0);
  if (count < 0) return Attempt::Done(-errno);
  if (count == 0) return Attempt::NotReady();
  if ((descriptor.revents & POLLNVAL) != 0) return Attempt::Done(-EBADF);
  return Attempt::Done(descriptor.revents);
}

bool IsAboutPath(const io_uring_sqe& entry) {
  switch (entry.opcode) {
    case IORING_OP_OPENAT:
    case IORING_OP_MKDIRAT:
    case IORING_OP_UNLINKAT:
    case IORING_OP_RENAMEAT:
    case IORING_OP_SYMLINKAT:
    case IORING_OP_LINKAT:
      return true;
    case IORING_OP_STATX:
      return entry.fd == AT_FDCWD;
    default:
      return false;
  }
}

bool RunsOnThread(const io_uring_sqe& entry) {
  return IsAboutPath(entry) || entry.opcode == IORING_OP_STATX ||
         entry.opcode == IORING_OP_FSYNC;
}

int RunOnThread(const io_uring_sqe& entry, size_t moved) {
  const auto* path = PointerTo<const char>(entry.addr);
  const auto* other_path = PointerTo<const char>(entry.addr2);
  // The entry's second folder is where it has a length otherwise.
  const int other_folder = static_cast<int>(entry.len);
  switch (entry.opcode) {
    case IORING_OP_READ:
    case IORING_OP_WRITE: {
      const int result = CallTransfer(entry, moved, entry.len, 0);
      if (result < 0 && moved == 0) return result;
      return static_cast<int>(moved) + std::max(result, 0);
    }
    case IORING_OP_FSYNC:
      return OrErrno((entry.fsync_flags & IORING_FSYNC_DATASYNC) != 0
                         ? fdatasync(entry.fd)
                         : fsync(entry.fd));
    case IORING_OP_OPENAT:
      return OrErrno(openat(entry.fd, path, static_cast<int>(entry.open_flags),
                            static_cast<mode_t>(entry.len)));
    case IORING_OP_STATX:
      return OrErrno(statx(entry.fd, path, static_cast<int>(entry.statx_flags),
                           entry.len, PointerTo<struct statx>(entry.off)));
    case IORING_OP_MKDIRAT:
      return OrErrno(mkdirat(entry.fd, path, static_cast<mode_t>(entry.len)));
    case IORING_OP_UNLINKAT:
      return OrErrno(
          unlinkat(entry.fd, path, static_cast<int>(entry.unlink_flags)));
    case IORING_OP_RENAMEAT:
      return OrErrno(renameat2(entry.fd, path, other_folder, other_path,
                               entry.rename_flags));
    case IORING_OP_SYMLINKAT:
      return OrErrno(symlinkat(path, entry.fd, other_path));
    case IORING_OP_LINKAT:
      return OrErrno(linkat(entry.fd, path, other_folder, other_path,
                            static_cast<int>(entry.hardlink_flags)));
    case IORING_OP_CLOSE:
      return OrErrno(close(entry.fd));
    default:
      LOG(FATAL) << "operation " << int{entry.opcode}
                 << " has no thread to run on";
  }
}

bool CloseMayWait(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return false;
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFBLK:
    case S_IFCHR:
      return true;
    default:
      return false;
  }
}

}  // namespace braid
