#include "jsbind/module_files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "io/errno_status.h"

namespace braid {
namespace {

constexpr size_t kReadBytesMin = 16 << 10;

}  // namespace

FileKind FileKindOf(std::string_view path) {
  // The system would look at what is before it.
  if (path.find('\0') != path.npos) return FileKind::kNone;
  struct stat found{};
  if (stat(std::string(path).c_str(), &found) != 0) return FileKind::kNone;
  return S_ISDIR(found.st_mode) ? FileKind::kFolder : FileKind::kFile;
}

std::string RealPathOf(std::string_view path) {
  std::string original(path);
  char resolved[PATH_MAX];
  if (realpath(original.c_str(), resolved) == nullptr) return original;
  return resolved;
}

absl::StatusOr<std::string> ReadFileNow(std::string_view path) {
  if (path.find('\0') != path.npos) return ErrnoStatus(ENOENT, "open", path);
  const int fd = open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "open", path);
  const absl::Cleanup close_it = [fd] { close(fd); };
  struct stat about{};
  if (fstat(fd, &about) != 0) return ErrnoStatus(errno, "read", path);
  // Before memory for it is asked for.
  if (about.st_size > static_cast<off_t>(kSourceBytesMax))
    return ErrnoStatus(EFBIG, "read", path);
  std::string contents;
  size_t filled = 0;
  // One more than the size, so that the end is seen without growing.
  contents.resize(static_cast<size_t>(about.st_size) + 1);
  while (true) {
    if (filled == contents.size()) {
      contents.resize(std::max(2 * filled, kReadBytesMin));
    }
    const ssize_t got =
        read(fd, contents.data() + filled, contents.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read", path);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (filled > kSourceBytesMax) return ErrnoStatus(EFBIG, "read", path);
  }
  contents.resize(filled);
  return contents;
}

std::string_view WithoutBom(std::string_view source) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  return source.starts_with(kBom) ? source.substr(kBom.size()) : source;
}

}  // namespace braid
