#include "io/buffer_ring.h"

#include <sys/socket.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/driver/fault_driver.h"
#include "io/errno_status.h"
#include "io/testing.h"

namespace braid {
namespace {

constexpr uint32_t kBufferBytes = 4096;

// A loop with few small buffers.
LoopOptions Buffers(unsigned count, unsigned count_max) {
  return {.receive_buffers = count,
          .receive_buffers_max = count_max,
          .receive_buffer_bytes = kBufferBytes};
}

// Puts bytes into the connection without giving the loop a turn.
void SendNow(TcpStream& stream, std::string_view bytes) {
  ASSERT_EQ(send(stream.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT),
            static_cast<ssize_t>(bytes.size()));
}

Task<absl::Status> ReadInto(TcpStream& stream, std::string& bytes) {
  CO_ASSIGN_OR_RETURN(Lease lease, co_await stream.Read());
  bytes = lease.text();
  co_return absl::OkStatus();
}

TEST(BufferRingTest, LeasesKeepTheirBytesWhateverTheOrderOfTheirReturn) {
  Loop loop(SystemWorld(), Buffers(8, 8));
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
    std::deque<std::pair<Lease, std::string>> kept;
    for (int i = 0; i < 200; ++i) {
      const std::string message = PatternBytes(1 + static_cast<size_t>(i * 17));
      CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(message));
      std::string received;
      while (received.size() < message.size()) {
        CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
        received += lease.text();
        std::string copy(lease.text());
        kept.emplace_back(std::move(lease), std::move(copy));
        // Give one back: the newest, the oldest or one between.
        if (kept.size() > 5) {
          const size_t victim = static_cast<size_t>(i * 7) % kept.size();
          kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(victim));
        }
        for (const auto& [old, text] : kept) EXPECT_EQ(old.text(), text);
      }
      EXPECT_EQ(received, message);
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ((*loop.receive_buffers())->lent(), 0u);
}

TEST(BufferRingTest, FourBuffersServeTwoHundredConnections) {
  constexpr int kConnections = 200;
  Loop loop(SystemWorld(), Buffers(4, 4));
  const std::string message = PatternBytes(3 * kBufferBytes);
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    TcpListener listener = ListenOnLoopback(loop);
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      for (int i = 0; i < kConnections; ++i) {
        CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop, listener));
        scope.Spawn(
            [](TcpStream& stream) -> Task<absl::Status> {
              co_return co_await EchoAll(stream);
            },
            std::move(pair.server));
        scope.Spawn(
            [&message](TcpStream& stream) -> Task<absl::Status> {
              CO_RETURN_IF_ERROR(co_await stream.WriteAll(message));
              CO_RETURN_IF_ERROR(co_await stream.ShutdownWrite());
              CO_ASSIGN_OR_RETURN(std::string echo, co_await ReadAll(stream));
              EXPECT_EQ(echo, message);
              co_return absl::OkStatus();
            },
            std::move(pair.client));
      }
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
  BufferRing& buffers = **loop.receive_buffers();
  EXPECT_GT(buffers.parks(), 0u);
  EXPECT_EQ(buffers.count(), 4u);
  EXPECT_EQ(buffers.lent(), 0u);
}

// Two connections and one buffer, which is lent, and both sockets parked.
class ParkedTest : public ::testing::Test {
 protected:
  ParkedTest() {
    absl::Status status = loop_.Run([this]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(TcpPair holder, co_await ConnectPair(loop_));
      CO_ASSIGN_OR_RETURN(TcpPair first, co_await ConnectPair(loop_));
      CO_ASSIGN_OR_RETURN(TcpPair second, co_await ConnectPair(loop_));
      CO_RETURN_IF_ERROR(co_await holder.client.WriteAll("held"));
      CO_ASSIGN_OR_RETURN(held_, co_await holder.server.Read());
      holder_ = std::make_unique<TcpPair>(std::move(holder));
      first_ = std::make_unique<TcpPair>(std::move(first));
      second_ = std::make_unique<TcpPair>(std::move(second));
      co_return absl::OkStatus();
    }());
    EXPECT_EQ(status, absl::OkStatus());
    EXPECT_EQ(buffers().lent(), 1u);
  }

  BufferRing& buffers() { return **loop_.receive_buffers(); }
  // Gives the loop turns until both sockets have found no buffer.
  void TurnUntilParked(uint64_t parks) {
    TurnUntil(loop_, [&] { return buffers().parks() >= parks; });
  }

  Loop loop_{SystemWorld(), Buffers(1, 1)};
  std::unique_ptr<TcpPair> holder_, first_, second_;
  Lease held_;
};

TEST_F(ParkedTest, AParkedSocketWithoutBytesDoesNotStandBeforeOneThatHasSome) {
  std::string first, second;
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    Scope first_reader(co_await CurrentTask());
    Scope second_reader(co_await CurrentTask());
    first_reader.Spawn(ReadInto(first_->server, first));
    second_reader.Spawn(ReadInto(second_->server, second));
    while (buffers().parks() < 2) (co_await Yield()).IgnoreError();
    SendNow(second_->client, "second");
    held_ = Lease();
    // Nothing else happens from here on, so the loop waits for the kernel.
    absl::Status received = co_await second_reader.Join();
    first_reader.Cancel();
    (co_await first_reader.Join()).IgnoreError();
    co_return received;
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(first, "");
  EXPECT_EQ(second, "second");
}

TEST_F(ParkedTest, AParkedSocketThatNobodyReadsDoesNotStandBeforeOneThatHas) {
  std::string first, second;
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    Scope first_reader(co_await CurrentTask());
    Scope second_reader(co_await CurrentTask());
    first_reader.Spawn(ReadInto(first_->server, first));
    second_reader.Spawn(ReadInto(second_->server, second));
    while (buffers().parks() < 2) (co_await Yield()).IgnoreError();
    first_reader.Cancel();
    (co_await first_reader.Join()).IgnoreError();
    SendNow(second_->client, "second");
    held_ = Lease();
    absl::Status received = co_await second_reader.Join();
    // The other one is as good as before.
    SendNow(first_->client, "first");
    CO_RETURN_IF_ERROR(co_await ReadInto(first_->server, first));
    co_return received;
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(first, "first");
  EXPECT_EQ(second, "second");
}

TEST_F(ParkedTest, AParkedSocketCanBeClosedAndAbandoned) {
  std::string bytes;
  Scope scope(loop_.executor().root_scope());
  scope.Spawn(ReadInto(first_->server, bytes));
  scope.Spawn(ReadInto(second_->server, bytes));
  TurnUntilParked(2);
  scope.Cancel();
  TurnUntil(loop_, [&] { return scope.size() == 0; });
  EXPECT_EQ(loop_.Run(first_->server.Close()), absl::OkStatus());
  second_.reset();
  held_ = Lease();
  holder_.reset();
  TurnUntilNothingInFlight(loop_);
  EXPECT_EQ(buffers().lent(), 0u);
}

// A socket that nobody reads from gets enough for a pause and finds no buffer
// in one and the same turn.
TEST(BufferRingTest, PausedAndOutOfBuffersInOneTurn) {
  constexpr unsigned kBuffers = 16;
  Loop loop(SystemWorld({.receive_limit = false}), Buffers(kBuffers, kBuffers));
  BufferRing& buffers = **loop.receive_buffers();
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("arm"));
    CO_ASSIGN_OR_RETURN(Lease armed, co_await pair.server.Read());
    armed = Lease();
    const std::string bytes = PatternBytes(2 * kBuffers * kBufferBytes);
    SendNow(pair.client, bytes);
    SendNow(pair.client, "end");
    while (buffers.parks() == 0) CO_RETURN_IF_ERROR(co_await Yield());
    EXPECT_EQ(buffers.lent(), kBuffers);
    CO_RETURN_IF_ERROR(co_await pair.client.ShutdownWrite());
    CO_ASSIGN_OR_RETURN(std::string all, co_await ReadAll(pair.server));
    EXPECT_EQ(all, bytes + "end");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST(BufferRingTest, MoreBuffersAreMadeBeforeSocketsWait) {
  constexpr size_t kHeld = 50;
  Loop loop(SystemWorld(), Buffers(1, 64));
  BufferRing& buffers = **loop.receive_buffers();
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
    std::vector<Lease> held;
    for (size_t i = 0; i < kHeld; ++i) {
      CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(absl::StrCat(i, ",")));
      CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
      held.push_back(std::move(lease));
    }
    for (size_t i = 0; i < kHeld; ++i) {
      EXPECT_EQ(held[i].text(), absl::StrCat(i, ","));
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(buffers.count(), 64u);
  EXPECT_EQ(buffers.lent(), 0u);
}

TEST(BufferRingTest, ASocketThatNobodyReadsHoldsFewBuffers) {
  Loop loop(SystemWorld(), Buffers(256, 256));
  if (!loop.features().receive_limit) GTEST_SKIP() << "no receive limit";
  BufferRing& buffers = **loop.receive_buffers();
  const std::string bytes = PatternBytes(2'000'000);
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&]() -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(bytes));
        co_return co_await pair.client.ShutdownWrite();
      });
      CO_ASSIGN_OR_RETURN(Lease first, co_await pair.server.Read());
      std::string all(first.text());
      first = Lease();
      // Everything else gets turns, until nothing moves any more.
      for (int quiet = 0; quiet < 1000; ++quiet) {
        const uint64_t completions = loop.driver().stats().completions;
        CO_RETURN_IF_ERROR(co_await Yield());
        if (loop.driver().stats().completions != completions) quiet = 0;
        EXPECT_LE(buffers.lent(), 2 * BufferRing::kQueuedLeasesMax);
      }
      CO_ASSIGN_OR_RETURN(std::string rest, co_await ReadAll(pair.server));
      EXPECT_EQ(all + rest, bytes);
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST(BufferRingTest, AKernelWithoutTheReceiveLimitIsNoError) {
  World world = SystemWorld();
  FaultDriver& faults = FaultDriver::Intercept(world.driver);
  faults.on_submission = [](io_uring_sqe& entry) {
    if (entry.opcode == IORING_OP_RECV && entry.optlen != 0) {
      FaultDriver::Fail(entry, EINVAL);
    }
  };
  Loop loop(std::move(world));
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("x"));
    CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
    EXPECT_EQ(lease.text(), "x");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_FALSE(loop.features().receive_limit);
}

TEST(BufferRingDeathTest, ALeaseMustNotOutliveTheLoop) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Lease kept;
        Loop loop(SystemWorld());
        absl::Status status = loop.Run([&]() -> Task<absl::Status> {
          CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
          CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("x"));
          CO_ASSIGN_OR_RETURN(kept, co_await pair.server.Read());
          co_return absl::OkStatus();
        }());
      },
      "leases outlived their buffer ring");
}

}  // namespace
}  // namespace braid
