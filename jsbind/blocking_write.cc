#include "jsbind/blocking_write.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace braid {

void BlockingWrite(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd waiting = {.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&waiting, 1, -1) < 0 && errno != EINTR) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace braid
