// Which connections the client uses, for how long, and its times.

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/errno_status.h"
#include "io/http/client_test_base.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {
namespace {

TEST_F(HttpClientTest, ConnectionThatWasClosedWhileIdleIsNotUsed) {
  Run({Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(10)));
        HttpClientRequest request{.method = "POST", .url = "http://127.0.0.1/"};
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        co_return (co_await response.ReadAll()).status();
      });
  EXPECT_EQ(accepted_, 2);
}

// Answers once, and closes when the second request comes.
Task<absl::Status> AnswerOnceThenClose(TcpStream& stream) {
  bool answered = false;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
    if (answered || lease.empty()) co_return absl::OkStatus();
    answered = true;
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(kOk));
  }
}

TEST_F(HttpClientTest, IdempotentRequestIsMadeAgainWhenTheConnectionWasStale) {
  Run({AnswerOnceThenClose, Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        co_return absl::OkStatus();
      });
  EXPECT_EQ(accepted_, 2);
}

TEST_F(HttpClientTest, OtherRequestsAreNotMadeAgain) {
  Run({AnswerOnceThenClose, Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        HttpClientRequest request{
            .method = "POST", .url = "http://127.0.0.1/", .body = "pay"};
        EXPECT_TRUE(absl::IsUnavailable(
            (co_await client.Fetch(std::move(request))).status()));
        co_return absl::OkStatus();
      });
  EXPECT_EQ(accepted_, 1);
}

TEST_F(HttpClientTest, RequestIsMadeAgainOnceAndOnStaleConnectionsAlone) {
  Run({AnswerOnceThenClose, Answering({""})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        EXPECT_TRUE(absl::IsUnavailable((co_await Get(client)).status()));
        co_return absl::OkStatus();
      });
  EXPECT_EQ(accepted_, 2);
}

TEST_F(HttpClientTest, IdleConnectionsAreClosedInTime) {
  Run({Answering({"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=8\r\n"
                  "content-length: 0\r\n\r\n",
                  ""}),
       Answering({std::string(kOk), std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ");
        CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(6)));
        EXPECT_EQ(client.idle_connections(), 1);
        CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(2)));
        EXPECT_EQ(client.connections(), 0);
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(5)));
        EXPECT_EQ(client.connections(), 0);
        co_return absl::OkStatus();
      });
}

TEST_F(HttpClientTest, EachTimeHasItsName) {
  const auto after_head = [](TcpStream& stream) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc"));
    co_return co_await Silence(stream);
  };
  const auto drip = [](TcpStream& stream) -> Task<absl::Status> {
    for (;;) {
      CO_RETURN_IF_ERROR(co_await stream.WriteAll("H"));
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(1)));
    }
  };
  struct Case {
    const char* name;
    Peer peer;
    absl::Duration total;
    absl::Duration expected;
  };
  const Case cases[] = {
      {"header_time", Silence, absl::InfiniteDuration(), absl::Seconds(60)},
      {"body_idle_time", after_head, absl::InfiniteDuration(),
       absl::Seconds(60)},
      {"total_time", Silence, absl::Seconds(7), absl::Seconds(7)},
      {"total_time", after_head, absl::Seconds(7), absl::Seconds(7)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    HttpClientOptions options;
    options.total_time = c.total;
    Run(
        {c.peer},
        [&](HttpClient& client) -> Task<absl::Status> {
          const MonotonicNanos before = loop_.clock().Now();
          const absl::Status status = (co_await Get(client)).status();
          EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
          EXPECT_TRUE(absl::StrContains(status.message(), c.name)) << status;
          const absl::Duration taken =
              absl::Nanoseconds(loop_.clock().Now() - before);
          EXPECT_GE(taken, c.expected);
          EXPECT_LT(taken, c.expected + absl::Seconds(1));
          EXPECT_EQ(client.connections(), 0);
          co_return absl::OkStatus();
        },
        std::move(options));
  }
  // Bytes that drip put off the end of the head's time not at all.
  Run({drip}, [&](HttpClient& client) -> Task<absl::Status> {
    EXPECT_FALSE((co_await Get(client)).ok());
    co_return absl::OkStatus();
  });
}

TEST_F(HttpClientTest, ConnectingHasItsTime) {
  HttpClientOptions options;
  options.resolve =
      [](std::string,
         uint16_t) -> Task<absl::StatusOr<std::vector<SocketAddress>>> {
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Hours(1)));
    co_return std::vector<SocketAddress>();
  };
  Run(
      {Silence},
      [&](HttpClient& client) -> Task<absl::Status> {
        const absl::Status status = (co_await Get(client)).status();
        EXPECT_EQ(status.message(),
                  "no connection to 127.0.0.1 port 80 within 10s "
                  "(connect_time)");
        co_return absl::OkStatus();
      },
      std::move(options));
}

TEST_F(HttpClientTest, TotalTimeIsThatOfConnectingAndQueueingToo) {
  HttpClientOptions options;
  options.total_time = absl::Seconds(3);
  options.max_connections = 1;
  options.resolve =
      [](std::string host,
         uint16_t port) -> Task<absl::StatusOr<std::vector<SocketAddress>>> {
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Hours(1)));
    co_return co_await ResolveLocal(std::move(host), port);
  };
  Run(
      {Silence},
      [&](HttpClient& client) -> Task<absl::Status> {
        Scope scope(co_await CurrentTask());
        for (int i = 0; i < 2; ++i) {
          scope.Spawn([&]() -> Task<void> {
            const MonotonicNanos before = loop_.clock().Now();
            const absl::Status status = (co_await Get(client)).status();
            EXPECT_EQ(status.message(),
                      "no complete response within 3s (total_time)");
            EXPECT_LT(absl::Nanoseconds(loop_.clock().Now() - before),
                      absl::Seconds(4));
          });
        }
        co_return co_await scope.Join();
      },
      std::move(options));
}

TEST_F(HttpClientTest, ServerSaysHowLongItKeepsConnections) {
  struct Case {
    const char* hint;
    int kept;
  };
  // Ten seconds later.
  for (const Case& c : {Case{"timeout=30", 1}, Case{"timeout=5, max=9", 0},
                        Case{"max=9, TIMEOUT=30", 1}, Case{"timeout=0", 0},
                        Case{"timeout=-9223372036854775808", 0},
                        Case{"timeout=99999999999999999999", 0},
                        Case{"timeout=4294967295", 1}}) {
    SCOPED_TRACE(c.hint);
    Run({Answering({absl::StrCat("HTTP/1.1 200 OK\r\nkeep-alive: ", c.hint,
                                 "\r\ncontent-length: 2\r\n\r\nok"),
                    "never"})},
        [&](HttpClient& client) -> Task<absl::Status> {
          EXPECT_EQ(Text(co_await Get(client)), "200 ok");
          CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(10)));
          EXPECT_EQ(client.idle_connections(), c.kept);
          co_return absl::OkStatus();
        });
  }
}

TEST_F(HttpClientTest, AddressesAreTriedInTurn) {
  HttpClientOptions options;
  options.resolve =
      [](std::string,
         uint16_t port) -> Task<absl::StatusOr<std::vector<SocketAddress>>> {
    co_return std::vector<SocketAddress>{
        *SocketAddress::Parse("127.0.0.1", 81),
        *SocketAddress::Parse("127.0.0.1", port)};
  };
  Run(
      {Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        co_return absl::OkStatus();
      },
      std::move(options));
}

TEST_F(HttpClientTest, RefusedConnectionKeepsItsErrno) {
  Run({Silence}, [&](HttpClient& client) -> Task<absl::Status> {
    const absl::Status status =
        (co_await client.Fetch({.url = "http://127.0.0.1:81/"})).status();
    EXPECT_EQ(ErrnoOf(status), ECONNREFUSED);
    EXPECT_EQ(SyscallOf(status), "connect");
    EXPECT_EQ(SubjectOf(status), "127.0.0.1:81");
    EXPECT_EQ(client.connections(), 0);
    co_return absl::OkStatus();
  });
}

}  // namespace
}  // namespace braid
