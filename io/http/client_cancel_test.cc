// What cancelling a request or a read of the client leaves behind.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/http/client_test_base.h"
#include "io/tcp.h"

namespace braid {
namespace {

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

}  // namespace
}  // namespace braid
