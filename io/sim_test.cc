// Loops on simulated machines: the same code, with seeded faults, in virtual
// time. A failure prints its seed, and that seed fails again.

#include <fcntl.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/sim_testing.h"
#include "io/sim_world.h"
#include "io/tcp.h"
#include "io/testing.h"

namespace braid {
namespace {

SocketAddress Port80() { return SocketAddress::Parse("127.0.0.1", 80).value(); }

// Sends `size` bytes through an echo server and gives what came back.
Task<absl::StatusOr<std::string>> EchoOnce(Loop& loop, size_t size) {
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, Port80()));
  const std::string sent = PatternBytes(size);
  std::string received;
  CO_RETURN_IF_ERROR(
      co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Spawn([&]() -> Task<absl::Status> {
          CO_RETURN_IF_ERROR(co_await stream.WriteAll(sent));
          co_return co_await stream.ShutdownWrite();
        });
        CO_ASSIGN_OR_RETURN(received, co_await ReadAll(stream));
        co_return absl::OkStatus();
      }));
  co_return received;
}

// Clients and a server on one machine: every byte comes back, unless the
// connection failed, and is told so.
void RunEchoes(const SimOptions& options, int clients) {
  Loop loop(SimulatedWorld(options), {.receive_buffers = 4,
                                      .receive_buffers_max = 8,
                                      .receive_buffer_bytes = 4096});
  const absl::Status status =
      loop.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(TcpListener listener,
                            TcpListener::Listen(loop, Port80()));
        Scope& served = scope;
        scope.Spawn([&]() -> Task<absl::Status> {
          for (;;) {
            CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
            served.Spawn(
                [](TcpStream& s) -> Task<void> {
                  (co_await EchoAll(s)).IgnoreError();
                },
                std::move(stream));
          }
        });
        CO_RETURN_IF_ERROR(
            co_await WithScope([&](Scope& running) -> Task<absl::Status> {
              for (int i = 0; i < clients; ++i) {
                running.Spawn([&, i]() -> Task<void> {
                  const size_t size = static_cast<size_t>(i) * 1000;
                  const absl::StatusOr<std::string> echo =
                      co_await EchoOnce(loop, size);
                  if (!echo.ok()) {
                    EXPECT_GT(options.reset, 0) << echo.status();
                    co_return;
                  }
                  EXPECT_TRUE(*echo == PatternBytes(size)) << size;
                });
              }
              co_return absl::OkStatus();
            }));
        scope.Cancel();
        co_return absl::OkStatus();
      }));
  EXPECT_TRUE(absl::IsCancelled(status) || status.ok()) << status;
  TurnUntilNothingInFlight(loop);
  EXPECT_EQ((*loop.receive_buffers())->lent(), 0u);
}

TEST(SimTest, EveryByteComesBack) { RunEchoes(SimOptions(), 20); }

TEST(SimTest, EchoesUnderFaults) {
  ForEachSeed(300, [](SimOptions options) { RunEchoes(options, 12); });
}

// Everything that crosses the ring in a run of echoes, with the times.
std::string TraceOfEchoes(uint64_t seed) {
  std::string trace;
  SimOptions options = SimOptions::Hostile(seed);
  options.trace = [&](std::string_view line) {
    absl::StrAppend(&trace, line, "\n");
  };
  RunEchoes(options, 12);
  return trace;
}

TEST(SimTest, ARunIsAFunctionOfItsSeed) {
  const std::string first = TraceOfEchoes(7);
  EXPECT_GT(first.size(), 10'000u);
  // At other addresses than the first time.
  const std::vector<std::string> elsewhere(1000, std::string(100, 'x'));
  EXPECT_TRUE(first == TraceOfEchoes(7));
  EXPECT_FALSE(first == TraceOfEchoes(8));
}

TEST(SimTest, TimeIsVirtual) {
  Loop loop(SimulatedWorld({}));
  const MonotonicNanos start = loop.clock().Now();
  EXPECT_TRUE(loop.Run([]() -> Task<absl::Status> {
                    co_return co_await SleepFor(absl::Hours(24));
                  }())
                  .ok());
  EXPECT_GE(loop.clock().Now() - start,
            absl::ToInt64Nanoseconds(absl::Hours(24)));
}

TEST(SimTest, NobodyListens) {
  Loop loop(SimulatedWorld({}));
  const absl::Status status =
      loop.Run(TcpStream::Connect(loop, Port80())).status();
  EXPECT_EQ(ErrnoOf(status), ECONNREFUSED) << status;
}

TEST(SimTest, AConnectionThatNobodyAcceptedIsReset) {
  Loop loop(SimulatedWorld({}));
  std::optional<TcpListener> listener(
      TcpListener::Listen(loop, Port80()).value());
  TcpStream stream = loop.Run(TcpStream::Connect(loop, Port80())).value();
  listener.reset();
  const absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    co_return (co_await stream.Read()).status();
  }());
  EXPECT_EQ(ErrnoOf(status), ECONNRESET) << status;
}

TEST(SimTest, APortIsTakenOnce) {
  Loop loop(SimulatedWorld({}));
  absl::StatusOr<TcpListener> first = TcpListener::Listen(loop, Port80());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->address().text(), "127.0.0.1:80");
  EXPECT_EQ(ErrnoOf(TcpListener::Listen(loop, Port80()).status()), EADDRINUSE);
  const absl::StatusOr<TcpListener> free =
      TcpListener::Listen(loop, SocketAddress::Parse("127.0.0.1", 0).value());
  ASSERT_TRUE(free.ok()) << free.status();
  EXPECT_NE(free->port(), 0);
}

// A full table of descriptors is an error of each call that needs one, and
// passes.
TEST(SimTest, DescriptorsRunOut) {
  Loop loop(SimulatedWorld({.descriptors_max = 2}));
  absl::StatusOr<TcpListener> listener = TcpListener::Listen(loop, Port80());
  ASSERT_TRUE(listener.ok()) << listener.status();
  const absl::Status status = loop.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpStream client,
                        co_await TcpStream::Connect(loop, Port80()));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(ErrnoOf((co_await listener->Accept()).status()), EMFILE);
    }
    EXPECT_EQ(ErrnoOf((co_await TcpStream::Connect(loop, Port80())).status()),
              EMFILE);
    EXPECT_EQ(
        ErrnoOf((co_await File::Open(loop, "/f", O_RDWR | O_CREAT)).status()),
        EMFILE);
    EXPECT_EQ(ErrnoOf(TcpListener::Listen(loop, Port80()).status()), EMFILE);
    CO_RETURN_IF_ERROR(co_await client.WriteAll("sent before"));
    CO_RETURN_IF_ERROR(co_await client.Close());
    // The connection has waited in the backlog.
    CO_ASSIGN_OR_RETURN(TcpStream server, co_await listener->Accept());
    CO_ASSIGN_OR_RETURN(const std::string all, co_await ReadAll(server));
    EXPECT_EQ(all, "sent before");
    co_return absl::OkStatus();
  }());
  EXPECT_TRUE(status.ok()) << status;
}

// A writer waits as long as nobody reads.
TEST(SimTest, BuffersAreBounded) {
  Loop loop(SimulatedWorld({.socket_buffer_bytes = 1 << 10}));
  EXPECT_TRUE(loop.Run([&]() -> Task<absl::Status> {
                    CO_ASSIGN_OR_RETURN(TcpPair pair,
                                        co_await ConnectPair(loop));
                    // The reader's own buffers hold some, the kernel's the rest.
                    const std::string bytes = PatternBytes(1 << 20);
                    const absl::Status written = co_await Timeout(
                        absl::Seconds(10), pair.client.WriteAll(bytes));
                    EXPECT_TRUE(absl::IsDeadlineExceeded(written)) << written;
                    co_return absl::OkStatus();
                  }())
                  .ok());
}

TEST(SimDeathTest, AProgramThatWaitsForNothingIsNamed) {
  EXPECT_DEATH(
      {
        Loop loop(SimulatedWorld({.seed = 42}));
        loop.Run([&]() -> Task<absl::Status> {
              Event never;
              co_return co_await never.Wait();
            }())
            .IgnoreError();
      },
      "waits for what never happens \\(seed 42\\)");
}

}  // namespace
}  // namespace braid
