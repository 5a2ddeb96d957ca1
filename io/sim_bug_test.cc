// What the invariants of the ring and its operations are worth: with bugs
// planted between the loop and a simulated kernel, they fail.

#include <fcntl.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/buffer_ring.h"
#include "io/driver/fault_driver.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/sim_testing.h"
#include "io/sim_world.h"
#include "io/tcp.h"
#include "io/testing.h"

namespace braid {
namespace {

// Changes completions before the loop sees them.
using Bug = absl::AnyInvocable<void(
    const io_uring_sqe& entry, io_uring_cqe& completion, io_uring_cq& queue)>;

// A simulated machine with a bug.
World WorldWithBug(const SimOptions& options, Bug bug) {
  World world = SimulatedWorld(options);
  FaultDriver& faults = FaultDriver::Intercept(world.driver);
  faults.on_completion = [&faults, bug = std::move(bug)](
                             const io_uring_sqe& entry,
                             io_uring_cqe& completion) mutable {
    bug(entry, completion, faults.ring().cq);
  };
  return world;
}

void NoBug(const io_uring_sqe&, io_uring_cqe&, io_uring_cq&) {}

// Blocks that are written beside each other and cancelled at some moment: each
// write that reports success is in the file.
void RunCancelledWrites(const SimOptions& options, Bug bug) {
  constexpr size_t kBlocks = 16, kBlockBytes = 64;
  Loop loop(WorldWithBug(options, std::move(bug)));
  std::vector<bool> written(kBlocks);
  const absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop, "/f", O_RDWR | O_CREAT));
    Scope scope(co_await CurrentTask());
    for (size_t i = 0; i < kBlocks; ++i) {
      scope.Spawn([&, i]() -> Task<absl::Status> {
        const std::string block(kBlockBytes, static_cast<char>('a' + i));
        absl::Status ended = co_await file.WriteAll(block, i * kBlockBytes);
        written[i] = ended.ok();
        co_return ended;
      });
    }
    CO_RETURN_IF_ERROR(co_await SleepFor(
        absl::Microseconds(static_cast<int64_t>(loop.random()() % 1500))));
    scope.Cancel();
    (co_await scope.Join()).IgnoreError();
    CO_ASSIGN_OR_RETURN(std::string contents, co_await ReadFile(loop, "/f"));
    contents.resize(kBlocks * kBlockBytes);
    for (size_t i = 0; i < kBlocks; ++i) {
      if (!written[i]) continue;
      EXPECT_EQ(contents.substr(i * kBlockBytes, kBlockBytes),
                std::string(kBlockBytes, static_cast<char>('a' + i)));
    }
    co_return absl::OkStatus();
  }());
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(loop.in_flight(), 0u);
}

TEST(SimBugTest, AWriteThatReportsSuccessIsThereHoweverItWasCancelled) {
  ForEachSeed(300,
              [](SimOptions options) { RunCancelledWrites(options, &NoBug); });
}

TEST(SimBugTest, ACancelThatClaimsSuccess) {
  ExpectBugIsFound(50, "contents.substr", [](SimOptions options) {
    RunCancelledWrites(options, [](const io_uring_sqe& entry,
                                   io_uring_cqe& completion, io_uring_cq&) {
      if (entry.opcode == IORING_OP_WRITE && completion.res == -ECANCELED)
        completion.res = static_cast<int>(entry.len);
    });
  });
}

// A program of one write and its sync, of whose completion `bug` makes
// something else.
void WriteAndSync(
    absl::AnyInvocable<void(io_uring_cqe& synced, io_uring_cq& queue)> bug) {
  Loop loop(
      WorldWithBug({}, [bug = std::move(bug)](const io_uring_sqe& entry,
                                              io_uring_cqe& completion,
                                              io_uring_cq& queue) mutable {
        if (entry.opcode == IORING_OP_FSYNC) bug(completion, queue);
      }));
  loop.Run([&]() -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(File file,
                            co_await File::Open(loop, "/f", O_RDWR | O_CREAT));
        CO_RETURN_IF_ERROR(co_await file.WriteAll("x", 0));
        co_return co_await file.Sync();
      }())
      .IgnoreError();
}

TEST(SimBugDeathTest, ACompletionThatIsDropped) {
  EXPECT_DEATH(WriteAndSync([](io_uring_cqe& synced, io_uring_cq&) {
                 synced.user_data = 0;
               }),
               "waits for what never happens");
}

TEST(SimBugDeathTest, ACompletionThatIsDeliveredTwice) {
  EXPECT_DEATH(WriteAndSync([](io_uring_cqe& synced, io_uring_cq& queue) {
                 queue.cqes[(*queue.ktail)++ & queue.ring_mask] = synced;
               }),
               "a completion for an operation that is not in flight");
}

TEST(SimBugDeathTest, ALeaseThatIsNeverGivenBack) {
  EXPECT_DEATH(
      {
        std::optional<Lease> kept;
        Loop loop(SimulatedWorld({}));
        loop.Run([&]() -> Task<absl::Status> {
              CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
              CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("x"));
              CO_ASSIGN_OR_RETURN(kept, co_await pair.server.Read());
              co_return absl::OkStatus();
            }())
            .IgnoreError();
      },
      "lease");
}

}  // namespace
}  // namespace braid
