// Client and server on simulated machines, with every fault of the network. A
// failure prints its seed, and that seed fails again.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/buffer_ring.h"
#include "io/http/client.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/tcp.h"

namespace braid {
namespace {

constexpr int kTasks = 8;
constexpr int kRequests = 4;

std::string BodyOf(int task, int request) {
  return std::string(static_cast<size_t>(task * 2900 + request * 131),
                     static_cast<char>('a' + request));
}

// One machine with a server, and tasks that share a client.
class Machine {
 public:
  explicit Machine(const SimOptions& options)
      : options_(options),
        loop_(SimulatedWorld(options), {.receive_buffers = 4,
                                        .receive_buffers_max = 8,
                                        .receive_buffer_bytes = 4096}),
        server_(loop_, {},
                [this](HttpRequest& request, HttpResponse& response) {
                  return Handle(request, response);
                }) {}

  void Run() {
    const absl::Status status = loop_.Run(Everything());
    EXPECT_TRUE(status.ok()) << status;
    while (loop_.in_flight() > 0) loop_.Turn(Driver::Wait::kForOne);
    EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u);
    // A GET may be made a second time, a POST never.
    for (const auto& [name, count] : handled_)
      EXPECT_LE(count, name.starts_with("GET") ? 2 : 1) << name;
    if (options_.reset == 0) {
      EXPECT_EQ(answered_, kTasks * kRequests);
    }
  }
  int answered() const { return answered_; }

 private:
  static std::string NameOf(std::string_view method, std::string_view path) {
    return absl::StrCat(method, " ", path);
  }

  Task<absl::Status> Handle(HttpRequest& request, HttpResponse& response) {
    const std::string name = NameOf(request.method_name(), request.path());
    ++handled_[name];
    if (loop_.random()() % 2 == 0) {
      CO_RETURN_IF_ERROR(co_await SleepFor(
          absl::Microseconds(static_cast<int64_t>(loop_.random()() % 3000))));
    }
    CO_ASSIGN_OR_RETURN(const std::string body,
                        co_await request.body().ReadAll());
    const std::string answer = absl::StrCat(name, " ", body);
    if (loop_.random()() % 2 == 0)
      co_return response.Reply(200, "text/plain", answer);
    // In chunks, and sometimes the last response of its connection.
    if (loop_.random()() % 4 == 0)
      CO_RETURN_IF_ERROR(response.headers().Set("connection", "close"));
    for (size_t at = 0; at < answer.size(); at += 1000) {
      CO_RETURN_IF_ERROR(
          co_await response.Write(std::string_view(answer).substr(at, 1000)));
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Ask(HttpClient& client, int task, int i) {
    const bool post = (task + i) % 2 == 0;
    const std::string path = absl::StrCat("/", task, "/", i);
    const std::string body = post ? BodyOf(task, i) : "";
    HttpClientRequest request{.method = post ? "POST" : "GET",
                              .url = absl::StrCat("http://127.0.0.1", path)};
    if (task % 3 == 0 && post) {
      request.source = [rest = std::string_view(body)]() mutable
          -> Task<absl::StatusOr<std::string_view>> {
        const std::string_view piece = rest.substr(0, 1500);
        rest.remove_prefix(piece.size());
        co_return piece;
      };
    } else {
      request.body = body;
    }
    CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                        co_await client.Fetch(std::move(request)));
    CO_ASSIGN_OR_RETURN(const std::string answer, co_await response.ReadAll());
    EXPECT_EQ(response.status(), 200);
    EXPECT_EQ(answer,
              absl::StrCat(NameOf(post ? "POST" : "GET", path), " ", body));
    ++answered_;
    co_return absl::OkStatus();
  }

  Task<absl::Status> Everything() {
    CO_ASSIGN_OR_RETURN(const SocketAddress address,
                        SocketAddress::Parse("127.0.0.1", 80));
    CO_ASSIGN_OR_RETURN(TcpListener listener,
                        TcpListener::Listen(loop_, address));
    HttpClient client(loop_, {.max_connections_per_origin = 3});
    CO_RETURN_IF_ERROR(
        co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          scope.Spawn([&] { return server_.Serve(std::move(listener)); });
          CO_RETURN_IF_ERROR(
              co_await WithScope([&](Scope& tasks) -> Task<absl::Status> {
                for (int task = 0; task < kTasks; ++task) {
                  tasks.Spawn([this, &client, task]() -> Task<void> {
                    for (int i = 0; i < kRequests; ++i) {
                      const absl::Status status = co_await Ask(client, task, i);
                      if (options_.reset == 0)
                        EXPECT_TRUE(status.ok()) << status;
                      // A clear error, or the right response.
                      if (!status.ok()) EXPECT_FALSE(status.message().empty());
                    }
                  });
                }
                co_return absl::OkStatus();
              }));
          EXPECT_EQ(client.connections(), client.idle_connections());
          co_return co_await server_.Drain(absl::Minutes(1));
        }));
    co_return absl::OkStatus();
  }

  const SimOptions options_;
  Loop loop_;
  HttpServer server_;
  std::map<std::string, int> handled_;
  int answered_ = 0;
};

TEST(HttpClientSimTest, EveryRequestGetsItsOwnResponse) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    SimOptions options = SimOptions::Hostile(seed);
    options.reset = 0;
    Machine(options).Run();
    if (testing::Test::HasFailure()) break;
  }
}

TEST(HttpClientSimTest, ResetsGiveClearErrorsOrTheRightResponse) {
  int answered = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    SimOptions options = SimOptions::Hostile(seed);
    options.reset = 0.3;
    Machine machine(options);
    machine.Run();
    answered += machine.answered();
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(answered, 500 * kTasks * kRequests / 2);
}

}  // namespace
}  // namespace braid
