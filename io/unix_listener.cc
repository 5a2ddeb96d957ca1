#include "io/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "async/status_macros.h"
#include "io/errno_status.h"
#include "io/socket_address.h"

namespace braid {
namespace {

// Whether the path is a socket's and nobody listens behind it.
bool IsStale(const std::string& path, const SocketAddress& address) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode))
    return false;
  const int probe =
      socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return false;
  // Connecting a Unix socket tells at once; EAGAIN is a full backlog, behind
  // which somebody is.
  const bool refused = connect(probe, address.data(), address.size()) != 0 &&
                       errno == ECONNREFUSED;
  close(probe);
  return refused;
}

}  // namespace

UnixListener::SocketFile::SocketFile(std::string path)
    : path_(std::move(path)) {
  if (!path_.starts_with('@')) id_ = IdOf(path_);
}

std::optional<UnixListener::SocketFile::Id> UnixListener::SocketFile::IdOf(
    const std::string& path) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0) return std::nullopt;
  return Id{status.st_dev, status.st_ino};
}

void UnixListener::SocketFile::Remove() {
  if (id_.has_value() && IdOf(path_) == id_) unlink(path_.c_str());
  id_.reset();
}

absl::StatusOr<UnixListener> UnixListener::Listen(
    Loop& loop, std::string path, const UnixListenOptions& options) {
  ASSIGN_OR_RETURN(const SocketAddress address, SocketAddress::Unix(path));
  const ListenOptions listen = {.backlog = options.backlog};
  absl::StatusOr<TcpListener> listener =
      TcpListener::Listen(loop, address, listen);
  if (ErrnoOf(listener.status()) == EADDRINUSE && options.replace_stale &&
      IsStale(path, address)) {
    unlink(path.c_str());
    listener = TcpListener::Listen(loop, address, listen);
  }
  if (!listener.ok()) return std::move(listener).status();
  UnixListener made(*std::move(listener), SocketFile(path));
  if (options.mode.has_value() && !path.starts_with('@') &&
      chmod(path.c_str(), *options.mode) != 0) {
    return ErrnoStatus(errno, "chmod", path);
  }
  return made;
}

Task<std::vector<TcpStream>> UnixListener::Close() {
  file_.Remove();
  return listener_.Close();
}

}  // namespace braid
