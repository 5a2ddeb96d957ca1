#include "io/sim_testing.h"

#include <errno.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

// Of the sanitizers' runtime, where there is one.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(
    void (*callback)());

namespace braid {
namespace {

#if __has_feature(address_sanitizer)
constexpr std::string_view kConfig = " --config=asan";
#elif __has_feature(thread_sanitizer)
constexpr std::string_view kConfig = " --config=tsan";
#else
constexpr std::string_view kConfig;
#endif

// The seed to run alone.
std::optional<uint64_t> SeedToReplay() {
  const char* text = getenv("BRAID_SEED");
  if (text == nullptr) return std::nullopt;
  uint64_t seed = 0;
  CHECK(absl::SimpleAtoi(text, &seed))
      << "BRAID_SEED is not a number: " << text;
  return seed;
}

std::string HowToReplay(uint64_t seed) {
  const ::testing::TestInfo& test =
      *::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name =
      absl::StrCat(test.test_suite_name(), ".", test.name());
  const char* target = getenv("TEST_TARGET");
  const std::string command =
      target != nullptr
          ? absl::StrCat("./bazelw test ", target, kConfig,
                         " --test_filter=", name,
                         " --test_env=BRAID_SEED=", seed, " --test_output=all")
          : absl::StrCat("BRAID_SEED=", seed, " ", program_invocation_name,
                         " --gtest_filter=", name);
  return absl::StrCat("seed ", seed, " fails. It does so again with\n  ",
                      command, "\n");
}

// What handlers of signals print when the process dies; null while no seed
// runs.
const std::string* volatile dying_words = nullptr;

void PrintDyingWords() {
  const std::string* words = dying_words;
  if (words == nullptr) return;
  dying_words = nullptr;
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, words->data(), words->size());
}

void OnDeath(int signal) {
  PrintDyingWords();
  raise(signal);  // SA_RESETHAND: now it does what it does by default.
}

// Prints `words` should the process die while it exists.
class DyingWords {
 public:
  explicit DyingWords(const std::string& words) {
    dying_words = &words;
    // SIGTERM is what a test is sent that takes too long.
    for (int signal : {SIGABRT, SIGTERM}) Handle(signal);
    if (__sanitizer_set_death_callback != nullptr) {
      __sanitizer_set_death_callback(&PrintDyingWords);
    } else {
      for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) Handle(signal);
    }
  }
  ~DyingWords() { dying_words = nullptr; }
  DyingWords(const DyingWords&) = delete;
  DyingWords& operator=(const DyingWords&) = delete;

 private:
  static void Handle(int signal) {
    struct sigaction action = {};
    action.sa_handler = &OnDeath;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    sigaction(signal, &action, nullptr);
  }
};

void PrintLine(std::string_view line) {
  fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace

void ForEachSeed(uint64_t count, absl::FunctionRef<void(SimOptions)> run) {
  const std::optional<uint64_t> replayed = SeedToReplay();
  for (uint64_t seed = replayed.value_or(1); seed <= replayed.value_or(count);
       ++seed) {
    SimOptions options = SimOptions::Hostile(seed);
    if (replayed.has_value()) options.trace = &PrintLine;
    const std::string how = HowToReplay(seed);
    const DyingWords dying(how);
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    run(options);
    if (!::testing::Test::HasFailure()) continue;
    fputs(how.c_str(), stderr);
    return;
  }
}

void ExpectBugIsFound(uint64_t count, std::string_view message,
                      absl::FunctionRef<void(SimOptions)> run) {
  std::string said;
  for (uint64_t seed = 1; seed <= count; ++seed) {
    ::testing::TestPartResultArray results;
    {
      ::testing::ScopedFakeTestPartResultReporter reporter(
          ::testing::ScopedFakeTestPartResultReporter::
              INTERCEPT_ONLY_CURRENT_THREAD,
          &results);
      run(SimOptions::Hostile(seed));
    }
    for (int i = 0; i < results.size(); ++i) {
      said += results.GetTestPartResult(i).message();
      if (absl::StrContains(said, message)) return;
    }
  }
  ADD_FAILURE() << "the planted bug is not found with " << count
                << " seeds; the test only says: " << said;
}

}  // namespace braid
