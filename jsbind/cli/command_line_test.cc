#include "jsbind/cli/command_line.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace braid::cli {
namespace {

absl::StatusOr<CommandLine> Parse(std::vector<std::string_view> words) {
  return ParseCommandLine(words);
}

// The one line that wrong words get.
std::string Refusal(std::vector<std::string_view> words) {
  const absl::StatusOr<CommandLine> command = ParseCommandLine(words);
  return command.ok() ? "accepted" : std::string(command.status().message());
}

TEST(CommandLineTest, WordsBehindTheFileAreTheProgramsOwn) {
  const CommandLine command = *Parse({"--stats", "a.js", "--stats", "-e", "x"});
  EXPECT_EQ(command.action, Action::kRun);
  EXPECT_EQ(command.file_or_code, "a.js");
  EXPECT_EQ(command.arguments,
            (std::vector<std::string>{"--stats", "-e", "x"}));
  EXPECT_TRUE(command.stats);
}

TEST(CommandLineTest, Eval) {
  const CommandLine command = *Parse({"-e", "1 + 1", "argument", "--flag"});
  EXPECT_EQ(command.action, Action::kEval);
  EXPECT_EQ(command.file_or_code, "1 + 1");
  EXPECT_EQ(command.arguments,
            (std::vector<std::string>{"argument", "--flag"}));
}

TEST(CommandLineTest, ServeTakesItsFlagsOnEitherSideOfTheFile) {
  for (const CommandLine& command :
       {*Parse({"serve", "a.js", "--port", "80", "--host=::1"}),
        *Parse({"serve", "--port=80", "--host", "::1", "a.js"})}) {
    EXPECT_EQ(command.action, Action::kServe);
    EXPECT_EQ(command.file_or_code, "a.js");
    EXPECT_EQ(command.port, 80);
    EXPECT_EQ(command.host, "::1");
  }
  EXPECT_EQ(Parse({"serve", "a.js"})->port, std::nullopt);
}

TEST(CommandLineTest, RingFlagsSwitchFeatures) {
  const CommandLine command =
      *Parse({"--ring-no-multishot-receive", "--ring-no-defer-taskrun",
              "--ring-entries=8", "--ring-completions", "64", "a.js"});
  EXPECT_FALSE(command.ring.multishot_receive);
  EXPECT_FALSE(command.ring.defer_taskrun);
  EXPECT_TRUE(command.ring.multishot_accept);
  EXPECT_EQ(command.ring.submission_entries, 8u);
  EXPECT_EQ(command.ring.completion_entries, 64u);
  EXPECT_TRUE(
      Parse({"--ring-no-multishot-receive", "--ring-multishot-receive", "a.js"})
          ->ring.multishot_receive);
}

TEST(CommandLineTest, HelpAndVersionWinOverWhatFollows) {
  EXPECT_EQ(Parse({"--help", "--nonsense"})->action, Action::kHelp);
  EXPECT_EQ(Parse({"-v"})->action, Action::kVersion);
}

TEST(CommandLineTest, WrongUseIsNamed) {
  EXPECT_EQ(Refusal({}), "a file to run is missing; see braid --help");
  EXPECT_EQ(Refusal({"--stats"}), "a file to run is missing; see braid --help");
  EXPECT_EQ(Refusal({"serve"}), "serve needs a file; see braid --help");
  EXPECT_EQ(Refusal({"--nonsense", "a.js"}),
            "--nonsense is no flag of braid; see braid --help");
  EXPECT_EQ(Refusal({"--ring-nonsense", "a.js"}),
            "--ring-nonsense is no flag of braid; see braid --help");
  EXPECT_EQ(Refusal({"-e"}), "-e needs a value");
  EXPECT_EQ(Refusal({"--stats=1", "a.js"}), "--stats takes no value");
  EXPECT_EQ(Refusal({"serve", "a.js", "--port=http"}),
            "--port needs a number from 0 to 65535, not 'http'");
  EXPECT_EQ(Refusal({"serve", "a.js", "--port=70000"}),
            "--port needs a number from 0 to 65535, not '70000'");
  EXPECT_EQ(Refusal({"serve", "a.js", "b.js"}),
            "b.js is one file too many: serve takes one");
  EXPECT_EQ(Refusal({"serve", "a.js", "--host=\";evil()"}),
            "--host needs an address: '\";evil()' is not a numeric IPv4 or "
            "IPv6 address");
  // Of serve alone.
  EXPECT_EQ(Refusal({"--port=80", "a.js"}),
            "--port is no flag of braid; see braid --help");
}

TEST(CommandLineTest, HelpFitsAScreen) {
  const std::string_view help = HelpText();
  EXPECT_LE(std::count(help.begin(), help.end(), '\n'), 24);
  size_t begin = 0;
  for (size_t end; (end = help.find('\n', begin)) != std::string_view::npos;
       begin = end + 1) {
    EXPECT_LE(end - begin, 80u) << help.substr(begin, end - begin);
  }
}

}  // namespace
}  // namespace braid::cli
