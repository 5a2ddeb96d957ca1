// Every limit of HttpServerOptions, as a peer meets it.

#include <string>

#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

class HttpLimitsTest : public HttpServerTest {
 protected:
  // Serves requests that must not come.
  void StartUnreached(HttpServerOptions options = {}) {
    Start(
        [](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
          ADD_FAILURE() << request.target() << " has reached the handler";
          co_return absl::OkStatus();
        },
        options);
  }
  void StartReading(HttpServerOptions options) {
    Start(
        [](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
          CO_ASSIGN_OR_RETURN(const std::string body,
                              co_await request.body().ReadAll());
          co_return response.Reply(200, "text/plain",
                                   absl::StrCat(body.size()));
        },
        options);
  }
  // Sends `request` and expects a refusal that names `limit`.
  void ExpectRefusal(std::string_view request, int status,
                     std::string_view limit) {
    TestClient client(*this, port_);
    client.Send(request);
    const TestResponse response = client.Read();
    EXPECT_EQ(response.status, status) << limit;
    EXPECT_THAT(response.body, HasSubstr(limit));
    EXPECT_TRUE(response.Has("connection: close"));
    EXPECT_TRUE(client.WaitForEnd());
    EXPECT_FALSE(client.was_reset());
  }
};

TEST_F(HttpLimitsTest, SizesOfARequest) {
  StartUnreached();
  const std::string big(20'000, 'x');
  ExpectRefusal(
      absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nX: ", big, "\r\n\r\n"), 431,
      "max_header_bytes");
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  ExpectRefusal(many + "\r\n", 431, "max_header_count");
  ExpectRefusal(absl::StrCat("GET /", big, " HTTP/1.1\r\nHost: a\r\n\r\n"), 414,
                "max_target_bytes");
  ExpectRefusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n",
                413, "max_body_bytes");
  EXPECT_EQ(server_->stats().refused, 4u);
}

TEST_F(HttpLimitsTest, MalformedRequestsNeverReachTheHandler) {
  StartUnreached();
  ExpectRefusal("GET / HTTP/1.1\r\n\r\n", 400, "Host");
  ExpectRefusal(
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n",
      400, "Transfer-Encoding");
  ExpectRefusal("\x16\x03\x01", 400, "malformed");
  ExpectRefusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/2");
  ExpectRefusal("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501, "CONNECT");
  ExpectRefusal("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417,
                "Expect");
}

TEST_F(HttpLimitsTest, HeaderTime) {
  StartUnreached();
  TestClient client(*this, port_);
  client.Send("GET / HT");
  Pump();
  Advance(absl::Seconds(9));
  client.Send("TP/1.1\r\n");  // Does not begin the time anew.
  EXPECT_EQ(client.ReadAvailable(), "");
  Advance(absl::Seconds(2));
  const TestResponse response = client.Read();
  EXPECT_EQ(response.status, 408);
  EXPECT_THAT(response.body, HasSubstr("within 10s (header_time)"));
  EXPECT_TRUE(client.WaitForEnd());
}

TEST_F(HttpLimitsTest, HeaderTimeOfAHeadRequest) {
  StartUnreached();
  TestClient client(*this, port_);
  client.Send("HEAD / HTT");
  Advance(absl::Seconds(11));
  EXPECT_EQ(client.Read(/*head_only=*/true).status, 408);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpLimitsTest, HeaderTimeOfALaterRequest) {
  StartReading({});
  TestClient client(*this, port_);
  client.Send(kGet);
  EXPECT_EQ(client.Read().status, 200);
  Advance(absl::Seconds(50));  // Idle time is not header time.
  client.Send(absl::StrCat(kGet, "GET"));
  EXPECT_EQ(client.Read().status, 200);
  Advance(absl::Seconds(9));
  EXPECT_EQ(client.ReadAvailable(), "");
  Advance(absl::Seconds(2));
  EXPECT_EQ(client.Read().status, 408);
}

TEST_F(HttpLimitsTest, IdleTime) {
  StartReading({});
  TestClient fresh(*this, port_);
  TestClient used(*this, port_);
  Advance(absl::Seconds(30));
  used.Send(kGet);
  EXPECT_EQ(used.Read().status, 200);
  Advance(absl::Seconds(31));
  EXPECT_EQ(fresh.ReadToEnd(), "");  // Without a word: it has asked nothing.
  EXPECT_EQ(server_->stats().connections, 1u);
  Advance(absl::Seconds(28));
  EXPECT_EQ(server_->stats().connections, 1u);
  Advance(absl::Seconds(2));
  EXPECT_EQ(used.ReadToEnd(), "");
}

// Otherwise a byte a minute would keep a connection for ever.
TEST_F(HttpLimitsTest, IdleTimeIsNotRenewedByLineBreaks) {
  StartReading({});
  TestClient client(*this, port_);
  client.Send(kGet);
  EXPECT_EQ(client.Read().status, 200);
  Advance(absl::Seconds(40));
  client.Send("\r\n");
  EXPECT_EQ(client.ReadAvailable(), "");
  Advance(absl::Seconds(19));
  EXPECT_EQ(server_->stats().connections, 1u);
  Advance(absl::Seconds(2));
  EXPECT_EQ(client.ReadToEnd(), "");

  // A request does renew it, whatever stood before it.
  TestClient asking(*this, port_);
  Advance(absl::Seconds(40));
  asking.Send("\r\n");
  Pump();
  asking.Send(kGet);
  EXPECT_EQ(asking.Read().status, 200);
  Advance(absl::Seconds(40));
  asking.Send(kGet);
  EXPECT_EQ(asking.Read().status, 200);
}

TEST_F(HttpLimitsTest, LineBreaksAreCountedHoweverTheyCome) {
  StartReading({});
  TestClient client(*this, port_);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 4; ++j) {
      client.Send("\n");
      EXPECT_EQ(client.ReadAvailable(), "");
    }
    client.Send(kGet);
    EXPECT_EQ(client.Read().status, 200);
  }
  for (int j = 0; j < 5; ++j) {
    client.Send("\n");
    Pump();
  }
  EXPECT_EQ(client.Read().status, 400);
}

TEST_F(HttpLimitsTest, HandlersMayTakeTheirTime) {
  Event go;
  Start([&](HttpRequest&, HttpResponse&) -> Task<absl::Status> {
    co_return co_await go.Wait();
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  Pump();
  Advance(absl::Hours(10));
  EXPECT_EQ(client.ReadAvailable(), "");
  go.Set();
  EXPECT_EQ(client.Read().status, 200);
  Advance(absl::Seconds(61));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpLimitsTest, BodyTimeWithoutBytes) {
  StartReading({});
  TestClient client(*this, port_);
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12");
  Pump();
  Advance(absl::Seconds(19));
  EXPECT_EQ(client.ReadAvailable(), "");
  Advance(absl::Seconds(2));
  const TestResponse response = client.Read();
  EXPECT_EQ(response.status, 408);
  EXPECT_THAT(response.body, HasSubstr("body_time"));
  EXPECT_TRUE(client.WaitForEnd());
}

TEST_F(HttpLimitsTest, BodyTimeWithAByteNowAndThen) {
  StartReading({});
  TestClient client(*this, port_);
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  int bytes = 0;
  for (; bytes < 30 && !client.ended(); ++bytes) {
    Advance(absl::Seconds(1));
    client.TrySend("x");
    Pump();
    if (server_->stats().connections == 0 || !client.ReadAvailable().empty())
      break;
  }
  EXPECT_GE(bytes, 18);
  EXPECT_LE(bytes, 21);
}

TEST_F(HttpLimitsTest, BodyTimeGrowsWithTheBytesThatCame) {
  HttpServerOptions options;
  options.max_body_bytes = 10 << 20;
  StartReading(options);
  TestClient client(*this, port_);
  constexpr int kSeconds = 100;
  client.Send(absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ",
                           kSeconds * 2048, "\r\n\r\n"));
  for (int second = 0; second < kSeconds; ++second) {
    Advance(absl::Seconds(1));
    client.Send(std::string(2048, 'x'));
    Pump();
  }
  EXPECT_EQ(client.Read().body, absl::StrCat(kSeconds * 2048));
}

TEST_F(HttpLimitsTest, BodyTimeOfAHandlerThatLooksAtIt) {
  absl::Status seen;
  absl::Status reason;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        seen = (co_await request.body().ReadAll()).status();
        reason = request.abort_reason();
        co_return response.Reply(200, "text/plain", "too late");
      });
  TestClient client(*this, port_);
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  Pump();
  Advance(absl::Seconds(21));
  EXPECT_EQ(client.Read().status, 408);
  EXPECT_TRUE(absl::IsDeadlineExceeded(seen)) << seen;
  EXPECT_EQ(reason, seen);
}

TEST_F(HttpLimitsTest, BodyTimeWhileAnUnwantedBodyIsDrained) {
  Start([](HttpRequest&, HttpResponse&) -> Task<absl::Status> {
    co_return absl::OkStatus();
  });
  TestClient client(*this, port_);
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  Advance(absl::Seconds(21));
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpLimitsTest, WriteTime) {
  const std::string body(40 << 20, 'b');
  absl::Status sent;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        sent = co_await response.Send(body);
        EXPECT_TRUE(absl::IsDeadlineExceeded(request.abort_reason()));
        co_return sent;
      });
  TestClient client(*this, port_);
  client.Send(kGet);
  Pump();
  Advance(absl::Seconds(29));
  EXPECT_EQ(server_->stats().connections, 1u);
  Advance(absl::Seconds(2));
  EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 0; }));
  EXPECT_TRUE(absl::IsCancelled(sent)) << sent;
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_TRUE(client.was_reset());
}

// A peer that takes a slice in time gets time for the next.
TEST_F(HttpLimitsTest, WriteTimeCountsForEachSlice) {
  const std::string body(40 << 20, 'b');
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    co_return co_await response.Send(body);
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  size_t received = 0;
  for (int i = 0; i < 5; ++i) {
    Advance(absl::Seconds(20));
    // As much as the kernel's buffers hold, so that slices get through.
    EXPECT_TRUE(PumpUntil([&] {
      received += client.Drop();
      return received > static_cast<size_t>(i + 1) * (7 << 20);
    }));
  }
  EXPECT_EQ(server_->stats().connections, 1u);
}

}  // namespace
}  // namespace braid
