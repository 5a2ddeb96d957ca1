// The store on simulated machines that lose power at any moment: what it has
// acknowledged is there for the next start, whatever the disk did.

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "examples/quickstart/store.h"
#include "gtest/gtest.h"
#include "io/driver/fault_driver.h"
#include "io/driver/sim_disk.h"
#include "io/loop.h"
#include "io/sim_testing.h"
#include "io/sim_world.h"

namespace braid::quickstart {
namespace {

constexpr int kWriters = 6;

// How far a key had come: it counts up.
struct Progress {
  int tried = 0;
  int acknowledged = 0;
};

// What is left of a store when the power went.
struct Crash {
  std::shared_ptr<SimDisk> disk;
  std::map<std::string, Progress> keys;
};

// Counts a key up in the store until the store ends.
Task<void> Count(Store& store, std::string key, Progress& progress) {
  for (;;) {
    ++progress.tried;
    const int value = progress.tried;
    const absl::Status put = co_await store.Put(
        key,
        absl::StrCat(value, std::string(static_cast<size_t>(value) * 37, '.')));
    if (!put.ok()) co_return;
    progress.acknowledged = value;
  }
}

// Changes what goes out to the simulated kernel.
using Bug = void (*)(io_uring_sqe& entry);

// Runs a store with writers until some moment, and takes away its power.
Crash RunUntilCrash(const std::shared_ptr<SimDisk>& disk,
                    const SimOptions& options, Bug bug = nullptr) {
  Crash crash;
  std::mt19937_64 random(options.seed);
  World world = SimulatedWorld(options, disk);
  if (bug != nullptr) FaultDriver::Intercept(world.driver).on_submission = bug;
  Loop loop(std::move(world));
  std::map<std::string, Progress> keys;
  std::unique_ptr<Store> store;  // Outlives the committer.
  const absl::Status status =
      loop.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(store,
                            co_await Store::Open(loop, scope, "/store.log"));
        co_return co_await WithScope([&](Scope& writers) -> Task<absl::Status> {
          for (int i = 0; i < kWriters; ++i) {
            const std::string key = absl::StrCat("key", i);
            writers.Spawn(
                [&store](std::string& name, Progress* progress) {
                  return Count(*store, name, *progress);
                },
                key, &keys[key]);
          }
          CO_RETURN_IF_ERROR(co_await SleepFor(
              absl::Microseconds(static_cast<int64_t>(random() % 50'000))));
          crash.disk = disk->AfterPowerLoss(random);
          crash.keys = keys;
          scope.Cancel();
          co_return absl::OkStatus();
        });
      }));
  while (loop.in_flight() > 0) loop.Turn(Driver::Wait::kForOne);
  EXPECT_EQ(loop.executor().timers().size(), 0u);
  if (crash.disk == nullptr) {
    // It did not get as far as to open its log.
    EXPECT_GT(options.sync_failure, 0) << status;
    crash.disk = disk->AfterPowerLoss(random);
  }
  return crash;
}

// Every acknowledged write is there, and nothing that nobody wrote.
void Check(Crash& crash, const SimOptions& options) {
  Loop loop(SimulatedWorld(options, crash.disk));
  std::unique_ptr<Store> store;
  const absl::Status status = loop.Run(WithScope([&](Scope& scope)
                                                     -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(store, co_await Store::Open(loop, scope, "/store.log"));
    for (const auto& [key, progress] : crash.keys) {
      const std::string value = store->Get(key).value_or("0");
      int found = 0;
      EXPECT_TRUE(absl::SimpleAtoi(value.substr(0, value.find('.')), &found));
      EXPECT_GE(found, progress.acknowledged) << key;
      EXPECT_LE(found, progress.tried) << key;
      EXPECT_EQ(value.size(), found == 0 ? 1
                                         : absl::StrCat(found).size() +
                                               static_cast<size_t>(found) * 37);
    }
    scope.Cancel();
    co_return absl::OkStatus();
  }));
  EXPECT_TRUE(status.ok() || absl::IsCancelled(status)) << status;
  while (loop.in_flight() > 0) loop.Turn(Driver::Wait::kForOne);
}

TEST(StoreSimTest, NoAcknowledgedWriteIsLost) {
  int runs = 0, acknowledged = 0;
  ForEachSeed(1000, [&](SimOptions options) {
    Crash crash = RunUntilCrash(std::make_shared<SimDisk>(), options);
    for (const auto& [key, progress] : crash.keys)
      acknowledged += progress.acknowledged;
    options.sync_failure = 0;
    Check(crash, options);
    ++runs;
  });
  EXPECT_GT(acknowledged, runs);
}

TEST(StoreSimTest, NoAcknowledgedWriteIsLostWhenTheDiskIsFull) {
  int runs = 0, acknowledged = 0, refused = 0;
  ForEachSeed(200, [&](SimOptions options) {
    options.sync_failure = 0;
    const uint64_t bytes_max = 500 + options.seed * 100;
    Crash crash = RunUntilCrash(std::make_shared<SimDisk>(bytes_max), options);
    for (const auto& [key, progress] : crash.keys) {
      acknowledged += progress.acknowledged;
      refused += progress.tried - progress.acknowledged;
    }
    Check(crash, options);
    ++runs;
  });
  EXPECT_GT(acknowledged, runs);
  EXPECT_GT(refused, runs);
}

// What the invariant is worth: it finds a store that does not keep its word.
// The bugs are planted below the store, where they look the same to the disk as
// if the store had them.

void ExpectStoreBugIsFound(Bug bug) {
  ExpectBugIsFound(100, "progress.acknowledged", [bug](SimOptions options) {
    options.sync_failure = 0;
    Crash crash = RunUntilCrash(std::make_shared<SimDisk>(), options, bug);
    Check(crash, options);
  });
}

TEST(StoreSimBugTest, AWriteAcknowledgedWithoutASync) {
  ExpectStoreBugIsFound([](io_uring_sqe& entry) {
    if (entry.opcode == IORING_OP_FSYNC &&
        entry.fsync_flags == IORING_FSYNC_DATASYNC) {
      FaultDriver::End(entry, 0);
    }
  });
}

TEST(StoreSimBugTest, ALogWhoseDirectoryWasNotSynced) {
  ExpectStoreBugIsFound([](io_uring_sqe& entry) {
    if (entry.opcode == IORING_OP_FSYNC && entry.fsync_flags == 0)
      FaultDriver::End(entry, 0);
  });
}

TEST(StoreSimBugTest, AWriteAcknowledgedThatIsNeverMade) {
  ExpectStoreBugIsFound([](io_uring_sqe& entry) {
    if (entry.opcode == IORING_OP_WRITE)
      FaultDriver::End(entry, static_cast<int>(entry.len));
  });
}

}  // namespace
}  // namespace braid::quickstart
