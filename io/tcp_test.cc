#include "io/tcp.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "async/combinators.h"
#include "async/sleep.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::absl::Status;

class TcpTest : public ::testing::Test {
 protected:
  TcpListener Listen() { return ListenOnLoopback(loop_); }

  Loop loop_{SystemWorld()};
};

TEST_F(TcpTest, BytesCrossBothWaysAndTheEndIsSeen) {
  TcpListener listener = Listen();
  const std::string big(3'000'000, 'x');  // Many buffers, more than the leases.
  Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_, listener));
    std::string echoed;
    CO_RETURN_IF_ERROR(co_await WithScope([&](Scope& scope) -> Task<Status> {
      scope.Spawn(EchoAll(pair.server));
      scope.Spawn([&]() -> Task<Status> {
        CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(big));
        co_return co_await pair.client.ShutdownWrite();
      });
      CO_ASSIGN_OR_RETURN(echoed, co_await ReadAll(pair.client));
      co_return absl::OkStatus();
    }));
    EXPECT_EQ(echoed.size(), big.size());
    EXPECT_EQ(echoed, big);
    CO_RETURN_IF_ERROR(co_await pair.client.Close());
    EXPECT_FALSE(pair.client.is_open());
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(TcpTest, ConnectionRefusedNamesTheAddress) {
  SocketAddress address;
  {
    TcpListener listener = Listen();
    address = listener.address();
  }
  loop_.Turn(Driver::Wait::kNo);  // The listener's close goes out,
  loop_.Turn(Driver::Wait::kNo);  // and the kernel carries it out.
  Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(TcpStream stream,
                        co_await TcpStream::Connect(loop_, address));
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(ErrnoOf(status), ECONNREFUSED);
  EXPECT_NE(status.message().find("connect " + address.text()),
            std::string::npos)
      << status;
}

TEST_F(TcpTest, AddressInUseNamesTheAddress) {
  TcpListener listener = Listen();
  absl::StatusOr<TcpListener> second =
      TcpListener::Listen(loop_, listener.address());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(ErrnoOf(second.status()), EADDRINUSE);
  EXPECT_NE(second.status().message().find(listener.address().text()),
            std::string::npos);
}

TEST_F(TcpTest, CancelledReadLosesNoBytes) {
  TcpListener listener = Listen();
  Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_, listener));
    auto read = [&]() -> Task<absl::StatusOr<Lease>> {
      co_return co_await pair.server.Read();
    };
    const absl::StatusOr<Lease> nothing = co_await CancelInNextTurn(read());
    EXPECT_TRUE(absl::IsCancelled(nothing.status())) << nothing.status();
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("late"));
    CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
    EXPECT_EQ(lease.text(), "late");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(TcpTest, ReadIntoFillsAndKeepsTheRest) {
  TcpListener listener = Listen();
  Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_, listener));
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("abcdef"));
    CO_RETURN_IF_ERROR(co_await pair.client.ShutdownWrite());
    uint8_t buffer[4];
    CO_ASSIGN_OR_RETURN(size_t count, co_await pair.server.ReadInto(buffer));
    EXPECT_EQ(std::string(buffer, buffer + count), "abcd");
    CO_ASSIGN_OR_RETURN(count, co_await pair.server.ReadInto(buffer));
    EXPECT_EQ(std::string(buffer, buffer + count), "ef");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(TcpTest, APeerThatResetsIsAnError) {
  TcpListener listener = Listen();
  Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_, listener));
    const linger reset{1, 0};
    setsockopt(pair.client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    CO_RETURN_IF_ERROR(co_await pair.client.Close());
    absl::StatusOr<Lease> lease = co_await pair.server.Read();
    EXPECT_EQ(ErrnoOf(lease.status()), ECONNRESET);
    absl::Status write = co_await pair.server.WriteAll("x");
    EXPECT_EQ(ErrnoOf(write), EPIPE);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(TcpTest, ClosingAListenerGivesWhoHasCome) {
  for (bool armed : {false, true}) {
    TcpListener listener = Listen();
    const SocketAddress address = listener.address();
    Status status = loop_.Run([&]() -> Task<Status> {
      if (armed)
        CO_RETURN_IF_ERROR((co_await ConnectPair(loop_, listener)).status());
      std::vector<TcpStream> clients;
      for (int i = 0; i < 3; ++i) {
        CO_ASSIGN_OR_RETURN(TcpStream client,
                            co_await TcpStream::Connect(loop_, address));
        CO_RETURN_IF_ERROR(co_await client.WriteAll("asked"));
        clients.push_back(std::move(client));
      }
      std::vector<TcpStream> streams = co_await listener.Close();
      EXPECT_EQ(streams.size(), 3u);
      for (TcpStream& stream : streams) {
        CO_ASSIGN_OR_RETURN(Lease asked, co_await stream.Read());
        EXPECT_EQ(asked.text(), "asked");
        CO_RETURN_IF_ERROR(co_await stream.WriteAll("answered"));
      }
      for (TcpStream& client : clients) {
        CO_ASSIGN_OR_RETURN(Lease answered, co_await client.Read());
        EXPECT_EQ(answered.text(), "answered");
      }
      const absl::StatusOr<TcpStream> late =
          co_await TcpStream::Connect(loop_, address);
      EXPECT_EQ(ErrnoOf(late.status()), ECONNREFUSED);
      co_return absl::OkStatus();
    }());
    EXPECT_EQ(status, absl::OkStatus());
  }
}

TEST_F(TcpTest, ListenerClosesAlsoWhenCancelled) {
  const int descriptors = CountDescriptors();
  TcpListener listener = Listen();
  Scope scope(loop_.executor().root_scope());
  bool closed = false;
  scope.Spawn([&]() -> Task<Status> {
    (void)co_await Timeout(absl::InfiniteDuration(),
                           [&]() -> Task<absl::StatusOr<TcpStream>> {
                             co_return co_await listener.Accept();
                           }());
    (void)co_await listener.Close();
    closed = true;
    co_return absl::OkStatus();
  });
  loop_.Turn(Driver::Wait::kNo);
  scope.Cancel();
  TurnUntil(loop_, [&] { return scope.size() == 0; });
  EXPECT_TRUE(closed);
  EXPECT_EQ(CountDescriptors(), descriptors);
}

TEST_F(TcpTest, PausedReceivingLeavesBytesInTheKernel) {
  Loop loop(SimulatedWorld({}));  // Where long enough is no matter of luck.
  Status status = loop.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop));
    CO_ASSIGN_OR_RETURN(BufferRing* const buffers, loop.receive_buffers());
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("first"));
    CO_RETURN_IF_ERROR((co_await pair.server.Read()).status());
    EXPECT_EQ(buffers->lent(), 0u);
    pair.server.PauseReceiving();
    for (int i = 0; i < 3; ++i) {
      CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("x"));
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(1)));
      EXPECT_EQ(buffers->lent(), 0u);
    }
    CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
    EXPECT_EQ(lease.text(), "xxx");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

}  // namespace
}  // namespace braid
