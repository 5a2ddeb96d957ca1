#include "examples/quickstart/store.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/driver/fault_driver.h"
#include "io/errno_status.h"
#include "io/file_system.h"

namespace braid::quickstart {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { unlink(Path().c_str()); }

  std::string Path() {
    return absl::StrCat(
        getenv("TEST_TMPDIR"), "/",
        ::testing::UnitTest::GetInstance()->current_test_info()->name(),
        ".log");
  }

  // Opens the store, runs `body` with it and closes it.
  template <typename F>
  absl::Status WithStore(F body) {
    Loop loop(*World::System());
    return loop.Run(
        [](Loop& l, std::string path, F& use) -> Task<absl::Status> {
          std::unique_ptr<Store> store;
          co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
            CO_ASSIGN_OR_RETURN(store, co_await Store::Open(l, scope, path));
            absl::Status status = co_await use(*store);
            scope.Cancel();
            co_return status;
          });
        }(loop, Path(), body));
  }

  std::string Log() {
    Loop loop(*World::System());
    return *loop.Run(ReadFile(loop, Path()));
  }
  void SetLog(std::string bytes) {
    Loop loop(*World::System());
    ASSERT_EQ(loop.Run(WriteFile(loop, Path(), std::move(bytes))),
              absl::OkStatus());
  }
};

Task<absl::Status> PutThree(Store& store) {
  CO_RETURN_IF_ERROR(co_await store.Put("a", "1"));
  CO_RETURN_IF_ERROR(co_await store.Put("b", "2"));
  CO_RETURN_IF_ERROR(co_await store.Put("c", std::string("\0binary\xff", 8)));
  co_return co_await store.Remove("a");
}

TEST_F(StoreTest, WhatIsWrittenIsThereAfterReopening) {
  ASSERT_EQ(WithStore(PutThree), absl::OkStatus());
  EXPECT_EQ(WithStore([](Store& store) -> Task<absl::Status> {
              EXPECT_EQ(store.size(), 2u);
              EXPECT_EQ(store.Get("a"), std::nullopt);
              EXPECT_EQ(store.Get("b"), "2");
              EXPECT_EQ(store.Get("c"), std::string("\0binary\xff", 8));
              EXPECT_EQ(store.Keys("", 10),
                        (std::vector<std::string>{"b", "c"}));
              EXPECT_EQ(store.Keys("c", 10), (std::vector<std::string>{"c"}));
              EXPECT_EQ(store.Keys("", 1), (std::vector<std::string>{"b"}));
              co_return absl::OkStatus();
            }),
            absl::OkStatus());
}

TEST_F(StoreTest, ManyWritersShareASync) {
  EXPECT_EQ(WithStore([](Store& store) -> Task<absl::Status> {
              CO_RETURN_IF_ERROR(
                  co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
                    for (int i = 0; i < 1'000; ++i) {
                      scope.Spawn([&store, i]() -> Task<absl::Status> {
                        co_return co_await store.Put(absl::StrCat("key", i),
                                                     "value");
                      });
                    }
                    co_return absl::OkStatus();
                  }));
              EXPECT_EQ(store.counters().writes, 1'000u);
              EXPECT_LE(store.counters().syncs, 3u);
              EXPECT_EQ(store.size(), 1'000u);
              co_return absl::OkStatus();
            }),
            absl::OkStatus());
}

// A store whose syncs the test decides over.
class StoreSyncTest : public StoreTest {
 protected:
  // Opens the store, then runs `body` with it.
  template <typename F>
  absl::Status WithFaults(F body) {
    World world = *World::System();
    FaultDriver& faults = FaultDriver::Intercept(world.driver);
    Loop loop(std::move(world));
    const absl::Status status =
        loop.Run([](Loop& l, std::string path, FaultDriver& f,
                    F& use) -> Task<absl::Status> {
          std::unique_ptr<Store> store;
          co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
            CO_ASSIGN_OR_RETURN(store, co_await Store::Open(l, scope, path));
            absl::Status used = co_await use(*store, f);
            scope.Cancel();
            co_return used;
          });
        }(loop, Path(), faults, body));
    faults.on_submission = nullptr;
    return status;
  }

  // Replaces a sync: it ends when `release` is written to.
  static void Hold(io_uring_sqe& entry, int release) {
    const uint64_t user_data = entry.user_data;
    io_uring_prep_poll_add(&entry, release, POLLIN);
    entry.user_data = user_data;
  }
};

// Some turns of the loop, in which all that can go on does.
Task<void> Turns() {
  for (int i = 0; i < 20; ++i)
    CHECK_OK(co_await SleepFor(absl::ZeroDuration()));
}

TEST_F(StoreSyncTest, NoWriteIsAcknowledgedBeforeItsSync) {
  const int release = eventfd(0, EFD_CLOEXEC);
  EXPECT_EQ(
      WithFaults([&](Store& store, FaultDriver& faults) -> Task<absl::Status> {
        bool held = false;
        faults.on_submission = [&](io_uring_sqe& entry) {
          if (entry.opcode != IORING_OP_FSYNC) return;
          Hold(entry, release);
          held = true;
        };
        Scope writer(co_await CurrentTask());
        bool acknowledged = false;
        writer.Spawn([&]() -> Task<absl::Status> {
          const absl::Status put = co_await store.Put("k", "v");
          acknowledged = true;
          co_return put;
        });
        while (!held) co_await Turns();
        co_await Turns();
        EXPECT_FALSE(acknowledged);
        EXPECT_EQ(store.Get("k"), std::nullopt);
        EXPECT_EQ(store.counters().writes, 0u);
        EXPECT_EQ(store.counters().syncs, 0u);
        eventfd_write(release, 1);
        CO_RETURN_IF_ERROR(co_await writer.Join());
        EXPECT_TRUE(acknowledged);
        EXPECT_EQ(store.Get("k"), "v");
        EXPECT_EQ(store.counters().syncs, 1u);
        co_return absl::OkStatus();
      }),
      absl::OkStatus());
  close(release);
}

TEST_F(StoreSyncTest, AfterASyncThatFailedNoWriteSucceeds) {
  EXPECT_EQ(
      WithFaults([&](Store& store, FaultDriver& faults) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await store.Put("before", "x"));
        int syncs = 0;
        faults.on_submission = [&](io_uring_sqe& entry) {
          if (entry.opcode != IORING_OP_FSYNC) return;
          // The first one alone: the device's next answer is not to be believed.
          if (++syncs == 1) FaultDriver::Fail(entry, EIO);
        };
        const absl::Status failed = co_await store.Put("k", "v");
        EXPECT_EQ(ErrnoOf(failed), EIO) << failed;
        const absl::Status later = co_await store.Put("later", "v");
        EXPECT_EQ(ErrnoOf(later), EIO) << later;
        EXPECT_EQ(ErrnoOf(co_await store.Remove("before")), EIO);
        EXPECT_EQ(store.Keys("", 10), (std::vector<std::string>{"before"}));
        EXPECT_EQ(store.counters().writes, 1u);
        EXPECT_EQ(store.counters().syncs, 1u);
        EXPECT_EQ(syncs, 1);
        co_return absl::OkStatus();
      }),
      absl::OkStatus());
}

TEST_F(StoreSyncTest, WritersWaitWhenTheDeviceDoesNotKeepUp) {
  constexpr size_t kWriters = 40;  // Of a MiB each.
  const int release = eventfd(0, EFD_CLOEXEC);
  EXPECT_EQ(
      WithFaults([&](Store& store, FaultDriver& faults) -> Task<absl::Status> {
        bool held = false;
        faults.on_submission = [&](io_uring_sqe& entry) {
          if (entry.opcode != IORING_OP_FSYNC || held) return;
          Hold(entry, release);
          held = true;
        };
        Scope writers(co_await CurrentTask());
        for (size_t i = 0; i < kWriters; ++i) {
          writers.Spawn([&store, i]() -> Task<absl::Status> {
            co_return co_await store.Put(
                absl::StrCat(i), std::string(Store::kValueBytesMax, 'v'));
          });
        }
        while (!held) co_await Turns();
        co_await Turns();
        // One that gives up while it waits.
        EXPECT_TRUE(absl::IsDeadlineExceeded(
            co_await Timeout(absl::ZeroDuration(), store.Put("late", "v"))));
        eventfd_write(release, 1);
        CO_RETURN_IF_ERROR(co_await writers.Join());
        EXPECT_EQ(store.counters().writes, kWriters);
        EXPECT_EQ(store.Get("late"), std::nullopt);
        // No batch is larger than the limit.
        EXPECT_GE(store.counters().syncs,
                  kWriters * Store::kValueBytesMax / Store::kPendingBytesMax);
        co_return absl::OkStatus();
      }),
      absl::OkStatus());
  close(release);
}

TEST_F(StoreTest, LimitsAreErrorsThatNameThem) {
  EXPECT_EQ(
      WithStore([](Store& store) -> Task<absl::Status> {
        absl::Status status = co_await store.Put("", "x");
        EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
        status =
            co_await store.Put(std::string(Store::kKeyBytesMax + 1, 'k'), "x");
        EXPECT_EQ(status.message(), "a key has 1 to 1024 bytes, not 1025");
        status = co_await store.Put(
            "k", std::string(Store::kValueBytesMax + 1, 'v'));
        EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
        CO_RETURN_IF_ERROR(
            co_await store.Put(std::string(Store::kKeyBytesMax, 'k'),
                               std::string(Store::kValueBytesMax, 'v')));
        co_return absl::OkStatus();
      }),
      absl::OkStatus());
}

TEST_F(StoreTest, ATailTornAtAnyByteIsCutOff) {
  ASSERT_EQ(WithStore(PutThree), absl::OkStatus());
  const std::string whole = Log();
  std::set<size_t> sizes;
  for (size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    SetLog(whole.substr(0, bytes));
    size_t size = 0;
    ASSERT_EQ(WithStore([&](Store& store) -> Task<absl::Status> {
                size = store.size();
                co_return co_await store.Put("after", "the crash");
              }),
              absl::OkStatus())
        << bytes;
    ASSERT_EQ(WithStore([&](Store& store) -> Task<absl::Status> {
                EXPECT_EQ(store.Get("after"), "the crash");
                EXPECT_EQ(store.size(), size + 1);
                co_return absl::OkStatus();
              }),
              absl::OkStatus())
        << bytes;
    sizes.insert(size);
  }
  EXPECT_EQ(sizes, (std::set<size_t>{0, 1, 2, 3}));
}

TEST_F(StoreTest, ATailOfGarbageIsCutOff) {
  ASSERT_EQ(WithStore(PutThree), absl::OkStatus());
  const std::string whole = Log();
  for (size_t i = 0; i < 12; ++i) {
    std::string garbage = whole;
    garbage[garbage.size() - 1 - i] =
        static_cast<char>(garbage[garbage.size() - 1 - i] ^ 0x40);
    SetLog(garbage + std::string(i * 7, '\0'));
    EXPECT_EQ(WithStore([](Store& store) -> Task<absl::Status> {
                // The removal is what was damaged.
                EXPECT_EQ(store.size(), 3u);
                co_return absl::OkStatus();
              }),
              absl::OkStatus());
  }
}

TEST_F(StoreTest, DamageInTheMiddleIsDataLossThatNamesThePlace) {
  ASSERT_EQ(WithStore(PutThree), absl::OkStatus());
  std::string log = Log();
  log[kFrameHeaderBytes] = static_cast<char>(log[kFrameHeaderBytes] ^ 1);
  SetLog(log);
  const absl::Status status = WithStore(
      [](Store&) -> Task<absl::Status> { co_return absl::OkStatus(); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_NE(status.message().find("at byte 0"), std::string::npos) << status;
}

TEST_F(StoreTest, AWriteThatDoesNotFitIsRefusedAndTheNextOneIsNot) {
  signal(SIGXFSZ, SIG_IGN);
  EXPECT_EQ(WithStore([](Store& store) -> Task<absl::Status> {
              CO_RETURN_IF_ERROR(co_await store.Put("before", "x"));
              rlimit old{};
              getrlimit(RLIMIT_FSIZE, &old);
              const rlimit small{4096, old.rlim_max};
              setrlimit(RLIMIT_FSIZE, &small);
              absl::Status refused =
                  co_await store.Put("big", std::string(10'000, 'x'));
              EXPECT_EQ(ErrnoOf(refused), EFBIG) << refused;
              EXPECT_EQ(store.Get("big"), std::nullopt);
              absl::Status after = co_await store.Put("after", "y");
              setrlimit(RLIMIT_FSIZE, &old);
              co_return after;
            }),
            absl::OkStatus());
  EXPECT_EQ(WithStore([](Store& store) -> Task<absl::Status> {
              EXPECT_EQ(store.Keys("", 10),
                        (std::vector<std::string>{"after", "before"}));
              co_return absl::OkStatus();
            }),
            absl::OkStatus());
}

TEST_F(StoreTest, WritersOfACancelledStoreAreCancelled) {
  Loop loop(*World::System());
  EXPECT_EQ(loop.Run([](Loop& l, std::string path) -> Task<absl::Status> {
    Scope scope(co_await CurrentTask());
    CO_ASSIGN_OR_RETURN(std::unique_ptr<Store> store,
                        co_await Store::Open(l, scope, path));
    scope.Cancel();
    EXPECT_TRUE(absl::IsCancelled(co_await store->Put("k", "v")));
    CO_RETURN_IF_ERROR(co_await scope.Join());
    EXPECT_TRUE(absl::IsCancelled(co_await store->Put("k", "v")));
    EXPECT_EQ(store->size(), 0u);
    co_return absl::OkStatus();
  }(loop, Path())),
            absl::OkStatus());
}

// The child: writes with several writers and says on `out` what is stored.
[[noreturn]] void WriteUntilKilled(const std::string& path, int out) {
  Loop loop(*World::System());
  const absl::Status status =
      loop.Run([](Loop& l, std::string p, int fd) -> Task<absl::Status> {
        std::unique_ptr<Store> store;
        co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          CO_ASSIGN_OR_RETURN(store, co_await Store::Open(l, scope, p));
          const size_t before = store->size();
          for (size_t writer = 0; writer < 16; ++writer) {
            scope.Spawn([&store, fd, before, writer]() -> Task<absl::Status> {
              for (size_t i = 0;; ++i) {
                const uint64_t key = before + i * 16 + writer;
                CO_RETURN_IF_ERROR(co_await store->Put(absl::StrCat(key),
                                                       absl::StrCat(key * 7)));
                if (write(fd, &key, sizeof(key)) != sizeof(key)) _exit(3);
              }
            });
          }
          co_return absl::OkStatus();
        });
      }(loop, path, out));
  _exit(status.ok() ? 0 : 4);
}

TEST_F(StoreTest, KillAtAnyMomentLosesNoAcknowledgedWrite) {
  std::mt19937 random(20240229);
  std::set<uint64_t> acknowledged;
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      WriteUntilKilled(Path(), ends[1]);
    }
    close(ends[1]);
    size_t until_kill = std::uniform_int_distribution<size_t>(0, 200)(random);
    uint64_t key;
    while (read(ends[0], &key, sizeof(key)) == sizeof(key)) {
      acknowledged.insert(key);
      if (until_kill-- == 0) kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status))
        << "the writer ended by itself: " << status;
  }
  EXPECT_EQ(WithStore([&](Store& store) -> Task<absl::Status> {
              for (uint64_t key : acknowledged) {
                EXPECT_EQ(store.Get(absl::StrCat(key)), absl::StrCat(key * 7));
              }
              co_return absl::OkStatus();
            }),
            absl::OkStatus());
  EXPECT_GT(acknowledged.size(), 1'000u);
}

}  // namespace
}  // namespace braid::quickstart
