// The braid command where io_uring is forbidden, as in many containers: a whole
// program runs on epoll, after one line that says so.

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "examples/quickstart/service_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "io/testing.h"
#include "tests/child_program.h"

namespace braid {
namespace {

using quickstart::Answer;
using quickstart::ServiceClient;
using testing::AllOf;
using testing::HasSubstr;

// Sockets, files, timers, signals and a thread of the pool (the digest).
constexpr std::string_view kProgram = R"(
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "braid:http";

const folder = await mkdtemp(join(tmpdir(), "forbidden-"));
let requests = 0;
const server = serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const path = join(folder, `${requests++}`);
    await writeFile(path, await request.bytes());
    await new Promise((resolve) => setTimeout(resolve, 1));
    const bytes = await readFile(path);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    return new Response(`${bytes.length} ${Buffer.from(digest).toString("hex")}`);
  },
});
const url = `http://127.0.0.1:${server.port}/`;
process.once("SIGTERM", async () => {
  const answer = await fetch(url, { method: "POST", body: "x" });
  console.log(await answer.text());
  await server.shutdown();
  console.log(`${(await readdir(folder)).length} files of ${requests}`);
  await rm(folder, { recursive: true });
});
console.log(`Serving on ${url}`);
)";

Task<absl::StatusOr<std::vector<Answer>>> AskAll(Loop& loop, int port,
                                                 std::vector<size_t> sizes) {
  std::vector<Answer> answers;
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", port));
  for (const size_t size : sizes) {
    ServiceClient client(loop, address);
    CO_ASSIGN_OR_RETURN(
        Answer answer,
        co_await client.Ask("POST", "/", std::string(size, 'x')));
    answers.push_back(std::move(answer));
  }
  co_return answers;
}

class ForbiddenRingTest : public testing::TestWithParam<int> {
 protected:
  ForbiddenRingTest() {
    path_ = absl::StrCat(testing::TempDir(), "/forbidden_ring.mjs");
    std::ofstream(path_) << kProgram;
  }

  std::string path_;
};

TEST_P(ForbiddenRingTest, AProgramWithSocketsFilesAndTimersRuns) {
  ChildProgram program({"jsbind/cli/braid", path_}, -1, [] {
    ForbidSystemCall(SYS_io_uring_setup, GetParam());
  });
  const int port = program.WaitForPort();
  ASSERT_NE(port, 0) << program.stderr_text();
  Loop loop(SystemWorld());
  const absl::StatusOr<std::vector<Answer>> answers =
      loop.Run(AskAll(loop, port, {0, 1, 1'000'000}));
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(answers->at(0).body, HasSubstr("0 e3b0c44298fc1c14"));
  EXPECT_THAT(answers->at(1).body, HasSubstr("1 2d711642b726b044"));
  EXPECT_THAT(answers->at(2).body, HasSubstr("1000000 "));
  program.Signal(SIGTERM);
  EXPECT_EQ(program.RestOfOutput(),
            absl::StrCat(answers->at(1).body, "\n4 files of 4\n"));
  EXPECT_EQ(program.ExitCode(), 0);
  const std::string errors = program.stderr_text();
  EXPECT_EQ(std::ranges::count(errors, '\n'), 1) << errors;
  EXPECT_THAT(errors, AllOf(HasSubstr("io_uring cannot be used"),
                            HasSubstr("seccomp"), HasSubstr("epoll")));
}

INSTANTIATE_TEST_SUITE_P(Errors, ForbiddenRingTest,
                         testing::Values(EPERM, ENOSYS));

// Who asked for it knows.
TEST(EpollCommandTest, WhatWasAskedForIsNotLogged) {
  for (const char* name : {"epoll", "uring"}) {
    ChildProgram program(
        {"jsbind/cli/braid", "-e",
         "await (await import('node:fs/promises')).readFile('/dev/null');"
         "console.log('ran')"},
        -1, [name] { setenv("BRAID_IO", name, 1); });
    EXPECT_EQ(program.RestOfOutput(), "ran\n");
    EXPECT_EQ(program.ExitCode(), 0);
    EXPECT_EQ(program.stderr_text(), "");
  }
}

TEST(EpollCommandTest, AnUnknownNameIsAnError) {
  ChildProgram program({"jsbind/cli/braid", "-e", "console.log('ran')"}, -1,
                       [] { setenv("BRAID_IO", "iocp", 1); });
  EXPECT_EQ(program.RestOfOutput(), "");
  EXPECT_EQ(program.ExitCode(), 1);
  EXPECT_EQ(program.stderr_text(),
            "braid: the environment's BRAID_IO is 'iocp', not 'uring' or "
            "'epoll'\n");
}

// Without a fall-back where none was wanted.
TEST(EpollCommandTest, AForbiddenRingThatWasAskedForIsAnError) {
  ChildProgram program({"jsbind/cli/braid", "-e", "console.log('ran')"}, -1,
                       [] {
                         setenv("BRAID_IO", "uring", 1);
                         ForbidSystemCall(SYS_io_uring_setup, EPERM);
                       });
  EXPECT_EQ(program.RestOfOutput(), "");
  EXPECT_EQ(program.ExitCode(), 1);
  EXPECT_THAT(
      program.stderr_text(),
      AllOf(HasSubstr("braid: io_uring cannot be used"), HasSubstr("seccomp")));
}

TEST(EpollCommandTest, TheVersionNamesWhatServes) {
  ChildProgram program({"jsbind/cli/braid", "--version"}, -1,
                       [] { setenv("BRAID_IO", "epoll", 1); });
  EXPECT_THAT(program.RestOfOutput(), HasSubstr("\nepoll"));
  EXPECT_EQ(program.ExitCode(), 0);
}

// Input that epoll refuses, and input that it knows.
TEST(EpollCommandTest, StandardInputOfEachKindIsRead) {
  const std::string path = absl::StrCat(testing::TempDir(), "/input");
  std::ofstream(path) << "from a file";
  const auto read_from = [](const std::string& redirection) {
    ChildProgram program(
        {"/bin/sh", "-c",
         absl::StrCat(
             "BRAID_IO=epoll jsbind/cli/braid -e 'let text = \"\"; for "
             "await (const part of process.stdin) text += new "
             "TextDecoder().decode(part); "
             "console.log(text)' ",
             redirection)});
    return program.RestOfOutput();
  };
  EXPECT_EQ(read_from("<" + path), "from a file\n");
  EXPECT_EQ(read_from("</dev/null"), "\n");
  EXPECT_EQ(read_from("<<EOF\nfrom a document\nEOF"), "from a document\n\n");
  EXPECT_EQ(read_from("<&-"), "\n");
}

}  // namespace
}  // namespace braid
