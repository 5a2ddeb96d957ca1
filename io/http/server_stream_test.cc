// Responses that are streamed: framing, slow peers, broken off.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using HttpStreamTest = HttpServerTest;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(HttpStreamTest, StreamedResponseIsChunkedAndSentAtOnce) {
  Event go;
  Event go_on;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(response.headers().Set("x-a", "b"));
    CO_RETURN_IF_ERROR(co_await response.Write(""));
    EXPECT_TRUE(response.head_sent());
    CO_RETURN_IF_ERROR(co_await go.Wait());
    CO_RETURN_IF_ERROR(co_await response.Write("first"));
    CO_RETURN_IF_ERROR(co_await go_on.Wait());
    CO_RETURN_IF_ERROR(co_await response.Write(std::string(50'000, 'y')));
    co_return co_await response.Write("last");
  });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"),
              HasSubstr("\r\ntransfer-encoding: chunked\r\n"));
  go.Set();
  EXPECT_EQ(client.ReadUntil("first\r\n"), "5\r\nfirst\r\n");
  go_on.Set();
  const std::string rest = client.ReadUntil("\r\n0\r\n\r\n");
  EXPECT_TRUE(rest == absl::StrCat("c350\r\n", std::string(50'000, 'y'),
                                   "\r\n4\r\nlast\r\n0\r\n\r\n"));
  // The next response begins behind it.
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpStreamTest, StreamedResponseOfKnownLength) {
  size_t announced = 10;
  std::vector<std::string> pieces = {"12345", "67890"};
  absl::Status written;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(
        response.headers().Set("content-length", absl::StrCat(announced)));
    for (const std::string& piece : pieces) {
      written = co_await response.Write(piece);
      CO_RETURN_IF_ERROR(written);
    }
    co_return absl::OkStatus();
  });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet));
  EXPECT_EQ(client.Read().body, "1234567890");
  EXPECT_EQ(client.Read().body, "1234567890");

  // Shorter than announced: the peer must not take the next response for it.
  announced = 11;
  client.Send(absl::StrCat(kGet, kGet));
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_TRUE(client.was_reset());
  EXPECT_EQ(server_->stats().handler_failures, 1u);

  announced = 9;
  TestClient longer(*this, port_);
  longer.Send(absl::StrCat(kGet, kGet));
  EXPECT_TRUE(longer.WaitForEnd());
  EXPECT_EQ(written.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(written.message()),
              HasSubstr("longer than its content-length, by 1"));
}

TEST_F(HttpStreamTest, StreamedResponseToHttp10EndsWithTheConnection) {
  Start([](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await response.Write("a"));
    co_return co_await response.Write("b");
  });
  TestClient client(*this, port_);
  client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const TestResponse response = client.Read();
  EXPECT_TRUE(response.Has("connection: close"));
  EXPECT_THAT(response.head, Not(HasSubstr("chunked")));
  EXPECT_EQ(response.body, "ab");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpStreamTest, StreamedResponseToHeadHasNoBody) {
  Start([](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await response.Write("a"));
    co_return co_await response.Write("b");
  });
  TestClient client(*this, port_);
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(
      client.Read(/*head_only=*/true).Has("transfer-encoding: chunked"));
  client.Send(kGet);
  EXPECT_EQ(client.Read().body, "ab");
}

TEST_F(HttpStreamTest, HandlerThatFailsInAStreamResetsTheConnection) {
  Start([](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await response.Write("half"));
    co_return absl::InternalError("no more");
  });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet));
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_TRUE(client.was_reset());
  EXPECT_EQ(server_->stats().handler_failures, 1u);
}

TEST_F(HttpStreamTest, HandlerThatFailsBehindItsWholeResponseHasAnswered) {
  Start([](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await response.Send("all of it"));
    co_return absl::InternalError("clean-up failed");
  });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet));
  EXPECT_EQ(client.Read().body, "all of it");
  EXPECT_EQ(client.Read().body, "all of it");
  EXPECT_EQ(server_->stats().handler_failures, 2u);
}

TEST_F(HttpStreamTest, PeerThatDoesNotReadHoldsTheHandlerBack) {
  size_t written = 0;
  const std::string piece(10'000, 'p');
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    for (int i = 0; i < 5'000; ++i) {
      CO_RETURN_IF_ERROR(co_await response.Write(piece));
      written += piece.size();
    }
    co_return absl::OkStatus();
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  Pump(5'000);
  const size_t before = written;
  EXPECT_LT(before, 40'000'000u);
  Pump(1'000);
  EXPECT_EQ(written, before);
  EXPECT_EQ(client.Read().body.size(), 50'000'000u);
}

TEST_F(HttpStreamTest, PeerThatLeavesInTheMiddleOfAStream) {
  for (bool reset : {false, true}) {
    absl::Status seen;
    Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
      while (seen.ok())
        seen = co_await response.Write("more and more and more");
      co_return seen;
    });
    TestClient client(*this, port_);
    client.Send(kGet);
    client.ReadUntil("more");
    if (reset) {
      client.Reset();
    } else {
      client.Close();
    }
    EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 0; }));
    EXPECT_FALSE(seen.ok());
    EXPECT_EQ(server_->stats().handler_failures, 0u);
    Stop();
  }
}

TEST_F(HttpStreamTest, EchoStreamsBothWaysAtOnce) {
  HttpServerOptions options;
  options.max_body_bytes = 1 << 30;
  Start(
      [](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        for (;;) {
          CO_ASSIGN_OR_RETURN(const std::string_view piece,
                              co_await request.body().Read());
          if (piece.empty()) co_return absl::OkStatus();
          CO_RETURN_IF_ERROR(co_await response.Write(piece));
        }
      },
      options);
  TestClient client(*this, port_);
  for (int round = 0; round < 2; ++round) {
    client.Send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    std::string echoed;
    const std::string block(100'000, 'e');
    for (int i = 0; i < 30; ++i) {
      client.Send(block);
      echoed += client.ReadAvailable();
    }
    EXPECT_TRUE(PumpUntil([&] {
      echoed += client.ReadAvailable();
      return absl::EndsWith(echoed, "\r\n0\r\n\r\n");
    }));
    size_t letters = 0;
    for (char c : std::string_view(echoed).substr(echoed.find("\r\n\r\n")))
      letters += c == 'e';
    EXPECT_GE(letters, 3'000'000u);  // Chunk sizes may have an e as well.
  }
}

// The end of the connection is the end of the body: it must not come in order
// before the body is whole.
TEST_F(HttpStreamTest, StreamToHttp10ThatIsBrokenOffEndsWithAReset) {
  const std::string large(20 << 20, 'x');
  for (bool drained : {false, true}) {
    for (bool blocked : {false, true}) {
      SCOPED_TRACE(absl::StrCat(drained, blocked));
      Event never;
      Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await response.Write("begun"));
        if (blocked) CO_RETURN_IF_ERROR(co_await response.Write(large));
        co_return co_await never.Wait();
      });
      TestClient client(*this, port_);
      client.Send("GET / HTTP/1.0\r\n\r\n");
      Pump();
      if (drained) {
        StartDrain(absl::ZeroDuration());
        Advance(absl::ZeroDuration());
      } else {
        scope_->Cancel();
      }
      EXPECT_TRUE(client.WaitForEnd());
      EXPECT_TRUE(client.was_reset());
      Stop();
    }
  }
}

}  // namespace
}  // namespace braid
