// Bodies, both ways: streamed, sized, chunked, unread, broken off.

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

  // Malformed while it is drained.
  TestClient malformed(*this, port_);
  malformed.Send(absl::StrCat(kPostChunked, "nonsense\r\n"));
  EXPECT_EQ(malformed.Read().status, 200);
  EXPECT_TRUE(malformed.WaitForEnd());
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

// ---------------------------------------------------------------------------
// Streamed responses.

TEST_F(HttpBodyTest, StreamedResponseIsChunkedAndSentAtOnce) {
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

TEST_F(HttpBodyTest, StreamedResponseOfKnownLength) {
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

TEST_F(HttpBodyTest, StreamedResponseToHttp10EndsWithTheConnection) {
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

TEST_F(HttpBodyTest, StreamedResponseToHeadHasNoBody) {
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

TEST_F(HttpBodyTest, HandlerThatFailsInAStreamResetsTheConnection) {
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

TEST_F(HttpBodyTest, HandlerThatFailsBehindItsWholeResponseHasAnswered) {
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

TEST_F(HttpBodyTest, PeerThatDoesNotReadHoldsTheHandlerBack) {
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

TEST_F(HttpBodyTest, PeerThatLeavesInTheMiddleOfAStream) {
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

TEST_F(HttpBodyTest, EchoStreamsBothWaysAtOnce) {
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
    client.Send(Post(3'000'000));
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

}  // namespace
}  // namespace braid
