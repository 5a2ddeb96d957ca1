// The braid command as its users run it.

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "examples/quickstart/service_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "tests/child_program.h"

namespace braid {
namespace {

using quickstart::Answer;
using quickstart::ServiceClient;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// What a run of the command gave.
struct Outcome {
  int exit_code;
  std::string output;
  std::string errors;
};

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    folder_ = absl::StrCat(testing::TempDir(), "/commandXXXXXX");
    PCHECK(mkdtemp(folder_.data()) != nullptr);
    // Modules are called by their real paths.
    folder_ = std::filesystem::canonical(folder_);
  }

  std::string WriteFile(const std::string& name, std::string_view contents) {
    const std::string path = absl::StrCat(folder_, "/", name);
    std::ofstream(path) << contents;
    return path;
  }
  static std::vector<std::string> Command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "jsbind/cli/braid");
    return arguments;
  }
  static Outcome Run(std::vector<std::string> arguments) {
    ChildProgram program(Command(std::move(arguments)));
    std::string output = program.RestOfOutput();
    const int exit_code = program.ExitCode();
    return {exit_code, std::move(output), program.stderr_text()};
  }
  Outcome RunScript(std::string_view code) {
    return Run({WriteFile("main.js", code)});
  }
  static absl::StatusOr<Answer> Get(const std::string& host, int port,
                                    std::string path) {
    Loop loop(*World::System());
    return loop.Run([](Loop& l, const std::string& h, int p,
                       std::string asked) -> Task<absl::StatusOr<Answer>> {
      CO_ASSIGN_OR_RETURN(const SocketAddress address,
                          SocketAddress::Parse(h, p));
      ServiceClient client(l, address);
      co_return co_await client.Ask("GET", std::move(asked));
    }(loop, host, port, std::move(path)));
  }

  std::string folder_;
};

TEST_F(CommandTest, RunsAFileWithItsArguments) {
  const std::string path = WriteFile(
      "main.js",
      "console.log(process.argv.slice(2).join('|'), import.meta.main)");
  const Outcome run = Run({path, "a", "--port", "", "-e"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.output, "a|--port||-e true\n");
  EXPECT_EQ(run.errors, "");
}

TEST_F(CommandTest, RunsCode) {
  const Outcome run =
      Run({"-e", "console.log(await 1 + 2, process.argv[1])", "x"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.output, "3 x\n");
}

TEST_F(CommandTest, UncaughtErrorIsOne) {
  const Outcome run = RunScript("console.log(1); throw new Error('no');");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.output, "1\n");
  EXPECT_THAT(run.errors, HasSubstr("main.js:1\n"));
  EXPECT_THAT(run.errors, HasSubstr("Error: no\n    at "));
}

TEST_F(CommandTest, StalledAwaitIsThirteen) {
  const Outcome run = RunScript("await new Promise(() => {});");
  EXPECT_EQ(run.exit_code, 13);
  EXPECT_THAT(run.errors, HasSubstr("unsettled top-level await"));
}

TEST_F(CommandTest, WrongUseIsTwo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--nonsense"}, {"serve"}, {"-e"}}) {
    const Outcome run = Run(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.output, "");
    EXPECT_THAT(run.errors, StartsWith("braid: "));
    EXPECT_EQ(std::ranges::count(run.errors, '\n'), 1) << run.errors;
  }
}

TEST_F(CommandTest, ExitCodeIsTheProgramsWish) {
  EXPECT_EQ(RunScript("process.exit(5)").exit_code, 5);
  EXPECT_EQ(RunScript("process.exitCode = 6").exit_code, 6);
}

TEST_F(CommandTest, MissingFileIsNamed) {
  const Outcome run = Run({absl::StrCat(folder_, "/none.js")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr(absl::StrCat("Cannot find module '",
                                                 folder_, "/none.js'")));
  EXPECT_THAT(run.errors, HasSubstr("ERR_MODULE_NOT_FOUND"));
  EXPECT_THAT(run.errors, Not(HasSubstr("imported from")));
}

TEST_F(CommandTest, MissingModuleIsNamedWithItsImporter) {
  const Outcome run = RunScript("import './none.js';");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(
      run.errors,
      HasSubstr(absl::StrCat("Cannot find module '", folder_,
                             "/none.js' imported from ", folder_, "/main.js")));
}

TEST_F(CommandTest, VersionNamesBraidAndV8) {
  const Outcome run = Run({"--version"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, StartsWith("braid 0."));
  EXPECT_THAT(run.output, HasSubstr(", V8 "));
  EXPECT_EQ(run.errors, "");
}

TEST_F(CommandTest, HelpNamesTheFlags) {
  const Outcome run = Run({"--help"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, HasSubstr("--ring-no-defer-taskrun"));
}

TEST_F(CommandTest, StatsComeAtTheEndOnStderr) {
  const Outcome run = Run({"--stats", "-e", "console.log(1)"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.output, "1\n");
  EXPECT_THAT(run.errors, HasSubstr("timers fired"));
}

TEST_F(CommandTest, RingFlagsReachTheRing) {
  const std::string path =
      WriteFile("main.js",
                "import { readFile } from 'node:fs/promises';\n"
                "console.log((await readFile(import.meta.filename, "
                "'utf8')).length > 0);");
  for (const char* flag : {"--ring-no-defer-taskrun", "--ring-no-single-issuer",
                           "--ring-no-registered-fd",
                           "--ring-no-multishot-receive", "--ring-entries=8"}) {
    const Outcome run = Run({flag, path});
    EXPECT_EQ(run.exit_code, 0) << flag << ": " << run.errors;
    EXPECT_EQ(run.output, "true\n") << flag;
  }
}

constexpr char kHelloModule[] =
    "export default { fetch: (request) =>\n"
    "    new Response(`Hello ${new URL(request.url).pathname}`) };";

TEST_F(CommandTest, ServesAModuleUntilCtrlC) {
  const std::string path = WriteFile("hello.js", kHelloModule);
  for (const int signal : {SIGINT, SIGTERM}) {
    for (const std::string host : {"127.0.0.1", "::1"}) {
      ChildProgram server(
          Command({"serve", path, "--port", "0", "--host=" + host}));
      const int port = server.WaitForPort();
      ASSERT_GT(port, 0) << server.stderr_text();
      const absl::StatusOr<Answer> answer = Get(host, port, "/x");
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->body, "Hello /x");
      server.Signal(signal);
      EXPECT_EQ(server.ExitCode(), 0) << server.stderr_text();
      EXPECT_EQ(server.RestOfOutput(), "");
      EXPECT_EQ(server.stderr_text(), "");
    }
  }
}

TEST_F(CommandTest, ServeWithoutAHandlerIsAnError) {
  const Outcome run =
      Run({"serve", WriteFile("none.js", "export default 5;"), "--port=0"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("fetch"));
}

TEST_F(CommandTest, ServeOnAPortThatIsTakenIsAnError) {
  const std::string path = WriteFile("hello.js", kHelloModule);
  ChildProgram first(Command({"serve", path, "--port=0", "--host=127.0.0.1"}));
  const int port = first.WaitForPort();
  ASSERT_GT(port, 0);
  const Outcome second =
      Run({"serve", path, "--host=127.0.0.1", absl::StrCat("--port=", port)});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.errors, HasSubstr("EADDRINUSE"));
}

// A pipe whose writing end does not block, and which holds little.
TEST_F(CommandTest, AReportIsWholeHoweverSlowItsReaderIs) {
  int ends[2];
  PCHECK(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  PCHECK(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
  fcntl(ends[0], F_SETFL, 0);
  const std::string path =
      WriteFile("main.js", "throw new Error('x'.repeat(300_000) + ' end');");
  ChildProgram program(Command({path}), ends[1]);
  close(ends[1]);
  std::string report;
  char bytes[512];
  ssize_t got;
  while ((got = read(ends[0], bytes, sizeof(bytes))) > 0)
    report.append(bytes, static_cast<size_t>(got));
  close(ends[0]);
  EXPECT_EQ(program.ExitCode(), 1);
  EXPECT_GT(report.size(), 300'000u);
  EXPECT_THAT(
      report.substr(report.size() - std::min<size_t>(report.size(), 2'000)),
      HasSubstr(" end\n    at "));
}

}  // namespace
}  // namespace braid
