// Beginnings and ends: of loops, handles and tasks, in every order.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "async/event.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/task_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/blocking.h"
#include "io/buffer_ring.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/signals.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Checks that nothing is left open at its end.
class LifetimeTest : public ::testing::Test {
 protected:
  ~LifetimeTest() override { EXPECT_EQ(CountDescriptors(), descriptors_); }

  // A file to be left behind in some state.
  static File OpenNow(Loop& loop) {
    return File(loop, open("/dev/null", O_RDWR | O_CLOEXEC));
  }

 private:
  const int descriptors_ = CountDescriptors();
};

using LifetimeDeathTest = LifetimeTest;

TEST_F(LifetimeTest, ALoopThatNeverRan) { Loop loop(SystemWorld()); }

TEST_F(LifetimeTest, ALoopThatNeverRanAndWasPostedTo) {
  Loop loop(SystemWorld());
  auto kept = std::make_shared<int>(1);
  loop.Post([kept] { FAIL() << "it never ran"; });
  EXPECT_EQ(kept.use_count(), 2);
}

TEST_F(LifetimeTest, WhatWasPostedAndNeverRanMayOwnSocketsAndFiles) {
  Loop loop(SystemWorld());
  TcpPair pair = loop.Run(ConnectPair(loop)).value();
  loop.Post([pair = std::move(pair), file = OpenNow(loop)] {});
}

TEST_F(LifetimeTest, ALoopThatEndsAtOnceBehindItsHandles) {
  Loop loop(SystemWorld());
  absl::StatusOr<Signals> signals = Signals::Catch(loop, {SIGUSR1});
  TcpListener listener = ListenOnLoopback(loop);
  File file = OpenNow(loop);
  TcpPair pair = loop.Run(ConnectPair(loop, listener)).value();
  // Both sides have received, so a receive is armed on each.
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("a"));
    CO_RETURN_IF_ERROR(co_await pair.server.WriteAll("b"));
    CO_RETURN_IF_ERROR((co_await pair.client.Read()).status());
    co_return (co_await pair.server.Read()).status();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LifetimeTest, AThousandAbandonedSocketsAreDrained) {
  Loop loop(SystemWorld({.submission_entries = 8, .completion_entries = 16}));
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    TcpListener listener = ListenOnLoopback(loop);
    for (int i = 0; i < 500; ++i) {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop, listener));
      CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("unread"));
      CO_RETURN_IF_ERROR(co_await pair.server.WriteAll("read"));
      CO_RETURN_IF_ERROR((co_await pair.client.Read()).status());
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LifetimeTest, ConnectionsThatNobodyAcceptedAreClosed) {
  Loop loop(SystemWorld());
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    TcpListener listener = ListenOnLoopback(loop);
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop, listener));
    // The armed accept takes these, and nobody asks for them.
    std::vector<TcpStream> clients;
    for (int i = 0; i < 100; ++i) {
      CO_ASSIGN_OR_RETURN(TcpStream client, co_await TcpStream::Connect(
                                                loop, listener.address()));
      clients.push_back(std::move(client));
    }
    {
      TcpListener ended = std::move(listener);
    }
    // Their peers see a reset or the end.
    for (TcpStream& client : clients) {
      const absl::StatusOr<Lease> lease = co_await client.Read();
      EXPECT_TRUE(lease.ok() ? lease->empty()
                             : ErrnoOf(lease.status()) == ECONNRESET);
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LifetimeTest, ACloseThatNobodyAwaitsClosesAllTheSame) {
  Loop loop(SystemWorld());
  File file = OpenNow(loop);
  TcpPair pair = loop.Run(ConnectPair(loop)).value();
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("x"));
    co_return (co_await pair.server.Read()).status();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  {
    Task<absl::Status> never_awaited = pair.server.Close();
  }
  {
    Task<absl::Status> never_awaited = file.Close();
  }
  EXPECT_FALSE(pair.server.is_open());
  EXPECT_FALSE(file.is_open());
}

TEST_F(LifetimeTest, ClosingTwiceIsAnError) {
  Loop loop(SystemWorld());
  File file = OpenNow(loop);
  TcpPair pair = loop.Run(ConnectPair(loop)).value();
  EXPECT_EQ(loop.Run(file.Close()), absl::OkStatus());
  EXPECT_EQ(ErrnoOf(loop.Run(file.Close())), EBADF);
  EXPECT_EQ(ErrnoOf(loop.Run(File().Close())), EBADF);
  EXPECT_EQ(loop.Run(pair.client.Close()), absl::OkStatus());
  EXPECT_EQ(ErrnoOf(loop.Run(pair.client.Close())), EBADF);
  EXPECT_EQ(ErrnoOf(loop.Run(TcpStream().Close())), EBADF);
}

TEST_F(LifetimeTest, AssigningToAHandleClosesWhatItHeld) {
  Loop loop(SystemWorld());
  const int before = CountDescriptors();
  {
    File file = OpenNow(loop);
    file = OpenNow(loop);
    TcpListener listener = ListenOnLoopback(loop);
    listener = ListenOnLoopback(loop);
    TcpPair pair = loop.Run(ConnectPair(loop, listener)).value();
    pair.client = TcpStream();
    TurnUntil(loop, [&] { return CountDescriptors() <= before + 3; });
    EXPECT_EQ(CountDescriptors(), before + 3);
    File& same = file;
    file = std::move(same);
    EXPECT_TRUE(file.is_open());
  }
  TurnUntilNothingInFlight(loop);
}

// Tasks of every kind that wait for good.
void SpawnWaitingTasks(Loop& loop, Scope& scope, TcpListener& listener,
                       TcpStream& stream, Event& event) {
  scope.Spawn([&]() -> Task<absl::Status> {
    co_return (co_await listener.Accept()).status();
  });
  scope.Spawn([&]() -> Task<absl::Status> {
    co_return (co_await stream.Read()).status();
  });
  scope.Spawn([]() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::InfiniteDuration());
  });
  scope.Spawn([&]() -> Task<absl::Status> { co_return co_await event.Wait(); });
  for (int i = 0; i < 3; ++i) loop.Turn(Driver::Wait::kNo);
}

TEST_F(LifetimeTest, SuspendedTasksCanBeDestroyedWithTheirScope) {
  Loop loop(SystemWorld());
  TcpListener listener = ListenOnLoopback(loop);
  TcpPair pair = loop.Run(ConnectPair(loop, listener)).value();
  Event event;
  {
    Scope scope(loop.executor().root_scope());
    SpawnWaitingTasks(loop, scope, listener, pair.server, event);
    EXPECT_EQ(CountSuspended(loop.executor().root_scope()), 4u);
  }
  // Sockets that were waited on go on.
  absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("x"));
    CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
    EXPECT_EQ(lease.text(), "x");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LifetimeTest, SuspendedTasksCanBeCancelledAndRunToTheirEnd) {
  Loop loop(SystemWorld());
  TcpListener listener = ListenOnLoopback(loop);
  TcpPair pair = loop.Run(ConnectPair(loop, listener)).value();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  File read_end(loop, ends[0]);
  File write_end(loop, ends[1]);
  Event event;
  Scope scope(loop.executor().root_scope());
  SpawnWaitingTasks(loop, scope, listener, pair.server, event);
  scope.Spawn([&]() -> Task<absl::Status> {
    std::array<uint8_t, 1> byte;
    co_return (co_await read_end.Read(byte)).status();
  });
  loop.Turn(Driver::Wait::kNo);
  scope.Cancel();
  TurnUntil(loop, [&] { return scope.size() == 0; });
}

TEST_F(LifetimeTest, TheTaskTreeNamesWhatIsWaitedFor) {
  Loop loop(SystemWorld());
  TcpListener listener = ListenOnLoopback(loop);
  TcpPair pair = loop.Run(ConnectPair(loop, listener)).value();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  File read_end(loop, ends[0]);
  File write_end(loop, ends[1]);
  Event event;
  Scope scope(loop.executor().root_scope());
  SpawnWaitingTasks(loop, scope, listener, pair.server, event);
  scope.Spawn([&]() -> Task<absl::Status> {
    std::array<uint8_t, 1> byte;
    co_return (co_await read_end.Read(byte)).status();
  });
  const std::string big(8 << 20, 'x');
  scope.Spawn([&]() -> Task<absl::Status> {
    co_return co_await pair.client.WriteAll(big);
  });
  // The reader gets bytes and ends; the writer is stuck then.
  for (int i = 0; i < 100; ++i) loop.Turn(Driver::Wait::kNo);
  EXPECT_THAT(FormatTaskTree(loop.executor().root_scope()),
              AllOf(HasSubstr("accept\n"), HasSubstr("SleepFor\n"),
                    HasSubstr("Event::Wait\n"), HasSubstr("read\n"),
                    HasSubstr("send\n"), HasSubstr("lifetime_test.cc:")));
  scope.Cancel();
  TurnUntil(loop, [&] { return scope.size() == 0; });
}

// Two tasks on one stream, or a stream that ends under its task.
enum class Misuse { kTwoReaders, kTwoWriters, kClosedWhileRead };

void MisuseStream(Misuse misuse) {
  Loop loop(SystemWorld());
  TcpPair pair = loop.Run(ConnectPair(loop)).value();
  const std::string big(8 << 20, 'x');
  Scope scope(loop.executor().root_scope());
  for (int i = 0; i < (misuse == Misuse::kClosedWhileRead ? 1 : 2); ++i) {
    scope.Spawn([&]() -> Task<absl::Status> {
      if (misuse == Misuse::kTwoWriters) {
        co_return co_await pair.server.WriteAll(big);
      }
      co_return (co_await pair.server.Read()).status();
    });
  }
  loop.Turn(Driver::Wait::kNo);
  pair.server = TcpStream();
}

void DestroyAnOperationInFlight() {
  Loop loop(SystemWorld());
  std::array<uint8_t, 1> byte;
  std::array<int, 2> ends;
  PCHECK(pipe(ends.data()) == 0);
  Scope scope(loop.executor().root_scope());
  scope.Spawn([&]() -> Task<absl::Status> {
    co_return (co_await ReadOperation(loop, ends[0], byte, 0)).status();
  });
  loop.Turn(Driver::Wait::kNo);
}

void UseWhatWasMoved() {
  Loop loop(SystemWorld());
  TcpListener listener = ListenOnLoopback(loop);
  TcpListener other = std::move(listener);
  (void)listener.Accept();  // NOLINT: on purpose.
}

TEST_F(LifetimeDeathTest, MisuseIsToldClearly) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)TcpStream().Read(), "a closed TcpStream was used");
  EXPECT_DEATH(UseWhatWasMoved(), "a TcpListener that was moved from was used");
  EXPECT_DEATH(MisuseStream(Misuse::kTwoReaders),
               "two tasks read from one stream");
  EXPECT_DEATH(MisuseStream(Misuse::kTwoWriters),
               "two tasks write to one stream");
  EXPECT_DEATH(MisuseStream(Misuse::kClosedWhileRead),
               "closed while a task reads");
  EXPECT_DEATH(DestroyAnOperationInFlight(),
               "an operation ended before its terminal completion");
}

}  // namespace
}  // namespace braid
