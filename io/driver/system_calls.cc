#include "io/driver/system_calls.h"

#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

namespace braid {
namespace {

int OrErrno(int result) { return result < 0 ? -errno : result; }

}  // namespace

int SystemCalls::Socket(int family, int type) {
  return OrErrno(socket(family, type, 0));
}

int SystemCalls::SetOption(int fd, int level, int name, const void* value,
                           socklen_t size) {
  return OrErrno(setsockopt(fd, level, name, value, size));
}

int SystemCalls::Bind(int fd, const sockaddr* address, socklen_t size) {
  return OrErrno(bind(fd, address, size));
}

int SystemCalls::Listen(int fd, int backlog) {
  return OrErrno(listen(fd, backlog));
}

int SystemCalls::LocalAddress(int fd, sockaddr* address, socklen_t* size) {
  return OrErrno(getsockname(fd, address, size));
}

int SystemCalls::PeerAddress(int fd, sockaddr* address, socklen_t* size) {
  return OrErrno(getpeername(fd, address, size));
}

int SystemCalls::Truncate(int fd, uint64_t size) {
  return OrErrno(ftruncate(fd, static_cast<off_t>(size)));
}

int SystemCalls::Close(int fd) { return OrErrno(close(fd)); }

int SystemCalls::GetRandom(std::span<uint8_t> bytes) {
  // Of more than 256 bytes the kernel may give a part, when a signal comes.
  while (!bytes.empty()) {
    const ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0 && errno != EINTR) return -errno;
    if (count > 0) bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return 0;
}

}  // namespace braid
