// The quickstart as its users run it: a process that is spoken to over HTTP,
// and killed in the middle of writes.

#include <signal.h>
#include <stdlib.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "examples/quickstart/service_client.h"
#include "gtest/gtest.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "tests/child_program.h"

namespace braid {
namespace {

using quickstart::Answer;
using quickstart::ServiceClient;

constexpr const char* kProgram = "examples/quickstart/quickstart";

class QuickstartTest : public ::testing::Test {
 protected:
  QuickstartTest() {
    folder_ = absl::StrCat(testing::TempDir(), "/dataXXXXXX");
    PCHECK(mkdtemp(folder_.data()) != nullptr);
  }

  std::vector<std::string> Command(std::vector<std::string> flags = {}) const {
    std::vector<std::string> command = {kProgram, "--data=" + folder_};
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }
  // Runs `use` with a connection to the service.
  template <typename F>
  static absl::Status WithClient(int port, F use) {
    Loop loop(*World::System());
    return loop.Run([](Loop& l, int p, F& f) -> Task<absl::Status> {
      ServiceClient client(l, *SocketAddress::Parse("127.0.0.1", p));
      co_return co_await f(client);
    }(loop, port, use));
  }

  std::string folder_;
};

// What it prints when the demonstration is over.
constexpr const char* kShown = "Ctrl-C";

TEST_F(QuickstartTest, OnceShowsItselfAndEnds) {
  ChildProgram service(Command({"--once"}));
  const std::string output = service.RestOfOutput();
  EXPECT_EQ(service.ExitCode(), 0) << service.stderr_text();
  EXPECT_NE(output.find("422"), std::string::npos) << output;
  EXPECT_NE(output.find("a user needs an e-mail address"), std::string::npos)
      << output;
  EXPECT_NE(output.find("1600 writes"), std::string::npos) << output;
  EXPECT_NE(output.find("Done."), std::string::npos) << output;
}

TEST_F(QuickstartTest, CtrlCEndsItInGoodOrder) {
  for (int signal : {SIGINT, SIGTERM}) {
    ChildProgram service(Command());
    ASSERT_TRUE(service.WaitForLine(kShown).has_value());
    service.Signal(signal);
    EXPECT_EQ(service.ExitCode(), 0) << service.stderr_text();
  }
}

TEST_F(QuickstartTest, BadInputIsTheClientsError) {
  ChildProgram service(Command());
  const int port = service.WaitForPort();
  ASSERT_TRUE(service.WaitForLine(kShown).has_value());
  struct Case {
    int status;
    const char* method;
    std::string path;
    std::string body;
  };
  const std::string long_key = "/stock/" + std::string(1'100, 'k');
  const Case cases[] = {
      {422, "PUT", "/users/x", "null"},
      {422, "PUT", "/users/x", "5"},
      {422, "PUT", "/users/x", "no JSON"},
      {422, "PUT", "/users/x", ""},
      {422, "PUT", "/users/x", R"({"name":"X","email":{"toString":1}})"},
      {422, "PUT", "/users/x", R"({"name":"X","email":["a@b"]})"},
      {422, "PUT", "/stock/x", "null"},
      {422, "PUT", "/stock/x", R"({"toString":1})"},
      {422, "PUT", "/nowhere/x", "null"},
      {422, "PUT", long_key, "1"},
      {422, "DELETE", long_key, ""},
      {422, "DELETE", "/", ""},
      {404, "GET", long_key, ""},
      {400, "GET", "/%zz", ""},
      {400, "PUT", "/stock/%ff", "1"},
      {400, "DELETE", "/%", ""},
      {405, "POST", "/stock/x", "1"},
  };
  EXPECT_EQ(
      WithClient(port,
                 [&](ServiceClient& client) -> Task<absl::Status> {
                   for (const Case& c : cases) {
                     CO_ASSIGN_OR_RETURN(
                         const Answer answer,
                         co_await client.Ask(c.method, c.path, c.body));
                     EXPECT_EQ(answer.status, c.status)
                         << c.method << " " << c.path << " " << c.body << ": "
                         << answer.body;
                     EXPECT_NE(answer.body.find("problem"), std::string::npos)
                         << answer.body;
                   }
                   co_return absl::OkStatus();
                 }),
      absl::OkStatus());
  service.Signal(SIGTERM);
  EXPECT_EQ(service.ExitCode(), 0);
  EXPECT_EQ(service.stderr_text(), "");
}

// What the clients of a service know about their writes when it is killed.
struct Writes {
  std::set<int> asked;
  std::set<int> answered;
};

// Writes numbers from `first` on, each client one after the other. The service
// is killed when `answers` writes have been answered; the other clients' writes
// are in flight then.
Task<absl::Status> WriteUntilKilled(Loop& loop, const ChildProgram& service,
                                    int port, int first, size_t answers,
                                    Writes& writes) {
  constexpr int kClients = 8;
  const size_t kill_at = writes.answered.size() + answers;
  int next = first;
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    for (int i = 0; i < kClients; ++i) {
      scope.Spawn([&]() -> Task<absl::Status> {
        ServiceClient client(loop, *SocketAddress::Parse("127.0.0.1", port));
        for (;;) {
          const int key = next++;
          writes.asked.insert(key);
          CO_ASSIGN_OR_RETURN(
              const Answer answer,
              co_await client.Ask("PUT", absl::StrCat("/stock/kill-", key),
                                  absl::StrCat(key)));
          if (answer.status != 204) co_return absl::InternalError(answer.body);
          writes.answered.insert(key);
          if (writes.answered.size() == kill_at) service.Signal(SIGKILL);
        }
      });
    }
    co_return absl::OkStatus();
  });
}

TEST_F(QuickstartTest, KillLosesNoWriteThatWasAnsweredFor) {
  std::mt19937 random(7);
  Writes writes;
  for (int round = 0; round < 5; ++round) {
    ChildProgram service(Command());
    const int port = service.WaitForPort();
    ASSERT_GT(port, 0);
    ASSERT_TRUE(service.WaitForLine(kShown).has_value());
    Loop loop(*World::System());
    const absl::Status broken = loop.Run(WriteUntilKilled(
        loop, service, port, round * 100'000,
        std::uniform_int_distribution<size_t>(1, 200)(random), writes));
    EXPECT_FALSE(broken.ok());
    EXPECT_EQ(service.ExitCode(), -SIGKILL);
  }
  EXPECT_GE(writes.answered.size(), 5u);
  EXPECT_GT(writes.asked.size(), writes.answered.size());

  ChildProgram service(Command());
  const int port = service.WaitForPort();
  EXPECT_EQ(WithClient(port,
                       [&](ServiceClient& client) -> Task<absl::Status> {
                         for (int key : writes.asked) {
                           CO_ASSIGN_OR_RETURN(
                               const Answer answer,
                               co_await client.Ask(
                                   "GET", absl::StrCat("/stock/kill-", key)));
                           // Those in flight are there whole, or not at all.
                           const bool lost = answer.status == 404;
                           EXPECT_FALSE(lost && writes.answered.contains(key))
                               << key;
                           if (lost) continue;
                           EXPECT_EQ(answer.status, 200) << key;
                           EXPECT_EQ(answer.body, absl::StrCat(key));
                         }
                         co_return absl::OkStatus();
                       }),
            absl::OkStatus());
}

}  // namespace
}  // namespace braid
