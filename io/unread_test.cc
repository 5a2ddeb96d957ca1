// Sockets that nobody reads, and what is left for those that are read.

#include <sys/socket.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/buffer_ring.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint32_t kBufferBytes = 4096;
constexpr unsigned kBuffers = 16;

LoopOptions FewBuffers() {
  return {.receive_buffers = kBuffers,
          .receive_buffers_max = kBuffers,
          .receive_buffer_bytes = kBufferBytes};
}

// Puts bytes into the connection without giving the loop a turn.
void SendNow(TcpStream& stream, std::string_view bytes) {
  ASSERT_EQ(send(stream.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT),
            static_cast<ssize_t>(bytes.size()));
}

// Connections whose server side receives, and nobody reads from it.
class UnreadTest : public ::testing::TestWithParam<UringOptions> {
 protected:
  explicit UnreadTest(const LoopOptions& options = FewBuffers())
      : loop_(SystemWorld(GetParam()), options) {}

  Task<absl::Status> ConnectHoarders(int count) {
    TcpListener listener = ListenOnLoopback(loop_);
    for (int i = 0; i < count; ++i) {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_, listener));
      // Receiving begins with the first read.
      SendNow(pair.client, "arm");
      CO_ASSIGN_OR_RETURN(Lease armed, co_await pair.server.Read());
      EXPECT_EQ(armed.text(), "arm");
      hoarders_.push_back(std::move(pair));
    }
    co_return absl::OkStatus();
  }

  // Gives the loop turns until all that was sent has been received, or waits
  // in the kernel.
  Task<absl::Status> Settle() {
    for (int quiet = 0; quiet < 100; ++quiet) {
      const uint64_t completions = loop_.driver().stats().completions;
      CO_RETURN_IF_ERROR(co_await Yield());
      if (loop_.driver().stats().completions != completions) quiet = 0;
    }
    co_return absl::OkStatus();
  }

  // One message there and back.
  Task<absl::Status> Exchange(TcpPair& pair) {
    const std::string message = PatternBytes(3 * kBufferBytes);
    std::string received(message.size(), '\0');
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(message));
    CO_ASSIGN_OR_RETURN(
        const size_t count,
        co_await pair.server.ReadInto(
            {reinterpret_cast<uint8_t*>(received.data()), received.size()}));
    EXPECT_EQ(count, message.size());
    EXPECT_TRUE(received == message);
    co_return absl::OkStatus();
  }

  BufferRing& buffers() { return **loop_.receive_buffers(); }

  Loop loop_;
  std::vector<TcpPair> hoarders_;
};

TEST_P(UnreadTest, SmallSegmentsThatNobodyReadsStarveNobody) {
  constexpr int kHoarders = 4 * kBuffers;
  absl::Status status = loop_.Run([this]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair served, co_await ConnectPair(loop_));
    CO_RETURN_IF_ERROR(co_await Exchange(served));
    CO_RETURN_IF_ERROR(co_await ConnectHoarders(kHoarders));
    for (int i = 0; i < kHoarders; ++i) {
      SendNow(hoarders_[static_cast<size_t>(i)].client, absl::StrCat(i, ","));
    }
    CO_RETURN_IF_ERROR(co_await Settle());
    for (int round = 0; round < 3; ++round) {
      CO_RETURN_IF_ERROR(co_await Exchange(served));
    }
    // And what they did not read is there still, in its order.
    for (int i = 0; i < kHoarders; ++i) {
      TcpPair& pair = hoarders_[static_cast<size_t>(i)];
      SendNow(pair.client, "last");
      CO_RETURN_IF_ERROR(co_await pair.client.ShutdownWrite());
      CO_ASSIGN_OR_RETURN(std::string all, co_await ReadAll(pair.server));
      EXPECT_EQ(all, absl::StrCat(i, ",last"));
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(buffers().lent(), 0u);
  EXPECT_EQ(buffers().kept_bytes(), 0u);
}

TEST_P(UnreadTest, FullBuffersThatNobodyReadsStarveNobody) {
  constexpr size_t kHoarders = 8;
  const std::string bytes = PatternBytes(20 * kBufferBytes);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair served, co_await ConnectPair(loop_));
    CO_RETURN_IF_ERROR(co_await ConnectHoarders(kHoarders));
    for (TcpPair& pair : hoarders_) SendNow(pair.client, bytes);
    CO_RETURN_IF_ERROR(co_await Settle());
    for (int round = 0; round < 3; ++round) {
      CO_RETURN_IF_ERROR(co_await Exchange(served));
    }
    // Each was paused: the rest has waited in the kernel.
    EXPECT_LT(buffers().kept_bytes(), kHoarders * bytes.size());
    EXPECT_THAT(
        loop_.FormatStats(),
        HasSubstr(absl::StrCat("unread bytes kept   ", buffers().kept_bytes(),
                               " now, at most 268435456, ", buffers().keeps(),
                               " times\n")));
    for (TcpPair& pair : hoarders_) {
      CO_RETURN_IF_ERROR(co_await pair.client.ShutdownWrite());
      CO_ASSIGN_OR_RETURN(std::string all, co_await ReadAll(pair.server));
      EXPECT_TRUE(all == bytes) << all.size();
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(buffers().lent(), 0u);
  EXPECT_EQ(buffers().kept_bytes(), 0u);
}

TEST_P(UnreadTest, HoardersCanBeClosedAndAbandoned) {
  const std::string bytes = PatternBytes(10 * kBufferBytes);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair served, co_await ConnectPair(loop_));
    CO_RETURN_IF_ERROR(co_await ConnectHoarders(8));
    for (TcpPair& pair : hoarders_) SendNow(pair.client, bytes);
    CO_RETURN_IF_ERROR(co_await Settle());
    CO_RETURN_IF_ERROR(co_await Exchange(served));
    for (size_t i = 0; i < 4; ++i) {
      CO_RETURN_IF_ERROR(co_await hoarders_[i].server.Close());
    }
    hoarders_.clear();
    CO_RETURN_IF_ERROR(co_await Exchange(served));
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  TurnUntilNothingInFlight(loop_);
  EXPECT_EQ(buffers().lent(), 0u);
  EXPECT_EQ(buffers().kept_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Rings, UnreadTest,
    ::testing::Values(UringOptions{}, UringOptions{.receive_limit = false},
                      UringOptions{.submission_entries = 4,
                                   .completion_entries = 8}));

// Two buffers and a connection whose bytes come in all forms: the rest of a
// lease that was put back, bytes that were copied, bytes in buffers.
TEST(UnreadBytesTest, AreReadInTheirOrderWhereverTheyAre) {
  Loop loop(SystemWorld(), {.receive_buffers = 2,
                            .receive_buffers_max = 2,
                            .receive_buffer_bytes = kBufferBytes});
  BufferRing& buffers = **loop.receive_buffers();
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair served, co_await ConnectPair(loop));
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
    std::array<uint8_t, 2> two;
    std::string expected;
    for (int i = 0; i < 20; ++i) {
      const std::string first = absl::StrCat("<", i, " first>");
      const std::string second = absl::StrCat("<", i, " second>");
      SendNow(pair.client, first);
      CO_ASSIGN_OR_RETURN(const size_t count,
                          co_await pair.server.ReadInto(two));
      EXPECT_EQ(count, two.size());
      EXPECT_GT(buffers.lent(), 0u);
      SendNow(pair.client, second);
      // Both buffers hold unread bytes, and the other connection needs one.
      while (buffers.lent() < 2) CO_RETURN_IF_ERROR(co_await Yield());
      const uint64_t keeps = buffers.keeps();
      SendNow(served.client, "x");
      CO_ASSIGN_OR_RETURN(Lease lease, co_await served.server.Read());
      EXPECT_EQ(lease.text(), "x");
      lease = Lease();
      EXPECT_EQ(buffers.keeps(), keeps + 1);
      EXPECT_EQ(buffers.kept_bytes(), first.size() - 2 + second.size());
      // Part of it goes back and is put before the rest.
      CO_RETURN_IF_ERROR((co_await pair.server.ReadInto(two)).status());
      std::string rest(first.size() + second.size() - 4, '\0');
      CO_ASSIGN_OR_RETURN(
          const size_t rest_count,
          co_await pair.server.ReadInto(
              {reinterpret_cast<uint8_t*>(rest.data()), rest.size()}));
      EXPECT_EQ(rest_count, rest.size());
      EXPECT_EQ(rest, (first + second).substr(4));
      EXPECT_EQ(buffers.kept_bytes(), 0u);
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST(UnreadBytesTest, AboveTheirLimitOthersWaitUntilTheyAreRead) {
  Loop loop(SystemWorld(), {.receive_buffers = 1,
                            .receive_buffers_max = 1,
                            .receive_buffer_bytes = kBufferBytes,
                            .unread_bytes_max = 3});
  BufferRing& buffers = **loop.receive_buffers();
  bool served_now = false;
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair served, co_await ConnectPair(loop));
    CO_ASSIGN_OR_RETURN(TcpPair hoarder, co_await ConnectPair(loop));
    SendNow(hoarder.client, "arm");
    CO_RETURN_IF_ERROR((co_await hoarder.server.Read()).status());
    SendNow(hoarder.client, "four");
    while (buffers.lent() == 0) CO_RETURN_IF_ERROR(co_await Yield());
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      SendNow(served.client, "x");
      scope.Spawn([&]() -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(Lease lease, co_await served.server.Read());
        EXPECT_EQ(lease.text(), "x");
        served_now = true;
        co_return absl::OkStatus();
      });
      while (buffers.parks() == 0) CO_RETURN_IF_ERROR(co_await Yield());
      for (int i = 0; i < 100; ++i) CO_RETURN_IF_ERROR(co_await Yield());
      EXPECT_FALSE(served_now);
      EXPECT_EQ(buffers.kept_bytes(), 0u);
      CO_ASSIGN_OR_RETURN(Lease lease, co_await hoarder.server.Read());
      EXPECT_EQ(lease.text(), "four");
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_TRUE(served_now);
}

TEST(UnreadBytesTest, StatsTellOfTheBuffers) {
  Loop loop(SystemWorld(), FewBuffers());
  EXPECT_THAT(loop.FormatStats(), Not(HasSubstr("receive buffers")));
  ASSERT_TRUE(loop.receive_buffers().ok());
  EXPECT_THAT(loop.FormatStats(),
              HasSubstr("receive buffers     0 lent of 16, at most 16\n"
                        "parked sockets      0 times\n"
                        "unread bytes kept   0 now, at most 268435456, 0 "
                        "times\n"));
}

}  // namespace
}  // namespace braid
