#ifndef BRAID_IO_HTTP_CLIENT_TEST_BASE_H_
#define BRAID_IO_HTTP_CLIENT_TEST_BASE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/http/client.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/tcp.h"

namespace braid {

inline constexpr char kUrl[] = "http://127.0.0.1/";
inline constexpr std::string_view kOk =
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

// A result to be compared.
inline std::string Text(const absl::StatusOr<std::string>& result) {
  return result.ok() ? *result
                     : absl::StrCat("error: ", result.status().message());
}

// A simulated machine knows no name but this.
inline Task<absl::StatusOr<std::vector<SocketAddress>>> ResolveLocal(
    std::string host, uint16_t port) {
  const std::string name = host == "localhost" ? "127.0.0.1" : host;
  const absl::StatusOr<SocketAddress> address =
      SocketAddress::Parse(name, port);
  if (!address.ok())
    co_return absl::NotFoundError(absl::StrCat("host not found: ", host));
  co_return std::vector<SocketAddress>{*address};
}

inline Task<absl::Status> Silence(TcpStream& stream) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
    if (lease.empty()) co_return absl::OkStatus();
  }
}

// Reads up to the end of a request's head, and gives it.
inline Task<absl::StatusOr<std::string>> ReadHead(TcpStream& stream) {
  std::string head;
  while (!absl::StrContains(head, "\r\n\r\n")) {
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
    if (lease.empty()) co_return absl::UnavailableError("closed");
    head += lease.text();
  }
  co_return head;
}

// A source of `count` pieces of `size` bytes.
inline HttpBodySource Pieces(int count, size_t size) {
  return [i = 0, count,
          piece = std::string(
              size, 'p')]() mutable -> Task<absl::StatusOr<std::string_view>> {
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Microseconds(100)));
    co_return i++ < count ? std::string_view(piece) : std::string_view();
  };
}

// What a peer does with one connection.
using Peer = std::function<Task<absl::Status>(TcpStream&)>;

// The client against peers that do what the test says, in virtual time.
class HttpClientTest : public testing::Test {
 protected:
  static constexpr int kPort = 80;

  HttpClientTest() : loop_(SimulatedWorld(SimOptions{})) {}

  // Runs `body` with a client, while port 80 answers its connections, one after
  // the other, by `peers`; the last one serves all that come behind it.
  void Run(std::vector<Peer> peers,
           std::function<Task<absl::Status>(HttpClient&)> body,
           HttpClientOptions options = {}) {
    const absl::Status status = loop_.Run(
        RunBoth(std::move(peers), std::move(body), std::move(options)));
    EXPECT_TRUE(status.ok()) << status;
    while (loop_.in_flight() > 0) loop_.Turn(Driver::Wait::kForOne);
    EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u);
  }

  // What a GET of "/" ends with, and the body.
  static Task<absl::StatusOr<std::string>> Get(HttpClient& client,
                                               std::string path = "/") {
    CO_ASSIGN_OR_RETURN(
        HttpClientResponse response,
        co_await client.Fetch({.url = absl::StrCat("http://127.0.0.1", path)}));
    CO_ASSIGN_OR_RETURN(std::string body, co_await response.ReadAll());
    co_return absl::StrCat(response.status(), " ", body);
  }

  // Answers each request with the next of `answers`, then closes.
  static Peer Answering(std::vector<std::string> answers) {
    return [answers =
                std::move(answers)](TcpStream& stream) -> Task<absl::Status> {
      for (const std::string& answer : answers) {
        CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
        CO_RETURN_IF_ERROR(co_await stream.WriteAll(answer));
      }
      co_return absl::OkStatus();
    };
  }

  // What a GET that is answered with `text` ends with.
  absl::StatusOr<std::string> Answered(std::string text,
                                       HttpClientOptions options = {}) {
    absl::StatusOr<std::string> result;
    Run(
        {Answering({std::move(text)})},
        [&](HttpClient& client) -> Task<absl::Status> {
          result = co_await Get(client);
          co_return absl::OkStatus();
        },
        std::move(options));
    return result;
  }

  std::string AnsweredText(std::string text) {
    return Text(Answered(std::move(text)));
  }

  Loop loop_;
  int accepted_ = 0;

 private:
  Task<absl::Status> RunBoth(
      std::vector<Peer> peers,
      std::function<Task<absl::Status>(HttpClient&)> body,
      HttpClientOptions options) {
    CO_ASSIGN_OR_RETURN(
        TcpListener listener,
        TcpListener::Listen(loop_, *SocketAddress::Parse("127.0.0.1", kPort)));
    if (options.resolve == nullptr) options.resolve = ResolveLocal;
    HttpClient client(loop_, std::move(options));
    Scope scope(co_await CurrentTask());
    scope.Spawn([&]() -> Task<absl::Status> {
      for (;;) {
        CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
        const size_t index =
            std::min(static_cast<size_t>(accepted_++), peers.size() - 1);
        scope.Spawn(
            [](TcpStream& peer, const Peer& act) -> Task<void> {
              (co_await act(peer)).IgnoreError();
            },
            std::move(stream), std::cref(peers[index]));
      }
    });
    const absl::Status status = co_await body(client);
    scope.Cancel();
    (co_await scope.Join()).IgnoreError();
    // The next run listens on the same port.
    (void)co_await listener.Close();
    co_return status;
  }
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_CLIENT_TEST_BASE_H_
