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

#include "absl/strings/str_cat.h"
#include "async/cancel_scope.h"
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
#include "io/testing.h"

namespace braid {
namespace {

// Every operation of files and paths that there is.
Task<absl::Status> UseFiles(Loop& loop) {
  const std::string root = TestPath("cancelled");
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
  CO_RETURN_IF_ERROR(co_await Rename(loop, root + "/file", root + "/moved"));
  CO_RETURN_IF_ERROR(co_await MakeSymlink(loop, "moved", root + "/link"));
  CO_RETURN_IF_ERROR(
      co_await MakeHardLink(loop, root + "/moved", root + "/hard"));
  CO_ASSIGN_OR_RETURN(std::string text,
                      co_await ReadFile(loop, root + "/link"));
  EXPECT_EQ(text, "01234");
  CO_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries,
                      co_await ReadDirectory(loop, root));
  EXPECT_EQ(entries.size(), 3u);
  CO_RETURN_IF_ERROR(co_await CheckAccess(loop, root + "/hard", R_OK));
  CO_RETURN_IF_ERROR(co_await RemoveFile(loop, root + "/hard"));
  CO_RETURN_IF_ERROR(co_await RemoveFile(loop, root + "/link"));
  CO_RETURN_IF_ERROR(co_await RemoveFile(loop, root + "/moved"));
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

// Two tasks that wait for each other with full socket buffers, and lag.
Task<absl::Status> UseFullSockets(Loop& loop) {
  const std::string bytes = PatternBytes(600'000);
  CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
  for (const TcpStream* stream : {&pair.client, &pair.server}) {
    const int small = 16'384;
    setsockopt(stream->fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    setsockopt(stream->fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  }
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

// Everything that is no I/O of its own.
Task<absl::Status> UseTheRest(Loop& loop) {
  CO_ASSIGN_OR_RETURN(Signals signals, Signals::Catch(loop, {SIGUSR1}));
  raise(SIGUSR1);
  CO_ASSIGN_OR_RETURN(const int number, co_await signals.Next());
  EXPECT_EQ(number, SIGUSR1);
  CO_RETURN_IF_ERROR(co_await SleepFor(absl::Microseconds(100)));
  CO_ASSIGN_OR_RETURN(const int result,
                      co_await Blocking(loop, [] { return 1; }));
  EXPECT_EQ(result, 1);
  auto sleep = []() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Microseconds(1));
  };
  co_return co_await Timeout(absl::Hours(1), sleep());
}

struct Program {
  std::string name;
  Task<absl::Status> (*run)(Loop&);
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
    World world = SystemWorld();
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

INSTANTIATE_TEST_SUITE_P(Programs, CancelledProgramTest,
                         ::testing::Values(Program{"Files", &UseFiles},
                                           Program{"Sockets", &UseSockets},
                                           Program{"FullSockets",
                                                   &UseFullSockets},
                                           Program{"TheRest", &UseTheRest}),
                         [](const ::testing::TestParamInfo<Program>& info) {
                           return info.param.name;
                         });

// The moment between a completion and its handling, where cancelling is too
// late: what has succeeded has succeeded.
class SuccessWinsTest : public ::testing::Test {
 protected:
  SuccessWinsTest() : SuccessWinsTest(SystemWorld()) {}

  // Awaits `operation` and cancels it when `when()` and its completion is
  // visible.
  template <typename T>
  Task<T> CancelledTooLate(Task<T> operation) {
    CancelScope scope((co_await CurrentTask()).cancel_scope(),
                      CancelPropagation::kInherit);
    faults_.on_completions = [&] {
      if (io_uring_cq_ready(&loop_.driver().ring()) == 0) return;
      cancelled_ = true;
      scope.Cancel();
    };
    T result = co_await std::move(operation).In(scope);
    faults_.on_completions = nullptr;
    EXPECT_TRUE(cancelled_);
    co_return result;
  }

 private:
  explicit SuccessWinsTest(World world)
      : faults_(FaultDriver::Intercept(world.driver)), loop_(std::move(world)) {
    // The driver's own poll is armed, so that it completes nothing later.
    loop_.Turn(Driver::Wait::kNo);
  }

 protected:
  FaultDriver& faults_;
  Loop loop_;
  bool cancelled_ = false;
};

TEST_F(SuccessWinsTest, BytesReadFromAPipeAreDelivered) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  absl::StatusOr<size_t> count =
      loop_.Run([&]() -> Task<absl::StatusOr<size_t>> {
        File read_end(loop_, ends[0]);
        File write_end(loop_, ends[1]);
        EXPECT_EQ(write(ends[1], "abc", 3), 3);
        std::array<uint8_t, 8> bytes;
        co_return co_await CancelledTooLate(
            read_end.ReadFull({bytes.data(), 3}));
      }());
  ASSERT_EQ(count.status(), absl::OkStatus());
  EXPECT_EQ(*count, 3u);
}

TEST_F(SuccessWinsTest, AnOpenedFileIsDelivered) {
  const int descriptors = CountDescriptors();
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file, co_await CancelledTooLate(File::Open(
                                       loop_, "/proc/self/status", O_RDONLY)));
    EXPECT_TRUE(file.is_open());
    co_return co_await file.Close();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(CountDescriptors(), descriptors);
}

TEST_F(SuccessWinsTest, AConnectionIsDelivered) {
  TcpListener listener = ListenOnLoopback(loop_);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpStream stream,
                        co_await CancelledTooLate(
                            TcpStream::Connect(loop_, listener.address())));
    EXPECT_EQ(stream.peer_address().text(), listener.address().text());
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(SuccessWinsTest, SentBytesAreReported) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    CO_RETURN_IF_ERROR(
        co_await CancelledTooLate(pair.client.WriteAll("hello")));
    CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
    EXPECT_EQ(lease.text(), "hello");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(SuccessWinsTest, AnAcceptedConnectionIsKeptForTheNextCall) {
  TcpListener listener = ListenOnLoopback(loop_);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    auto accept = [&]() -> Task<absl::StatusOr<TcpStream>> {
      co_return co_await listener.Accept();
    };
    absl::StatusOr<TcpStream> accepted;
    TcpStream client;
    CO_RETURN_IF_ERROR(
        co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          scope.Spawn([&]() -> Task<absl::Status> {
            CO_ASSIGN_OR_RETURN(
                client, co_await TcpStream::Connect(loop_, listener.address()));
            co_return absl::OkStatus();
          });
          accepted = co_await CancelledTooLate(accept());
          co_return absl::OkStatus();
        }));
    // An await that is not the kernel's own operation may end cancelled, but
    // then the connection is the next call's.
    if (!accepted.ok()) {
      EXPECT_TRUE(absl::IsCancelled(accepted.status()));
      accepted = co_await listener.Accept();
    }
    CO_RETURN_IF_ERROR(accepted.status());
    EXPECT_EQ(accepted->peer_address().text(), client.local_address().text());
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(SuccessWinsTest, NoReceivedByteIsLostHoweverOftenReadingIsCancelled) {
  const std::string bytes = PatternBytes(200'000);
  std::string received;
  int cancels = 0;
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&]() -> Task<absl::Status> {
        for (size_t i = 0; i < bytes.size(); i += 2'000) {
          CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(
              std::string_view(bytes).substr(i, 2'000)));
        }
        co_return co_await pair.client.ShutdownWrite();
      });
      bool ended = false;
      while (!ended) {
        CancelScope attempt((co_await CurrentTask()).cancel_scope(),
                            CancelPropagation::kInherit);
        faults_.on_completions = [&] {
          ++cancels;
          attempt.Cancel();
        };
        auto read = [&]() -> Task<absl::Status> {
          for (;;) {
            CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
            if (lease.empty()) {
              ended = true;
              co_return absl::OkStatus();
            }
            received += lease.text();
          }
        };
        absl::Status attempted = co_await read().In(attempt);
        faults_.on_completions = nullptr;
        if (!absl::IsCancelled(attempted)) CO_RETURN_IF_ERROR(attempted);
      }
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_TRUE(received == bytes) << received.size();
  EXPECT_GT(cancels, 20);
}

class CancelStormTest : public ::testing::TestWithParam<UringOptions> {};

TEST_P(CancelStormTest, TenThousandOperationsAreCancelledAtOnce) {
  constexpr int kReads = 10'000;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Loop loop(SystemWorld(GetParam()));
  int cancelled = 0;
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    File read_end(loop, ends[0]);
    File write_end(loop, ends[1]);
    Scope scope(co_await CurrentTask());
    for (int i = 0; i < kReads; ++i) {
      scope.Spawn([&]() -> Task<absl::Status> {
        uint8_t byte;
        const absl::StatusOr<size_t> count = co_await read_end.Read({&byte, 1});
        if (absl::IsCancelled(count.status())) ++cancelled;
        co_return count.status();
      });
    }
    while (loop.in_flight() < kReads) (co_await Yield()).IgnoreError();
    scope.Cancel();
    co_return co_await scope.Join();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(cancelled, kReads);
  EXPECT_EQ(loop.in_flight(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Rings, CancelStormTest,
    ::testing::Values(UringOptions{},
                      UringOptions{.submission_entries = 4,
                                   .completion_entries = 8},
                      UringOptions{.submission_entries = 4,
                                   .completion_entries = 8,
                                   .defer_taskrun = false,
                                   .single_issuer = false}));

}  // namespace
}  // namespace braid
