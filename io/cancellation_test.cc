// Programs that are cancelled at every moment of their lives.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/blocking.h"
#include "io/buffer_ring.h"
#include "io/driver/fault_driver.h"
#include "io/file.h"
#include "io/file_system.h"
#include "io/signals.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace braid {
namespace {

// Every operation of files that there is.
Task<absl::Status> UseFiles(Loop& loop) {
  const std::string root = TestPath("cancelled_files");
  std::filesystem::remove_all(root);
  CO_RETURN_IF_ERROR(co_await MakeDirectory(loop, root));
  CO_ASSIGN_OR_RETURN(
      File file,
      co_await File::Open(loop, root + "/file", O_RDWR | O_CREAT | O_TRUNC));
  CO_RETURN_IF_ERROR(co_await file.WriteAll("0123456789", 0));
  CO_RETURN_IF_ERROR(co_await file.SyncData());
  CO_RETURN_IF_ERROR(co_await file.Sync());
  std::array<uint8_t, 16> bytes;
  CO_ASSIGN_OR_RETURN(const size_t count, co_await file.ReadFull(bytes, 0));
  EXPECT_EQ(count, 10u);
  CO_RETURN_IF_ERROR(co_await file.Truncate(5));
  CO_ASSIGN_OR_RETURN(const struct statx status, co_await file.Stat());
  EXPECT_EQ(status.stx_size, 5u);
  CO_RETURN_IF_ERROR(co_await file.Close());
  CO_RETURN_IF_ERROR(co_await WriteFile(loop, root + "/whole", "contents"));
  CO_ASSIGN_OR_RETURN(std::string text,
                      co_await ReadFile(loop, root + "/whole"));
  EXPECT_EQ(text, "contents");
  CO_RETURN_IF_ERROR(co_await RemoveFile(loop, root + "/whole"));
  CO_RETURN_IF_ERROR(co_await RemoveFile(loop, root + "/file"));
  co_return co_await RemoveDirectory(loop, root);
}

// Every operation of paths that there is.
Task<absl::Status> UsePaths(Loop& loop) {
  const std::string root = TestPath("cancelled_paths");
  std::filesystem::remove_all(root);
  CO_RETURN_IF_ERROR(co_await MakeDirectory(loop, root));
  CO_RETURN_IF_ERROR(co_await WriteFile(loop, root + "/file", "0123456789"));
  const std::string moved = root + "/moved", link = root + "/link",
                    hard = root + "/hard";
  CO_RETURN_IF_ERROR(co_await Rename(loop, root + "/file", moved));
  CO_RETURN_IF_ERROR(co_await MakeSymlink(loop, "moved", link));
  CO_RETURN_IF_ERROR(co_await MakeHardLink(loop, moved, hard));
  CO_ASSIGN_OR_RETURN(std::string target, co_await ReadSymlink(loop, link));
  EXPECT_EQ(target, "moved");
  CO_ASSIGN_OR_RETURN(std::string real, co_await RealPath(loop, link));
  EXPECT_TRUE(absl::EndsWith(real, "/cancelled_paths/moved")) << real;
  CO_RETURN_IF_ERROR(co_await TruncatePath(loop, link, 5));
  CO_RETURN_IF_ERROR(co_await ChangeMode(loop, hard, 0600));
  CO_RETURN_IF_ERROR(co_await SetFileTimes(loop, hard, absl::FromUnixSeconds(1),
                                           absl::FromUnixSeconds(2)));
  CO_ASSIGN_OR_RETURN(const struct statx followed,
                      co_await StatPath(loop, link));
  EXPECT_EQ(followed.stx_size, 5u);
  EXPECT_EQ(followed.stx_mode & 07777, 0600u);
  EXPECT_EQ(followed.stx_mtime.tv_sec, 2);
  CO_ASSIGN_OR_RETURN(const struct statx status,
                      co_await StatPath(loop, link, Symlinks::kDoNotFollow));
  EXPECT_TRUE(S_ISLNK(status.stx_mode));
  CO_RETURN_IF_ERROR(co_await CheckAccess(loop, hard, R_OK));
  CO_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries,
                      co_await ReadDirectory(loop, root));
  EXPECT_EQ(entries.size(), 3u);
  CO_ASSIGN_OR_RETURN(std::string temporary,
                      co_await MakeTemporaryDirectory(loop, root + "/tmp-"));
  CO_RETURN_IF_ERROR(co_await RemoveDirectory(loop, temporary));
  for (const std::string& path : {hard, link, moved}) {
    CO_RETURN_IF_ERROR(co_await RemoveFile(loop, path));
  }
  co_return co_await RemoveDirectory(loop, root);
}

// Connecting, accepting, writing, reading and closing, one after the other.
Task<absl::Status> UseSockets(Loop& loop) {
  TcpListener listener = ListenOnLoopback(loop);
  CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop, listener));
  CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("hello"));
  std::array<uint8_t, 3> buffer;
  CO_ASSIGN_OR_RETURN(const size_t count,
                      co_await pair.server.ReadInto(buffer));
  EXPECT_EQ(count, 3u);
  CO_ASSIGN_OR_RETURN(Lease rest, co_await pair.server.Read());
  EXPECT_EQ(rest.text(), "lo");
  const std::array<std::string_view, 2> parts = {"wo", "rld"};
  CO_RETURN_IF_ERROR(co_await pair.server.WriteAll(parts));
  CO_RETURN_IF_ERROR(co_await pair.server.ShutdownWrite());
  CO_ASSIGN_OR_RETURN(std::string reply, co_await ReadAll(pair.client));
  EXPECT_EQ(reply, "world");
  CO_RETURN_IF_ERROR(co_await pair.client.Close());
  co_return co_await pair.server.Close();
}

// Two tasks that wait for each other with full socket buffers, and lag. The
// receiving side's is small before there is a connection: one that shrinks
// later takes back a window that the peer has filled already, and then TCP
// waits for a timer.
Task<absl::Status> UseFullSockets(Loop& loop) {
  const std::string bytes = PatternBytes(600'000);
  TcpListener listener = ListenOnLoopback(loop);
  const int small = 16'384;
  setsockopt(listener.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop, listener));
  setsockopt(pair.client.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    scope.Spawn([&]() -> Task<absl::Status> {
      CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(bytes));
      co_return co_await pair.client.ShutdownWrite();
    });
    CO_ASSIGN_OR_RETURN(Lease first, co_await pair.server.Read());
    for (int i = 0; i < 10; ++i) CO_RETURN_IF_ERROR(co_await Yield());
    CO_ASSIGN_OR_RETURN(std::string rest, co_await ReadAll(pair.server));
    EXPECT_EQ(first.size() + rest.size(), bytes.size());
    co_return absl::OkStatus();
  });
}

Task<absl::Status> UseSignalsAndThreads(Loop& loop) {
  CO_ASSIGN_OR_RETURN(Signals signals, Signals::Catch(loop, {SIGUSR1}));
  for (int i = 0; i < 3; ++i) {
    raise(SIGUSR1);
    CO_ASSIGN_OR_RETURN(const int number, co_await signals.Next());
    EXPECT_EQ(number, SIGUSR1);
    CO_ASSIGN_OR_RETURN(const int result,
                        co_await Blocking(loop, [i] { return i; }));
    EXPECT_EQ(result, i);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> UseTime(Loop&) {
  CO_RETURN_IF_ERROR(co_await SleepFor(absl::Hours(1)));
  auto sleep = []() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Minutes(1));
  };
  CO_RETURN_IF_ERROR(co_await Timeout(absl::Hours(1), sleep()));
  absl::Status late = co_await Timeout(absl::Seconds(1), sleep());
  if (absl::IsCancelled(late)) co_return late;
  EXPECT_TRUE(absl::IsDeadlineExceeded(late)) << late;
  CO_RETURN_IF_ERROR(co_await SleepFor(absl::ZeroDuration()));
  co_return co_await SleepFor(absl::Seconds(1));
}

struct Program {
  std::string name;
  Task<absl::Status> (*run)(Loop&);
  // The kernel's, but for a program that takes its time.
  World (*world)() = [] { return SystemWorld(); };
};

class CancelledProgramTest : public ::testing::TestWithParam<Program> {
 protected:
  enum class Moment {
    // Completions were handled, and what waited for them has not resumed.
    kBehindTurn,
    // Completions are visible, and the loop does not know of them yet.
    kBeforeCompletions,
  };

  // Runs the program and cancels it at the `step`th moment. Whether it ended
  // before that.
  static bool RunAndCancel(Moment moment, int step) {
    World world = GetParam().world();
    FaultDriver& faults = FaultDriver::Intercept(world.driver);
    Loop loop(std::move(world), {.receive_buffers = 4,
                                 .receive_buffers_max = 4,
                                 .receive_buffer_bytes = 4096});
    absl::Status status;
    int moments = 0;
    bool cancelled = false;
    {
      Scope scope(loop.executor().root_scope());
      scope.Spawn([&]() -> Task<void> {
        status = co_await GetParam().run(loop);
        // The turn in which it ends must not wait.
        loop.Post([] {});
      });
      const auto pass = [&] {
        if (moments++ == step && scope.size() > 0) {
          cancelled = true;
          scope.Cancel();
        }
      };
      if (moment == Moment::kBeforeCompletions) faults.on_completions = pass;
      while (scope.size() > 0) {
        loop.Turn(Driver::Wait::kForOne);
        if (moment == Moment::kBehindTurn) pass();
      }
      faults.on_completions = nullptr;
    }
    EXPECT_TRUE(status.ok() || (cancelled && absl::IsCancelled(status)))
        << status << " at step " << step;
    TurnUntilNothingInFlight(loop);
    EXPECT_EQ((*loop.receive_buffers())->lent(), 0u) << "at step " << step;
    EXPECT_EQ(loop.executor().timers().size(), 0u) << "at step " << step;
    return !cancelled;
  }

  static void CancelAtEveryStep(Moment moment) {
    const int descriptors = CountDescriptors();
    constexpr int kStepsMax = 10'000;
    int step = 0;
    while (!RunAndCancel(moment, step)) {
      ASSERT_EQ(CountDescriptors(), descriptors) << "at step " << step;
      ASSERT_LT(++step, kStepsMax);
    }
    EXPECT_GT(step, 3);
  }
};

TEST_P(CancelledProgramTest, BehindEveryTurn) {
  CancelAtEveryStep(Moment::kBehindTurn);
}

TEST_P(CancelledProgramTest, BeforeTheCompletionsOfEveryTurn) {
  CancelAtEveryStep(Moment::kBeforeCompletions);
}

INSTANTIATE_TEST_SUITE_P(
    Programs, CancelledProgramTest,
    ::testing::Values(Program{"Files", &UseFiles}, Program{"Paths", &UsePaths},
                      Program{"Sockets", &UseSockets},
                      Program{"FullSockets", &UseFullSockets},
                      Program{"SignalsAndThreads", &UseSignalsAndThreads},
                      Program{"Time", &UseTime,
                              [] { return SimulatedWorld({}); }}),
    [](const ::testing::TestParamInfo<Program>& info) {
      return info.param.name;
    });

}  // namespace
}  // namespace braid
