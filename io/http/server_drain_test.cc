// The server's end: drained, cancelled, destroyed.

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

using HttpDrainTest = HttpServerTest;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Task<absl::Status> Hello(HttpRequest&, HttpResponse& response) {
  co_return response.Reply(200, "text/plain", "Hello, World!");
}

TEST_F(HttpDrainTest, DrainClosesIdleConnectionsAndThePort) {
  Start(Hello);
  TestClient fresh(*this, port_);
  TestClient used(*this, port_);
  used.Send(kGet);
  EXPECT_EQ(used.Read().status, 200);
  StartDrain(absl::Seconds(5));
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_EQ(used.ReadToEnd(), "");
  EXPECT_TRUE(PumpUntil([&] { return !serving(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
  EXPECT_EQ(served_, absl::OkStatus());
  EXPECT_TRUE(server_->draining());
  TestClient late(*this, port_);
  late.TrySend(kGet);
  EXPECT_TRUE(late.WaitForEnd());
}

TEST_F(HttpDrainTest, DrainLetsRunningHandlersFinish) {
  Event go;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await go.Wait());
    co_return response.Reply(200, "text/plain", "finished");
  });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet));
  TestClient half(*this, port_);
  half.Send("GET / HTT");  // Has begun to ask.
  Pump();
  StartDrain(absl::Seconds(5));
  Pump();
  EXPECT_EQ(server_->stats().connections, 2u);
  half.Send("P/1.1\r\nHost: a\r\n\r\n");
  Pump();
  go.Set();
  for (TestClient* each : {&client, &half}) {
    const TestResponse response = each->Read();
    EXPECT_EQ(response.body, "finished");
    EXPECT_TRUE(response.Has("connection: close"));
    EXPECT_EQ(each->ReadToEnd(), "");
    each->Close();
  }
  EXPECT_TRUE(PumpUntil([&] { return !serving(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
}

TEST_F(HttpDrainTest, DrainCancelsWhatIsLeftAtItsDeadline) {
  Event never;
  Start(
      [&](HttpRequest& request, HttpResponse& response) -> Task<absl::Status> {
        if (request.path() == "/stream")
          CO_RETURN_IF_ERROR(co_await response.Write("begun"));
        co_return co_await never.Wait();
      });
  TestClient waiting(*this, port_);
  waiting.Send(kGet);
  TestClient streaming(*this, port_);
  streaming.Send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  streaming.ReadUntil("begun");
  StartDrain(absl::Seconds(5));
  Pump();
  EXPECT_EQ(drained_, std::nullopt);
  Advance(absl::Seconds(5));
  const TestResponse response = waiting.Read();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            "503 Service Unavailable: the server is shutting down\n");
  EXPECT_TRUE(streaming.WaitForEnd());
  // Else it could take the body for complete.
  EXPECT_TRUE(streaming.was_reset());
  waiting.Close();
  EXPECT_TRUE(PumpUntil([&] { return !serving(); }));
  EXPECT_TRUE(absl::IsDeadlineExceeded(*drained_)) << *drained_;
  EXPECT_EQ(served_, absl::OkStatus());
}

TEST_F(HttpDrainTest, CancellingServeCancelsHandlersAndCloses) {
  Event never;
  absl::Status ended;
  Start([&](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
    ended = co_await never.Wait();
    EXPECT_TRUE(absl::IsAborted(request.abort_reason()));
    co_return ended;
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  Pump();
  scope_->Cancel();
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_TRUE(PumpUntil([&] { return !serving(); }));
  EXPECT_TRUE(absl::IsCancelled(ended));
  EXPECT_TRUE(absl::IsCancelled(served_)) << served_;
}

TEST_F(HttpDrainTest, NothingToDrain) {
  Start(Hello);
  StartDrain(absl::ZeroDuration());
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value() && !serving(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
  // And again, with a port that comes too late.
  const uint16_t port = ServeAnother();
  EXPECT_TRUE(PumpUntil([&] { return !serving(); }));
  TestClient late(*this, port);
  EXPECT_TRUE(late.WaitForEnd());
  StartDrain(absl::Seconds(1));
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
}

// Nobody who has asked goes away empty-handed: neither on a connection that
// seems idle, nor on one that the server has accepted and not looked at, nor on
// one that it has not accepted yet.
TEST_F(HttpDrainTest, DrainAnswersRequestsThatHaveCome) {
  Start(Hello);
  TestClient used(*this, port_);
  used.Send(kGet);
  EXPECT_EQ(used.Read().status, 200);
  TestClient fresh(*this, port_);
  TestClient silent(*this, port_);
  TestClient unaccepted(*this, port_, {.turn = false});
  TestClient unaccepted_and_silent(*this, port_, {.turn = false});
  used.Send(kGet);
  fresh.Send(kGet);
  unaccepted.Send(kGet);
  StartDrain(absl::Seconds(5));
  for (TestClient* each : {&used, &fresh, &unaccepted}) {
    const TestResponse response = each->Read();
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.Has("connection: close"));
    EXPECT_EQ(each->ReadToEnd(), "");
    EXPECT_FALSE(each->was_reset());
    each->Close();
  }
  for (TestClient* each : {&silent, &unaccepted_and_silent}) {
    EXPECT_EQ(each->ReadToEnd(), "");
    EXPECT_FALSE(each->was_reset());
  }
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value() && !serving(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
}

TEST_F(HttpDrainTest, DrainAnswersWhoWaitedForAPlace) {
  HttpServerOptions options;
  options.max_connections = 1;
  Event go;
  Start(
      [&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await go.Wait());
        co_return response.Reply(200, "text/plain", "answered");
      },
      options);
  TestClient first(*this, port_);
  TestClient second(*this, port_);
  TestClient third(*this, port_);
  for (TestClient* each : {&first, &second, &third}) each->Send(kGet);
  Pump();
  EXPECT_EQ(server_->stats().connections, 1u);
  StartDrain(absl::Seconds(5));
  Pump();
  EXPECT_EQ(drained_, std::nullopt);
  go.Set();
  for (TestClient* each : {&first, &second, &third}) {
    EXPECT_EQ(each->Read().body, "answered");
    each->Close();
  }
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
}

// A request behind one that was running when the drain began.
TEST_F(HttpDrainTest, DrainAnswersTheNextRequestOfABusyConnection) {
  Event go;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    // Announces that the connection goes on, and ends in the drain.
    CO_RETURN_IF_ERROR(co_await response.Write("begun"));
    co_return co_await go.Wait();
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  client.ReadUntil("begun\r\n");
  StartDrain(absl::Seconds(5));
  Pump();
  client.Send(kGet);
  go.Set();
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "0\r\n\r\n");
  EXPECT_TRUE(client.Read().Has("connection: close"));
  client.Close();
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
}

// Whatever the turn in which the deadline comes: what a handler has sent whole
// arrives whole, although the handler is cancelled.
TEST_F(HttpDrainTest, ResponseThatIsCompleteArrivesInSpiteOfTheDeadline) {
  for (int turns = 0; turns < 10; ++turns) {
    SCOPED_TRACE(turns);
    Event never;
    bool called = false;
    Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
      called = true;
      CO_RETURN_IF_ERROR(co_await response.Send("all of it"));
      co_return co_await never.Wait();
    });
    TestClient client(*this, port_);
    client.Send("GET / HTTP/1.1\r\nHo");  // Not idle any more.
    Pump();
    StartDrain(absl::Seconds(5));
    Pump();
    client.Send("st: a\r\n\r\n");
    Pump(turns);
    clock_->Advance(absl::Seconds(5) + absl::Milliseconds(1));
    const std::string all = client.ReadToEnd();
    if (called) {
      EXPECT_THAT(all, HasSubstr("\r\n\r\nall of it"));
      EXPECT_FALSE(client.was_reset());
    }
    client.Close();
    EXPECT_TRUE(PumpUntil([&] { return drained_.has_value(); }));
    EXPECT_TRUE(absl::IsDeadlineExceeded(*drained_)) << *drained_;
    Stop();
  }
}

TEST_F(HttpDrainTest, CancelledDrainCanBeRepeated) {
  Event never;
  Start([&](HttpRequest&, HttpResponse&) -> Task<absl::Status> {
    co_return co_await never.Wait();
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  Pump();
  StartDrain(absl::Seconds(5));
  Pump();
  CancelDrain();
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value(); }));
  EXPECT_TRUE(absl::IsCancelled(*drained_)) << *drained_;
  Advance(absl::Seconds(10));
  EXPECT_EQ(server_->stats().connections, 1u);
  drain_scope_.emplace(loop_.executor().root_scope());
  StartDrain(absl::ZeroDuration());
  EXPECT_EQ(client.Read().status, 503);
  client.Close();
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value(); }));
  EXPECT_TRUE(absl::IsDeadlineExceeded(*drained_)) << *drained_;
}

// ---------------------------------------------------------------------------
// Several listeners.

TEST_F(HttpDrainTest, DrainOverTwoListeners) {
  Event go;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await go.Wait());
    co_return response.Reply(200, "text/plain", "answered");
  });
  const uint16_t other_port = ServeAnother();
  TestClient first(*this, port_);
  TestClient second(*this, other_port);
  TestClient idle(*this, other_port);
  first.Send(kGet);
  second.Send(kGet);
  Pump();
  EXPECT_EQ(server_->stats().connections, 3u);
  StartDrain(absl::Seconds(5));
  EXPECT_EQ(idle.ReadToEnd(), "");
  for (uint16_t port : {port_, other_port}) {
    TestClient late(*this, port);
    EXPECT_TRUE(late.WaitForEnd());
  }
  EXPECT_EQ(serving_, 2);
  EXPECT_EQ(drained_, std::nullopt);
  go.Set();
  EXPECT_EQ(first.Read().body, "answered");
  first.Close();
  // Each Serve() ends with its own connections, the drain with all.
  EXPECT_TRUE(PumpUntil([&] { return serving_ == 1; }));
  EXPECT_EQ(drained_, std::nullopt);
  EXPECT_EQ(second.Read().body, "answered");
  second.Close();
  EXPECT_TRUE(PumpUntil([&] { return drained_.has_value() && !serving(); }));
  EXPECT_EQ(drained_, absl::OkStatus());
}

// ---------------------------------------------------------------------------
// Destroyed where it stands, with the root scope.

TEST_F(HttpDrainTest, ServerThatNeverServed) {
  HttpServer server(loop_, {}, Hello);
  EXPECT_FALSE(server.draining());
}

TEST_F(HttpDrainTest, DestroyedWhileAccepting) {
  Start(Hello);
  Destroy();
}

TEST_F(HttpDrainTest, DestroyedWithIdleConnections) {
  Start(Hello);
  TestClient fresh(*this, port_);
  TestClient used(*this, port_);
  used.Send(kGet);
  EXPECT_EQ(used.Read().status, 200);
  // The write has completed, and its task has not run since.
  Destroy();
  EXPECT_TRUE(used.WaitForEnd());
}

TEST_F(HttpDrainTest, DestroyedWithHandlersInEveryTurnOfTheirWait) {
  for (int turns = 0; turns < 12; ++turns) {
    SCOPED_TRACE(turns);
    Event never;
    Start([&](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
      if (request.has_body())
        CO_RETURN_IF_ERROR((co_await request.body().ReadAll()).status());
      co_return co_await never.Wait();
    });
    TestClient waiting(*this, port_);
    TestClient reading(*this, port_);
    waiting.Send(absl::StrCat(kGet, kGet));
    reading.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123");
    Pump(turns);
    Destroy();
    EXPECT_TRUE(waiting.WaitForEnd());
  }
}

TEST_F(HttpDrainTest, DestroyedWhileDraining) {
  for (int turns = 0; turns < 12; ++turns) {
    SCOPED_TRACE(turns);
    Event never;
    Start([&](HttpRequest&, HttpResponse&) -> Task<absl::Status> {
      co_return co_await never.Wait();
    });
    TestClient client(*this, port_);
    client.Send(kGet);
    Pump(3);
    StartDrain(absl::Seconds(5));
    // Its close of the listener must not be under way.
    Pump(turns < 2 ? turns : 20 + turns);
    Destroy();
  }
}

}  // namespace
}  // namespace braid
