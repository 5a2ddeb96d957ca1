// What the invariants of the ring and its operations are worth: with bugs
// planted between the loop and a simulated kernel, they fail.

#include <fcntl.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "async/cancel_scope.h"
#include "async/combinators.h"
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

// A simulated machine whose completions can be changed before the loop sees
// them.
class Machine {
 public:
  explicit Machine(const SimOptions& options) {
    World world = SimulatedWorld(options);
    faults_ = &FaultDriver::Intercept(world.driver);
    faults_->on_submission = [this](io_uring_sqe& entry) {
      submitted_[entry.user_data] = entry;
    };
    loop_.emplace(std::move(world));
  }
  // The loop's end has completions too.
  ~Machine() { faults_->on_completions = nullptr; }

  Loop& loop() { return *loop_; }

  // Calls `change(entry, completion)` for each completion that becomes visible.
  template <typename Change>
  void ChangeCompletions(Change change) {
    faults_->on_completions = [this, change]() mutable {
      io_uring_cq& queue = faults_->ring().cq;
      for (unsigned i = *queue.khead; i != *queue.ktail; ++i) {
        io_uring_cqe& completion = queue.cqes[i & queue.ring_mask];
        change(submitted_[completion.user_data], completion);
      }
    };
  }

  // Makes another entry of the queue the same as its newest.
  void RepeatNewest() {
    io_uring_cq& queue = faults_->ring().cq;
    const io_uring_cqe newest =
        queue.cqes[(*queue.ktail - 1) & queue.ring_mask];
    queue.cqes[(*queue.ktail)++ & queue.ring_mask] = newest;
  }

 private:
  FaultDriver* faults_;
  std::map<uint64_t, io_uring_sqe> submitted_;
  std::optional<Loop> loop_;
};

// Blocks that are written beside each other and cancelled at some moment: each
// write that reports success is in the file.
void RunCancelledWrites(const SimOptions& options, bool cancels_claim_success) {
  constexpr size_t kBlocks = 16, kBlockBytes = 64;
  Machine machine(options);
  Loop& loop = machine.loop();
  if (cancels_claim_success) {
    machine.ChangeCompletions(
        [](const io_uring_sqe& entry, io_uring_cqe& completion) {
          if (entry.opcode == IORING_OP_WRITE && completion.res == -ECANCELED)
            completion.res = static_cast<int>(entry.len);
        });
  }
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
  ForEachSeed(300, [](SimOptions options) {
    RunCancelledWrites(options, /*cancels_claim_success=*/false);
  });
}

TEST(SimBugTest, ACancelThatClaimsSuccess) {
  ExpectBugIsFound(50, "contents.substr", [](SimOptions options) {
    RunCancelledWrites(options, /*cancels_claim_success=*/true);
  });
}

// A program of one write and its sync.
absl::Status WriteAndSync(Loop& loop) {
  return loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop, "/f", O_RDWR | O_CREAT));
    CO_RETURN_IF_ERROR(co_await file.WriteAll("x", 0));
    co_return co_await file.Sync();
  }());
}

TEST(SimBugDeathTest, ACompletionThatIsDropped) {
  EXPECT_DEATH(
      {
        Machine machine({});
        machine.ChangeCompletions(
            [](const io_uring_sqe& entry, io_uring_cqe& completion) {
              if (entry.opcode == IORING_OP_FSYNC) completion.user_data = 0;
            });
        WriteAndSync(machine.loop()).IgnoreError();
      },
      "waits for what never happens");
}

TEST(SimBugDeathTest, ACompletionThatIsDeliveredTwice) {
  EXPECT_DEATH(
      {
        Machine machine({});
        bool repeated = false;
        machine.ChangeCompletions(
            [&](const io_uring_sqe& entry, io_uring_cqe&) {
              if (entry.opcode == IORING_OP_FSYNC &&
                  !std::exchange(repeated, true)) {
                machine.RepeatNewest();
              }
            });
        WriteAndSync(machine.loop()).IgnoreError();
      },
      "a completion for an operation that is not in flight");
}

TEST(SimBugDeathTest, ALeaseThatIsNeverGivenBack) {
  EXPECT_DEATH(
      {
        std::optional<Lease> kept;
        Machine machine({});
        machine.loop()
            .Run([&]() -> Task<absl::Status> {
              CO_ASSIGN_OR_RETURN(TcpPair pair,
                                  co_await ConnectPair(machine.loop()));
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
