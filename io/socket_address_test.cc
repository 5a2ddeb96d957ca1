#include "io/socket_address.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "io/driver/system_calls.h"

namespace braid {
namespace {

TEST(SocketAddressTest, ParsesBothKindsOfNumbers) {
  const SocketAddress v4 = SocketAddress::Parse("127.0.0.1", 8080).value();
  EXPECT_EQ(v4.family(), AF_INET);
  EXPECT_EQ(v4.port(), 8080);
  EXPECT_EQ(v4.host(), "127.0.0.1");
  EXPECT_EQ(v4.text(), "127.0.0.1:8080");
  EXPECT_EQ(v4.size(), sizeof(sockaddr_in));
  const SocketAddress v6 = SocketAddress::Parse("::1", 443).value();
  EXPECT_EQ(v6.family(), AF_INET6);
  EXPECT_EQ(v6.text(), "[::1]:443");
  EXPECT_EQ(v6.size(), sizeof(sockaddr_in6));
  EXPECT_EQ(SocketAddress::Parse("localhost", 1)->text(), "127.0.0.1:1");
  EXPECT_EQ(SocketAddress::Parse("0.0.0.0", 0)->port(), 0);
  EXPECT_EQ(SocketAddress::Parse("::", 65535)->port(), 65535);
}

TEST(SocketAddressTest, SaysWhatIsWrong) {
  for (int port : {-1, 65536, 1 << 30}) {
    const absl::Status status =
        SocketAddress::Parse("127.0.0.1", port).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_NE(status.message().find(std::to_string(port)),
              std::string_view::npos);
  }
  for (const char* host : {"", "example.com", "1.2.3", "1.2.3.4.5", "300.1.1.1",
                           "[::1]", "::g", " 127.0.0.1"}) {
    const absl::Status status = SocketAddress::Parse(host, 80).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << host;
    EXPECT_NE(status.message().find(host), std::string_view::npos);
  }
}

TEST(SocketAddressTest, UnixPathsHaveALimit) {
  const std::string longest(107, 'p');
  EXPECT_EQ(SocketAddress::Unix(longest)->text(), longest);
  EXPECT_TRUE(
      absl::IsInvalidArgument(SocketAddress::Unix(longest + "p").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(SocketAddress::Unix("").status()));
}

TEST(SocketAddressTest, UnixSocketsGiveTheirNameBack) {
  const SocketAddress address =
      SocketAddress::Unix("@braid.socket_address_test").value();
  EXPECT_EQ(address.text(), "@braid.socket_address_test");
  EXPECT_EQ(address.port(), 0);
  SystemCalls kernel;
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, address.data(), address.size()), 0);
  EXPECT_EQ(SocketAddress::Local(kernel, fd).text(), address.text());
  close(fd);

  std::array<int, 2> pair;
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  EXPECT_EQ(SocketAddress::Peer(kernel, pair[0]).text(), "");
  close(pair[0]);
  close(pair[1]);
}

TEST(SocketAddressTest, ReadsItsOwnText) {
  for (const char* text : {"127.0.0.1:80", "[::1]:65535", "[fe80::2]:0"}) {
    const absl::StatusOr<SocketAddress> address =
        SocketAddress::ParseHostPort(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->text(), text);
  }
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
        "::1:80", "[::1:80", "::1]:80", "[127.0.0.1]:80", "name:80"}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(SocketAddress::ParseHostPort(text).status()))
        << text;
  }
}

TEST(SocketAddressTest, CopiesOfTheSystemsAddressesAndOtherPorts) {
  const SocketAddress address = SocketAddress::Parse("::1", 80).value();
  EXPECT_EQ(SocketAddress::From(address.data(), address.size()).text(),
            "[::1]:80");
  EXPECT_EQ(address.WithPort(443).text(), "[::1]:443");
  EXPECT_EQ(SocketAddress::Parse("127.0.0.1", 1)->WithPort(2).text(),
            "127.0.0.1:2");
  EXPECT_EQ(SocketAddress::From(nullptr, 0).text(), "unknown");
  EXPECT_EQ(SocketAddress::From(address.data(), 4096).text(), "unknown");
}

TEST(SocketAddressTest, WhatHasNoAddressIsUnknown) {
  EXPECT_EQ(SocketAddress().text(), "unknown");
  SystemCalls kernel;
  EXPECT_EQ(SocketAddress::Local(kernel, -1).text(), "unknown");
  EXPECT_EQ(SocketAddress::Peer(kernel, -1).family(), AF_UNSPEC);
}

}  // namespace
}  // namespace braid
