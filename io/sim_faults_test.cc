// The faults of a simulated machine: each of them happens, where its option
// says so and nowhere else.

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/driver/fault_driver.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/sim_testing.h"
#include "io/sim_world.h"
#include "io/tcp.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Names = std::set<std::string_view>;

// All that is read and written here comes in pieces of this size, unless a
// fault cuts them up.
constexpr size_t kPieceBytes = 3000;

bool IsPart(const io_uring_cqe& completion) {
  return completion.res > 0 && completion.res < int{kPieceBytes};
}

struct Fault {
  std::string_view name;
  uint8_t opcode;
  bool (*is)(const io_uring_cqe& completion);
};

template <int error>
bool FailedWith(const io_uring_cqe& completion) {
  return completion.res == -error;
}

constexpr Fault kFaults[] = {
    {"a short receive", IORING_OP_RECV, &IsPart},
    {"a short send", IORING_OP_SEND, &IsPart},
    {"a short read", IORING_OP_READ, &IsPart},
    {"a short write", IORING_OP_WRITE, &IsPart},
    {"an interrupted accept", IORING_OP_ACCEPT, &FailedWith<EINTR>},
    {"an interrupted receive", IORING_OP_RECV, &FailedWith<EINTR>},
    {"an interrupted send", IORING_OP_SEND, &FailedWith<EINTR>},
    {"an interrupted read", IORING_OP_READ, &FailedWith<EINTR>},
    {"an interrupted write", IORING_OP_WRITE, &FailedWith<EINTR>},
    {"an open interrupted by its cancel", IORING_OP_OPENAT, &FailedWith<EINTR>},
    {"a receive without a buffer", IORING_OP_RECV, &FailedWith<ENOBUFS>},
    {"a receive from a peer that resets", IORING_OP_RECV,
     &FailedWith<ECONNRESET>},
    {"a send to a peer that resets", IORING_OP_SEND, &FailedWith<ECONNRESET>},
    {"a cancel that is late", IORING_OP_ASYNC_CANCEL, &FailedWith<EALREADY>},
    {"a failing sync", IORING_OP_FSYNC, &FailedWith<EIO>},
};

// Sends a piece and receives it.
Task<absl::Status> Send(TcpStream& from, TcpStream& to) {
  const std::string piece = PatternBytes(kPieceBytes);
  CO_RETURN_IF_ERROR(co_await from.WriteAll(piece));
  std::string received;
  while (received.size() < kPieceBytes) {
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await to.Read());
    if (lease.empty()) co_return absl::UnavailableError("closed early");
    received += lease.text();
  }
  EXPECT_TRUE(received == piece);
  co_return absl::OkStatus();
}

// Requests, and later responses to them too, until something fails. As long as
// the client reads nothing, it is its sends that find a reset.
Task<absl::Status> Converse(Loop& loop) {
  CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
  for (int i = 0; i < 20; ++i) {
    CO_RETURN_IF_ERROR(co_await Send(pair.client, pair.server));
    if (i >= 10) CO_RETURN_IF_ERROR(co_await Send(pair.server, pair.client));
  }
  co_return absl::OkStatus();
}

// Writes, syncs and reads, whether or not the syncs fail.
Task<absl::Status> UseFile(Loop& loop) {
  CO_ASSIGN_OR_RETURN(File file,
                      co_await File::Open(loop, "/f", O_RDWR | O_CREAT));
  const std::string piece = PatternBytes(kPieceBytes);
  std::array<uint8_t, kPieceBytes> read;
  for (int i = 0; i < 3; ++i) {
    CO_RETURN_IF_ERROR(co_await file.WriteAll(piece, 0));
    (co_await file.Sync()).IgnoreError();
    CO_ASSIGN_OR_RETURN(const size_t count, co_await file.ReadFull(read, 0));
    EXPECT_EQ(count, kPieceBytes);
    EXPECT_TRUE(std::equal(
        piece.begin(), piece.end(), read.begin(),
        [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
  }
  co_return co_await file.Close();
}

// What may be cancelled has its result, or has not happened.
Task<void> OpenAndCancel(Loop& loop) {
  for (int i = 0; i < 5; ++i) {
    const absl::StatusOr<File> file =
        co_await CancelInNextTurn(File::Open(loop, "/f", O_RDONLY));
    EXPECT_TRUE(file.ok() || absl::IsCancelled(file.status())) << file.status();
  }
}

// Runs all of it and gives the faults that have happened.
Names FaultsOf(const SimOptions& options) {
  Names happened;
  World world = SimulatedWorld(options);
  FaultDriver& faults = FaultDriver::Intercept(world.driver);
  faults.on_completion = [&](const io_uring_sqe& entry,
                             const io_uring_cqe& completion) {
    for (const Fault& fault : kFaults) {
      if (fault.opcode == entry.opcode && fault.is(completion))
        happened.insert(fault.name);
    }
  };
  {
    Loop loop(std::move(world));
    for (int i = 0; i < 3; ++i) {
      const absl::Status status = loop.Run(Converse(loop));
      EXPECT_TRUE(status.ok() || options.reset > 0) << status;
    }
    const absl::Status status = loop.Run(UseFile(loop));
    EXPECT_TRUE(status.ok()) << status;
    loop.Run(OpenAndCancel(loop));
  }
  return happened;
}

// The same under each of 50 seeds.
Names FaultsWith(const std::function<void(SimOptions&)>& change) {
  Names all;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SimOptions options{.seed = seed};
    change(options);
    all.merge(FaultsOf(options));
  }
  return all;
}

TEST(SimFaultsTest, NoneHappensOnItsOwn) {
  EXPECT_THAT(FaultsWith([](SimOptions&) {}), IsEmpty());
}

TEST(SimFaultsTest, EachHappensWithItsOption) {
  const Names interruptions = {"an interrupted accept",
                               "an interrupted receive", "an interrupted send",
                               "an interrupted read", "an interrupted write"};
  EXPECT_EQ(FaultsWith([](SimOptions& o) { o.short_transfer = 0.2; }),
            (Names{"a short receive", "a short send", "a short read",
                   "a short write"}));
  EXPECT_EQ(FaultsWith([](SimOptions& o) { o.interruption = 0.1; }),
            interruptions);
  EXPECT_EQ(FaultsWith([](SimOptions& o) { o.no_buffers = 0.1; }),
            Names{"a receive without a buffer"});
  EXPECT_EQ(FaultsWith([](SimOptions& o) { o.reset = 0.5; }),
            (Names{"a receive from a peer that resets",
                   "a send to a peer that resets"}));
  EXPECT_EQ(FaultsWith([](SimOptions& o) { o.late_cancel = 0.5; }),
            Names{"a cancel that is late"});
  EXPECT_EQ(FaultsWith([](SimOptions& o) { o.sync_failure = 0.2; }),
            Names{"a failing sync"});
}

TEST(SimFaultsTest, AllHappenOnAHostileMachine) {
  Names all;
  ForEachSeed(300,
              [&](const SimOptions& options) { all.merge(FaultsOf(options)); });
  Names expected;
  for (const Fault& fault : kFaults) expected.insert(fault.name);
  EXPECT_EQ(all, expected);
}

// Eight reads that are begun at once, by their offsets.
struct Reads {
  std::vector<uint64_t> order;  // In which they have ended.
  uint64_t overflows = 0;       // Completions that had no room in the queue.
};

Reads ReadAtOnce(const SimOptions& options) {
  Reads reads;
  World world = SimulatedWorld(options);
  FaultDriver& faults = FaultDriver::Intercept(world.driver);
  faults.on_completion = [&](const io_uring_sqe& entry, const io_uring_cqe&) {
    if (entry.opcode == IORING_OP_READ) reads.order.push_back(entry.off);
  };
  Loop loop(std::move(world));
  const absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop, "/f", O_RDWR | O_CREAT));
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      for (uint64_t offset = 0; offset < 8; ++offset) {
        scope.Spawn([&file, offset]() -> Task<absl::Status> {
          uint8_t byte;
          co_return (co_await file.Read({&byte, 1}, offset)).status();
        });
      }
      co_return absl::OkStatus();
    });
  }());
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(reads.order, UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  reads.overflows = loop.driver().stats().cq_overflows;
  return reads;
}

TEST(SimFaultsTest, CompletionsComeInAnOrderOfTheirOwn) {
  std::set<std::vector<uint64_t>> orders;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Reads reads = ReadAtOnce({.seed = seed});
    EXPECT_EQ(reads.overflows, 0u);
    orders.insert(reads.order);
  }
  EXPECT_GT(orders.size(), 10u);
}

TEST(SimFaultsTest, AFullQueueOfCompletionsLosesNone) {
  uint64_t overflows = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    overflows += ReadAtOnce({.seed = seed,
                             .operation_delay_max = absl::ZeroDuration(),
                             .completion_delay_max = absl::ZeroDuration(),
                             .completion_entries = 2})
                     .overflows;
  }
  EXPECT_GT(overflows, 0u);
}

TEST(SimFaultsTest, EverythingTakesAsLongAsTheOptionsSay) {
  const auto time_of = [](const SimOptions& options) {
    Loop loop(SimulatedWorld(options));
    const MonotonicNanos start = loop.clock().Now();
    EXPECT_TRUE(loop.Run(Converse(loop)).ok());
    return absl::Nanoseconds(loop.clock().Now() - start);
  };
  constexpr absl::Duration kNone = absl::ZeroDuration();
  const SimOptions fast = {.operation_delay_max = kNone,
                           .network_delay_max = kNone,
                           .completion_delay_max = kNone};
  EXPECT_LT(time_of(fast), absl::Milliseconds(2));
  for (absl::Duration SimOptions::* delay :
       {&SimOptions::operation_delay_max, &SimOptions::network_delay_max,
        &SimOptions::completion_delay_max}) {
    SimOptions slow = fast;
    slow.*delay = absl::Seconds(10);
    const absl::Duration time = time_of(slow);
    // Thirty pieces one after the other, each of which waits once or twice.
    EXPECT_GT(time, absl::Seconds(50));
    EXPECT_LT(time, absl::Seconds(1000));
  }
}

}  // namespace
}  // namespace braid
