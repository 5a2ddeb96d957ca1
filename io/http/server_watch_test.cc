// Handlers that stay suspended, and peers that leave meanwhile.

#include <string>

#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "io/buffer_ring.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

using HttpWatchTest = HttpServerTest;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Task<absl::Status> Hello(HttpRequest&, HttpResponse& response) {
  co_return response.Reply(200, "text/plain", "Hello, World!");
}

TEST_F(HttpWatchTest, SlowHandlerDoesNotHoldBackEarlierResponses) {
  Event go;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        if (request.path() == "/slow") CO_RETURN_IF_ERROR(co_await go.Wait());
        co_return response.Reply(200, "text/plain", request.path());
      });
  TestClient client(*this, port_);
  client.Send(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: "
      "a\r\n\r\n");
  EXPECT_EQ(client.Read().body, "/1");
  EXPECT_EQ(client.Read().body, "/2");
  EXPECT_EQ(client.ReadAvailable(), "");
  // While it waits, the connection holds no receive buffer, and takes in more.
  EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u);
  client.Send("GET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.ReadAvailable(), "");
  go.Set();
  EXPECT_EQ(client.Read().body, "/slow");
  EXPECT_EQ(client.Read().body, "/3");
  EXPECT_EQ(client.Read().body, "/4");
  EXPECT_EQ(server_->stats().writes, 2u);
}

// A handler that waits for a turn or two, as one that calls JS does, is no
// reason to write its batch in pieces.
TEST_F(HttpWatchTest, HandlersThatYieldAreStillAnsweredInOneWrite) {
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await Yield());
        co_return response.Reply(200, "text/plain", request.path());
      });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet, kGet, kGet));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(client.Read().body, "/");
  EXPECT_EQ(server_->stats().writes, 1u);
}

TEST_F(HttpWatchTest, PeerThatLeavesCancelsTheHandler) {
  for (bool reset : {false, true}) {
    Event never;
    absl::Status ended;
    absl::Status reason;
    Start([&](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
      EXPECT_EQ(request.abort_reason(), absl::OkStatus());
      ended = co_await never.Wait();
      reason = request.abort_reason();
      co_return ended;
    });
    TestClient client(*this, port_);
    client.Send(kGet);
    Pump();
    EXPECT_EQ(ended, absl::OkStatus());
    if (reset) {
      client.Reset();
    } else {
      client.Close();
    }
    EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 0; }));
    EXPECT_TRUE(absl::IsCancelled(ended));
    EXPECT_TRUE(absl::IsUnavailable(reason)) << reason;
    EXPECT_EQ(server_->stats().handler_failures, 0u);
    Stop();
  }
}

TEST_F(HttpWatchTest, HalfClosedPeerIsServedWhereThatIsWanted) {
  HttpServerOptions options;
  options.serve_half_closed = true;
  Event go;
  Start(
      [&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await go.Wait());
        co_return response.Reply(200, "text/plain", "late");
      },
      options);
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet));
  client.ShutdownWrite();
  EXPECT_EQ(client.ReadAvailable(), "");
  go.Set();
  EXPECT_EQ(client.Read().body, "late");
  EXPECT_EQ(client.Read().body, "late");
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpWatchTest, HalfClosedPeerGetsWhatNeedsNoWaiting) {
  Start(Hello);
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet));
  client.ShutdownWrite();
  EXPECT_EQ(client.Read().body, "Hello, World!");
  EXPECT_EQ(client.Read().body, "Hello, World!");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpWatchTest, ReadAheadIsBounded) {
  HttpServerOptions options;
  options.max_read_ahead_bytes = 1000;
  Event go;
  int calls = 0;
  Start(
      [&](HttpRequest&, HttpResponse&) -> Task<absl::Status> {
        ++calls;
        co_return co_await go.Wait();
      },
      options);
  TestClient client(*this, port_);
  client.Send(kGet);
  Pump();
  // Far more than the server reads ahead, and than the kernel buffers.
  std::string more;
  for (int i = 0; i < 20'000; ++i) more += kGet;
  size_t sent = 0;
  for (int i = 0; i < 2'000; ++i) {
    sent += client.TrySend(std::string_view(more).substr(sent));
    Pump(2);
  }
  EXPECT_EQ(calls, 1);
  go.Set();
  client.Send(std::string_view(more).substr(sent));
  for (int i = 0; i < 20'001; ++i) ASSERT_EQ(client.Read().status, 200);
}

// Nobody else sends the response of a handler that goes on.
TEST_F(HttpWatchTest, ResponseThatIsCompleteIsSentWhileTheHandlerGoesOn) {
  Event go;
  Event go_on;
  HttpServerOptions options;
  options.serve_half_closed = true;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        if (request.path() == "/late") {
          CO_RETURN_IF_ERROR(co_await go.Wait());
        } else if (request.path() == "/yield") {
          for (int i = 0; i < 3; ++i) CO_RETURN_IF_ERROR(co_await Yield());
        } else if (request.path() == "/body") {
          CO_RETURN_IF_ERROR((co_await request.body().ReadAll()).status());
        }
        CO_RETURN_IF_ERROR(co_await response.Send("ok"));
        co_return co_await go_on.Wait();
      },
      options);
  for (bool half_closed : {false, true}) {
    for (std::string_view path : {"/", "/late", "/yield", "/body"}) {
      SCOPED_TRACE(path);
      go.Reset();
      go_on.Reset();
      TestClient client(*this, port_);
      client.Send(absl::StrCat("POST ", path,
                               " HTTP/1.1\r\nHost: a\r\nContent-Length: "
                               "3\r\n\r\na"));
      Pump();
      client.Send("bc");
      if (half_closed) client.ShutdownWrite();
      Pump();
      go.Set();
      EXPECT_EQ(client.Read().body, "ok");
      go_on.Set();
      Pump();
    }
  }
  // Neither is the head of a response to HEAD held back.
  go.Reset();
  go_on.Reset();
  TestClient client(*this, port_);
  client.Send("HEAD /late HTTP/1.1\r\nHost: a\r\n\r\n");
  Pump();
  go.Set();
  EXPECT_EQ(client.Read(/*head_only=*/true).status, 200);
}

// A watch that ended because it had read ahead enough begins anew when the
// handler has taken that.
TEST_F(HttpWatchTest, PeerThatLeavesBehindWhatWasReadAhead) {
  HttpServerOptions options;
  options.max_read_ahead_bytes = 10;
  Event go;
  Event never;
  absl::Status ended;
  Start(
      [&](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await go.Wait());
        CO_ASSIGN_OR_RETURN(const std::string body,
                            co_await request.body().ReadAll());
        EXPECT_EQ(body.size(), 20u);
        ended = co_await never.Wait();
        co_return ended;
      },
      options);
  TestClient client(*this, port_);
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n");
  Pump();
  client.Send(std::string(20, 'x'));
  Pump();
  go.Set();
  Pump();
  EXPECT_EQ(ended, absl::OkStatus());
  client.Close();
  EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 0; }));
  EXPECT_TRUE(absl::IsCancelled(ended)) << ended;
}

// Receive buffers are everybody's. A peer that sends on and on, in small
// pieces, to a handler that waits must not gather them.
TEST_F(HttpWatchTest, PeerThatSendsOnTakesNoReceiveBuffers) {
  HttpServerOptions options;
  options.max_body_bytes = 10 << 20;
  Event go;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await go.Wait());
        CO_ASSIGN_OR_RETURN(const std::string body,
                            co_await request.body().ReadAll());
        co_return response.Reply(200, "text/plain", absl::StrCat(body.size()));
      },
      options);
  TestClient client(*this, port_);
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 16484\r\n\r\n");
  Pump();
  client.Send(std::string(options.max_read_ahead_bytes, 'x'));
  Pump();
  for (int i = 0; i < 100; ++i) {
    client.Send("y");
    Pump(3);
    EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u) << i;
  }
  go.Set();
  EXPECT_EQ(client.Read().body, "16484");
}

TEST_F(HttpWatchTest, HandlerOfAHalfClosedPeerFailsLikeAnyOther) {
  HttpServerOptions options;
  options.serve_half_closed = true;
  Event go;
  Start(
      [&](HttpRequest&, HttpResponse&) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await go.Wait());
        co_return absl::InternalError("not the peer's fault");
      },
      options);
  TestClient client(*this, port_);
  client.Send(kGet);
  client.ShutdownWrite();
  Pump();
  go.Set();
  EXPECT_EQ(client.Read().status, 500);
  EXPECT_EQ(server_->stats().handler_failures, 1u);
}

}  // namespace
}  // namespace braid
