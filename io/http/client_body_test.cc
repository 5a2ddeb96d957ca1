// Bodies that the client sends, and responses that come meanwhile.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/http/client_test_base.h"
#include "io/tcp.h"

namespace braid {
namespace {

// Sends back everything that it receives behind the request's head.
Task<absl::Status> Echo(TcpStream& stream) {
  CO_ASSIGN_OR_RETURN(const std::string head, co_await ReadHead(stream));
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

}  // namespace
}  // namespace braid
