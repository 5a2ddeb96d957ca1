// Storms on the kernel's ring, with queues of any size, and exact accounts
// behind them: what succeeded, what was cancelled, and nothing left.

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/time/time.h"
#include "async/cancel_scope.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/buffer_ring.h"
#include "io/driver/fault_driver.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/tcp.h"
#include "io/testing.h"

namespace braid {
namespace {

struct Ring {
  std::string name;
  UringOptions options;
};

class StormTest : public ::testing::TestWithParam<Ring> {
 protected:
  StormTest() : descriptors_(CountDescriptors()) {
    World world = SystemWorld(GetParam().options);
    faults_ = &FaultDriver::Intercept(world.driver);
    loop_.emplace(std::move(world), LoopOptions{.receive_buffers = 4,
                                                .receive_buffers_max = 4,
                                                .receive_buffer_bytes = 4096});
    // The driver's own poll is armed, so that it completes nothing later.
    loop_->Turn(Driver::Wait::kNo);
  }

  // The accounts, to the last one.
  ~StormTest() override {
    TurnUntilNothingInFlight(*loop_);
    EXPECT_EQ(loop_->stats().submitted, loop_->stats().completed);
    EXPECT_EQ(loop_->posts_waiting(), 0u);
    EXPECT_FALSE(loop_->executor().has_ready());
    EXPECT_EQ(loop_->executor().timers().size(), 0u);
    EXPECT_EQ((*loop_->receive_buffers())->lent(), 0u);
    EXPECT_EQ((*loop_->receive_buffers())->count(), 4u);
    loop_.reset();
    EXPECT_EQ(CountDescriptors(), descriptors_);
  }

  // Cancels `scope` at the next moment when completions are visible and not
  // handled yet.
  void CancelBeforeCompletions(CancelScope& scope) {
    faults_->on_completions = [this, &scope] {
      if (io_uring_cq_ready(&loop_->driver().ring()) > 0) scope.Cancel();
    };
  }

  const int descriptors_;
  FaultDriver* faults_;
  std::optional<Loop> loop_;
};

// Both ends of a pipe.
struct Pipe {
  explicit Pipe(Loop& loop) {
    int ends[2];
    PCHECK(pipe(ends) == 0);
    read_end = File(loop, ends[0]);
    write_end = File(loop, ends[1]);
  }
  File read_end, write_end;
};

// Awaits one byte.
Task<absl::Status> ReadByte(File& file) {
  uint8_t byte;
  co_return (co_await file.Read({&byte, 1})).status();
}

TEST_P(StormTest, TenThousandWaitsOfAllKindsAreCancelledAtOnce) {
  constexpr int kWaits = 10'000;
  constexpr int kOperations = kWaits / 2;
  int cancelled = 0;
  const absl::Status status = loop_->Run([&]() -> Task<absl::Status> {
    Pipe empty(*loop_);
    Event never;
    Scope scope(co_await CurrentTask());
    const auto count = [&](Task<absl::Status> wait) {
      scope.Spawn(
          [&](Task<absl::Status>& task) -> Task<absl::Status> {
            absl::Status ended = co_await std::move(task);
            if (absl::IsCancelled(ended)) ++cancelled;
            co_return ended;
          },
          std::move(wait));
    };
    for (int i = 0; i < kOperations; ++i) count(ReadByte(empty.read_end));
    for (int i = kOperations + 1; i < kWaits; i += 2) {
      count([](Event& event) -> Task<absl::Status> {
        co_return co_await event.Wait();
      }(never));
      count([]() -> Task<absl::Status> {
        co_return co_await SleepFor(absl::Hours(1));
      }());
    }
    while (loop_->in_flight() < kOperations) (co_await Yield()).IgnoreError();
    EXPECT_EQ(scope.size(), static_cast<size_t>(kWaits));
    scope.Cancel();
    co_return co_await scope.Join();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(cancelled, kWaits);
}

// Each byte is read by one task, and that task is told so; all others are told
// that they were cancelled, and have read nothing.
TEST_P(StormTest, TenThousandReadsRaceWithTheirCancellation) {
  constexpr int kReads = 10'000;
  constexpr size_t kBytes = 3'000;
  size_t succeeded = 0, cancelled = 0;
  int left = -1;
  const absl::Status status = loop_->Run([&]() -> Task<absl::Status> {
    Pipe pipe(*loop_);
    Scope scope(co_await CurrentTask());
    for (int i = 0; i < kReads; ++i) {
      scope.Spawn([&]() -> Task<void> {
        const absl::Status read = co_await ReadByte(pipe.read_end);
        if (read.ok()) {
          ++succeeded;
        } else if (absl::IsCancelled(read)) {
          ++cancelled;
        }
      });
    }
    while (loop_->in_flight() < kReads) (co_await Yield()).IgnoreError();
    CancelBeforeCompletions(scope.cancel_scope());
    const std::string bytes(kBytes, 'x');
    EXPECT_EQ(write(pipe.write_end.fd(), bytes.data(), kBytes), kBytes);
    absl::Status joined = co_await scope.Join();
    faults_->on_completions = nullptr;
    EXPECT_EQ(ioctl(pipe.read_end.fd(), FIONREAD, &left), 0);
    co_return joined;
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(succeeded + static_cast<size_t>(left), kBytes);
  EXPECT_EQ(succeeded + cancelled, static_cast<size_t>(kReads));
  EXPECT_GT(succeeded, 0u);
}

// However often accepting is cancelled while a connection comes, each
// connection is given to one call.
TEST_P(StormTest, NoConnectionIsLostHoweverOftenAcceptingIsCancelled) {
  constexpr size_t kConnections = 200;
  std::set<std::string> connected, accepted;
  int cancels = 0;
  const absl::Status status = loop_->Run([&]() -> Task<absl::Status> {
    TcpListener listener = ListenOnLoopback(*loop_);
    std::vector<TcpStream> kept;
    const auto connect = [&]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(TcpStream client, co_await TcpStream::Connect(
                                                *loop_, listener.address()));
      connected.insert(client.local_address().text());
      kept.push_back(std::move(client));
      co_return absl::OkStatus();
    };
    // One has come before accepting begins, so the first attempt's completions
    // are there when it is submitted, and it is cancelled then.
    CO_RETURN_IF_ERROR(co_await connect());
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      for (size_t i = 1; i < kConnections; ++i) scope.Spawn(connect);
      while (accepted.size() < kConnections) {
        CancelScope attempt((co_await CurrentTask()).cancel_scope(),
                            CancelPropagation::kInherit);
        CancelBeforeCompletions(attempt);
        absl::StatusOr<TcpStream> stream =
            co_await [](TcpListener& from) -> Task<absl::StatusOr<TcpStream>> {
          co_return co_await from.Accept();
        }(listener)
                                                  .In(attempt);
        faults_->on_completions = nullptr;
        if (absl::IsCancelled(stream.status())) {
          ++cancels;
          continue;
        }
        CO_RETURN_IF_ERROR(stream.status());
        EXPECT_TRUE(accepted.insert(stream->peer_address().text()).second);
      }
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(accepted, connected);
  EXPECT_GT(cancels, 0);
}

// Two hundred connections share four buffers. Half of them are cancelled in the
// midst of it; the others do not lose a byte.
TEST_P(StormTest, FourBuffersForTwoHundredConnectionsOfWhichHalfAreCancelled) {
  constexpr int kConnections = 200;
  const std::string message = PatternBytes(3 * 4096 + 1);
  int echoed = 0, cancelled = 0;
  const absl::Status status = loop_->Run([&]() -> Task<absl::Status> {
    TcpListener listener = ListenOnLoopback(*loop_);
    co_return co_await WithScope([&](Scope& all) -> Task<absl::Status> {
      CancelScope doomed(all.cancel_scope(), CancelPropagation::kInherit);
      std::vector<TcpPair> pairs;
      for (int i = 0; i < kConnections; ++i) {
        CO_ASSIGN_OR_RETURN(TcpPair pair,
                            co_await ConnectPair(*loop_, listener));
        pairs.push_back(std::move(pair));
      }
      // The doomed do not end what they send, so none of them ends before.
      const auto converse = [&](TcpStream& stream,
                                bool ends) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await stream.WriteAll(message));
        if (ends) CO_RETURN_IF_ERROR(co_await stream.ShutdownWrite());
        CO_ASSIGN_OR_RETURN(std::string echo, co_await ReadAll(stream));
        EXPECT_TRUE(echo == message) << echo.size();
        co_return absl::OkStatus();
      };
      co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (size_t i = 0; i < pairs.size(); ++i) {
          scope.Spawn([&, i]() -> Task<void> {
            // The peer of one that was cancelled is reset, or ends early.
            (co_await EchoAll(pairs[i].server)).IgnoreError();
          });
          scope.Spawn([&, i]() -> Task<absl::Status> {
            if (i % 2 == 0) {
              CO_RETURN_IF_ERROR(
                  co_await converse(pairs[i].client, /*ends=*/true));
              if (++echoed == kConnections / 20) doomed.Cancel();
              co_return absl::OkStatus();
            }
            const absl::Status ended =
                co_await converse(pairs[i].client, /*ends=*/false).In(doomed);
            pairs[i].client = TcpStream();
            if (absl::IsCancelled(ended)) ++cancelled;
            co_return absl::OkStatus();
          });
        }
        co_return absl::OkStatus();
      });
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(echoed, kConnections / 2);
  EXPECT_EQ(cancelled, kConnections / 2);
  EXPECT_GT((*loop_->receive_buffers())->parks(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Rings, StormTest,
    ::testing::Values(Ring{"Default", {}},
                      Ring{"TinyQueues",
                           {.submission_entries = 4, .completion_entries = 8}},
                      Ring{"TinyQueuesWithoutDeferredTaskWork",
                           {.submission_entries = 4,
                            .completion_entries = 8,
                            .defer_taskrun = false,
                            .single_issuer = false}}),
    [](const ::testing::TestParamInfo<Ring>& info) { return info.param.name; });

}  // namespace
}  // namespace braid
