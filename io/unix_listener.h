#ifndef BRAID_IO_UNIX_LISTENER_H_
#define BRAID_IO_UNIX_LISTENER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {

struct UnixListenOptions {
  int backlog = 4096;
  // Takes the place of a socket file behind which nobody listens any more,
  // because its process was killed. A file that is no socket is never removed.
  bool replace_stale = true;
  // Who may connect: write permission for it. Without it, the umask says.
  std::optional<mode_t> mode;
};

// A Unix stream socket that accepts connections, at a path in the file system
// or, with '@' first, in the abstract name space. Its connections are
// TcpStreams, and TcpStream::Connect() to SocketAddress::Unix(path) makes the
// other end: a stream is the same whatever its addresses are. TCP's options and
// port numbers are what it has not.
//
//   CO_ASSIGN_OR_RETURN(UnixListener listener,
//                       UnixListener::Listen(loop, "/run/app.sock"));
//   CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
//
// Where Unix sockets differ from TCP: a peer that goes without having read all
// that was sent to it is ECONNRESET at once; connecting waits while the backlog
// is full.
//
// Ownership: as TcpListener. Its end removes the file too, unless another
// listener has taken its place. Thread: the loop's.
class UnixListener {
 public:
  // Errors: as TcpListener::Listen(), with the path in the message. EADDRINUSE:
  // somebody listens there, or the file is no socket; ENOENT, ENOTDIR, EACCES
  // of its folder. InvalidArgumentError for a path of more than 107 bytes. Two
  // processes that replace a stale file in the same moment may both succeed,
  // and connections then come to the later one.
  static absl::StatusOr<UnixListener> Listen(
      Loop& loop, std::string path, const UnixListenOptions& options = {});

  UnixListener(UnixListener&&) noexcept = default;
  // Takes the place of another, which then ends.
  UnixListener& operator=(UnixListener&&) noexcept = default;

  // As TcpListener::Accept() and Close().
  TcpListener::Accepting Accept() { return listener_.Accept(); }
  Task<std::vector<TcpStream>> Close();

  const std::string& path() const { return file_.path(); }
  // For socket options; see TcpListener::fd().
  int fd() const { return listener_.fd(); }

 private:
  // The socket's file, as long as it is this socket's.
  class SocketFile {
   public:
    explicit SocketFile(std::string path);
    SocketFile(SocketFile&& other) noexcept
        : path_(std::move(other.path_)), id_(std::exchange(other.id_, {})) {}
    SocketFile& operator=(SocketFile&& other) noexcept {
      std::swap(path_, other.path_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~SocketFile() { Remove(); }
    void Remove();
    const std::string& path() const { return path_; }

   private:
    struct Id {
      dev_t device = 0;
      ino_t inode = 0;
      bool operator==(const Id&) const = default;
    };
    static std::optional<Id> IdOf(const std::string& path);

    std::string path_;
    std::optional<Id> id_;  // Empty for abstract names, and once removed.
  };

  UnixListener(TcpListener listener, SocketFile file)
      : listener_(std::move(listener)), file_(std::move(file)) {}

  TcpListener listener_;
  SocketFile file_;
};

}  // namespace braid

#endif  // BRAID_IO_UNIX_LISTENER_H_
