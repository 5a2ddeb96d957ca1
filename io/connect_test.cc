#include "io/connect.h"

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "async/combinators.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/dns_testing.h"
#include "io/errno_status.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::absl::Status;
using ::testing::HasSubstr;

SocketAddress Loopback(int port) {
  return *SocketAddress::Parse("127.0.0.1", port);
}

// In virtual time, where the moments of attempts are exact.
class ConnectTest : public ::testing::Test {
 protected:
  // A port where connecting takes for ever: its backlog is full.
  Task<absl::StatusOr<SocketAddress>> MakeHole(int port) {
    CO_ASSIGN_OR_RETURN(
        TcpListener listener,
        TcpListener::Listen(loop_, Loopback(port), {.backlog = 1}));
    CO_ASSIGN_OR_RETURN(TcpStream stream,
                        co_await TcpStream::Connect(loop_, Loopback(port)));
    listeners_.push_back(std::move(listener));
    streams_.push_back(std::move(stream));
    co_return Loopback(port);
  }
  SocketAddress MakeServer(int port) {
    absl::StatusOr<TcpListener> listener =
        TcpListener::Listen(loop_, Loopback(port));
    CHECK_OK(listener);
    listeners_.push_back(*std::move(listener));
    return Loopback(port);
  }
  absl::Duration Since(MonotonicNanos start) {
    return absl::Nanoseconds(loop_.clock().Now() - start);
  }

  Loop loop_{SimulatedWorld(SimOptions())};
  std::vector<TcpListener> listeners_;
  std::vector<TcpStream> streams_;
};

TEST_F(ConnectTest, TheNextAddressIsTriedAtOnceWhenOneFails) {
  const SocketAddress server = MakeServer(80);
  const Status status = loop_.Run([&]() -> Task<Status> {
    const MonotonicNanos start = loop_.clock().Now();
    CO_ASSIGN_OR_RETURN(
        TcpStream stream,
        co_await ConnectToAny(loop_, {Loopback(1), Loopback(2), server}));
    EXPECT_EQ(stream.peer_address().text(), server.text());
    EXPECT_LT(Since(start), absl::Milliseconds(250));
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(ConnectTest, TheNextAddressIsTriedBesideOneThatTakesLong) {
  const SocketAddress server = MakeServer(80);
  const Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(const SocketAddress hole, co_await MakeHole(81));
    const MonotonicNanos start = loop_.clock().Now();
    CO_ASSIGN_OR_RETURN(TcpStream stream,
                        co_await ConnectToAny(loop_, {hole, server}));
    EXPECT_EQ(stream.peer_address().text(), server.text());
    EXPECT_GE(Since(start), absl::Milliseconds(250));
    EXPECT_LT(Since(start), absl::Milliseconds(500));
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(ConnectTest, CancellingEndsEveryAttempt) {
  const Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(const SocketAddress hole, co_await MakeHole(81));
    CO_ASSIGN_OR_RETURN(const SocketAddress other, co_await MakeHole(82));
    // Both are under way by then.
    const absl::StatusOr<TcpStream> stream =
        co_await Timeout(absl::Seconds(1), ConnectToAny(loop_, {hole, other}));
    EXPECT_TRUE(absl::IsDeadlineExceeded(stream.status())) << stream.status();
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(ConnectTest, WhenNobodyAnswersTheErrorNamesEveryAddress) {
  const Status one = loop_.Run(ConnectToAny(loop_, {Loopback(1)})).status();
  EXPECT_EQ(ErrnoOf(one), ECONNREFUSED);
  EXPECT_EQ(one.message(), "connect 127.0.0.1:1: Connection refused");
  const Status two =
      loop_.Run(ConnectToAny(loop_, {Loopback(1), Loopback(2)})).status();
  EXPECT_EQ(ErrnoOf(two), ECONNREFUSED);
  EXPECT_EQ(SubjectOf(two), "127.0.0.1:1");
  EXPECT_THAT(two.message(), HasSubstr("none of 2 addresses answers"));
  EXPECT_THAT(two.message(), HasSubstr("connect 127.0.0.1:2: "));
  EXPECT_TRUE(
      absl::IsInvalidArgument(loop_.Run(ConnectToAny(loop_, {})).status()));
}

TEST_F(ConnectTest, OfThousandsOfAddressesAFewAreTried) {
  std::vector<SocketAddress> addresses;
  for (int port = 1; port <= 5000; ++port) addresses.push_back(Loopback(port));
  const Status status =
      loop_.Run(ConnectToAny(loop_, std::move(addresses))).status();
  EXPECT_THAT(status.message(), HasSubstr("none of 32 addresses answers"));
  EXPECT_THAT(status.message(), Not(HasSubstr(":33: ")));
}

TEST_F(ConnectTest, TheFamiliesTakeTurns) {
  std::vector<SocketAddress> addresses;
  for (int port : {1, 2, 3})
    addresses.push_back(*SocketAddress::Parse("::1", port));
  for (int port : {4, 5}) addresses.push_back(Loopback(port));
  const Status status =
      loop_.Run(ConnectToAny(loop_, std::move(addresses))).status();
  EXPECT_THAT(std::string(status.message()),
              ::testing::ContainsRegex("::1\\]:1: .*0.1:4: .*::1\\]:2: .*"
                                       "0.1:5: .*::1\\]:3: "));
}

// On the machine's own network.
TEST(ConnectToHostTest, ConnectsToANameOfWhichOneAddressAnswers) {
  DnsTestServer dns;
  dns.Add("web.test", DnsType::kA, DnsAddressData("127.0.0.1"));
  dns.Add("web.test", DnsType::kA, DnsAddressData("127.0.0.77"));
  Loop loop(SystemWorld());
  TcpListener listener = ListenOnLoopback(loop);
  absl::StatusOr<Resolver> resolver =
      Resolver::Make(loop, {.servers = {dns.address()},
                            .hosts_path = "/nonexistent/hosts",
                            .resolv_conf_path = "/nonexistent/resolv.conf"});
  ASSERT_TRUE(resolver.ok());
  const Status status = loop.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(
        TcpStream client,
        co_await ConnectToHost(loop, *resolver, "web.test", listener.port(),
                               {.lookup = {.family = AddressFamily::kIpv4}}));
    CO_ASSIGN_OR_RETURN(TcpStream server, co_await listener.Accept());
    EXPECT_EQ(client.peer_address().text(), listener.address().text());
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(
      DnsCodeOf(
          loop.Run(ConnectToHost(loop, *resolver, "no.test", 80)).status()),
      "ENOTFOUND");
}

}  // namespace
}  // namespace braid
