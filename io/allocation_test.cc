// What operations cost, in allocations and in system calls. Neither depends on
// the machine, so both are tested instead of measured.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "async/combinators.h"
#include "async/event.h"
#include "async/frame_pool.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/blocking.h"
#include "io/file.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace {

// Of this thread.
thread_local uint64_t allocations = 0;

}  // namespace

// GoogleTest's and everybody's: all allocations of the program pass here.
void* operator new(size_t bytes) {
  ++allocations;
  void* memory = malloc(bytes);
  if (memory == nullptr) abort();
  return memory;
}
void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t) noexcept { free(memory); }

namespace braid {
namespace {

#ifdef BRAID_FRAME_POOL_PASSTHROUGH
constexpr bool kFramesAreRecycled = false;
#else
constexpr bool kFramesAreRecycled = true;
#endif

class AllocationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kFramesAreRecycled) {
      GTEST_SKIP() << "under AddressSanitizer every frame is allocated";
    }
  }

  // Runs `operation` until everything is warm, and then counts what `rounds`
  // more allocate.
  template <typename Operation>
  static Task<absl::Status> ExpectNoAllocation(Operation operation) {
    constexpr int kWarmUp = 100;
    constexpr int kRounds = 1'000;
    for (int i = 0; i < kWarmUp; ++i) CO_RETURN_IF_ERROR(co_await operation());
    const uint64_t before = allocations;
    for (int i = 0; i < kRounds; ++i) CO_RETURN_IF_ERROR(co_await operation());
    EXPECT_EQ(allocations - before, 0u) << "in " << kRounds << " rounds";
    co_return absl::OkStatus();
  }

  // One thread, since starting another one allocates.
  Loop loop_{SystemWorld(), {.blocking_threads = 1}};
};

TEST_F(AllocationTest, ReadingAndWritingSockets) {
  auto run = [&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    std::array<uint8_t, 4> buffer;
    const std::array<std::string_view, 2> parts = {"pi", "ng"};
    auto exchange = [&]() -> Task<absl::Status> {
      CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("ping"));
      CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
      CO_RETURN_IF_ERROR(co_await pair.server.WriteAll(lease.bytes()));
      CO_RETURN_IF_ERROR((co_await pair.client.ReadInto(buffer)).status());
      CO_RETURN_IF_ERROR(co_await pair.server.WriteAll(parts));
      CO_RETURN_IF_ERROR((co_await pair.client.ReadInto(buffer)).status());
      co_return (co_await pair.client.Write(buffer)).ok()
          ? (co_await pair.server.Read()).status()
          : absl::InternalError("write");
    };
    co_return co_await ExpectNoAllocation(exchange);
  };
  EXPECT_EQ(loop_.Run(run()), absl::OkStatus());
}

TEST_F(AllocationTest, ReadingAndWritingFiles) {
  if (loop_.driver().Describe().starts_with("epoll"))
    GTEST_SKIP() << "starting a thread allocates, and epoll's files have four";
  auto run = [&]() -> Task<absl::Status> {
    const std::string path = TestPath("allocation");
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop_, path, O_RDWR | O_CREAT));
    std::array<uint8_t, 4> buffer;
    auto exchange = [&]() -> Task<absl::Status> {
      CO_RETURN_IF_ERROR(co_await file.WriteAll("data", 0));
      CO_RETURN_IF_ERROR((co_await file.ReadFull(buffer, 0)).status());
      CO_RETURN_IF_ERROR((co_await file.Write(buffer, 0)).status());
      CO_RETURN_IF_ERROR((co_await file.Read(buffer, 0)).status());
      co_return (co_await file.Stat()).status();
    };
    co_return co_await ExpectNoAllocation(exchange);
  };
  EXPECT_EQ(loop_.Run(run()), absl::OkStatus());
}

TEST_F(AllocationTest, TimersAndTimeouts) {
  Loop loop(SimulatedWorld({}));
  auto run = [&]() -> Task<absl::Status> {
    auto sleep = []() -> Task<absl::Status> {
      co_return co_await SleepFor(absl::Nanoseconds(1));
    };
    CO_RETURN_IF_ERROR(co_await ExpectNoAllocation(sleep));
    auto timeout = [&]() -> Task<absl::Status> {
      co_return co_await Timeout(absl::Seconds(10), sleep());
    };
    co_return co_await ExpectNoAllocation(timeout);
  };
  EXPECT_EQ(loop.Run(run()), absl::OkStatus());
}

TEST_F(AllocationTest, PostsAndBlockingFunctions) {
  auto run = [&]() -> Task<absl::Status> {
    auto blocking = [&]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(const int one,
                          co_await Blocking(loop_, [] { return 1; }));
      co_return one == 1 ? absl::OkStatus() : absl::InternalError("blocking");
    };
    CO_RETURN_IF_ERROR(co_await ExpectNoAllocation(blocking));
    Event posted;
    auto post = [&]() -> Task<absl::Status> {
      posted.Reset();
      loop_.Post([&posted] { posted.Set(); });
      co_return co_await posted.Wait();
    };
    co_return co_await ExpectNoAllocation(post);
  };
  EXPECT_EQ(loop_.Run(run()), absl::OkStatus());
}

TEST_F(AllocationTest, CancelledReads) {
  auto run = [&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    auto read = [&]() -> Task<absl::Status> {
      CancelScope scope((co_await CurrentTask()).cancel_scope(),
                        CancelPropagation::kInherit);
      scope.Cancel();
      auto cancelled = [&]() -> Task<absl::Status> {
        co_return (co_await pair.server.Read()).ok()
            ? absl::InternalError("read")
            : absl::OkStatus();
      };
      co_return co_await cancelled().In(scope);
    };
    co_return co_await ExpectNoAllocation(read);
  };
  EXPECT_EQ(loop_.Run(run()), absl::OkStatus());
}

// An echo over many connections: all that is ready in a turn goes in and out
// with one system call.
TEST(SystemCallTest, OneEnterForAllThatIsReadyInATurn) {
  constexpr int kConnections = 16;  // The kernel hands out 20 at once.
  constexpr int kMessages = 500;
  Loop loop(SystemWorld());
  DriverStats before, after;
  LoopStats turns_before, turns_after;
  auto run = [&]() -> Task<absl::Status> {
    TcpListener listener = ListenOnLoopback(loop);
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      std::vector<TcpStream> clients;
      for (int i = 0; i < kConnections; ++i) {
        CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop, listener));
        scope.Spawn(
            [](TcpStream& stream) -> Task<absl::Status> {
              co_return co_await EchoAll(stream);
            },
            std::move(pair.server));
        clients.push_back(std::move(pair.client));
      }
      before = loop.driver().stats();
      turns_before = loop.stats();
      CO_RETURN_IF_ERROR(
          co_await WithScope([&](Scope& exchanges) -> Task<absl::Status> {
            for (TcpStream& client : clients) {
              exchanges.Spawn([&]() -> Task<absl::Status> {
                std::array<uint8_t, 4> reply;
                for (int i = 0; i < kMessages; ++i) {
                  CO_RETURN_IF_ERROR(co_await client.WriteAll("ping"));
                  CO_RETURN_IF_ERROR(
                      (co_await client.ReadInto(reply)).status());
                }
                co_return absl::OkStatus();
              });
            }
            co_return absl::OkStatus();
          }));
      after = loop.driver().stats();
      turns_after = loop.stats();
      co_return absl::OkStatus();
    });
  };
  EXPECT_EQ(loop.Run(run()), absl::OkStatus());
  const uint64_t enters = after.enters - before.enters;
  EXPECT_LE(enters, turns_after.turns - turns_before.turns);
  // Two sends and two receives for each exchange of each connection.
  EXPECT_GE(after.completions - before.completions,
            uint64_t{4} * kConnections * kMessages);
  // Half of a round of all connections takes a turn, or a little more.
  EXPECT_LE(enters, 4u * kMessages);
}

}  // namespace
}  // namespace braid
