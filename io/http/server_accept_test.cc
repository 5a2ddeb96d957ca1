// How many connections there can be: by max_connections, and by the machine.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include "absl/log/check.h"
#include "gmock/gmock.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

using HttpAcceptTest = HttpServerTest;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Task<absl::Status> Hello(HttpRequest&, HttpResponse& response) {
  co_return response.Reply(200, "text/plain", "Hello, World!");
}

TEST_F(HttpAcceptTest, Connections) {
  HttpServerOptions options;
  options.max_connections = 3;
  Start(Hello, options);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<TestClient>(*this, port_));
    clients.back()->Send(kGet);
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(clients[i]->Read().status, 200);
  // The others wait, unharmed, for a place.
  EXPECT_EQ(clients[3]->ReadAvailable(), "");
  EXPECT_EQ(server_->stats().connections, 3u);
  clients[1]->Close();
  EXPECT_EQ(clients[3]->Read().status, 200);
  EXPECT_EQ(clients[4]->ReadAvailable(), "");
  clients[0]->Close();
  EXPECT_EQ(clients[4]->Read().status, 200);
}

TEST_F(HttpAcceptTest, ListenersShareTheConnectionsThatMayBeOpen) {
  HttpServerOptions options;
  options.max_connections = 2;
  Start(Hello, options);
  const uint16_t other_port = ServeAnother();
  TestClient first(*this, port_);
  TestClient second(*this, other_port);
  TestClient third(*this, other_port);
  TestClient fourth(*this, port_);
  for (TestClient* each : {&first, &second, &third, &fourth}) each->Send(kGet);
  EXPECT_EQ(first.Read().status, 200);
  EXPECT_EQ(second.Read().status, 200);
  EXPECT_EQ(third.ReadAvailable(), "");
  EXPECT_EQ(fourth.ReadAvailable(), "");
  // The place is free for either.
  second.Close();
  EXPECT_TRUE(PumpUntil([&] { return server_->stats().accepted == 3; }));
  EXPECT_EQ(server_->stats().connections, 2u);
  first.Close();
  EXPECT_EQ(third.Read().status, 200);
  EXPECT_EQ(fourth.Read().status, 200);
}

// A server whose process has no descriptor left.
class HttpDescriptorsTest : public HttpServerTest {
 protected:
  HttpDescriptorsTest() {
    PCHECK(getrlimit(RLIMIT_NOFILE, &former_) == 0);
    rlimit few = former_;
    few.rlim_cur = 64;
    PCHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
  }
  ~HttpDescriptorsTest() override {
    FreeDescriptors();
    PCHECK(setrlimit(RLIMIT_NOFILE, &former_) == 0);
  }
  void TakeAllDescriptors() {
    int fd;
    while ((fd = fcntl(0, F_DUPFD_CLOEXEC, 0)) >= 0) taken_.push_back(fd);
    CHECK_EQ(errno, EMFILE);
  }
  void FreeDescriptors() {
    for (int fd : taken_) close(fd);
    taken_.clear();
  }
  // Serves, and meets a client that it cannot accept.
  void StartWithoutDescriptors() {
    Start(Hello);
    client_.emplace(*this, port_, TestClient::Options{.turn = false});
    TakeAllDescriptors();
    client_->Send(kGet);
    EXPECT_EQ(client_->ReadAvailable(), "");
    EXPECT_EQ(server_->stats().accepted, 0u);
    EXPECT_TRUE(serving());
  }

  rlimit former_;
  std::vector<int> taken_;
  std::optional<TestClient> client_;
};

TEST_F(HttpDescriptorsTest, ServerRestsAndRecovers) {
  StartWithoutDescriptors();
  Advance(absl::Milliseconds(100));  // Still none.
  EXPECT_EQ(server_->stats().accepted, 0u);
  FreeDescriptors();
  EXPECT_EQ(client_->ReadAvailable(), "") << "it does not rest";
  Advance(absl::Milliseconds(100));
  EXPECT_EQ(client_->Read().status, 200);
}

TEST_F(HttpDescriptorsTest, ConnectionsGoOnMeanwhile) {
  Start(Hello);
  TestClient before(*this, port_);
  client_.emplace(*this, port_, TestClient::Options{.turn = false});
  TakeAllDescriptors();
  before.Send(kGet);
  EXPECT_EQ(before.Read().status, 200);
  EXPECT_EQ(server_->stats().accepted, 1u);
}

TEST_F(HttpDescriptorsTest, CancelledDuringTheRest) {
  StartWithoutDescriptors();
  scope_->Cancel();
  EXPECT_TRUE(PumpUntil([&] { return !serving(); }));
  EXPECT_TRUE(absl::IsCancelled(served_)) << served_;
}

TEST_F(HttpDescriptorsTest, DrainedDuringTheRest) {
  for (bool recovered : {false, true}) {
    StartWithoutDescriptors();
    if (recovered) FreeDescriptors();
    StartDrain(absl::Seconds(1));
    if (recovered) EXPECT_EQ(client_->Read().status, 200);
    EXPECT_TRUE(client_->WaitForEnd());
    client_->Close();
    EXPECT_TRUE(PumpUntil([&] { return drained_.has_value() && !serving(); }));
    EXPECT_EQ(drained_, absl::OkStatus());
    FreeDescriptors();
    Stop();
  }
}

}  // namespace
}  // namespace braid
