#include "io/driver/uring_driver.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/loop.h"
#include "io/testing.h"
#include "io/world.h"

namespace braid {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Start-up, as a line for people.
std::string StartUp() {
  const absl::StatusOr<World> world = World::System({}, IoBackend::kUring);
  if (world.ok()) return "started";
  EXPECT_TRUE(absl::IsUnavailable(world.status()));
  return std::string(world.status().message());
}

// Leaves this process `left` descriptors to open.
void LimitDescriptors(rlim_t left) {
  const int free = open("/dev/null", O_RDONLY | O_CLOEXEC);
  PCHECK(free >= 0);
  close(free);
  const rlim_t limit = static_cast<rlim_t>(free) + left;
  const rlimit limits = {limit, limit};
  PCHECK(setrlimit(RLIMIT_NOFILE, &limits) == 0);
}

TEST(UringDriverTest, SaysThatSeccompForbidsTheRing) {
  EXPECT_THAT(RunInChild([] {
                ForbidSystemCall(SYS_io_uring_setup, EPERM);
                return StartUp();
              }),
              AllOf(HasSubstr("io_uring cannot be used"), HasSubstr("seccomp"),
                    HasSubstr("allow io_uring_setup"), Not(HasSubstr("\n"))));
}

TEST(UringDriverTest, SaysThatTheKernelHasNoRing) {
  EXPECT_THAT(RunInChild([] {
                ForbidSystemCall(SYS_io_uring_setup, ENOSYS);
                return StartUp();
              }),
              AllOf(HasSubstr("this kernel has no io_uring"),
                    HasSubstr("Linux 6.0 or newer"), Not(HasSubstr("\n"))));
}

// A kernel of before 5.6 sets a ring up and cannot be asked what it knows.
TEST(UringDriverTest, SaysThatTheKernelIsTooOld) {
  EXPECT_THAT(RunInChild([] {
                ForbidSystemCall(SYS_io_uring_register, EINVAL);
                return StartUp();
              }),
              AllOf(HasSubstr("io_uring cannot be used"), HasSubstr("too old"),
                    HasSubstr("Linux 6.0 or newer"), Not(HasSubstr("\n"))));
}

// One that can be asked knows its operations up to some number.
TEST(UringDriverTest, AKernelWithoutAllThatLoopsNeedIsTooOld) {
  const std::unique_ptr<io_uring_probe, void (*)(void*)> kernel(
      static_cast<io_uring_probe*>(calloc(
          1,
          sizeof(io_uring_probe) + IORING_OP_LAST * sizeof(io_uring_probe_op))),
      &free);
  for (int i = 0; i <= IORING_OP_SOCKET; ++i) {
    kernel->ops[i].flags = IO_URING_OP_SUPPORTED;
  }
  kernel->last_op = IORING_OP_SOCKET;  // Linux 5.19.
  EXPECT_FALSE(SupportsWhatLoopsNeed(*kernel));
  kernel->last_op = IORING_OP_SEND_ZC;
  EXPECT_FALSE(SupportsWhatLoopsNeed(*kernel));  // Built without it.
  kernel->ops[IORING_OP_SEND_ZC].flags = IO_URING_OP_SUPPORTED;
  EXPECT_TRUE(SupportsWhatLoopsNeed(*kernel));
}

TEST(UringDriverTest, SaysThatSeccompForbidsToAskTheRing) {
  EXPECT_THAT(RunInChild([] {
                ForbidSystemCall(SYS_io_uring_register, EPERM);
                return StartUp();
              }),
              AllOf(HasSubstr("seccomp"), HasSubstr("io_uring_register"),
                    Not(HasSubstr("\n"))));
}

// What making the receive buffers says when the kernel answers `error`.
std::string RegisterReceiveBuffers(int error) {
  return RunInChild([error] {
    Loop loop(SystemWorld());
    ForbidSystemCall(SYS_io_uring_register, error);
    const absl::Status status = loop.receive_buffers().status();
    EXPECT_TRUE(absl::IsUnavailable(status));
    return std::string(status.message());
  });
}

TEST(UringDriverTest, SaysWhyReceiveBuffersCannotBeRegistered) {
  EXPECT_THAT(RegisterReceiveBuffers(EINVAL),
              AllOf(HasSubstr("receive buffers"), HasSubstr("too old"),
                    HasSubstr("Linux 6.0 or newer"), Not(HasSubstr("\n"))));
  EXPECT_THAT(RegisterReceiveBuffers(EPERM),
              AllOf(HasSubstr("receive buffers"), HasSubstr("seccomp"),
                    HasSubstr("io_uring_register"), Not(HasSubstr("\n"))));
  EXPECT_THAT(
      RegisterReceiveBuffers(ENOMEM),
      AllOf(HasSubstr("receive buffers"), HasSubstr("locked memory is too low"),
            HasSubstr("ulimit -l"), Not(HasSubstr("\n"))));
}

TEST(UringDriverTest, SaysThatLockedMemoryIsTooLow) {
  EXPECT_THAT(RunInChild([] {
                const rlimit none = {0, 0};
                PCHECK(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
                // The superuser has no limit.
                if (geteuid() == 0) PCHECK(setresuid(65534, 65534, 65534) == 0);
                return StartUp();
              }),
              AllOf(HasSubstr("locked memory is too low"),
                    HasSubstr("ulimit -l"), Not(HasSubstr("\n"))));
}

TEST(UringDriverTest, SaysThatNoDescriptorIsLeft) {
  // For the ring, and for what wakes it.
  for (rlim_t left : {0u, 1u}) {
    EXPECT_THAT(RunInChild([left] {
                  LimitDescriptors(left);
                  return StartUp();
                }),
                AllOf(HasSubstr("no file descriptor is left"),
                      HasSubstr("ulimit -n"), Not(HasSubstr("\n"))))
        << left;
  }
  EXPECT_EQ(RunInChild([] {
              LimitDescriptors(2);
              return StartUp();
            }),
            "started");
}

TEST(UringDriverTest, AFailedStartLeaksNoDescriptor) {
  EXPECT_EQ(RunInChild([] {
              const int before = CountDescriptors();
              LimitDescriptors(1);
              StartUp();
              const rlimit more = {1024, 1024};
              // May be refused: lowering the hard limit is for good.
              setrlimit(RLIMIT_NOFILE, &more);
              return std::to_string(CountDescriptors() - before);
            }),
            "0");
}

TEST(UringDriverTest, ExplainsEachReason) {
  EXPECT_THAT(ExplainSetupFailure(EPERM, 2),
              HasSubstr("io_uring_disabled is 2"));
  EXPECT_THAT(ExplainSetupFailure(EPERM, 0), HasSubstr("seccomp"));
  EXPECT_THAT(ExplainSetupFailure(EACCES, -1), HasSubstr("seccomp"));
  EXPECT_THAT(ExplainSetupFailure(ENOSYS, -1), HasSubstr("no io_uring"));
  EXPECT_THAT(ExplainSetupFailure(ENOMEM, 0), HasSubstr("ulimit -l"));
  EXPECT_THAT(ExplainSetupFailure(EMFILE, 0), HasSubstr("ulimit -n"));
  EXPECT_THAT(ExplainSetupFailure(ENFILE, 0), HasSubstr("ulimit -n"));
  EXPECT_THAT(ExplainSetupFailure(EINVAL, 0),
              AllOf(HasSubstr("too old"), HasSubstr("6.0 or newer")));
  EXPECT_THAT(ExplainSetupFailure(EIO, 0), HasSubstr("Input/output error"));
}

TEST(UringDriverTest, FewerCompletionsThanSubmissionsAreRefused) {
  const absl::StatusOr<World> world =
      World::System({.submission_entries = 64, .completion_entries = 32});
  EXPECT_TRUE(absl::IsInvalidArgument(world.status()));
  EXPECT_THAT(std::string(world.status().message()),
              AllOf(HasSubstr("64"), HasSubstr("32")));
}

TEST(UringDriverTest, DescribesItself) {
  const World world =
      SystemWorld({.submission_entries = 8, .multishot_accept = false});
  EXPECT_THAT(world.driver->Describe(),
              AllOf(HasSubstr("io_uring on Linux "), HasSubstr("8 submissions"),
                    HasSubstr("multishot accept off")));
}

TEST(UringDriverTest, WakeEndsTheNextWait) {
  World world = SystemWorld();
  world.driver->Wake();
  world.driver->Enter(Driver::Wait::kForOne, kNever);
  EXPECT_EQ(io_uring_cq_ready(&world.driver->ring()), 1u);
}

TEST(UringDriverTest, WakeEndsAWait) {
  World world = SystemWorld();
  std::thread waker([&] { world.driver->Wake(); });
  world.driver->Enter(Driver::Wait::kForOne, kNever);
  waker.join();
}

// In real time, since only the kernel knows how it counts. However long it
// takes, it is not too short.
TEST(UringDriverTest, TheDeadlineEndsAWait) {
  World world = SystemWorld();
  const MonotonicNanos deadline = world.clock->Now() + 1'000'000;
  while (world.clock->Now() < deadline) {
    world.driver->Enter(Driver::Wait::kForOne, deadline);
  }
  EXPECT_EQ(io_uring_cq_ready(&world.driver->ring()), 0u);
}

TEST(UringDriverDeathTest, AnotherThreadMustNotRunTheLoop) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Loop loop(SystemWorld());
        std::thread([&] { loop.Turn(Driver::Wait::kForOne); }).join();
      },
      "used by another thread");
}

}  // namespace
}  // namespace braid
