// How many connections a client has, and who gets the next one.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/http/client.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/tcp.h"

namespace braid {
namespace {

// Servers on ports 80 and 81 that take 10 ms for each request.
class HttpClientPoolTest : public testing::Test {
 protected:
  HttpClientPoolTest() : loop_(SimulatedWorld(SimOptions{})) {}

  void Run(HttpClientOptions options,
           std::function<Task<absl::Status>(HttpClient&)> body) {
    const absl::Status status = loop_.Run(RunAll(std::move(options), body));
    EXPECT_TRUE(status.ok()) << status;
    while (loop_.in_flight() > 0) loop_.Turn(Driver::Wait::kForOne);
  }

  Task<absl::Status> Get(HttpClient& client, int port, std::string path) {
    CO_ASSIGN_OR_RETURN(
        HttpClientResponse response,
        co_await client.Fetch(
            {.url = absl::StrCat("http://127.0.0.1:", port, "/", path)}));
    CO_ASSIGN_OR_RETURN(const std::string body, co_await response.ReadAll());
    done_.push_back(body);
    co_return absl::OkStatus();
  }

  Loop loop_;
  std::vector<std::string> done_;
  int busy_ = 0;
  int busy_max_ = 0;

 private:
  Task<absl::Status> RunAll(
      HttpClientOptions options,
      const std::function<Task<absl::Status>(HttpClient&)>& body) {
    HttpServer server(loop_, {},
                      [this](HttpRequest& request,
                             HttpResponse& response) -> Task<absl::Status> {
                        busy_max_ = std::max(busy_max_, ++busy_);
                        const std::string path(request.path().substr(1));
                        const absl::Status slept =
                            co_await SleepFor(absl::Milliseconds(10));
                        --busy_;
                        CO_RETURN_IF_ERROR(slept);
                        co_return response.Reply(200, "text/plain", path);
                      });
    HttpClient client(loop_, std::move(options));
    Scope scope(co_await CurrentTask());
    for (int port : {80, 81}) {
      CO_ASSIGN_OR_RETURN(
          TcpListener listener,
          TcpListener::Listen(loop_, *SocketAddress::Parse("127.0.0.1", port)));
      scope.Spawn(
          [&server](TcpListener& l) { return server.Serve(std::move(l)); },
          std::move(listener));
    }
    const absl::Status status = co_await body(client);
    (co_await server.Drain(absl::Seconds(1))).IgnoreError();
    (co_await scope.Join()).IgnoreError();
    co_return status;
  }
};

TEST_F(HttpClientPoolTest, RequestsWaitInOrderForAConnectionToTheirOrigin) {
  Run({.max_connections_per_origin = 2},
      [&](HttpClient& client) -> Task<absl::Status> {
        co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          for (int i = 0; i < 10; ++i)
            scope.Spawn(Get(client, 80, absl::StrCat(i)));
          while (done_.size() < 10) {
            EXPECT_LE(client.connections(), 2);
            CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(1)));
          }
          EXPECT_EQ(client.connections(), 2);
          co_return absl::OkStatus();
        });
      });
  EXPECT_EQ(busy_max_, 2);
  // In pairs, of which either may be the first.
  for (size_t i = 0; i < done_.size(); ++i)
    EXPECT_EQ(std::stoul(done_[i]) / 2, i / 2) << done_[i];
}

TEST_F(HttpClientPoolTest, IdleConnectionsMakeRoomForOtherOrigins) {
  Run({.max_connections = 1}, [&](HttpClient& client) -> Task<absl::Status> {
    for (int port : {80, 81, 80}) {
      CO_RETURN_IF_ERROR(co_await Get(client, port, "a"));
      EXPECT_EQ(client.connections(), 1);
    }
    co_return absl::OkStatus();
  });
}

TEST_F(HttpClientPoolTest, OriginsTakeTurns) {
  Run({.max_connections = 1}, [&](HttpClient& client) -> Task<absl::Status> {
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      for (int i = 0; i < 3; ++i) scope.Spawn(Get(client, 80, "a"));
      for (int i = 0; i < 3; ++i) scope.Spawn(Get(client, 81, "b"));
      co_return absl::OkStatus();
    });
  });
  EXPECT_EQ(done_, std::vector<std::string>({"a", "a", "b", "a", "b", "b"}));
  EXPECT_EQ(busy_max_, 1);
}

TEST_F(HttpClientPoolTest, WhoIsCancelledWhileWaitingLosesNobodysTurn) {
  Run({.max_connections_per_origin = 1},
      [&](HttpClient& client) -> Task<absl::Status> {
        co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          scope.Spawn(Get(client, 80, "0"));
          for (int i = 1; i < 60; ++i) {
            scope.Spawn([&, i]() -> Task<void> {
              // Some while they wait, some when their turn has come.
              (co_await Timeout(absl::Microseconds(10'000 + 777 * i),
                                Get(client, 80, absl::StrCat(i))))
                  .IgnoreError();
            });
          }
          scope.Spawn(Get(client, 80, "last"));
          co_return absl::OkStatus();
        });
      });
  EXPECT_EQ(done_.front(), "0");
  EXPECT_EQ(done_.back(), "last");
  EXPECT_LT(done_.size(), 20u);
}

TEST_F(HttpClientPoolTest, ManyHostsLeaveNothingBehind) {
  HttpClientOptions options;
  options.resolve =
      [](std::string,
         uint16_t port) -> Task<absl::StatusOr<std::vector<SocketAddress>>> {
    co_return std::vector<SocketAddress>{
        *SocketAddress::Parse("127.0.0.1", port)};
  };
  options.pool_time = absl::Milliseconds(1);
  Run(std::move(options), [&](HttpClient& client) -> Task<absl::Status> {
    for (int i = 0; i < 300; ++i) {
      CO_ASSIGN_OR_RETURN(
          HttpClientResponse response,
          co_await client.Fetch({.url = absl::StrCat("http://host", i, "/x")}));
      CO_ASSIGN_OR_RETURN(const std::string body, co_await response.ReadAll());
      EXPECT_EQ(body, "x");
    }
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(10)));
    EXPECT_EQ(client.connections(), 0);
    co_return absl::OkStatus();
  });
}

}  // namespace
}  // namespace braid
