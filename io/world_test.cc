#include "io/world.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "io/testing.h"

namespace braid {
namespace {

std::string OpenFilesLimit() {
  rlimit files;
  PCHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
  return absl::StrCat(files.rlim_cur, " of ", files.rlim_max);
}

TEST(WorldTest, AllDescriptorsThatTheProcessMayHaveAreForIt) {
  EXPECT_EQ(RunInChild([] {
              const rlimit files = {128, 512};
              PCHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
              const World world = SystemWorld();
              return OpenFilesLimit();
            }),
            "512 of 512");
}

TEST(WorldTest, StandardDescriptorsThatAreClosedBecomeDevNull) {
  EXPECT_EQ(RunInChild([] {
              const int result = fcntl(STDOUT_FILENO, F_DUPFD, 100);
              close(STDIN_FILENO);
              close(STDERR_FILENO);
              const World world = SystemWorld();
              const auto target = [](int fd) {
                return std::filesystem::read_symlink(
                           absl::StrCat("/proc/self/fd/", fd))
                    .string();
              };
              const bool kept = target(STDOUT_FILENO) == target(result);
              return absl::StrCat(target(STDIN_FILENO), " ",
                                  target(STDERR_FILENO), " ",
                                  kept ? "kept" : "replaced");
            }),
            "/dev/null /dev/null kept");
}

TEST(WorldTest, AProcessThatMayNotRaiseItsLimitsRunsWithThem) {
  EXPECT_EQ(RunInChild([] {
              ForbidSystemCall(SYS_prlimit64, EPERM);
              ForbidSystemCall(SYS_setrlimit, EPERM);
              return std::string(World::System().ok() ? "runs" : "fails");
            }),
            "runs");
}

TEST(WorldTest, TwoOfThemDoNotDrawTheSameNumbers) {
  World one = SystemWorld(), other = SystemWorld();
  EXPECT_NE(one.random(), other.random());
}

}  // namespace
}  // namespace braid
