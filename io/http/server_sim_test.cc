// The server on simulated machines: clients with pipelined requests, handlers
// that wait, and every fault of the network.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/buffer_ring.h"
#include "io/driver/sim_driver.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/sim_testing.h"
#include "io/sim_world.h"
#include "io/tcp.h"

namespace braid {
namespace {

constexpr int kClients = 6;
constexpr int kRequests = 5;

std::string BodyOf(int client, int request) {
  return std::string(static_cast<size_t>(client * 700 + request * 131),
                     static_cast<char>('a' + request));
}

// What a server answers to a request, and nothing else.
std::string AnswerTo(int client, int request) {
  return absl::StrCat("/", client, "/", request, " ", BodyOf(client, request));
}

// Takes one response with a content-length off the front of `text`; false if
// it is not all there yet.
bool TakeResponse(std::string& text, std::string& body) {
  const size_t head_end = text.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  constexpr std::string_view kLength = "content-length: ";
  const size_t at = text.find(kLength);
  size_t size = 0;
  if (at > head_end ||
      !absl::SimpleAtoi(
          std::string_view(text).substr(
              at + kLength.size(), text.find('\r', at) - at - kLength.size()),
          &size)) {
    ADD_FAILURE() << "a response without a length: " << text;
    return false;
  }
  if (text.size() < head_end + 4 + size) return false;
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
  body = text.substr(head_end + 4, size);
  text.erase(0, head_end + 4 + size);
  return true;
}

// One machine with a server and its clients.
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
    for (const auto& [request, count] : handled_)
      EXPECT_EQ(count, 1) << request;
    EXPECT_EQ(server_.stats().connections, 0u);
    EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u);
    if (options_.reset == 0) {
      EXPECT_EQ(answered_, kClients * kRequests);
    }
  }

  int answered() const { return answered_; }

 private:
  Task<absl::Status> Handle(HttpRequest& request, HttpResponse& response) {
    const std::string path(request.path());
    ++handled_[path];
    if (loop_.random()() % 2 == 0) {
      CO_RETURN_IF_ERROR(co_await SleepFor(
          absl::Microseconds(static_cast<int64_t>(loop_.random()() % 3000))));
    }
    CO_ASSIGN_OR_RETURN(const std::string body,
                        co_await request.body().ReadAll());
    co_return response.Reply(200, "text/plain", absl::StrCat(path, " ", body));
  }

  // Sends all requests at once and takes the answers in their order.
  Task<absl::Status> Converse(int client, SocketAddress address) {
    CO_ASSIGN_OR_RETURN(TcpStream stream,
                        co_await TcpStream::Connect(loop_, address));
    std::string requests;
    for (int i = 0; i < kRequests; ++i) {
      const std::string body = BodyOf(client, i);
      absl::StrAppend(&requests, "POST /", client, "/", i,
                      " HTTP/1.1\r\nhost: sim\r\ncontent-length: ", body.size(),
                      "\r\n\r\n", body);
    }
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&] { return stream.WriteAll(requests); });
      std::string received;
      for (int i = 0; i < kRequests;) {
        CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
        if (lease.empty()) co_return absl::UnavailableError("closed early");
        received += lease.text();
        std::string body;
        while (i < kRequests && TakeResponse(received, body)) {
          EXPECT_EQ(body, AnswerTo(client, i));
          ++answered_;
          ++i;
        }
      }
      EXPECT_EQ(received, "");
      co_return absl::OkStatus();
    });
  }

  Task<absl::Status> Everything() {
    CO_ASSIGN_OR_RETURN(const SocketAddress address,
                        SocketAddress::Parse("127.0.0.1", 80));
    CO_ASSIGN_OR_RETURN(TcpListener listener,
                        TcpListener::Listen(loop_, address));
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&] { return server_.Serve(std::move(listener)); });
      CO_RETURN_IF_ERROR(
          co_await WithScope([&](Scope& clients) -> Task<absl::Status> {
            for (int i = 0; i < kClients; ++i) {
              clients.Spawn([this, i, address]() -> Task<void> {
                const absl::Status status = co_await Converse(i, address);
                if (options_.reset == 0) EXPECT_TRUE(status.ok()) << status;
              });
            }
            co_return absl::OkStatus();
          }));
      co_return co_await server_.Drain(absl::Minutes(1));
    });
  }

  const SimOptions options_;
  Loop loop_;
  HttpServer server_;
  std::map<std::string, int> handled_;
  int answered_ = 0;
};

TEST(HttpServerSimTest, EveryRequestIsAnsweredOnceAndInOrder) {
  ForEachSeed(500, [](SimOptions options) {
    options.reset = 0;
    Machine(options).Run();
  });
}

TEST(HttpServerSimTest, ResetConnectionsHarmNobodyElse) {
  int runs = 0, answered = 0;
  ForEachSeed(500, [&](SimOptions options) {
    options.reset = 0.3;
    Machine machine(options);
    machine.Run();
    ++runs;
    answered += machine.answered();
  });
  EXPECT_GT(answered, runs * kClients * kRequests / 2);
}

}  // namespace
}  // namespace braid
