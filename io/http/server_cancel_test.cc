// Ends the server at every point of a long scripted exchange.

#include <dirent.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

int OpenDescriptors() {
  int count = 0;
  DIR* const directory = opendir("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

// A handler with every kind of wait that the server offers, and one of its own.
Task<absl::Status> EveryWait(HttpRequest& request, HttpResponse& response) {
  if (request.path() == "/stream") {
    for (;;) {
      CO_ASSIGN_OR_RETURN(const std::string_view piece,
                          co_await request.body().Read());
      CO_RETURN_IF_ERROR(co_await response.Write(piece));
      if (piece.empty()) co_return absl::OkStatus();
    }
  }
  if (request.path() == "/sleep")
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(5)));
  if (request.path() == "/large") {
    // Two slices.
    static const std::string large(kWriteSliceBytes + 1000, 'x');
    co_return co_await response.Send(large);
  }
  if (request.path() == "/fail")
    co_return absl::UnavailableError("as the script wants it");
  co_return response.Reply(200, "text/plain", request.target());
}

class HttpCancelTest : public HttpServerTest {
 protected:
  // How the exchange is broken off.
  enum class End { kCancelServer, kDrainServer, kCloseClient, kResetClient };

  // Plays the script, a step in each of its calls to `step`, which turns the
  // loop once and tells whether to go on.
  void Play(TestClient& client, const std::function<bool()>& step) {
    const std::string_view script[] = {
        "GET /a HTTP/1.1\r\nHo",
        "st: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\nGET /sleep "
        "HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /c HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nExpect: "
        "100-continue\r\n\r\n",
        "1234567",
        "89012",
        "GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /ignored HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nabc",
        "de\r\n0\r\n\r\n",
        "GET /fail HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n2\r\nab\r\nmalformed",
        "more behind the refusal",
    };
    for (std::string_view text : script) {
      client.TrySend(text);
      for (int turn = 0; turn < 12; ++turn) {
        if (turn == 6) clock_->Advance(absl::Milliseconds(10));
        if (!step()) return;
      }
    }
    // Until lingering ends.
    while (step()) clock_->Advance(absl::Milliseconds(100));
  }

  void BreakOffAtEveryTurn(End end) {
    int turns_max = 0;
    for (int stop_after = 0;; ++stop_after) {
      SCOPED_TRACE(absl::StrCat("after turn ", stop_after));
      const int descriptors = OpenDescriptors();
      bool ran_out = false;
      {
        Start(EveryWait);
        TestClient client(*this, port_);
        int turns = 0;
        Play(client, [&] {
          if (turns == stop_after) return false;
          ++turns;
          Pump(1);
          client.Drop();
          if (server_->stats().connections == 0 && turns > 20) ran_out = true;
          return !ran_out;
        });
        turns_max = std::max(turns_max, turns);
        if (end == End::kCloseClient) client.Close();
        if (end == End::kResetClient) client.Reset();
        if (end == End::kCloseClient || end == End::kResetClient) {
          // The server notices by itself, even in the middle of anything.
          EXPECT_TRUE(
              PumpUntil([&] { return server_->stats().connections == 0; }));
          TestClient next(*this, port_);
          next.Send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
          EXPECT_EQ(next.Read().body, "/next");
        }
        if (end == End::kDrainServer) {
          bool drained = false;
          Spawn([](HttpServer& server, bool& done) -> Task<absl::Status> {
            (co_await server.Drain(absl::Seconds(1))).IgnoreError();
            done = true;
            co_return absl::OkStatus();
          }(*server_, drained));
          EXPECT_TRUE(PumpUntil([&] {
            clock_->Advance(absl::Milliseconds(50));
            client.Drop();
            return drained && !serving();
          }));
        }
        Stop();  // Checks that nothing is in flight, lent or counted.
      }
      Pump();
      EXPECT_EQ(OpenDescriptors(), descriptors);
      if (ran_out || HasFailure()) break;
    }
    EXPECT_GT(turns_max, 100);
  }
};

TEST_F(HttpCancelTest, ServerCancelled) {
  BreakOffAtEveryTurn(End::kCancelServer);
}
TEST_F(HttpCancelTest, ServerDrained) {
  BreakOffAtEveryTurn(End::kDrainServer);
}
TEST_F(HttpCancelTest, ClientClosed) { BreakOffAtEveryTurn(End::kCloseClient); }
TEST_F(HttpCancelTest, ClientReset) { BreakOffAtEveryTurn(End::kResetClient); }

}  // namespace
}  // namespace braid
