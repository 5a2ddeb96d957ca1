#include "io/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "absl/log/check.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "io/driver/system_calls.h"

namespace braid {

absl::StatusOr<SocketAddress> SocketAddress::Parse(std::string_view host,
                                                   int port) {
  if (port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("port ", port, " is not between 0 and 65535"));
  }
  const std::string name(host == "localhost" ? "127.0.0.1" : host);
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage_);
  if (inet_pton(AF_INET, name.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(port));
    address.size_ = sizeof(sockaddr_in);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage_);
  if (inet_pton(AF_INET6, name.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(port));
    address.size_ = sizeof(sockaddr_in6);
    return address;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", host, "' is not a numeric IPv4 or IPv6 address"));
}

absl::StatusOr<SocketAddress> SocketAddress::ParseHostPort(
    std::string_view text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon == std::string_view::npos ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' does not end with a colon and a port"));
  }
  std::string_view host = text.substr(0, colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[");
  if (bracketed != absl::ConsumeSuffix(&host, "]") ||
      bracketed != (host.find(':') != std::string_view::npos)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text, "' has brackets where no IPv6 address is, or none"));
  }
  return Parse(host, port);
}

absl::StatusOr<SocketAddress> SocketAddress::Unix(std::string_view path) {
  SocketAddress address;
  auto* local = reinterpret_cast<sockaddr_un*>(&address.storage_);
  if (path.empty() || path.size() >= sizeof(local->sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the path of a Unix socket has 1 to ", sizeof(local->sun_path) - 1,
        " bytes, not ", path.size(), ": '", path.substr(0, 256), "'"));
  }
  local->sun_family = AF_UNIX;
  memcpy(local->sun_path, path.data(), path.size());
  if (path[0] == '@') local->sun_path[0] = '\0';
  address.size_ =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  return address;
}

SocketAddress SocketAddress::From(const sockaddr* from, socklen_t size) {
  SocketAddress address;
  if (from == nullptr || size > sizeof(address.storage_)) return address;
  memcpy(&address.storage_, from, size);
  address.size_ = size;
  return address;
}

SocketAddress SocketAddress::Local(SystemCalls& calls, int fd) {
  SocketAddress address;
  address.size_ = sizeof(address.storage_);
  if (calls.LocalAddress(fd, address.data(), &address.size_) != 0)
    return SocketAddress();
  return address;
}

SocketAddress SocketAddress::Peer(SystemCalls& calls, int fd) {
  SocketAddress address;
  address.size_ = sizeof(address.storage_);
  if (calls.PeerAddress(fd, address.data(), &address.size_) != 0)
    return SocketAddress();
  return address;
}

uint16_t SocketAddress::port() const {
  switch (family()) {
    case AF_INET:
      return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
    case AF_INET6:
      return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
    default:
      return 0;
  }
}

SocketAddress SocketAddress::WithPort(uint16_t port) const {
  SocketAddress address = *this;
  if (family() == AF_INET) {
    reinterpret_cast<sockaddr_in*>(&address.storage_)->sin_port = htons(port);
  } else {
    CHECK_EQ(family(), AF_INET6) << "a port for " << text();
    reinterpret_cast<sockaddr_in6*>(&address.storage_)->sin6_port = htons(port);
  }
  return address;
}

std::string SocketAddress::host() const {
  char buffer[INET6_ADDRSTRLEN];
  switch (family()) {
    case AF_INET:
      return inet_ntop(
          AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr,
          buffer, sizeof(buffer));
    case AF_INET6:
      return inet_ntop(
          AF_INET6,
          &reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr, buffer,
          sizeof(buffer));
    case AF_UNIX: {
      const auto* local = reinterpret_cast<const sockaddr_un*>(&storage_);
      std::string path(local->sun_path,
                       size_ - offsetof(sockaddr_un, sun_path));
      if (!path.empty() && path[0] == '\0') {
        path[0] = '@';
      } else if (!path.empty() && path.back() == '\0') {
        path.pop_back();  // getsockname() counts the terminator of a path.
      }
      return path;
    }
    default:
      return "unknown";
  }
}

std::string SocketAddress::text() const {
  if (family() == AF_INET) return absl::StrCat(host(), ":", port());
  if (family() == AF_INET6) return absl::StrCat("[", host(), "]:", port());
  return host();
}

}  // namespace braid
