// The server on simulated machines: clients with pipelined requests, handlers
// that wait, and every fault of the network.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
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
#include "io/driver/fault_driver.h"
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

// Gives other bytes to be sent instead of `text`.
using Bug = std::string (*)(const std::string& text);

// One machine with a server and its clients.
class Machine {
 public:
  explicit Machine(const SimOptions& options, Bug bug = nullptr)
      : options_(options),
        bug_(bug),
        loop_(MakeWorld(), {.receive_buffers = 4,
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
  World MakeWorld() {
    World world = SimulatedWorld(options_);
    if (bug_ != nullptr) {
      FaultDriver& faults = FaultDriver::Intercept(world.driver);
      faults.on_submission = [this](io_uring_sqe& entry) { Plant(entry); };
      faults.on_completion = [this](const io_uring_sqe&,
                                    io_uring_cqe& completion) {
        HideBug(completion);
      };
    }
    return world;
  }

  // Sends what the bug makes of it.
  void Plant(io_uring_sqe& entry) {
    if (entry.opcode != IORING_OP_SEND) return;
    const std::string text(reinterpret_cast<const char*>(entry.addr),
                           entry.len);
    const std::string& other = planted_.emplace_back(bug_(text));
    if (other == text) return;
    if (other.empty())
      return FaultDriver::End(entry, static_cast<int>(text.size()));
    sizes_[entry.user_data] = static_cast<int>(text.size());
    entry.addr = reinterpret_cast<uint64_t>(other.data());
    entry.len = static_cast<uint32_t>(other.size());
  }

  // Tells the sender that what it gave was sent.
  void HideBug(io_uring_cqe& completion) {
    const auto size = sizes_.find(completion.user_data);
    if (size == sizes_.end()) return;
    completion.res = std::min(completion.res, size->second);
    sizes_.erase(size);
  }

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
  const Bug bug_;
  std::deque<std::string> planted_;  // What is sent lives as long as the loop.
  std::map<uint64_t, int> sizes_;    // Of what was to be sent instead.
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

// The clients take all descriptors but one, so the server can accept only one
// connection at a time, and finds none left for the others.
TEST(HttpServerSimTest, EveryRequestIsAnsweredThoughDescriptorsRunOut) {
  int refused = 0;
  ForEachSeed(200, [&](SimOptions options) {
    options.reset = 0;
    options.descriptors_max = kClients + 2;
    options.trace = [&refused, print = options.trace](std::string_view line) {
      if (line.ends_with(absl::StrCat(" = ", -EMFILE))) ++refused;
      if (print != nullptr) print(line);
    };
    Machine(options).Run();
  });
  EXPECT_GT(refused, 0);
}

// What the invariants are worth: they find a server that breaks them. The bugs
// are planted into what is sent, where they look the same to the peer as if the
// other side had them.

constexpr std::string_view kResponse = "HTTP/1.1 200 OK";

void ExpectServerBugIsFound(std::string_view message, Bug bug) {
  ExpectBugIsFound(50, message, [bug](SimOptions options) {
    options.reset = 0;
    options.short_transfer = options.interruption = 0;
    Machine(options, bug).Run();
  });
}

TEST(HttpServerSimBugTest, ARequestAnsweredTwice) {
  ExpectServerBugIsFound("AnswerTo(client, i)", [](const std::string& text) {
    return text.starts_with(kResponse) ? text + text : text;
  });
}

TEST(HttpServerSimBugTest, RequestsAnsweredInAnotherOrder) {
  ExpectServerBugIsFound("AnswerTo(client, i)", [](const std::string& text) {
    const size_t second = text.find(kResponse, 1);
    if (!text.starts_with(kResponse) || second == std::string::npos)
      return text;
    return text.substr(second) + text.substr(0, second);
  });
}

TEST(HttpServerSimBugTest, ARequestThatIsNotAnswered) {
  ExpectServerBugIsFound("closed early", [](const std::string& text) {
    return text.starts_with(kResponse) ? "" : text;
  });
}

TEST(HttpServerSimBugTest, ARequestHandledTwice) {
  ExpectServerBugIsFound("  count\n", [](const std::string& text) {
    return text.starts_with("POST /") ? text + text : text;
  });
}

}  // namespace
}  // namespace braid
