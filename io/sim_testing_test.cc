// What a test on simulated machines says about the seed that it fails with.

#include "io/sim_testing.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/log/check.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::ElementsAre;

// Runs with seeds up to 5, does `fail` at the third, and ends the process.
template <typename Fail>
[[noreturn]] void FailAtThree(Fail fail) {
  setenv("TEST_TARGET", "//some:test", 1);
  ForEachSeed(5, [&](SimOptions options) {
    CHECK_LE(options.seed, 3u) << "it goes on behind a failure";
    if (options.seed == 3) fail();
  });
  _exit(0);
}

constexpr char kHowToReplay[] =
    "seed 3 fails. It does so again with\n"
    "  ./bazelw test //some:test.* "
    "--test_filter=ForEachSeedDeathTest.TellsHow.*"
    " --test_env=BRAID_SEED=3 --test_output=all\n";

TEST(ForEachSeedDeathTest, TellsHowToReplayAFailure) {
  EXPECT_EXIT(FailAtThree([] { ADD_FAILURE(); }), ::testing::ExitedWithCode(0),
              kHowToReplay);
}

TEST(ForEachSeedDeathTest, TellsHowToReplayADeath) {
  EXPECT_DEATH(FailAtThree([] { CHECK(false); }), kHowToReplay);
  EXPECT_DEATH(FailAtThree([] { raise(SIGTERM); }), kHowToReplay);
  EXPECT_DEATH(FailAtThree([] { *static_cast<volatile int*>(nullptr) = 1; }),
               kHowToReplay);
}

TEST(ForEachSeedTest, RunsTheSeedOfTheEnvironmentAlone) {
  std::vector<uint64_t> seeds;
  const auto note = [&](const SimOptions& options) {
    seeds.push_back(options.seed);
    EXPECT_EQ(options.trace != nullptr, seeds.size() == 1);
  };
  setenv("BRAID_SEED", "42", 1);
  ForEachSeed(3, note);
  unsetenv("BRAID_SEED");
  ForEachSeed(3, note);
  EXPECT_THAT(seeds, ElementsAre(42, 1, 2, 3));
}

TEST(ForEachSeedDeathTest, ASeedIsANumber) {
  EXPECT_DEATH(
      {
        setenv("BRAID_SEED", "x", 1);
        ForEachSeed(1, [](SimOptions) {});
      },
      "BRAID_SEED is not a number: x");
}

}  // namespace
}  // namespace braid
