// The same programs on every kind of ring: each switch off, all of them off,
// and queues so small that they are always full.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/buffer_ring.h"
#include "io/file.h"
#include "io/file_system.h"
#include "io/testing.h"

namespace braid {
namespace {

struct NamedOptions {
  std::string name;
  UringOptions options;
};

std::vector<NamedOptions> AllOptions() {
  const UringOptions all_off = {.defer_taskrun = false,
                                .single_issuer = false,
                                .registered_ring_fd = false,
                                .multishot_accept = false,
                                .multishot_receive = false,
                                .receive_limit = false};
  UringOptions tiny_off = all_off;
  tiny_off.submission_entries = 4;
  tiny_off.completion_entries = 8;
  return {
      {"Defaults", {}},
      {"NoDeferredTaskWork", {.defer_taskrun = false}},
      {"NoSingleIssuer", {.single_issuer = false}},
      {"NoRegisteredRing", {.registered_ring_fd = false}},
      {"NoMultishotAccept", {.multishot_accept = false}},
      {"NoMultishotReceive", {.multishot_receive = false}},
      {"NoReceiveLimit", {.receive_limit = false}},
      {"AllOff", all_off},
      {"TinyQueues", {.submission_entries = 4, .completion_entries = 8}},
      {"TinyQueuesAllOff", tiny_off},
  };
}

class RingOptionsTest : public ::testing::TestWithParam<NamedOptions> {
 protected:
  ~RingOptionsTest() override {
    TurnUntilNothingInFlight(loop_);
    if (absl::StatusOr<BufferRing*> buffers = loop_.receive_buffers();
        buffers.ok()) {
      EXPECT_EQ((*buffers)->lent(), 0u);
    }
  }

  Loop loop_{SystemWorld(GetParam().options),
             {.receive_buffers = 32,
              .receive_buffers_max = 32,
              .receive_buffer_bytes = 4096}};
};

TEST_P(RingOptionsTest, BytesCrossBothWays) {
  const std::string bytes = PatternBytes(1'500'000);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    std::string echoed;
    CO_RETURN_IF_ERROR(
        co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          scope.Spawn(EchoAll(pair.server));
          scope.Spawn([&]() -> Task<absl::Status> {
            CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(bytes));
            co_return co_await pair.client.ShutdownWrite();
          });
          CO_ASSIGN_OR_RETURN(echoed, co_await ReadAll(pair.client));
          co_return absl::OkStatus();
        }));
    EXPECT_TRUE(echoed == bytes);
    CO_RETURN_IF_ERROR(co_await pair.client.Close());
    co_return co_await pair.server.Close();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_P(RingOptionsTest, ManyConnectionsAreServed) {
  constexpr int kConnections = 100;
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    TcpListener listener = ListenOnLoopback(loop_);
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      for (int i = 0; i < kConnections; ++i) {
        scope.Spawn([&, i]() -> Task<absl::Status> {
          CO_ASSIGN_OR_RETURN(TcpStream stream, co_await TcpStream::Connect(
                                                    loop_, listener.address()));
          const std::string message = absl::StrCat("message ", i);
          CO_RETURN_IF_ERROR(co_await stream.WriteAll(message));
          CO_RETURN_IF_ERROR(co_await stream.ShutdownWrite());
          CO_ASSIGN_OR_RETURN(std::string reply, co_await ReadAll(stream));
          EXPECT_EQ(reply, message);
          co_return co_await stream.Close();
        });
      }
      for (int i = 0; i < kConnections; ++i) {
        CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
        scope.Spawn(
            [](TcpStream& accepted) -> Task<absl::Status> {
              co_return co_await EchoAll(accepted);
            },
            std::move(stream));
      }
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_P(RingOptionsTest, AReaderThatLagsLosesNothing) {
  const std::string bytes = PatternBytes(1'000'000);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&]() -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(bytes));
        co_return co_await pair.client.ShutdownWrite();
      });
      std::string all;
      for (;;) {
        for (int i = 0; i < 20; ++i) CO_RETURN_IF_ERROR(co_await Yield());
        CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
        if (lease.empty()) break;
        all += lease.text();
      }
      EXPECT_TRUE(all == bytes);
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_P(RingOptionsTest, FilesAreWrittenAndRead) {
  const std::string path = TestPath("ring_options");
  const std::string bytes = PatternBytes(300'000);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await WriteFile(loop_, path, bytes));
    CO_ASSIGN_OR_RETURN(std::string whole, co_await ReadFile(loop_, path));
    EXPECT_TRUE(whole == bytes);
    CO_ASSIGN_OR_RETURN(File file, co_await File::Open(loop_, path, O_RDWR));
    // Many at once, at offsets of their own.
    CO_RETURN_IF_ERROR(
        co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          for (uint64_t offset = 0; offset < bytes.size(); offset += 10'000) {
            scope.Spawn([&, offset]() -> Task<absl::Status> {
              std::string part(10'000, '\0');
              CO_ASSIGN_OR_RETURN(
                  const size_t count,
                  co_await file.ReadFull(
                      {reinterpret_cast<uint8_t*>(part.data()), part.size()},
                      offset));
              EXPECT_EQ(count, part.size());
              EXPECT_TRUE(part == bytes.substr(offset, 10'000));
              co_return absl::OkStatus();
            });
          }
          co_return absl::OkStatus();
        }));
    CO_RETURN_IF_ERROR(co_await file.Sync());
    CO_RETURN_IF_ERROR(co_await file.Close());
    co_return co_await RemoveFile(loop_, path);
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_P(RingOptionsTest, ManyOperationsAreCancelledAtOnce) {
  constexpr int kReads = 300;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    File read_end(loop_, ends[0]);
    File write_end(loop_, ends[1]);
    int cancelled = 0;
    Scope scope(co_await CurrentTask());
    for (int i = 0; i < kReads; ++i) {
      scope.Spawn([&]() -> Task<absl::Status> {
        uint8_t byte;
        const absl::StatusOr<size_t> count = co_await read_end.Read({&byte, 1});
        if (absl::IsCancelled(count.status())) ++cancelled;
        co_return count.status();
      });
    }
    for (int i = 0; i < 5; ++i) (co_await Yield()).IgnoreError();
    scope.Cancel();
    absl::Status joined = co_await scope.Join();
    EXPECT_EQ(cancelled, kReads);
    co_return joined;
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_P(RingOptionsTest, PostsFromAThreadWakeTheLoop) {
  constexpr int kPosts = 2'000;
  int arrived = 0;
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    Event all_arrived;
    std::thread poster([&] {
      for (int i = 0; i < kPosts; ++i) {
        loop_.Post([&] {
          if (++arrived == kPosts) all_arrived.Set();
        });
      }
    });
    absl::Status waited = co_await all_arrived.Wait();
    poster.join();
    co_return waited;
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_P(RingOptionsTest, ClosingWhileThePeerSends) {
  const std::string bytes = PatternBytes(500'000);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    for (int i = 0; i < 20; ++i) {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
      CO_RETURN_IF_ERROR(
          co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
            scope.Spawn([&]() -> Task<absl::Status> {
              // Fails when the other side has gone.
              (co_await pair.client.WriteAll(bytes)).IgnoreError();
              co_return absl::OkStatus();
            });
            CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
            if (i % 2 == 0) co_return co_await pair.server.Close();
            pair.server = TcpStream();
            co_return absl::OkStatus();
          }));
    }
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

INSTANTIATE_TEST_SUITE_P(
    Rings, RingOptionsTest, ::testing::ValuesIn(AllOptions()),
    [](const ::testing::TestParamInfo<NamedOptions>& info) {
      return info.param.name;
    });

}  // namespace
}  // namespace braid
