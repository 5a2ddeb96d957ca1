// The client against peers that do what the test says: requests, responses, limits.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/http/client_test_base.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {
namespace {

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
