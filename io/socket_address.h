#ifndef BRAID_IO_SOCKET_ADDRESS_H_
#define BRAID_IO_SOCKET_ADDRESS_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace braid {

class SystemCalls;

// An IPv4 or IPv6 address with a port, or the path of a Unix socket. A value.
class SocketAddress {
 public:
  SocketAddress() = default;  // Of no family; text() is "unknown".

  // `host` is a numeric address ("127.0.0.1", "::1", "0.0.0.0") or "localhost",
  // which is 127.0.0.1. Names are resolved elsewhere.
  // Errors: InvalidArgumentError that names what is wrong.
  static absl::StatusOr<SocketAddress> Parse(std::string_view host, int port);

  // The form that text() has: "127.0.0.1:80", "[::1]:80". Errors: as above.
  static absl::StatusOr<SocketAddress> ParseHostPort(std::string_view text);

  // A socket in the file system; a leading '@' stands for the abstract name
  // space. Errors: InvalidArgumentError when it is empty or longer than 107
  // bytes.
  static absl::StatusOr<SocketAddress> Unix(std::string_view path);

  // A copy of an address of the system's; one that is too long for any, or
  // empty, gives an address of no family.
  static SocketAddress From(const sockaddr* address, socklen_t size);

  // The address that `fd` is bound to, or connected to.
  static SocketAddress Local(SystemCalls& calls, int fd);
  static SocketAddress Peer(SystemCalls& calls, int fd);

  int family() const { return storage_.ss_family; }
  uint16_t port() const;  // 0 for Unix sockets.
  // The same address with another port. REQUIRES: IPv4 or IPv6.
  SocketAddress WithPort(uint16_t port) const;
  std::string host() const;  // Without the port; the path of a Unix socket.
  std::string text() const;  // "127.0.0.1:80", "[::1]:80", "/run/app.sock".

  const sockaddr* data() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace braid

#endif  // BRAID_IO_SOCKET_ADDRESS_H_
