#include "jsbind/node/fs_copy.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "io/blocking.h"
#include "io/errno_status.h"

namespace braid {
namespace {

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

}  // namespace

absl::Status CopyFileNow(const std::string& from, const std::string& to,
                         int32_t flags) {
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

}  // namespace braid
