// What only EpollDriver has to show. That it does what the ring does, the tests
// of io/ and io/http show, which run on both (driver_test.bzl).

#include "io/driver/epoll_driver.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/testing.h"
#include "io/world.h"

namespace braid {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::span<uint8_t> BytesOf(std::string& text) {
  return {reinterpret_cast<uint8_t*>(text.data()), text.size()};
}

// An echo over TCP, a file there and back, and a pipe that fills up.
Task<absl::Status> UseEverything(Loop& loop) {
  const std::string bytes = PatternBytes(1'000'000);
  CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
  CO_RETURN_IF_ERROR(
      co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Spawn(EchoAll(pair.server));
        scope.Spawn([&]() -> Task<absl::Status> {
          CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(bytes));
          co_return co_await pair.client.ShutdownWrite();
        });
        CO_ASSIGN_OR_RETURN(std::string echoed, co_await ReadAll(pair.client));
        co_return echoed == bytes ? absl::OkStatus()
                                  : absl::DataLossError("the echo");
      }));
  const std::string path = TestPath("epoll_driver");
  CO_RETURN_IF_ERROR(co_await WriteFile(loop, path, bytes));
  CO_ASSIGN_OR_RETURN(std::string read, co_await ReadFile(loop, path));
  if (read != bytes) co_return absl::DataLossError("the file");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) co_return absl::InternalError("pipe2");
  File read_end(loop, ends[0]);
  File write_end(loop, ends[1]);
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    scope.Spawn(write_end.WriteAll(bytes));
    std::string piped(bytes.size(), '\0');
    CO_RETURN_IF_ERROR((co_await read_end.ReadFull(BytesOf(piped))).status());
    co_return piped == bytes ? absl::OkStatus()
                             : absl::DataLossError("the pipe");
  });
}

// What a program sees of a machine, as a line for people.
std::string RunOnWhatThereIs() {
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) return world.status().ToString();
  Loop loop(*std::move(world));
  return absl::StrCat(loop.driver().Describe(), "; ",
                      loop.Run(UseEverything(loop)).ToString());
}

TEST(EpollDriverTest, ServesWhereAFilterForbidsTheRing) {
  for (int error : {EPERM, ENOSYS}) {
    testing::internal::CaptureStderr();
    EXPECT_THAT(RunInChild([error] {
                  ForbidSystemCall(SYS_io_uring_setup, error);
                  return RunOnWhatThereIs();
                }),
                AllOf(StartsWith("epoll"), HasSubstr("; OK")));
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                AllOf(HasSubstr("seccomp"), HasSubstr("Going on with epoll")));
  }
}

// As for pipes before Linux 6.4, and for many files.
TEST(EpollDriverTest, ServesWithoutCallsThatNewKernelsHave) {
  EXPECT_THAT(RunInChild([] {
                setenv("BRAID_IO", "epoll", 1);
                ForbidSystemCall(SYS_preadv2, EOPNOTSUPP);
                ForbidSystemCall(SYS_pwritev2, EOPNOTSUPP);
                ForbidSystemCall(SYS_epoll_pwait2, EPERM);
                return RunOnWhatThereIs();
              }),
              AllOf(StartsWith("epoll"), HasSubstr("; OK")));
}

// A filter that knows only some of the ring's calls.
TEST(EpollDriverTest, ServesWhereOnlyEnteringTheRingIsForbidden) {
  testing::internal::CaptureStderr();
  EXPECT_THAT(RunInChild([] {
                ForbidSystemCall(SYS_io_uring_enter, EPERM);
                return RunOnWhatThereIs();
              }),
              AllOf(StartsWith("epoll"), HasSubstr("; OK")));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("seccomp"));
}

TEST(EpollDriverTest, TheEnvironmentChooses) {
  const auto with = [](const char* name) {
    return RunInChild([name] {
      setenv("BRAID_IO", name, 1);
      return RunOnWhatThereIs();
    });
  };
  EXPECT_THAT(with("epoll"), AllOf(StartsWith("epoll"), HasSubstr("; OK")));
  EXPECT_THAT(with("uring"), AllOf(StartsWith("io_uring"), HasSubstr("; OK")));
  EXPECT_THAT(with("kqueue"), AllOf(HasSubstr("BRAID_IO is 'kqueue'"),
                                    HasSubstr("INVALID_ARGUMENT")));
}

TEST(EpollDriverTest, TheRingIsNotReplacedWhereItWasAskedFor) {
  EXPECT_THAT(RunInChild([] {
                ForbidSystemCall(SYS_io_uring_setup, EPERM);
                return World::System({}, IoBackend::kUring).status().ToString();
              }),
              HasSubstr("seccomp"));
}

TEST(EpollDriverTest, SaysThatNoDescriptorIsLeft) {
  EXPECT_THAT(RunInChild([] {
                const rlimit none = {3, 3};
                PCHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
                return World::System({}, IoBackend::kEpoll).status().ToString();
              }),
              AllOf(HasSubstr("UNAVAILABLE: epoll cannot be used"),
                    HasSubstr("open files")));
}

TEST(EpollDriverTest, WakeEndsTheNextWaitAndNoLaterOne) {
  World world = *World::System({}, IoBackend::kEpoll);
  world.driver->Wake();
  world.driver->Wake();
  world.driver->Enter(Driver::Wait::kNo, kNever);  // Does not use it up.
  world.driver->Enter(Driver::Wait::kForOne, kNever);
  const MonotonicNanos deadline = world.clock->Now() + 1'000'000;
  world.driver->Enter(Driver::Wait::kForOne, deadline);
  EXPECT_GE(world.clock->Now(), deadline);
  EXPECT_EQ(io_uring_cq_ready(&world.driver->ring()), 0u);
}

TEST(EpollDriverTest, WakeEndsAWait) {
  World world = *World::System({}, IoBackend::kEpoll);
  std::thread waker([&] { world.driver->Wake(); });
  world.driver->Enter(Driver::Wait::kForOne, kNever);
  waker.join();
}

TEST(EpollDriverDeathTest, AnotherThreadMustNotRunTheLoop) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Loop loop(*World::System({}, IoBackend::kEpoll));
        std::thread([&] { loop.Turn(Driver::Wait::kNo); }).join();
      },
      "used by another thread");
}

class EpollLoopTest : public ::testing::Test {
 protected:
  Loop loop_{*World::System({}, IoBackend::kEpoll)};
};

TEST_F(EpollLoopTest, ReadsOfOnePipeEndInTheirOrder) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  File read_end(loop_, ends[0]);
  File write_end(loop_, ends[1]);
  std::string order;
  const absl::Status status =
      loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        constexpr int kReads = 3;
        for (int i = 0; i < kReads; ++i) {
          scope.Spawn([&, i]() -> Task<absl::Status> {
            uint8_t byte = 0;
            CO_RETURN_IF_ERROR((co_await read_end.Read({&byte, 1})).status());
            absl::StrAppend(&order, i, std::string(1, static_cast<char>(byte)));
            co_return absl::OkStatus();
          });
        }
        while (loop_.in_flight() < kReads) CO_RETURN_IF_ERROR(co_await Yield());
        co_return co_await write_end.WriteAll("abc");
      }));
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(order, "0a1b2c");
}

// Closing through the ring while an operation waits ends that operation.
TEST_F(EpollLoopTest, ClosingADescriptorCancelsWhatWaitsOnIt) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  File write_end(loop_, ends[1]);
  uint8_t byte = 0;
  absl::Status read;
  const absl::Status status =
      loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Spawn([&]() -> Task<absl::Status> {
          read = (co_await ReadOperation(loop_, ends[0], {&byte, 1},
                                         kCurrentPosition))
                     .status();
          co_return absl::OkStatus();
        });
        while (loop_.in_flight() == 0) CO_RETURN_IF_ERROR(co_await Yield());
        loop_.CloseLater(ends[0]);
        co_return absl::OkStatus();
      }));
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_TRUE(absl::IsCancelled(read)) << read;
}

TEST_F(EpollLoopTest, NothingWaitsForAFileWhenNoThreadCanBeMade) {
  EXPECT_THAT(RunInChild([] {
                Loop loop(*World::System({}, IoBackend::kEpoll));
                ForbidSystemCall(SYS_clone, EAGAIN);
                ForbidSystemCall(SYS_clone3, EAGAIN);
                return loop.Run(ReadFile(loop, "/proc/self/status"))
                    .status()
                    .ToString();
              }),
              HasSubstr("/proc/self/status"));
}

}  // namespace
}  // namespace braid
