#include "io/http/server_test_base.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "async/task_tree.h"
#include "io/buffer_ring.h"
#include "io/world.h"

namespace braid {
namespace {

// For what the kernel does. No test that passes depends on how long that takes.
constexpr std::chrono::seconds kPatience{60};

World MakeWorld() {
  World world;
  world.clock = std::make_unique<ManualClock>();
  world.driver = *SystemDriver(*world.clock);
  return world;
}

}  // namespace

bool TestResponse::Has(std::string_view line) const {
  return absl::StrContains(head, absl::StrCat("\r\n", line, "\r\n"));
}

HttpServerTest::HttpServerTest() : loop_(MakeWorld()) {
  clock_ = static_cast<ManualClock*>(&loop_.clock());
}

HttpServerTest::~HttpServerTest() { Stop(); }

void HttpServerTest::Start(HttpHandler handler, HttpServerOptions options) {
  CHECK_OK(loop_.receive_buffers().status());
  Pump(1);  // The loop's own wake-up is in flight from now on.
  idle_operations_ = loop_.in_flight();
  server_ = std::make_unique<HttpServer>(loop_, options, std::move(handler));
  scope_.emplace(loop_.executor().root_scope());
  drain_scope_.emplace(loop_.executor().root_scope());
  port_ = ServeAnother();
}

uint16_t HttpServerTest::ServeAnother() {
  absl::StatusOr<TcpListener> listener =
      TcpListener::Listen(loop_, *SocketAddress::Parse("127.0.0.1", 0));
  CHECK_OK(listener.status());
  if (send_buffer_bytes_ > 0) {
    PCHECK(setsockopt(listener->fd(), SOL_SOCKET, SO_SNDBUF,
                      &send_buffer_bytes_, sizeof(send_buffer_bytes_)) == 0);
  }
  const uint16_t port = listener->port();
  ++serving_;
  scope_->Spawn(
      [](HttpServerTest* test, TcpListener& to_serve) -> Task<absl::Status> {
        test->served_ = co_await test->server_->Serve(std::move(to_serve));
        --test->serving_;
        co_return absl::OkStatus();
      },
      this, *std::move(listener));
  Pump();
  return port;
}

void HttpServerTest::StartDrain(absl::Duration grace) {
  drained_.reset();
  drain_scope_->Spawn(
      [](HttpServerTest* test, absl::Duration its_grace) -> Task<absl::Status> {
        test->drained_ = co_await test->server_->Drain(its_grace);
        co_return absl::OkStatus();
      },
      this, grace);
}

void HttpServerTest::Stop() {
  if (!scope_.has_value()) return;
  scope_->Cancel();
  drain_scope_->Cancel();
  EXPECT_TRUE(PumpUntil([&] {
    return scope_->size() + drain_scope_->size() == 0;
  })) << "the server does not end";
  Destroy();
}

void HttpServerTest::Destroy() {
  EXPECT_TRUE(drain_scope_.has_value());
  drain_scope_.reset();
  scope_.reset();
  EXPECT_EQ(server_->stats().connections, 0u);
  EXPECT_EQ(loop_.executor().timers().size(), 0u);
  server_.reset();
  serving_ = 0;
  EXPECT_TRUE(PumpUntil([&] { return loop_.in_flight() == idle_operations_; }))
      << loop_.in_flight() - idle_operations_ << " operations are left";
  EXPECT_EQ((*loop_.receive_buffers())->lent(), 0u);
}

bool HttpServerTest::PumpUntil(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (int turn = 0; !done(); ++turn) {
    loop_.Turn(Driver::Wait::kNo);
    if (turn % 64 != 63) continue;
    if (std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << "nothing happens any more; these wait:\n"
                    << FormatTaskTree(loop_.executor().root_scope());
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

void HttpServerTest::Pump(int turns) {
  for (int turn = 0; turn < turns; ++turn) loop_.Turn(Driver::Wait::kNo);
}

void HttpServerTest::Advance(absl::Duration delay) {
  Pump();  // What has happened so far has happened before.
  // A timer fires in the first tick behind its deadline.
  clock_->Advance(delay + absl::Milliseconds(1));
  Pump();
}

absl::Duration HttpServerTest::AdvanceUntil(const std::function<bool()>& done) {
  const MonotonicNanos start = clock_->Now();
  EXPECT_TRUE(PumpUntil([&] {
    clock_->Advance(absl::Milliseconds(1));
    return done();
  }));
  return absl::Nanoseconds(clock_->Now() - start);
}

TestClient::TestClient(HttpServerTest& test, uint16_t port,
                       const Options& options)
    : test_(test),
      fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  PCHECK(fd_ >= 0);
  if (const int size = options.receive_buffer_bytes; size > 0)
    PCHECK(setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connected =
      connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  PCHECK(connected == 0 || errno == EINPROGRESS);
  if (options.turn) test_.Pump(5);
}

TestClient::~TestClient() { Close(); }

void TestClient::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void TestClient::Reset() {
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  Close();
}

void TestClient::ShutdownWrite() { shutdown(fd_, SHUT_WR); }

size_t TestClient::TrySend(std::string_view text) {
  const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void TestClient::Send(std::string_view text) {
  ASSERT_TRUE(test_.PumpUntil([&] {
    text.remove_prefix(TrySend(text));
    return text.empty();
  })) << "the server takes no more, with "
      << text.size() << " bytes left";
}

bool TestClient::Receive() {
  if (ended_ || fd_ < 0) return false;
  char buffer[64 << 10];
  const ssize_t count = recv(fd_, buffer, sizeof(buffer), 0);
  if (count > 0) {
    received_.append(buffer, static_cast<size_t>(count));
    return true;
  }
  if (count < 0 && (errno == EAGAIN || errno == ENOTCONN)) return false;
  ended_ = true;
  was_reset_ = count < 0;
  return false;
}

std::string TestClient::Take(size_t count) {
  std::string taken = received_.substr(0, count);
  received_.erase(0, taken.size());
  return taken;
}

bool TestClient::Has(size_t count) {
  return test_.PumpUntil([&] {
    while (Receive()) {
    }
    return ended_ || received_.size() >= count;
  }) && received_.size() >= count;
}

std::string TestClient::ReadUntil(std::string_view text) {
  size_t at = std::string::npos;
  const bool came = test_.PumpUntil([&] {
    while (Receive()) {
    }
    at = received_.find(text);
    return ended_ || at != std::string::npos;
  });
  EXPECT_TRUE(came && at != std::string::npos)
      << "\"" << text << "\" did not come; \"" << received_ << "\" did";
  return at == std::string::npos ? Take(received_.size())
                                 : Take(at + text.size());
}

std::string TestClient::ReadAvailable() {
  test_.Pump();
  while (Receive()) {
  }
  return Take(received_.size());
}

std::string TestClient::ReadToEnd() {
  EXPECT_TRUE(WaitForEnd());
  return Take(received_.size());
}

size_t TestClient::Drop() {
  while (Receive()) {
  }
  return Take(received_.size()).size();
}

bool TestClient::WaitForEnd() {
  return test_.PumpUntil([&] {
    while (Receive()) {
    }
    return ended_;
  });
}

TestResponse TestClient::Read(bool head_only) {
  TestResponse response;
  response.head = ReadUntil("\r\n\r\n");
  if (!absl::StartsWith(response.head, "HTTP/1.1 ") ||
      !absl::SimpleAtoi(response.head.substr(9, 3), &response.status)) {
    ADD_FAILURE() << "no response: " << response.head;
    return response;
  }
  const std::string lower = absl::AsciiStrToLower(response.head);
  if (head_only || response.status < 200 || response.status == 204 ||
      response.status == 304) {
    return response;
  }
  constexpr std::string_view kLength = "\r\ncontent-length: ";
  if (const size_t at = lower.find(kLength); at != std::string::npos) {
    const size_t begin = at + kLength.size();
    size_t length = 0;
    EXPECT_TRUE(absl::SimpleAtoi(
        lower.substr(begin, lower.find('\r', begin) - begin), &length));
    EXPECT_TRUE(Has(length)) << "the body is shorter than " << length;
    response.body = Take(length);
  } else if (response.Has("transfer-encoding: chunked")) {
    for (;;) {
      const std::string line = ReadUntil("\r\n");
      size_t size = 0;
      EXPECT_TRUE(absl::SimpleHexAtoi(line.substr(0, line.size() - 2), &size))
          << line;
      EXPECT_TRUE(Has(size + 2));
      response.body += Take(size);
      EXPECT_EQ(Take(2), "\r\n");
      if (size == 0) break;
    }
  } else {
    response.body = ReadToEnd();
  }
  return response;
}

}  // namespace braid
