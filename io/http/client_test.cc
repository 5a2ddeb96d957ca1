// The client against peers that do what the test says, in virtual time.

#include "io/http/client.h"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/tcp.h"

namespace braid {
namespace {

constexpr char kUrl[] = "http://127.0.0.1/";
constexpr std::string_view kOk =
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

// A result to be compared.
std::string Text(const absl::StatusOr<std::string>& result) {
  return result.ok() ? *result
                     : absl::StrCat("error: ", result.status().message());
}

// A simulated machine knows no name but this.
Task<absl::StatusOr<std::vector<SocketAddress>>> ResolveLocal(std::string host,
                                                              uint16_t port) {
  const std::string name = host == "localhost" ? "127.0.0.1" : host;
  const absl::StatusOr<SocketAddress> address =
      SocketAddress::Parse(name, port);
  if (!address.ok())
    co_return absl::NotFoundError(absl::StrCat("host not found: ", host));
  co_return std::vector<SocketAddress>{*address};
}

Task<absl::Status> Silence(TcpStream& stream) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
    if (lease.empty()) co_return absl::OkStatus();
  }
}

// What a peer does with one connection.
using Peer = std::function<Task<absl::Status>(TcpStream&)>;

class HttpClientTest : public testing::Test {
 protected:
  static constexpr int kPort = 80;

  HttpClientTest() : loop_(SimulatedWorld(SimOptions{})) {}

  // Runs `body` with a client, while port 80 answers its connections, one after
  // the other, by `peers`; the last one serves all that come behind it.
  void Run(std::vector<Peer> peers,
           std::function<Task<absl::Status>(HttpClient&)> body,
           HttpClientOptions options = {}) {
    const absl::Status status = loop_.Run(
        RunBoth(std::move(peers), std::move(body), std::move(options)));
    EXPECT_TRUE(status.ok()) << status;
    while (loop_.in_flight() > 0) loop_.Turn(Driver::Wait::kForOne);
    EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u);
  }

  // What a GET of "/" ends with, and the body.
  static Task<absl::StatusOr<std::string>> Get(HttpClient& client,
                                               std::string path = "/") {
    CO_ASSIGN_OR_RETURN(
        HttpClientResponse response,
        co_await client.Fetch({.url = absl::StrCat("http://127.0.0.1", path)}));
    CO_ASSIGN_OR_RETURN(std::string body, co_await response.ReadAll());
    co_return absl::StrCat(response.status(), " ", body);
  }

  // Reads up to the end of a request's head, and gives it.
  static Task<absl::StatusOr<std::string>> ReadHead(TcpStream& stream) {
    std::string head;
    while (!absl::StrContains(head, "\r\n\r\n")) {
      CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
      if (lease.empty()) co_return absl::UnavailableError("closed");
      head += lease.text();
    }
    co_return head;
  }

  // Answers each request with the next of `answers`, then closes.
  static Peer Answering(std::vector<std::string> answers) {
    return [answers =
                std::move(answers)](TcpStream& stream) -> Task<absl::Status> {
      for (const std::string& answer : answers) {
        CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
        CO_RETURN_IF_ERROR(co_await stream.WriteAll(answer));
      }
      co_return absl::OkStatus();
    };
  }

  // What a GET that is answered with `text` ends with.
  absl::StatusOr<std::string> Answered(std::string text,
                                       HttpClientOptions options = {}) {
    absl::StatusOr<std::string> result;
    Run(
        {Answering({std::move(text)})},
        [&](HttpClient& client) -> Task<absl::Status> {
          result = co_await Get(client);
          co_return absl::OkStatus();
        },
        std::move(options));
    return result;
  }

  std::string AnsweredText(std::string text) {
    return Text(Answered(std::move(text)));
  }

  Loop loop_;
  int accepted_ = 0;

 private:
  Task<absl::Status> RunBoth(
      std::vector<Peer> peers,
      std::function<Task<absl::Status>(HttpClient&)> body,
      HttpClientOptions options) {
    CO_ASSIGN_OR_RETURN(
        TcpListener listener,
        TcpListener::Listen(loop_, *SocketAddress::Parse("127.0.0.1", kPort)));
    if (options.resolve == nullptr) options.resolve = ResolveLocal;
    HttpClient client(loop_, std::move(options));
    Scope scope(co_await CurrentTask());
    scope.Spawn([&]() -> Task<absl::Status> {
      for (;;) {
        CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
        const size_t index =
            std::min(static_cast<size_t>(accepted_++), peers.size() - 1);
        scope.Spawn(
            [](TcpStream& peer, const Peer& act) -> Task<void> {
              (co_await act(peer)).IgnoreError();
            },
            std::move(stream), std::cref(peers[index]));
      }
    });
    const absl::Status status = co_await body(client);
    scope.Cancel();
    (co_await scope.Join()).IgnoreError();
    // The next run listens on the same port.
    (void)co_await listener.Close();
    co_return status;
  }
};

TEST_F(HttpClientTest, ConnectionIsUsedAgain) {
  Run({Answering({std::string(kOk), std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        EXPECT_EQ(client.idle_connections(), 1);
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        co_return absl::OkStatus();
      });
  EXPECT_EQ(accepted_, 1);
}

TEST_F(HttpClientTest, SendsWhatARequestNeeds) {
  std::string head;
  Run({[&](TcpStream& stream) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(head, co_await ReadHead(stream));
        co_return co_await stream.WriteAll(kOk);
      }},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{
            .method = "POST", .url = "http://127.0.0.1/a b?c#d", .body = "xyz"};
        CO_RETURN_IF_ERROR(request.headers.Append("X-A", "1"));
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        EXPECT_EQ(response.url(), "http://127.0.0.1/a%20b?c#d");
        EXPECT_EQ(response.reason(), "OK");
        co_return (co_await response.ReadAll()).status();
      });
  EXPECT_EQ(head,
            "POST /a%20b?c HTTP/1.1\r\nhost: 127.0.0.1\r\nX-A: 1\r\n"
            "content-length: 3\r\n\r\nxyz");
}

TEST_F(HttpClientTest, ConnectionIsNotKeptIfTheRequestSaysSo) {
  std::string head;
  Run({[&](TcpStream& stream) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(head, co_await ReadHead(stream));
        CO_RETURN_IF_ERROR(co_await stream.WriteAll(kOk));
        co_return (co_await stream.Read()).status();
      }},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{.url = "http://127.0.0.1/"};
        request.keep_alive = false;
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        EXPECT_EQ(Text(co_await response.ReadAll()), "ok");
        EXPECT_EQ(client.connections(), 0);
        co_return absl::OkStatus();
      });
  EXPECT_EQ(head,
            "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
}

TEST_F(HttpClientTest, WhatCannotBeSentIsRefusedBefore) {
  Run({Answering({})}, [&](HttpClient& client) -> Task<absl::Status> {
    const auto refusal = [&](HttpClientRequest request) -> Task<std::string> {
      co_return std::string(
          (co_await client.Fetch(std::move(request))).status().message());
    };
    EXPECT_EQ(co_await refusal({.url = "/a"}), "no URL: \"/a\"");
    EXPECT_EQ(co_await refusal({.url = "ftp://a/"}), "no http URL: ftp://a/");
    EXPECT_EQ(co_await refusal({.url = "https://a/"}),
              "TLS is not spoken yet: https://a/");
    EXPECT_TRUE(absl::StrContains(co_await refusal({.url = "http://u:p@a/"}),
                                  "a URL with credentials"));
    EXPECT_TRUE(absl::StrContains(
        co_await refusal({.method = "A B", .url = "http://a/"}), "no method"));
    EXPECT_TRUE(absl::StrContains(
        co_await refusal({.method = "CONNECT", .url = "http://a/"}),
        "no method"));
    for (std::string_view name :
         {"Content-Length", "transfer-encoding", "Connection", "Expect"}) {
      HttpClientRequest request{.url = "http://127.0.0.1/"};
      CO_RETURN_IF_ERROR(request.headers.Append(name, "1"));
      EXPECT_TRUE(absl::StrContains(co_await refusal(std::move(request)),
                                    "is the client's to set"));
    }
    HttpClientRequest two_hosts{.url = "http://127.0.0.1/"};
    for (std::string_view host : {"a", "b"})
      CO_RETURN_IF_ERROR(two_hosts.headers.Append("host", host));
    EXPECT_EQ(co_await refusal(std::move(two_hosts)),
              "a request with two Host headers");
    EXPECT_EQ(co_await refusal({.url = "http://example.org/"}),
              "host not found: example.org");
    co_return absl::OkStatus();
  });
  EXPECT_EQ(accepted_, 0);
}

TEST_F(HttpClientTest, BodiesEndAsTheirFramingSays) {
  EXPECT_EQ(AnsweredText("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                         "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
            "200 abcde");
  EXPECT_EQ(AnsweredText("HTTP/1.1 200 OK\r\n\r\nuntil the end"),
            "200 until the end");
  EXPECT_EQ(
      AnsweredText("HTTP/1.1 204 No Content\r\ncontent-length: 9\r\n\r\n"),
      "204 ");
  EXPECT_EQ(AnsweredText("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early "
                         "Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
                         "content-length: 2\r\n\r\nok"),
            "200 ok");
}

TEST_F(HttpClientTest, BodiesThatAreCutOffAreErrors) {
  const auto message = [&](std::string text) {
    return std::string(Answered(std::move(text)).status().message());
  };
  EXPECT_EQ(message("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc"),
            "the peer closed the connection in the middle of the body, after 3 "
            "bytes of it");
  EXPECT_EQ(message("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\n"),
            "the peer closed the connection in the middle of the body, after 3 "
            "bytes of it");
  EXPECT_EQ(message("HTTP/1.1 200 OK\r\nconte"),
            "the peer closed the connection in the middle of the response's "
            "head");
  EXPECT_EQ(message(""), "the peer closed the connection without a response");
}

TEST_F(HttpClientTest, WhatCameWithTheHeadIsThereWithoutWaiting) {
  struct Case {
    const char* body;  // Behind a chunked head.
    const char* pieces;
    bool ended;
  };
  for (const Case& c :
       {Case{"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "ab|c|", true},
        Case{"2\r\nab\r\n1\r\n", "ab|", false},
        Case{"2\r\nab\r\nx", "ab|", false}, Case{"", "", false}}) {
    SCOPED_TRACE(c.body);
    Run({[&](TcpStream& stream) -> Task<absl::Status> {
          CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
          CO_RETURN_IF_ERROR(co_await stream.WriteAll(absl::StrCat(
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
              c.body)));
          co_return co_await Silence(stream);
        }},
        [&](HttpClient& client) -> Task<absl::Status> {
          CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                              co_await client.Fetch({.url = kUrl}));
          std::string pieces;
          for (;;) {
            const std::string_view piece = response.ReadBuffered();
            if (piece.empty()) break;
            absl::StrAppend(&pieces, piece, "|");
          }
          EXPECT_EQ(pieces, c.pieces);
          EXPECT_EQ(response.ended(), c.ended);
          EXPECT_EQ(client.idle_connections(), c.ended ? 1 : 0);
          EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u);
          co_return absl::OkStatus();
        });
  }
}

TEST_F(HttpClientTest, EachHostIsAskedAbout) {
  const auto redirecting = [](TcpStream& stream) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
    co_return co_await stream.WriteAll(
        "HTTP/1.1 302 Found\r\nlocation: http://localhost:6000/\r\n"
        "content-length: 0\r\n\r\n");
  };
  Run({redirecting}, [&](HttpClient& client) -> Task<absl::Status> {
    std::string asked;
    HttpClientRequest request{.url = kUrl};
    request.allow = [&](std::string_view host, uint16_t port) {
      absl::StrAppend(&asked, host, ":", port, " ");
      return port == 80 ? absl::OkStatus()
                        : absl::InvalidArgumentError("bad port");
    };
    EXPECT_EQ((co_await client.Fetch(std::move(request))).status().message(),
              "bad port");
    EXPECT_EQ(asked, "127.0.0.1:80 localhost:6000 ");
    co_return absl::OkStatus();
  });
}

TEST_F(HttpClientTest, LimitsAreNamed) {
  std::string interim;
  for (int i = 0; i < 17; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_TRUE(absl::StrContains(Answered(interim).status().message(),
                                "max_interim_responses"));
  HttpClientOptions options;
  options.max_body_bytes = 3;
  EXPECT_TRUE(absl::StrContains(
      Answered("HTTP/1.1 200 OK\r\n\r\nabcd", std::move(options))
          .status()
          .message(),
      "max_body_bytes"));
}

TEST_F(HttpClientTest, WhatComesBehindAResponseIsNotTheNext) {
  // The second response came with the first: nobody may get it.
  Run({Answering({absl::StrCat(kOk,
                               "HTTP/1.1 200 OK\r\n"
                               "content-length: 4\r\n\r\nevil")}),
       Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        EXPECT_EQ(client.connections(), 0);
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        co_return absl::OkStatus();
      });
  EXPECT_EQ(accepted_, 2);
}

TEST_F(HttpClientTest, WhatComesWhileIdleIsNotTheNext) {
  Run({[](TcpStream& stream) -> Task<absl::Status> {
         CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
         CO_RETURN_IF_ERROR(co_await stream.WriteAll(kOk));
         CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(10)));
         CO_RETURN_IF_ERROR(co_await stream.WriteAll(
             "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"));
         co_return co_await SleepFor(absl::Seconds(1));
       },
       Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        EXPECT_EQ(client.idle_connections(), 1);
        CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(20)));
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        co_return absl::OkStatus();
      });
  EXPECT_EQ(accepted_, 2);
}

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

TEST_F(HttpClientTest, CancelledAtEachWait) {
  // Slow at everything, so that cancelling comes into each of its waits.
  const auto slow = [](TcpStream& stream) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
    for (std::string_view piece :
         {"HTTP/1.1 200 OK\r\n", "content-length: 4\r\n\r\n", "ab", "cd"}) {
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(1)));
      CO_RETURN_IF_ERROR(co_await stream.WriteAll(piece));
    }
    co_return co_await Silence(stream);
  };
  int cancelled = 0;
  Run({slow}, [&](HttpClient& client) -> Task<absl::Status> {
    for (int i = 0; i < 100; ++i) {
      const absl::StatusOr<std::string> result =
          co_await Timeout(absl::Microseconds(80 * i), Get(client));
      if (result.ok()) {
        EXPECT_EQ(*result, "200 abcd");
      } else {
        ++cancelled;
        EXPECT_EQ(client.connections(), 0) << i;
      }
    }
    co_return absl::OkStatus();
  });
  EXPECT_GT(cancelled, 30);
  EXPECT_LT(cancelled, 100);
}

TEST_F(HttpClientTest, CancelledReadLosesNothing) {
  const auto slow = [](TcpStream& stream) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(
        "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n"));
    for (int i = 0; i < 20; ++i) {
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(1)));
      CO_RETURN_IF_ERROR(
          co_await stream.WriteAll(std::string(1, static_cast<char>('a' + i))));
    }
    co_return co_await Silence(stream);
  };
  Run({slow}, [&](HttpClient& client) -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                        co_await client.Fetch({.url = "http://127.0.0.1/"}));
    std::string body;
    for (;;) {
      const absl::StatusOr<std::string_view> piece =
          co_await Timeout(absl::Microseconds(300), response.Read());
      if (absl::IsDeadlineExceeded(piece.status())) continue;
      CO_RETURN_IF_ERROR(piece.status());
      if (piece->empty()) break;
      body += *piece;
    }
    EXPECT_EQ(body, "abcdefghijklmnopqrst");
    EXPECT_EQ(client.idle_connections(), 1);
    co_return absl::OkStatus();
  });
}

TEST_F(HttpClientTest, ReaderThatStopsHoldsThePeerBack) {
  size_t sent = 0;
  const auto endless = [&](TcpStream& stream) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
    CO_RETURN_IF_ERROR(co_await stream.WriteAll("HTTP/1.1 200 OK\r\n\r\n"));
    const std::string piece(4096, 'x');
    for (;;) {
      CO_RETURN_IF_ERROR(co_await stream.WriteAll(piece));
      sent += piece.size();
    }
  };
  Run({endless}, [&](HttpClient& client) -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                        co_await client.Fetch({.url = "http://127.0.0.1/"}));
    CO_RETURN_IF_ERROR((co_await response.Read()).status());
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(10)));
    EXPECT_LT(sent, size_t{1} << 20);
    const size_t before = sent;
    for (int i = 0; i < 1000; ++i)
      CO_RETURN_IF_ERROR((co_await response.Read()).status());
    EXPECT_GT(sent, before);
    co_return absl::OkStatus();
  });
}

// A source of `count` pieces of `size` bytes.
HttpBodySource Pieces(int count, size_t size) {
  return [i = 0, count,
          piece = std::string(
              size, 'p')]() mutable -> Task<absl::StatusOr<std::string_view>> {
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Microseconds(100)));
    co_return i++ < count ? std::string_view(piece) : std::string_view();
  };
}

// Sends back everything that it receives behind the request's head.
Task<absl::Status> Echo(TcpStream& stream) {
  CO_ASSIGN_OR_RETURN(
      std::string head,
      co_await [](TcpStream& s) -> Task<absl::StatusOr<std::string>> {
        std::string text;
        while (!absl::StrContains(text, "\r\n\r\n")) {
          CO_ASSIGN_OR_RETURN(const Lease lease, co_await s.Read());
          text += lease.text();
        }
        co_return text;
      }(stream));
  const size_t length_at = head.find("content-length: ");
  EXPECT_NE(length_at, std::string::npos) << head;
  const std::string length =
      head.substr(length_at, head.find('\r', length_at) - length_at);
  CO_RETURN_IF_ERROR(co_await stream.WriteAll(
      absl::StrCat("HTTP/1.1 200 OK\r\n", length, "\r\n\r\n")));
  CO_RETURN_IF_ERROR(
      co_await stream.WriteAll(head.substr(head.find("\r\n\r\n") + 4)));
  for (;;) {
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
    if (lease.empty()) co_return absl::OkStatus();
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(lease.bytes()));
  }
}

TEST_F(HttpClientTest, ResponseIsReadWhileTheBodyIsSent) {
  // Larger than all buffers between the two: neither side may wait for the
  // other.
  constexpr size_t kSize = 2 << 20;
  for (const bool streamed : {false, true}) {
    Run({Echo}, [&](HttpClient& client) -> Task<absl::Status> {
      HttpClientRequest request{.method = "POST", .url = "http://127.0.0.1/"};
      if (streamed) {
        request.source = Pieces(kSize / 32768, 32768);
        request.source_length = kSize;
      } else {
        request.body = std::string(kSize, 'p');
      }
      CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                          co_await client.Fetch(std::move(request)));
      CO_ASSIGN_OR_RETURN(const std::string body, co_await response.ReadAll());
      EXPECT_TRUE(body == std::string(kSize, 'p'));
      EXPECT_TRUE(response.sent());
      EXPECT_EQ(client.idle_connections(), 1);
      co_return absl::OkStatus();
    });
  }
}

TEST_F(HttpClientTest, RestOfABodyIsSentBehindItsResponse) {
  constexpr size_t kSize = 2 << 20;
  size_t received = 0;
  Run({[&](TcpStream& stream) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(const std::string head, co_await ReadHead(stream));
        received = head.size() - (head.find("\r\n\r\n") + 4);
        CO_RETURN_IF_ERROR(co_await stream.WriteAll(kOk));
        while (received < kSize) {
          CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
          if (lease.empty()) co_return absl::OkStatus();
          received += lease.text().size();
        }
        CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
        co_return co_await stream.WriteAll(kOk);
      }},
      [&](HttpClient& client) -> Task<absl::Status> {
        {
          CO_ASSIGN_OR_RETURN(
              HttpClientResponse response,
              co_await client.Fetch({.method = "POST",
                                     .url = "http://127.0.0.1/",
                                     .body = std::string(kSize, 'p')}));
          EXPECT_FALSE(response.sent());
          CO_RETURN_IF_ERROR(
              co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
                scope.Spawn([&] { return response.SendRest(); });
                EXPECT_EQ(Text(co_await response.ReadAll()), "ok");
                co_return absl::OkStatus();
              }));
          EXPECT_TRUE(response.sent());
          EXPECT_EQ(client.idle_connections(), 1);
        }
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        EXPECT_EQ(received, kSize);
        EXPECT_EQ(accepted_, 1);
        co_return absl::OkStatus();
      });
}

TEST_F(HttpClientTest, SourceThatFailsBehindTheHeadEndsTheReader) {
  Run({[&](TcpStream& stream) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
        CO_RETURN_IF_ERROR(co_await stream.WriteAll(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"));
        co_return co_await Silence(stream);
      }},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{.method = "POST", .url = "http://127.0.0.1/"};
        request.source = []() -> Task<absl::StatusOr<std::string_view>> {
          CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(5)));
          co_return absl::DataLossError("torn");
        };
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        CO_RETURN_IF_ERROR(
            co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
              scope.Spawn([&]() -> Task<void> {
                EXPECT_EQ((co_await response.SendRest()).message(), "torn");
              });
              EXPECT_EQ(Text(co_await response.ReadAll()), "error: torn");
              co_return absl::OkStatus();
            }));
        EXPECT_EQ(client.connections(), 0);
        co_return absl::OkStatus();
      });
}

TEST_F(HttpClientTest, EarlyResponseEndsTheRequest) {
  Run({[](TcpStream& stream) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
        CO_RETURN_IF_ERROR(co_await stream.WriteAll(
            "HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno"));
        co_return co_await SleepFor(absl::Seconds(100));
      }},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{.method = "POST", .url = "http://127.0.0.1/"};
        request.source = Pieces(1'000'000, 32768);
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        EXPECT_EQ(response.status(), 413);
        EXPECT_EQ(Text(co_await response.ReadAll()), "no");
        EXPECT_FALSE(response.sent());
        EXPECT_EQ(client.connections(), 0);
        co_return absl::OkStatus();
      });
}

TEST_F(HttpClientTest, ChunkedBodyIsWhatTheSourceGave) {
  std::string received;
  Run({[&](TcpStream& stream) -> Task<absl::Status> {
        while (!absl::StrContains(received, "0\r\n\r\n")) {
          CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
          received += lease.text();
        }
        co_return co_await stream.WriteAll(kOk);
      }},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{.method = "PUT", .url = "http://127.0.0.1/"};
        request.source = Pieces(2, 3);
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        co_return (co_await response.ReadAll()).status();
      });
  EXPECT_EQ(received,
            "PUT / HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            "transfer-encoding: chunked\r\n\r\n"
            "3\r\nppp\r\n3\r\nppp\r\n0\r\n\r\n");
}

TEST_F(HttpClientTest, SourceThatFailsEndsTheRequest) {
  Run({Silence}, [&](HttpClient& client) -> Task<absl::Status> {
    HttpClientRequest request{.method = "PUT", .url = "http://127.0.0.1/"};
    request.source =
        [first = true]() mutable -> Task<absl::StatusOr<std::string_view>> {
      if (std::exchange(first, false)) co_return "some";
      co_return absl::DataLossError("the disk is gone");
    };
    EXPECT_EQ((co_await client.Fetch(std::move(request))).status(),
              absl::DataLossError("the disk is gone"));
    EXPECT_EQ(client.connections(), 0);

    HttpClientRequest lying{.method = "PUT", .url = "http://127.0.0.1/"};
    lying.source = Pieces(2, 3);
    lying.source_length = 7;
    EXPECT_EQ((co_await client.Fetch(std::move(lying))).status().message(),
              "the request's body is shorter than its source_length of 7");
    co_return absl::OkStatus();
  });
}

TEST_F(HttpClientTest, SlowSourceIsNotThePeersFault) {
  Run({[](TcpStream& stream) -> Task<absl::Status> {
        std::string received;
        while (!absl::StrContains(received, "0\r\n\r\n")) {
          CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
          received += lease.text();
        }
        co_return co_await stream.WriteAll(kOk);
      }},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{.method = "PUT", .url = "http://127.0.0.1/"};
        request.source =
            [first = true]() mutable -> Task<absl::StatusOr<std::string_view>> {
          CO_RETURN_IF_ERROR(co_await SleepFor(absl::Minutes(10)));
          co_return std::exchange(first, false) ? "x" : "";
        };
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        EXPECT_EQ(response.status(), 200);
        co_return (co_await response.ReadAll()).status();
      });
}

std::string Redirect(int status, std::string_view location) {
  return absl::StrCat("HTTP/1.1 ", status, " Moved\r\nlocation: ", location,
                      "\r\ncontent-length: 4\r\n\r\nbody");
}

// Notes the head of each request on one connection and answers in turn.
Peer Noting(std::vector<std::string>& heads, std::vector<std::string> answers) {
  return [&heads, answers = std::move(answers)](
             TcpStream& stream) -> Task<absl::Status> {
    for (const std::string& answer : answers) {
      CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
      heads.emplace_back(lease.text());
      CO_RETURN_IF_ERROR(co_await stream.WriteAll(answer));
    }
    co_return co_await Silence(stream);
  };
}

TEST_F(HttpClientTest, RedirectsAreFollowedOnTheSameConnection) {
  std::vector<std::string> heads;
  Run({Noting(heads, {Redirect(302, "/b?c"), std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{
            .method = "POST", .url = "http://127.0.0.1/a#f", .body = "xyz"};
        CO_RETURN_IF_ERROR(request.headers.Append("content-type", "text/a"));
        CO_RETURN_IF_ERROR(request.headers.Append("authorization", "me"));
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        EXPECT_TRUE(response.redirected());
        EXPECT_EQ(response.url(), "http://127.0.0.1/b?c#f");
        EXPECT_EQ(Text(co_await response.ReadAll()), "ok");
        co_return absl::OkStatus();
      });
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[1],
            "GET /b?c HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: me\r\n"
            "\r\n");
  EXPECT_EQ(accepted_, 1);
}

TEST_F(HttpClientTest, RedirectsBodyThatDripsIsNotWaitedFor) {
  const auto drip = [](TcpStream& stream) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(
        "HTTP/1.1 302 Found\r\nlocation: /b#\r\n\r\n"));
    for (;;) {
      CO_RETURN_IF_ERROR(co_await stream.WriteAll("x"));
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(300)));
    }
  };
  Run({drip, Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        const MonotonicNanos before = loop_.clock().Now();
        CO_ASSIGN_OR_RETURN(
            HttpClientResponse response,
            co_await client.Fetch({.url = "http://127.0.0.1/a#f"}));
        EXPECT_EQ(response.url(), "http://127.0.0.1/b#");
        EXPECT_EQ(Text(co_await response.ReadAll()), "ok");
        EXPECT_LT(absl::Nanoseconds(loop_.clock().Now() - before),
                  absl::Seconds(2));
        co_return absl::OkStatus();
      });
}

TEST_F(HttpClientTest, RedirectKeepsMethodAndBodyWhereItMust) {
  for (int status : {307, 308}) {
    std::vector<std::string> heads;
    Run({Noting(heads, {Redirect(status, "/b"), std::string(kOk)})},
        [&](HttpClient& client) -> Task<absl::Status> {
          HttpClientRequest request{
              .method = "POST", .url = "http://127.0.0.1/a", .body = "xyz"};
          CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                              co_await client.Fetch(std::move(request)));
          co_return (co_await response.ReadAll()).status();
        });
    ASSERT_EQ(heads.size(), 2u);
    EXPECT_EQ(heads[1],
              "POST /b HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 3\r\n"
              "\r\nxyz");
  }
}

TEST_F(HttpClientTest, SecretsDoNotGoToAnotherOrigin) {
  std::vector<std::string> heads;
  Run({Noting(heads, {Redirect(307, "http://localhost/b")}),
       Noting(heads, {std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{.url = "http://127.0.0.1/a"};
        for (const char* name :
             {"Authorization", "Cookie", "Proxy-Authorization", "Host", "X-A"})
          CO_RETURN_IF_ERROR(request.headers.Append(name, "secret"));
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        co_return (co_await response.ReadAll()).status();
      });
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[1],
            "GET /b HTTP/1.1\r\nhost: localhost\r\nX-A: secret\r\n\r\n");
}

TEST_F(HttpClientTest, RedirectsThatAreNotFollowed) {
  const auto answered = [&](std::string answer, HttpRedirects redirects,
                            bool streamed) {
    std::string result;
    Run({Answering(std::vector<std::string>(30, answer))},
        [&](HttpClient& client) -> Task<absl::Status> {
          HttpClientRequest request{.method = streamed ? "POST" : "GET",
                                    .url = "http://127.0.0.1/",
                                    .redirects = redirects};
          if (streamed) request.source = Pieces(1, 3);
          const absl::StatusOr<HttpClientResponse> response =
              co_await client.Fetch(std::move(request));
          result = response.ok() ? absl::StrCat(response->status())
                                 : std::string(response.status().message());
          co_return absl::OkStatus();
        });
    return result;
  };
  EXPECT_EQ(answered(Redirect(302, "/b"), HttpRedirects::kManual, false),
            "302");
  EXPECT_EQ(answered(Redirect(302, "/b"), HttpRedirects::kError, false),
            "unexpected redirect: 302 from http://127.0.0.1/");
  EXPECT_EQ(answered(Redirect(302, "/b"), HttpRedirects::kFollow, false),
            "redirect count exceeded: more than 20 (max_redirects)");
  EXPECT_EQ(answered(Redirect(302, "ftp://a/"), HttpRedirects::kFollow, false),
            "no http URL: ftp://a/");
  EXPECT_EQ(answered(Redirect(302, "http://["), HttpRedirects::kFollow, false),
            "no URL: \"http://[\"");
  EXPECT_EQ(answered(Redirect(307, "/b"), HttpRedirects::kFollow, true),
            "a redirect (307) of a body that cannot be sent again");
  EXPECT_EQ(answered("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
                     HttpRedirects::kFollow, false),
            "302");
}

TEST_F(HttpClientTest, HeadHasNoBodyAndKeepsTheConnection) {
  Run({Answering(
          {"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n", std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(
            HttpClientResponse response,
            co_await client.Fetch(
                {.method = "HEAD", .url = "http://127.0.0.1/"}));
        EXPECT_EQ(response.headers().Get("content-length"), "50");
        EXPECT_EQ(Text(co_await response.ReadAll()), "");
        EXPECT_EQ(Text(co_await Get(client)), "200 ok");
        co_return absl::OkStatus();
      });
  EXPECT_EQ(accepted_, 1);
}

TEST_F(HttpClientTest, ResponseThatIsGivenUpClosesItsConnection) {
  Run({Answering({"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"})},
      [&](HttpClient& client) -> Task<absl::Status> {
        {
          CO_ASSIGN_OR_RETURN(
              HttpClientResponse response,
              co_await client.Fetch({.url = "http://127.0.0.1/"}));
          EXPECT_EQ(client.connections(), 1);
        }
        EXPECT_EQ(client.connections(), 0);
        co_return absl::OkStatus();
      });
}

TEST_F(HttpClientTest, ReadAllHasALimit) {
  Run({Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(
            HttpClientResponse response,
            co_await client.Fetch({.url = "http://127.0.0.1/"}));
        EXPECT_EQ((co_await response.ReadAll(1)).status().message(),
                  "the response's body is longer than 1 bytes");
        co_return absl::OkStatus();
      });
}

}  // namespace
}  // namespace braid
