// A kernel cannot always find what it is asked to cancel: an operation may be
// between two states. Then it is asked again.

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "async/combinators.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/driver/fault_driver.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/tcp.h"
#include "io/testing.h"

namespace braid {
namespace {

Task<absl::Status> Connect(Loop& loop, SocketAddress address) {
  co_return (co_await TcpStream::Connect(loop, std::move(address))).status();
}

class LostCancellationTest : public testing::Test {
 protected:
  LostCancellationTest() : LostCancellationTest(SimulatedWorld(SimOptions{})) {}

  // The first `lost_` requests to cancel find nothing.
  int lost_ = 0;
  int requests_ = 0;
  FaultDriver& faults_;
  Loop loop_;

 private:
  explicit LostCancellationTest(World world)
      : faults_(FaultDriver::Intercept(world.driver)), loop_(std::move(world)) {
    faults_.on_submission = [this](io_uring_sqe& entry) {
      if (entry.opcode == IORING_OP_ASYNC_CANCEL && ++requests_ <= lost_)
        FaultDriver::Fail(entry, ENOENT);
    };
  }
};

TEST_F(LostCancellationTest, IsAskedForAgain) {
  lost_ = 3;
  const absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(const SocketAddress any,
                        SocketAddress::Parse("127.0.0.1", 0));
    CO_ASSIGN_OR_RETURN(TcpListener listener,
                        TcpListener::Listen(loop_, any, {.backlog = 1}));
    const SocketAddress address = listener.address();
    CO_RETURN_IF_ERROR(co_await Connect(loop_, address));
    // There is no room any more.
    EXPECT_EQ(co_await Timeout(absl::Seconds(1), Connect(loop_, address)),
              TimeoutError(absl::Seconds(1)));
    EXPECT_EQ(requests_, 4);
    co_return co_await SleepFor(absl::Hours(1));
  }());
  EXPECT_EQ(status, absl::OkStatus());
  // Nobody asks for what has ended.
  EXPECT_EQ(requests_, 4);
  EXPECT_EQ(loop_.executor().timers().size(), 0u);
}

TEST_F(LostCancellationTest, OneThatIsFoundIsAskedOnce) {
  const absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(const SocketAddress any,
                        SocketAddress::Parse("127.0.0.1", 0));
    CO_ASSIGN_OR_RETURN(TcpListener listener,
                        TcpListener::Listen(loop_, any, {.backlog = 1}));
    const SocketAddress address = listener.address();
    CO_RETURN_IF_ERROR(co_await Connect(loop_, address));
    EXPECT_EQ(co_await Timeout(absl::Seconds(1), Connect(loop_, address)),
              TimeoutError(absl::Seconds(1)));
    co_return co_await SleepFor(absl::Hours(1));
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(requests_, 1);
}

// Whoever waits behind one that was cancelled gets its place.
TEST_F(LostCancellationTest, TheNextConnectTakesThePlaceOfACancelledOne) {
  const absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(const SocketAddress any,
                        SocketAddress::Parse("127.0.0.1", 0));
    CO_ASSIGN_OR_RETURN(TcpListener listener,
                        TcpListener::Listen(loop_, any, {.backlog = 1}));
    const SocketAddress address = listener.address();
    CO_RETURN_IF_ERROR(co_await Connect(loop_, address));
    co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&]() -> Task<void> {
        (co_await Timeout(absl::Seconds(1), Connect(loop_, address)))
            .IgnoreError();
      });
      scope.Spawn([&]() -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(500)));
        co_return co_await Connect(loop_, address);
      });
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(2)));
      CO_RETURN_IF_ERROR((co_await listener.Accept()).status());
      co_return (co_await listener.Accept()).status();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

// The kernel tries such a connect again and again by itself, and finds it only
// in between.
TEST(UnixConnectTest, EndsWhenItIsCancelledAtOnce) {
  // Short: such a path has at most 107 bytes, and a test's folder may have more.
  std::string folder = "/tmp/lostXXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/socket";
  const SocketAddress address = SocketAddress::Unix(path).value();
  Loop loop(SystemWorld());
  const TcpListener listener =
      TcpListener::Listen(loop, address, {.backlog = 0}).value();
  ASSERT_EQ(loop.Run(Connect(loop, address)), absl::OkStatus());
  const absl::Status status =
      loop.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Spawn(Connect(loop, address));
        while (loop.in_flight() == 0) CO_RETURN_IF_ERROR(co_await Yield());
        scope.Cancel();
        co_return absl::OkStatus();
      }));
  EXPECT_EQ(status, absl::OkStatus());
  unlink(path.c_str());
  rmdir(folder.c_str());
}

}  // namespace
}  // namespace braid
