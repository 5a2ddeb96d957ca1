// Ends the server, or leaves it, at every turn of scripted exchanges. Together
// their handlers and clients bring a server to each of its waits.

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/task_tree.h"
#include "io/http/server_test_base.h"
#include "io/testing.h"

namespace braid {
namespace {

// A handler with every kind of wait that the server offers, and one of its own.
Task<absl::Status> EveryWait(HttpRequest& request, HttpResponse& response) {
  static const std::string large(kWriteSliceBytes + 1000, 'x');  // Two slices.
  const std::string_view path = request.path();
  if (path == "/stream") {
    for (;;) {
      CO_ASSIGN_OR_RETURN(const std::string_view piece,
                          co_await request.body().Read());
      CO_RETURN_IF_ERROR(co_await response.Write(piece));
      if (piece.empty()) co_return absl::OkStatus();
    }
  }
  if (path == "/sleep" || path == "/ask")
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(5)));
  if (path == "/ask" || path == "/read")
    CO_RETURN_IF_ERROR((co_await request.body().ReadAll()).status());
  if (path == "/two") {
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      for (int i = 0; i < 2; ++i)
        scope.Spawn(response.Write(std::string_view(large)));
      co_return absl::OkStatus();
    });
  }
  if (path == "/large") co_return co_await response.Send(large);
  if (path == "/gathered")
    co_return response.Reply(200, "text/plain", large.substr(0, 16'000));
  if (path == "/for-ever")
    co_return co_await SleepFor(absl::InfiniteDuration());
  if (path == "/fail")
    co_return absl::UnavailableError("as the script wants it");
  co_return response.Reply(200, "text/plain", request.target());
}

// What a client sends, and how many turns and how much time it leaves to the
// server then.
struct Line {
  std::string_view text;
  int turns = 12;
  absl::Duration time = absl::Milliseconds(10);  // In the middle.
};

struct Scenario {
  std::string_view name;
  // What it is there for: waits that it comes to, as Stacks() writes them.
  std::vector<std::string_view> waits;
  std::vector<Line> script;
  // Whether the client takes what comes; else the server's writes block, and
  // soon, since the buffers are as small as the kernel makes them.
  bool reads = true;
  // One more client, who asks before the script begins.
  bool crowded = false;
  HttpServerOptions options = {};
};

// The suspended awaits in a task tree, each in a line with its stack:
// "send < HttpConnection::Flush < HttpConnection::Watch".
std::string Stacks(std::string_view tree) {
  std::string stacks;
  for (std::string_view line : absl::StrSplit(tree, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, "at ")) {
      absl::ConsumePrefix(&line, "braid::");
      absl::StrAppend(&stacks, " < ", line.substr(0, line.find(" (")));
    } else {
      absl::StrAppend(&stacks, "\n", line);
    }
  }
  return stacks;
}

std::vector<Scenario> Scenarios() {
  HttpServerOptions one_connection;
  one_connection.max_connections = 1;
  return {
      {"Everything",
       {"recv < HttpConnection::Serve",
        "recv < HttpConnection::Fill < HttpConnection::Work",
        "recv < HttpConnection::Watch",
        "< HttpConnection::FillBody < HttpConnection::DrainBody",
        "< HttpConnection::FillBody < HttpConnection::ReadBody"},
       {
           {"GET /a HTTP/1.1\r\nHo"},
           {"st: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\nGET /sleep "
            "HTTP/1.1\r\nHost: a\r\n\r\n"},
           {"GET /c HTTP/1.1\r\nHost: a\r\n\r\n"},
           {"POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nExpect: "
            "100-continue\r\n\r\n"},
           {"1234567"},
           {"89012"},
           {"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"},
           {"POST /ignored HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
            "chunked\r\n\r\n5\r\nabc"},
           {"de\r\n0\r\n\r\n"},
           {"GET /fail HTTP/1.1\r\nHost: a\r\n\r\n"},
           {"POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
            "chunked\r\n\r\n2\r\nab\r\nmalformed"},
           {"more behind the refusal", 40, absl::Seconds(3)},
       }},
      {"AskingForABodyThatTheWatchReads",
       {"Event::Wait < HttpConnection::Fill"},
       {{"POST /ask HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"},
        {"ab"},
        {"cd"}}},
      {"TwoWriters",
       {"Event::Wait < HttpConnection::WaitForWriter"},
       {{"GET /two HTTP/1.1\r\nHost: a\r\n\r\n", 24}},
       /*reads=*/false},
      {"WriteOfTheHandlerBlocks",
       {"< HttpConnection::WriteSlices < HttpConnection::Flush"},
       {{"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", 24}},
       /*reads=*/false},
      {"WriteOfTheWatchBlocks",
       {"send < HttpConnection::Flush < HttpConnection::Watch"},
       {{"GET /gathered HTTP/1.1\r\nHost: a\r\n\r\n"
         "GET /gathered HTTP/1.1\r\nHost: a\r\n\r\n"
         "GET /for-ever HTTP/1.1\r\nHost: a\r\n\r\n",
         24}},
       /*reads=*/false},
      {"WriteOfTheConnectionBlocks",
       {"send < HttpConnection::Flush < HttpConnection::Work"},
       {{"GET /gathered HTTP/1.1\r\nHost: a\r\n\r\n"
         "GET /gathered HTTP/1.1\r\nHost: a\r\n\r\n",
         24}},
       /*reads=*/false},
      {"WriteTime",
       {"closing a socket < StreamSocket::Close < HttpConnection::Run"},
       {{"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", 24, absl::Seconds(31)}},
       /*reads=*/false},
      {"HeaderTime",
       {"send < HttpConnection::Flush < Timeout < HttpConnection::LastWords",
        "shutdown < StreamSocket::Shutdown < HttpConnection::Linger"},
       {{"GET / HTTP", 36, absl::Seconds(11)}}},
      {"BodyTime",
       {"send < HttpConnection::Flush < Timeout < HttpConnection::LastWords",
        "recv < HttpConnection::DropInput"},
       {{"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n", 36,
         absl::Seconds(21)}}},
      {"WaitingForAPlace",
       {"Semaphore::Acquire < HttpServer::Accept"},
       {{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 24}},
       /*reads=*/true,
       /*crowded=*/true,
       one_connection},
  };
}

// How the exchange is broken off.
enum class End {
  kCancelServer,
  kDrainServer,
  kCancelDrain,
  kCloseClient,
  kResetClient,
};

class HttpCancelTest
    : public HttpServerTest,
      public ::testing::WithParamInterface<std::tuple<Scenario, End>> {
 protected:
  const Scenario& scenario() const { return std::get<0>(GetParam()); }
  End end() const { return std::get<1>(GetParam()); }

  // Plays the script for that many turns, and tells how many of them it has.
  int Play(TestClient& client, int turns_max) {
    int turns = 0;
    for (const Line& line : scenario().script) {
      if (turns == turns_max) return turns;
      client.TrySend(line.text);
      for (int turn = 0; turn < line.turns; ++turn) {
        if (turns == turns_max) return turns;
        if (turn == line.turns / 2) clock_->Advance(line.time);
        LetShutdownEnd();
        Pump(1);
        if (scenario().reads) client.Drop();
        ++turns;
      }
    }
    return turns;
  }

  // A thread of the kernel's does it, which takes its own time: without this,
  // what comes after it would be in reach of the script on some days alone.
  void LetShutdownEnd() {
    EXPECT_TRUE(PumpUntil([&] {
      return !absl::StrContains(
          Stacks(FormatTaskTree(loop_.executor().root_scope())), "shutdown <");
    }));
  }

  void BreakOff(TestClient& client, TestClient* other) {
    switch (end()) {
      case End::kCancelServer:
        break;  // Stop() does it.
      case End::kCancelDrain:
        StartDrain(absl::Seconds(1));
        Pump(3);
        clock_->Advance(absl::Seconds(2));  // From one wait to the other,
        Pump(3);                            // perhaps.
        CancelDrain();
        EXPECT_TRUE(PumpUntil([&] { return drained_.has_value(); }));
        break;
      case End::kDrainServer:
        StartDrain(absl::Seconds(1));
        EXPECT_TRUE(PumpUntil([&] {
          clock_->Advance(absl::Milliseconds(50));
          client.Drop();
          if (other != nullptr) other->Drop();
          return drained_.has_value() && !serving();
        }));
        break;
      case End::kCloseClient:
      case End::kResetClient:
        for (TestClient* each : {&client, other}) {
          if (each == nullptr) continue;
          if (end() == End::kResetClient) {
            each->Reset();
          } else {
            each->Close();
          }
        }
        // The server notices by itself, even in the middle of anything.
        EXPECT_TRUE(
            PumpUntil([&] { return server_->stats().connections == 0; }));
        TestClient next(*this, port_);
        next.Send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(next.Read().body, "/next");
        break;
    }
  }
};

TEST_P(HttpCancelTest, AtEveryTurn) {
  if (!scenario().reads) send_buffer_bytes_ = 1;
  std::string stacks;
  for (int turns = 0; !HasFailure(); ++turns) {
    SCOPED_TRACE(absl::StrCat("after turn ", turns));
    const int descriptors = CountDescriptors();
    int played = 0;
    {
      Start(EveryWait, scenario().options);
      std::optional<TestClient> other;
      if (scenario().crowded) {
        other.emplace(*this, port_);
        other->Send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
      }
      TestClient client(*this, port_,
                        {.receive_buffer_bytes = scenario().reads ? 0 : 1});
      played = Play(client, turns);
      stacks += Stacks(FormatTaskTree(loop_.executor().root_scope()));
      BreakOff(client, other.has_value() ? &*other : nullptr);
      Stop();  // Checks that nothing is in flight, lent or counted.
    }
    EXPECT_TRUE(PumpUntil([&] { return CountDescriptors() == descriptors; }));
    if (played < turns) break;
  }
  for (std::string_view wait : scenario().waits)
    EXPECT_TRUE(absl::StrContains(stacks, wait)) << wait;
}

std::string NameOf(
    const ::testing::TestParamInfo<std::tuple<Scenario, End>>& info) {
  constexpr std::string_view kEnds[] = {"ServerCancelled", "ServerDrained",
                                        "DrainCancelled", "ClientClosed",
                                        "ClientReset"};
  return absl::StrCat(std::get<0>(info.param).name,
                      kEnds[static_cast<size_t>(std::get<1>(info.param))]);
}

INSTANTIATE_TEST_SUITE_P(
    Http, HttpCancelTest,
    ::testing::Combine(::testing::ValuesIn(Scenarios()),
                       ::testing::Values(End::kCancelServer, End::kDrainServer,
                                         End::kCancelDrain, End::kCloseClient,
                                         End::kResetClient)),
    NameOf);

}  // namespace
}  // namespace braid
