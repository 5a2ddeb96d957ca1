// The programs of the pages print what the pages say.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/child_program.h"

namespace braid {
namespace {

std::string ContentsOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Runs `command` and compares its output with that file.
void ExpectOutput(const std::vector<std::string>& command,
                  const std::string& expected) {
  const std::string text = ContentsOf(expected);
  ASSERT_FALSE(text.empty()) << expected;
  ChildProgram program(command);
  EXPECT_EQ(program.RestOfOutput(), text);
  EXPECT_EQ(program.ExitCode(), 0) << program.stderr_text();
}

class ScriptTest : public testing::TestWithParam<const char*> {};

TEST_P(ScriptTest, PrintsWhatThePageSays) {
  const std::string script = std::string("docs/") + GetParam();
  ExpectOutput({"jsbind/cli/braid", script}, script + ".txt");
}

INSTANTIATE_TEST_SUITE_P(GettingStarted, ScriptTest,
                         testing::Values("hello.mjs", "files.mjs",
                                         "service.mjs", "stop.mjs"));

TEST(ProgramTest, HelloPrintsWhatThePageSays) {
  ExpectOutput({"docs/hello"}, "docs/hello.txt");
}

TEST(ProgramTest, LinesCountsLinesAndNamesWhatItCannotOpen) {
  ChildProgram program({"docs/lines", "docs/hello.txt", "/none"});
  EXPECT_EQ(program.RestOfOutput(),
            "1 docs/hello.txt\nopen /none: No such file or directory\n");
  EXPECT_EQ(program.ExitCode(), 0) << program.stderr_text();
}

// The page shows the BUILD file's own words.
TEST(ProgramTest, TheTargetIsShownAsItIs) {
  EXPECT_NE(ContentsOf("docs/BUILD").find(ContentsOf("docs/BUILD.hello")),
            std::string::npos);
}

}  // namespace
}  // namespace braid
