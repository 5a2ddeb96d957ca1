// Bodies of requests: streamed, sized, chunked, unread, broken off.

#include <string>

#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

using HttpBodyTest = HttpServerTest;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string Post(size_t length, std::string_view more_headers = "") {
  return absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ", length,
                      "\r\n", more_headers, "\r\n");
}

constexpr std::string_view kPostChunked =
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

// Reads the whole body and says how long it was and what it began with.
Task<absl::Status> Measure(HttpRequest& request, HttpResponse& response) {
  size_t bytes = 0;
  std::string start;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::string_view piece,
                        co_await request.body().Read());
    if (piece.empty()) break;
    bytes += piece.size();
    if (start.size() < 8) start += piece.substr(0, 8 - start.size());
  }
  // The end stays the end.
  CO_ASSIGN_OR_RETURN(const std::string_view end,
                      co_await request.body().Read());
  EXPECT_EQ(end, "");
  co_return response.Reply(200, "text/plain", absl::StrCat(bytes, " ", start));
}

Task<absl::Status> Ignore(HttpRequest&, HttpResponse& response) {
  co_return response.Reply(200, "text/plain", "ignored");
}

TEST_F(HttpBodyTest, LargeBodiesAreStreamedInBoundedMemory) {
  HttpServerOptions options;
  options.max_body_bytes = 100 << 20;
  unsigned lent_max = 0;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        size_t bytes = 0;
        for (;;) {
          CO_ASSIGN_OR_RETURN(const std::string_view piece,
                              co_await request.body().Read());
          if (piece.empty()) break;
          bytes += piece.size();
          lent_max = std::max(lent_max, (*loop_.receive_buffers())->lent());
        }
        co_return response.Reply(200, "text/plain", absl::StrCat(bytes));
      },
      options);
  TestClient client(*this, port_);
  client.Send(Post(20'000'000));
  client.Send(std::string(20'000'000, 'x'));
  EXPECT_EQ(client.Read().body, "20000000");
  // What the socket queues, and what one receive brings at once.
  EXPECT_LE(lent_max, 64u);
}

TEST_F(HttpBodyTest, ChunkedBodyInPiecesOfAnySize) {
  Start(Measure);
  TestClient client(*this, port_);
  for (int i = 0; i < 2; ++i) {
    client.Send(kPostChunked);
    for (std::string_view piece :
         {"5", "\r", "\nhe", "llo\r\n", "6;x=y\r\n wor", "ld\r\n0\r\nX: y\r\n",
          "\r\n"}) {
      client.Send(piece);
      Pump();
    }
    EXPECT_EQ(client.Read().body, "11 hello wo");
  }
}

TEST_F(HttpBodyTest, ReaderThatIsSlowHoldsThePeerBack) {
  HttpServerOptions options;
  options.max_body_bytes = 1 << 30;
  Event go;
  size_t read = 0;
  Start(
      [&](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await go.Wait());
        for (;;) {
          CO_ASSIGN_OR_RETURN(const std::string_view piece,
                              co_await request.body().Read());
          if (piece.empty()) co_return absl::OkStatus();
          read += piece.size();
        }
      },
      options);
  TestClient client(*this, port_);
  constexpr size_t kBytes = 64 << 20;
  client.Send(Post(kBytes));
  const std::string block(1 << 20, 'x');
  size_t sent = 0;
  for (int i = 0; i < 500; ++i) {
    sent += client.TrySend(std::string_view(block).substr(
        0, std::min(block.size(), kBytes - sent)));
    Pump(2);
  }
  EXPECT_LT(sent, kBytes / 2) << "nobody reads, and yet it is taken";
  EXPECT_EQ(read, 0u);
  go.Set();
  while (sent < kBytes) {
    const std::string_view rest = std::string_view(block).substr(
        0, std::min(block.size(), kBytes - sent));
    client.Send(rest);
    sent += rest.size();
  }
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(read, kBytes);
}

TEST_F(HttpBodyTest, ReadAllHasALimitOfItsOwn) {
  Start([](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(const std::string body,
                        co_await request.body().ReadAll(5));
    co_return response.Reply(200, "text/plain", body);
  });
  TestClient client(*this, port_);
  client.Send(Post(5) + "12345");
  EXPECT_EQ(client.Read().body, "12345");
  client.Send(Post(6) + "123456");
  const TestResponse response = client.Read();
  EXPECT_EQ(response.status, 413);
  EXPECT_THAT(response.body, HasSubstr("above the limit of 5 (ReadAll)"));
  EXPECT_TRUE(client.WaitForEnd());
  // The peer's failure, not the handler's.
  EXPECT_EQ(server_->stats().handler_failures, 0u);
}

TEST_F(HttpBodyTest, ExpectationIsAnsweredWhenTheHandlerReads) {
  Start(Measure);
  TestClient client(*this, port_);
  client.Send(Post(3, "Expect: 100-continue\r\n"));
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("abc");
  EXPECT_EQ(client.Read().body, "3 abc");
  // The connection goes on.
  client.Send(kGet);
  EXPECT_EQ(client.Read().body, "0 ");
}

TEST_F(HttpBodyTest, ExpectationIsNotAnsweredWhenTheBodyIsThere) {
  Start(Measure);
  TestClient client(*this, port_);
  client.Send(Post(3, "Expect: 100-continue\r\n") + "abc");
  EXPECT_EQ(client.Read().status, 200);
  client.Send(Post(3, "Expect: 100-continue\r\n") + "a");
  EXPECT_EQ(client.ReadAvailable(), "");
  client.Send("bc");
  EXPECT_EQ(client.Read().body, "3 abc");
}

TEST_F(HttpBodyTest, ExpectationOfABodyThatNobodyWantsClosesTheConnection) {
  Start(Ignore);
  TestClient client(*this, port_);
  client.Send(Post(3, "Expect: 100-continue\r\n"));
  const TestResponse response = client.Read();
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.Has("connection: close"));
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpBodyTest, UnreadBodyIsDrained) {
  Start(Ignore);
  TestClient client(*this, port_);
  // There already, still on its way, and chunked.
  client.Send(absl::StrCat(Post(5), "12345", kGet));
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().status, 200);
  client.Send(Post(50'000));
  EXPECT_EQ(client.Read().status, 200);
  client.Send(std::string(50'000, 'x'));
  client.Send(kPostChunked);
  EXPECT_EQ(client.Read().status, 200);
  client.Send("3\r\nabc\r\n0\r\n\r\n");
  client.Send(kGet);
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(server_->stats().requests, 5u);
}

TEST_F(HttpBodyTest, UnreadBodyThatIsTooLongClosesTheConnection) {
  Start(Ignore);
  TestClient sized(*this, port_);
  sized.Send(Post(1'000'000));
  const TestResponse response = sized.Read();
  EXPECT_EQ(response.body, "ignored");
  EXPECT_TRUE(response.Has("connection: close"));
  EXPECT_TRUE(sized.WaitForEnd());
  EXPECT_FALSE(sized.was_reset());

  // The length of this one shows only when it is too late to announce it.
  TestClient chunked(*this, port_);
  chunked.Send(kPostChunked);
  EXPECT_EQ(chunked.Read().status, 200);
  std::string chunks;
  for (int i = 0; i < 100; ++i)
    absl::StrAppend(&chunks, "3e8\r\n", std::string(1000, 'x'), "\r\n");
  chunked.Send(chunks);
  EXPECT_TRUE(chunked.WaitForEnd());
  EXPECT_FALSE(chunked.was_reset());

  // Malformed: what was there with the head, and what comes while it is drained.
  TestClient malformed(*this, port_);
  malformed.Send(absl::StrCat(kPostChunked, "nonsense\r\n"));
  EXPECT_TRUE(malformed.Read().Has("connection: close"));
  EXPECT_TRUE(malformed.WaitForEnd());
  TestClient later(*this, port_);
  later.Send(kPostChunked);
  EXPECT_FALSE(later.Read().Has("connection: close"));
  later.Send("nonsense\r\n");
  EXPECT_TRUE(later.WaitForEnd());
}

TEST_F(HttpBodyTest, MalformedBodyIsTheHandlersErrorAndThePeers400) {
  absl::Status seen;
  bool answers = false;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        seen = (co_await request.body().ReadAll()).status();
        // It stays malformed.
        EXPECT_EQ((co_await request.body().Read()).status(), seen);
        if (answers) co_return response.Reply(200, "text/plain", "whatever");
        co_return seen;
      });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kPostChunked, "3\r\nabcd\r\n0\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_TRUE(absl::IsInvalidArgument(seen)) << seen;
  EXPECT_THAT(client.ReadToEnd(), "");

  answers = true;
  TestClient answered(*this, port_);
  answered.Send(absl::StrCat(kPostChunked, "x"));
  const TestResponse response = answered.Read();
  EXPECT_EQ(response.body, "whatever");
  EXPECT_TRUE(response.Has("connection: close"));
  EXPECT_TRUE(answered.WaitForEnd());
}

TEST_F(HttpBodyTest, ChunkedBodyAboveTheLimit) {
  HttpServerOptions options;
  options.max_body_bytes = 10;
  Start(Measure, options);
  TestClient client(*this, port_);
  client.Send(
      absl::StrCat(kPostChunked, "6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n"));
  const TestResponse response = client.Read();
  EXPECT_EQ(response.status, 413);
  EXPECT_THAT(response.body,
              HasSubstr("above the limit of 10 (max_body_bytes)"));
  EXPECT_TRUE(client.WaitForEnd());
}

TEST_F(HttpBodyTest, PeerThatLeavesInTheMiddleOfABody) {
  for (const std::string& body :
       {Post(10) + "123", absl::StrCat(kPostChunked, "5\r\n123")}) {
    for (bool reset : {false, true}) {
      absl::Status seen;
      Start([&](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
        seen = (co_await request.body().ReadAll()).status();
        co_return seen;
      });
      TestClient client(*this, port_);
      client.Send(body);
      Pump();
      if (reset) {
        client.Reset();
      } else {
        client.Close();
      }
      EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 0; }));
      EXPECT_FALSE(seen.ok());
      if (!reset) EXPECT_TRUE(absl::IsUnavailable(seen)) << seen;
      EXPECT_EQ(server_->stats().handler_failures, 0u);
      Stop();
    }
  }
}

// The handler waits for something else while its body comes.
TEST_F(HttpBodyTest, BodyIsReadAheadWhileTheHandlerWaits) {
  Event go;
  Start([&](HttpRequest& request,
            HttpResponse& response) -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(std::string_view piece, co_await request.body().Read());
    const std::string first(piece);
    CO_RETURN_IF_ERROR(co_await go.Wait());
    go.Reset();
    CO_ASSIGN_OR_RETURN(std::string rest, co_await request.body().ReadAll());
    co_return response.Reply(200, "text/plain", absl::StrCat(first, "+", rest));
  });
  TestClient client(*this, port_);
  client.Send(Post(9) + "123");
  Pump();
  client.Send("456");
  Pump();
  go.Set();
  Pump();  // Takes what was read ahead, and waits for the rest.
  client.Send("789");
  EXPECT_EQ(client.Read().body, "123+456789");
  // A piece in the hands of a waiting handler stays valid.
  client.Send(Post(3) + "abc");
  Pump();
  EXPECT_EQ((*loop_.receive_buffers())->lent(), 1u);
  go.Set();
  EXPECT_EQ(client.Read().body, "abc+");
}

// And begins to read while the watch over it is reading.
TEST_F(HttpBodyTest, BodyThatIsAskedForWhileTheWatchReads) {
  Event go;
  Start([&](HttpRequest& request,
            HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await go.Wait());
    CO_ASSIGN_OR_RETURN(std::string body, co_await request.body().ReadAll());
    co_return response.Reply(200, "text/plain", body);
  });
  TestClient client(*this, port_);
  client.Send(Post(6));
  Pump();
  go.Set();
  Pump();
  client.Send("123");
  Pump();
  client.Send("456");
  EXPECT_EQ(client.Read().body, "123456");
}

using HttpBodyDeathTest = HttpBodyTest;

TEST_F(HttpBodyDeathTest, TwoReadersAreAMistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read_twice = [this] {
    Start([](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
      co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (int i = 0; i < 2; ++i) {
          scope.Spawn([&]() -> Task<absl::Status> {
            co_return (co_await request.body().ReadAll()).status();
          });
        }
        co_return absl::OkStatus();
      });
    });
    TestClient client(*this, port_);
    client.Send(Post(3));
    Pump();
  };
  EXPECT_DEATH(read_twice(), "two tasks read the body of one request");
}

}  // namespace
}  // namespace braid
