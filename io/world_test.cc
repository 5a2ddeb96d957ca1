#include "io/world.h"

#include <sys/resource.h>
#include <sys/syscall.h>

#include <cerrno>
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
