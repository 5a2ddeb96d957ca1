#ifndef BRAID_IO_SIM_TESTING_H_
#define BRAID_IO_SIM_TESTING_H_

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "io/driver/sim_kernel.h"

namespace braid {

// Runs a test on simulated machines: `run` with SimOptions::Hostile(seed) for
// the seeds 1, 2, … `count`, up to the first one with which the test fails.
//
//   TEST(StoreSimTest, NoAcknowledgedWriteIsLost) {
//     ForEachSeed(1000, [](SimOptions options) { … });
//   }
//
// Tells then how to run that one again, also when the process dies of it or is
// ended because it takes too long:
//
//   seed 17 fails. It does so again with
//     ./bazelw test //io:sim_test --test_filter=SimTest.EchoesUnderFaults
//         --test_env=BRAID_SEED=17 --test_output=all
//
// With BRAID_SEED in the environment only that seed runs, and what crosses the
// simulated kernel's ring is printed to stderr (SimOptions::trace).
void ForEachSeed(uint64_t count, absl::FunctionRef<void(SimOptions)> run);

// Shows that an invariant can fail: runs `run`, into which a bug was planted,
// with the seeds 1 … `count`, and expects that with one of them the test fails
// and says `message`. These failures are not the test's own.
//
//   ExpectBugIsFound(100, "acknowledged", [](SimOptions options) {
//     CheckStore(options, kSyncsAreLeftOut);
//   });
void ExpectBugIsFound(uint64_t count, std::string_view message,
                      absl::FunctionRef<void(SimOptions)> run);

}  // namespace braid

#endif  // BRAID_IO_SIM_TESTING_H_
