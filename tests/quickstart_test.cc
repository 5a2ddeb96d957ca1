// The quickstart as its users run it: a process, spoken to over HTTP, and
// killed.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "examples/quickstart/http_client.h"
#include "gtest/gtest.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/socket_address.h"

namespace braid {
namespace {

using quickstart::Answer;
using quickstart::HttpClient;

constexpr const char* kProgram = "examples/quickstart/quickstart";

// The program with its output on a pipe.
class Service {
 public:
  explicit Service(const std::vector<std::string>& arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> words = {const_cast<char*>(kProgram)};
      for (const std::string& word : arguments)
        words.push_back(const_cast<char*>(word.c_str()));
      words.push_back(nullptr);
      execv(kProgram, words.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Service() {
    if (pid_ > 0) End(SIGKILL);
    fclose(output_);
  }

  // The output's next line, or nothing at its end.
  std::optional<std::string> NextLine() {
    char line[4096];
    if (fgets(line, sizeof(line), output_) == nullptr) return std::nullopt;
    return std::string(line);
  }
  std::string RestOfOutput() {
    std::string all;
    while (std::optional<std::string> line = NextLine()) all += *line;
    return all;
  }

  // Reads until the line that tells the port.
  int WaitForPort() {
    while (std::optional<std::string> line = NextLine()) {
      const size_t at = line->find("http://127.0.0.1:");
      if (at != std::string::npos) return atoi(line->c_str() + at + 17);
    }
    return 0;
  }
  // Reads until the demonstration is over.
  bool WaitForDemonstration() {
    while (std::optional<std::string> line = NextLine()) {
      if (line->find("Ctrl-C") != std::string::npos) return true;
    }
    return false;
  }

  // Sends a signal, waits, and gives the wait status.
  int End(int signal) {
    kill(pid_, signal);
    return Wait();
  }
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
  FILE* output_;
};

class QuickstartTest : public ::testing::Test {
 protected:
  QuickstartTest() {
    folder_ = absl::StrCat(getenv("TEST_TMPDIR"), "/dataXXXXXX");
    if (mkdtemp(folder_.data()) == nullptr) abort();
  }
  std::string folder_;
};

TEST_F(QuickstartTest, OnceShowsItselfAndEnds) {
  Service service({"--once", "--data=" + folder_});
  const std::string output = service.RestOfOutput();
  const int status = service.Wait();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_NE(output.find("422"), std::string::npos) << output;
  EXPECT_NE(output.find("'undefined' is not an e-mail address"),
            std::string::npos)
      << output;
  EXPECT_NE(output.find("1600 writes"), std::string::npos) << output;
  EXPECT_NE(output.find("Done."), std::string::npos) << output;
}

TEST_F(QuickstartTest, CtrlCEndsItInGoodOrder) {
  for (int signal : {SIGINT, SIGTERM}) {
    Service service({"--data=" + folder_});
    ASSERT_TRUE(service.WaitForDemonstration());
    const int status = service.End(signal);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

TEST_F(QuickstartTest, KillLosesNoWriteThatWasAnsweredFor) {
  std::mt19937 random(7);
  std::set<int> answered;
  for (int round = 0; round < 5; ++round) {
    Service service({"--data=" + folder_});
    const int port = service.WaitForPort();
    ASSERT_GT(port, 0);
    ASSERT_TRUE(service.WaitForDemonstration());
    Loop loop(*World::System());
    const int writes = std::uniform_int_distribution<int>(1, 60)(random);
    // Ends with the error of the killed service.
    loop.Run([&]() -> Task<absl::Status> {
          CO_ASSIGN_OR_RETURN(
              HttpClient client,
              co_await HttpClient::Connect(
                  loop, *SocketAddress::Parse("127.0.0.1", port)));
          for (int i = 0; i < writes; ++i) {
            const int key = round * 1'000 + i;
            CO_ASSIGN_OR_RETURN(
                const Answer answer,
                co_await client.Ask("PUT", absl::StrCat("/stock/kill-", key),
                                    absl::StrCat(key)));
            EXPECT_EQ(answer.status, 204) << answer.body;
            answered.insert(key);
          }
          co_return absl::OkStatus();
        }())
        .IgnoreError();
    const int status = service.End(SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(status));
  }
  Service service({"--data=" + folder_});
  const int port = service.WaitForPort();
  Loop loop(*World::System());
  const absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(HttpClient client,
                        co_await HttpClient::Connect(
                            loop, *SocketAddress::Parse("127.0.0.1", port)));
    for (int key : answered) {
      CO_ASSIGN_OR_RETURN(
          const Answer answer,
          co_await client.Ask("GET", absl::StrCat("/stock/kill-", key)));
      EXPECT_EQ(answer.status, 200) << key;
      EXPECT_EQ(answer.body, absl::StrCat(key));
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_GE(answered.size(), 5u);
}

}  // namespace
}  // namespace braid
