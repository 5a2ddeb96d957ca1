// Peers that vanish: a scripted client leaves at each step of an exchange, in
// each of the ways in which a peer can leave.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/buffer_ring.h"
#include "io/errno_status.h"
#include "io/testing.h"

namespace braid {
namespace {

constexpr size_t kRequestBytes = 16;
constexpr size_t kResponseBytes = 4 << 20;

// A client made of plain system calls, none of which waits.
class Peer {
 public:
  explicit Peer(const SocketAddress& server)
      : fd_(socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    PCHECK(connect(fd_, server.data(), server.size()) == 0);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { Close(); }

  void Send(size_t size) {
    const std::string bytes(size, 'q');
    PCHECK(send(fd_, bytes.data(), size, 0) == static_cast<ssize_t>(size));
  }
  // Takes what has arrived, at most `max` bytes; how many. -1 at the end.
  ssize_t Receive(size_t max) {
    std::string buffer(max, '\0');
    const ssize_t count = recv(fd_, buffer.data(), max, MSG_DONTWAIT);
    if (count > 0) return count;
    return count < 0 && errno == EAGAIN ? 0 : -1;
  }
  void HalfClose() { shutdown(fd_, SHUT_WR); }
  void Reset() {
    const linger reset = {1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    Close();
  }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

enum class Step {
  kConnected,     // Before it was accepted.
  kAccepted,      // Before it has sent anything.
  kHalfSent,      // In the middle of the request.
  kRequestSent,   // While the response is being sent.
  kSomeReceived,  // The same, with a part of it read.
  kAllReceived,   // When the server waits for the end.
};
enum class Way { kHalfClose, kClose, kReset };

struct Case {
  Step step;
  Way way;
};

std::string NameOf(const Case& c) {
  constexpr std::array kSteps = {"Connected",   "Accepted",     "HalfSent",
                                 "RequestSent", "SomeReceived", "AllReceived"};
  constexpr std::array kWays = {"HalfClose", "Close", "Reset"};
  return absl::StrCat(kWays[static_cast<size_t>(c.way)], "When",
                      kSteps[static_cast<size_t>(c.step)]);
}

std::vector<Case> AllCases() {
  std::vector<Case> cases;
  for (int step = 0; step <= static_cast<int>(Step::kAllReceived); ++step) {
    for (Way way : {Way::kHalfClose, Way::kClose, Way::kReset}) {
      cases.push_back({static_cast<Step>(step), way});
    }
  }
  return cases;
}

class VanishingPeerTest : public ::testing::TestWithParam<Case> {
 protected:
  // What became of the server's side.
  struct Outcome {
    size_t request_bytes = 0;
    absl::Status read;      // Reading the request.
    absl::Status written;   // Writing the response.
    bool end_seen = false;  // The end of the stream, behind the response.
    absl::Status ended;     // Or what came instead.
    bool done = false;
  };

  Task<absl::Status> Serve(TcpListener& listener) {
    CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
    accepted_ = true;
    std::array<uint8_t, kRequestBytes> request;
    const absl::StatusOr<size_t> count = co_await stream.ReadInto(request);
    outcome_.read = count.status();
    if (count.ok()) outcome_.request_bytes = *count;
    if (count.ok() && *count == kRequestBytes) {
      outcome_.written = co_await stream.WriteAll(response_);
      const absl::StatusOr<Lease> end = co_await stream.Read();
      outcome_.ended = end.status();
      outcome_.end_seen = end.ok() && end->empty();
    }
    outcome_.done = true;
    co_return co_await stream.Close();
  }

  static Task<void> SomeTurns() {
    for (int i = 0; i < 50; ++i) (co_await Yield()).IgnoreError();
  }

  // Does what comes before the step.
  Task<void> GoTo(Step step, Peer& peer) {
    if (step == Step::kConnected) co_return;
    while (!accepted_) (co_await Yield()).IgnoreError();
    if (step == Step::kAccepted) co_return;
    peer.Send(kRequestBytes / 2);
    co_await SomeTurns();
    if (step == Step::kHalfSent) co_return;
    peer.Send(kRequestBytes / 2);
    co_await SomeTurns();
    if (step == Step::kRequestSent) co_return;
    size_t received = 0;
    while (received < kResponseBytes) {
      const ssize_t count = peer.Receive(10'000);
      CHECK_GE(count, 0);
      received += static_cast<size_t>(count);
      if (received > 0 && step == Step::kSomeReceived) co_return;
      (co_await Yield()).IgnoreError();
    }
    co_await SomeTurns();
  }

  void RunCase() {
    Loop loop(SystemWorld());
    TcpListener listener = ListenOnLoopback(loop);
    absl::Status status =
        loop.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
          Peer peer(listener.address());
          if (GetParam().step != Step::kConnected) {
            scope.Spawn(Serve(listener));
          }
          co_await GoTo(GetParam().step, peer);
          switch (GetParam().way) {
            case Way::kHalfClose:
              peer.HalfClose();
              break;
            case Way::kClose:
              peer.Close();
              break;
            case Way::kReset:
              peer.Reset();
              break;
          }
          if (GetParam().step == Step::kConnected) {
            scope.Spawn(Serve(listener));
          }
          // Who only closed its side goes on reading.
          while (!outcome_.done) {
            if (GetParam().way == Way::kHalfClose) peer.Receive(100'000);
            (co_await Yield()).IgnoreError();
          }
          co_return absl::OkStatus();
        }));
    EXPECT_EQ(status, absl::OkStatus());
    {
      TcpListener ended = std::move(listener);
    }
    TurnUntilNothingInFlight(loop);
    EXPECT_EQ((*loop.receive_buffers())->lent(), 0u);
  }

  static bool IsGone(const absl::Status& status) {
    return ErrnoOf(status) == ECONNRESET || ErrnoOf(status) == EPIPE;
  }

  const std::string response_ = std::string(kResponseBytes, 'r');
  bool accepted_ = false;
  Outcome outcome_;
};

TEST_P(VanishingPeerTest, TheServerSeesItAndLeaksNothing) {
  const int descriptors = CountDescriptors();
  RunCase();
  EXPECT_EQ(CountDescriptors(), descriptors);
  ASSERT_TRUE(outcome_.done);

  const auto [step, way] = GetParam();
  if (step <= Step::kHalfSent) {
    const size_t sent = step == Step::kHalfSent ? kRequestBytes / 2 : 0;
    if (way == Way::kReset) {
      EXPECT_TRUE(IsGone(outcome_.read)) << outcome_.read;
    } else {
      EXPECT_EQ(outcome_.read, absl::OkStatus());
      EXPECT_EQ(outcome_.request_bytes, sent);
    }
    return;
  }
  EXPECT_EQ(outcome_.request_bytes, kRequestBytes);
  const bool response_taken =
      step == Step::kAllReceived || way == Way::kHalfClose;
  if (response_taken) {
    EXPECT_EQ(outcome_.written, absl::OkStatus());
  } else {
    EXPECT_TRUE(IsGone(outcome_.written)) << outcome_.written;
  }
  const bool orderly = response_taken && way != Way::kReset;
  if (orderly) {
    EXPECT_TRUE(outcome_.end_seen) << outcome_.ended;
  } else {
    EXPECT_TRUE(outcome_.end_seen || IsGone(outcome_.ended)) << outcome_.ended;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, VanishingPeerTest,
                         ::testing::ValuesIn(AllCases()),
                         [](const ::testing::TestParamInfo<Case>& info) {
                           return NameOf(info.param);
                         });

}  // namespace
}  // namespace braid
