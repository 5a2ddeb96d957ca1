#include "io/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "async/cancel_scope.h"
#include "async/combinators.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::absl::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Limit = ProcessOutput::Limit;

ProcessOptions Shell(std::string script) {
  return {.file = "/bin/sh", .arguments = {"sh", "-c", std::move(script)}};
}

// Whether this process has a child left, dead or alive.
bool HasChild() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

class ProcessTest : public ::testing::Test {
 protected:
  absl::StatusOr<ProcessOutput> Run(ProcessOptions process,
                                    RunProcessOptions options = {}) {
    return loop_.Run(RunProcess(loop_, std::move(process), std::move(options)));
  }
  Status SpawnError(const ProcessOptions& options) {
    return Process::Spawn(loop_, options).status();
  }

  Loop loop_{SystemWorld()};
};

TEST_F(ProcessTest, InputOutputErrorsAndTheCode) {
  const auto output =
      Run(Shell("cat; echo wrong >&2; exit 3"), {.input = "some text"});
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ(output->standard_output, "some text");
  EXPECT_EQ(output->standard_error, "wrong\n");
  EXPECT_EQ(output->exit, (ProcessExit{.code = 3}));
  EXPECT_EQ(output->exceeded, Limit::kNone);
  EXPECT_FALSE(HasChild());
}

TEST_F(ProcessTest, ASignalIsAnEndOfItsOwn) {
  const auto output = Run(Shell("kill -TERM $$"));
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ(output->exit, (ProcessExit{.signal = SIGTERM}));
  EXPECT_FALSE(output->exit.ok());
}

TEST_F(ProcessTest, MoreThanAnySocketHoldsGoesBothWays) {
  const std::string bytes = PatternBytes(3 << 20);
  const auto output = Run({.file = "cat"}, {.input = bytes});
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_TRUE(output->standard_output == bytes);
}

TEST_F(ProcessTest, AProgramThatDoesNotReadItsInputIsNoError) {
  const auto output =
      Run({.file = "true"}, {.input = std::string(4 << 20, 'x')});
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_TRUE(output->exit.ok());
}

TEST_F(ProcessTest, EnvironmentAndFolderAreAsAsked) {
  ProcessOptions options = Shell("echo $NAME; pwd");
  options.environment = {{"NAME=value"}};
  options.working_directory = "/";
  const auto output = Run(options);
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ(output->standard_output, "value\n/\n");
  // And this process' own without them.
  setenv("BRAID_PROCESS_TEST", "inherited", 1);
  const auto inherited = Run(Shell("echo $BRAID_PROCESS_TEST"));
  ASSERT_TRUE(inherited.ok()) << inherited.status();
  EXPECT_EQ(inherited->standard_output, "inherited\n");
}

TEST_F(ProcessTest, ProgramsAreLookedForInThePathOfTheirEnvironment) {
  const std::string folder = TestPath("bin");
  ASSERT_EQ(mkdir(folder.c_str(), 0777), 0);
  std::ofstream(folder + "/greet") << "echo hello $1\n";  // Without "#!".
  ASSERT_EQ(chmod((folder + "/greet").c_str(), 0755), 0);
  std::ofstream(folder + "/data") << "no program";
  ProcessOptions options = {
      .file = "greet",
      .arguments = {"greet", "you"},
      .environment = {{absl::StrCat("PATH=/nonexistent:", folder)}}};
  const auto output = Run(options);
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ(output->standard_output, "hello you\n");
  options.file = "data";
  EXPECT_EQ(ErrnoOf(SpawnError(options)), EACCES);
  options.file = "sh";  // Not in that path.
  EXPECT_EQ(ErrnoOf(SpawnError(options)), ENOENT);
  // A path with a slash begins in the child's folder.
  options.file = "bin/greet";
  options.working_directory = folder + "/..";
  EXPECT_EQ(SpawnError(options), absl::OkStatus());
}

TEST_F(ProcessTest, WhatCannotBeStartedIsNamed) {
  const Status missing = SpawnError({.file = "/nonexistent/program"});
  EXPECT_EQ(missing.message(),
            "spawn /nonexistent/program: No such file or directory");
  EXPECT_EQ(ErrnoOf(missing), ENOENT);
  EXPECT_EQ(SyscallOf(missing), "spawn");
  EXPECT_EQ(SubjectOf(missing), "/nonexistent/program");
  EXPECT_EQ(ErrnoOf(SpawnError({.file = ""})), ENOENT);
  EXPECT_EQ(ErrnoOf(SpawnError({.file = "/etc/passwd"})), EACCES);
  const Status folder =
      SpawnError({.file = "true", .working_directory = "/nonexistent"});
  EXPECT_EQ(folder.message(), "chdir /nonexistent: No such file or directory");
  const Status closed =
      SpawnError({.file = "true", .stdio = {ProcessStdio::Inherit(999)}});
  EXPECT_EQ(ErrnoOf(closed), EBADF);
  EXPECT_THAT(closed.message(), HasSubstr("descriptor 999"));
  EXPECT_EQ(
      ErrnoOf(SpawnError(
          {.file = "true", .arguments = {"true", std::string(4 << 20, 'x')}})),
      E2BIG);
  EXPECT_FALSE(HasChild());
}

TEST_F(ProcessTest, AByteZeroIsRefusedWhereverItIs) {
  const std::string cut("a\0b", 3);
  for (const ProcessOptions& options :
       {ProcessOptions{.file = cut},
        ProcessOptions{.file = "true", .arguments = {"true", cut}},
        ProcessOptions{.file = "true", .environment = {{cut}}},
        ProcessOptions{.file = "true", .working_directory = cut}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(SpawnError(options)));
  }
}

TEST_F(ProcessTest, TheChildHasTheDescriptorsOfItsStdioAlone) {
  // One that this process forgot to close on exec, and all of the loop's.
  const int leaking = open("/dev/null", O_RDONLY);
  ASSERT_GE(leaking, 0);
  const auto output = Run(Shell("ls /proc/self/fd"));
  ASSERT_TRUE(output.ok()) << output.status();
  // 3 is the folder that ls reads.
  EXPECT_EQ(output->standard_output, "0\n1\n2\n3\n");
  close(leaking);
}

TEST_F(ProcessTest, DescriptorsMayChangePlaces) {
  int ends[2][2];
  ASSERT_EQ(pipe2(ends[0], O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(ends[1], O_CLOEXEC), 0);
  // Put the pipes' ends at 1 and 2, the other way round, in a child's table:
  // each is the other's number.
  ProcessOptions options = Shell("echo out; echo err >&2; echo five >&5");
  options.stdio = {{},
                   ProcessStdio::Inherit(ends[0][1]),
                   ProcessStdio::Inherit(ends[1][1]),
                   {},
                   {},
                   ProcessStdio::Inherit(ends[0][1])};
  absl::StatusOr<Process> process = Process::Spawn(loop_, options);
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_TRUE(loop_.Run(process->Wait()).ok());
  char buffer[64];
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(
                                    read(ends[0][0], buffer, sizeof(buffer)))),
            "out\nfive\n");
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(
                                    read(ends[1][0], buffer, sizeof(buffer)))),
            "err\n");
  for (auto& pair : ends) {
    close(pair[0]);
    close(pair[1]);
  }
}

TEST_F(ProcessTest, SignalsThatThisProcessBlocksOrIgnoresReachTheChild) {
  sigset_t blocked;
  sigset_t former;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &former), 0);
  const auto handler = signal(SIGUSR2, SIG_IGN);
  for (int number : {SIGUSR1, SIGUSR2}) {
    const auto output = Run(Shell(absl::StrCat("kill -", number, " $$")));
    ASSERT_TRUE(output.ok()) << output.status();
    EXPECT_EQ(output->exit.signal, number);
  }
  signal(SIGUSR2, handler);
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &former, nullptr), 0);
}

TEST_F(ProcessTest, KillReachesTheProcessUntilItWasWaitedFor) {
  absl::StatusOr<Process> process =
      Process::Spawn(loop_, {.file = "sleep", .arguments = {"sleep", "1000"}});
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_EQ(process->Kill(0), absl::OkStatus());
  EXPECT_EQ(ErrnoOf(process->Kill(1000)), EINVAL);
  EXPECT_EQ(process->exit(), std::nullopt);
  EXPECT_EQ(process->Kill(SIGINT), absl::OkStatus());
  const ProcessExit expected = {.signal = SIGINT};
  for (int i = 0; i < 2; ++i) {
    const auto exit = loop_.Run(process->Wait());
    ASSERT_TRUE(exit.ok()) << exit.status();
    EXPECT_EQ(*exit, expected);
  }
  EXPECT_EQ(process->exit(), expected);
  EXPECT_EQ(ErrnoOf(process->Kill(SIGINT)), ESRCH);
}

TEST_F(ProcessTest, ACancelledWaitLeavesTheChildAndMayBeginAgain) {
  absl::StatusOr<Process> process = Process::Spawn(
      loop_, {.file = "cat", .stdio = {ProcessStdio::Pipe(), {}, {}}});
  ASSERT_TRUE(process.ok()) << process.status();
  const auto late = loop_.Run(Timeout(absl::ZeroDuration(), process->Wait()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.status())) << late.status();
  EXPECT_EQ(process->Kill(0), absl::OkStatus());
  {
    const TcpStream input = process->TakePipe(0);
  }  // So that cat ends.
  const auto exit = loop_.Run(process->Wait());
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_TRUE(exit->ok());
}

TEST_F(ProcessTest, TheEndOfTheHandleKillsAndReaps) {
  pid_t pid = 0;
  {
    absl::StatusOr<Process> process = Process::Spawn(
        loop_, {.file = "sleep", .arguments = {"sleep", "1000"}});
    ASSERT_TRUE(process.ok()) << process.status();
    pid = process->pid();
  }
  TurnUntilNothingInFlight(loop_);
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_FALSE(HasChild());
}

TEST_F(ProcessTest, ADetachedChildLivesOnAndIsReapedAtItsEnd) {
  TcpStream input;
  {
    absl::StatusOr<Process> process =
        Process::Spawn(loop_, {.file = "cat",
                               .stdio = {ProcessStdio::Pipe(), {}, {}},
                               .new_session = true});
    ASSERT_TRUE(process.ok()) << process.status();
    input = process->TakePipe(0);
    EXPECT_EQ(getsid(process->pid()), process->pid());
    process->Detach();
  }
  EXPECT_TRUE(HasChild());
  EXPECT_EQ(loop_.Run(input.WriteAll("still there")), absl::OkStatus());
  input = TcpStream();
  TurnUntilNothingInFlight(loop_);
  EXPECT_FALSE(HasChild());
}

TEST_F(ProcessTest, CancellingARunKillsTheProgram) {
  const auto output = loop_.Run(Timeout(
      absl::Milliseconds(1),
      RunProcess(loop_, {.file = "sleep", .arguments = {"sleep", "1000"}})));
  EXPECT_TRUE(absl::IsDeadlineExceeded(output.status())) << output.status();
  TurnUntilNothingInFlight(loop_);
  EXPECT_FALSE(HasChild());
}

TEST_F(ProcessTest, LimitsKillAndKeepWhatHasCome) {
  const auto late =
      Run(Shell("echo before; exec sleep 1000"),
          {.timeout = absl::Milliseconds(200), .kill_signal = SIGTERM});
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->exceeded, Limit::kTime);
  EXPECT_EQ(late->exit.signal, SIGTERM);
  const auto much = Run({.file = "yes"}, {.output_max = 5});
  ASSERT_TRUE(much.ok()) << much.status();
  EXPECT_EQ(much->exceeded, Limit::kOutput);
  EXPECT_EQ(much->standard_output, "y\ny\ny");
  EXPECT_EQ(much->exit.signal, SIGKILL);
  // Exactly as much is no excess.
  const auto just = Run(Shell("printf 12345"), {.output_max = 5});
  ASSERT_TRUE(just.ok()) << just.status();
  EXPECT_EQ(just->exceeded, Limit::kNone);
  EXPECT_EQ(just->standard_output, "12345");
}

TEST_F(ProcessTest, AThousandOneAfterTheOtherLeaveNothing) {
  ASSERT_TRUE(Run({.file = "true"}).ok());
  const int before = CountDescriptors();
  for (int i = 0; i < 1000; ++i) {
    const auto output = Run({.file = "true"});
    ASSERT_TRUE(output.ok()) << output.status();
    ASSERT_TRUE(output->exit.ok());
  }
  TurnUntilNothingInFlight(loop_);
  EXPECT_EQ(CountDescriptors(), before);
  EXPECT_FALSE(HasChild());
}

TEST_F(ProcessTest, ManyAtOnce) {
  constexpr int kMany = 100;
  std::vector<Task<absl::StatusOr<ProcessOutput>>> runs;
  for (int i = 0; i < kMany; ++i) {
    runs.push_back(RunProcess(loop_, Shell(absl::StrCat("cat; exit ", i)),
                              {.input = absl::StrCat("input ", i)}));
  }
  const auto outputs = loop_.Run(All(std::move(runs)));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  for (int i = 0; i < kMany; ++i) {
    const ProcessOutput& output = (*outputs)[static_cast<size_t>(i)];
    EXPECT_EQ(output.exit.code, i);
    EXPECT_EQ(output.standard_output, absl::StrCat("input ", i));
  }
  EXPECT_FALSE(HasChild());
}

TEST_F(ProcessTest, AFullDescriptorTableIsAnErrorThatPasses) {
  ASSERT_TRUE(Run({.file = "true"}).ok());  // Makes the receive buffers.
  TurnUntilNothingInFlight(loop_);
  // Every number of descriptors that are left, up to what it takes.
  const DescriptorLimit few(128);
  const int before = CountDescriptors();
  Status status;
  for (int left = 0; left == 0 || !status.ok(); ++left) {
    ASSERT_LT(left, 32) << "a process takes that many descriptors";
    {
      FullDescriptorTable full;
      full.Free(left);
      status = Run({.file = "true"}).status();
      TurnUntilNothingInFlight(loop_);
    }
    EXPECT_EQ(CountDescriptors(), before);
    EXPECT_FALSE(HasChild());
    EXPECT_TRUE(status.ok() || ErrnoOf(status) == EMFILE) << status;
  }
}

TEST_F(ProcessTest, AResultThatSomebodyElseTookIsAnError) {
  absl::StatusOr<Process> process = Process::Spawn(loop_, {.file = "true"});
  ASSERT_TRUE(process.ok()) << process.status();
  ASSERT_EQ(waitpid(process->pid(), nullptr, 0), process->pid());
  EXPECT_EQ(ErrnoOf(loop_.Run(process->Wait()).status()), ECHILD);
}

}  // namespace
}  // namespace braid
