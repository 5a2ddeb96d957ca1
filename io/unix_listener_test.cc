#include "io/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::absl::Status;

bool Exists(const std::string& path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

class UnixListenerTest : public ::testing::Test {
 protected:
  // A path that is short enough wherever the test's folder is.
  UnixListenerTest() : path_(absl::StrCat("/tmp/braid.", getpid(), ".sock")) {
    unlink(path_.c_str());
  }
  ~UnixListenerTest() override { unlink(path_.c_str()); }

  absl::StatusOr<UnixListener> Listen(const UnixListenOptions& options = {}) {
    return UnixListener::Listen(loop_, path_, options);
  }
  Task<absl::StatusOr<TcpStream>> Connect(std::string path) {
    CO_ASSIGN_OR_RETURN(SocketAddress address, SocketAddress::Unix(path));
    co_return co_await TcpStream::Connect(loop_, std::move(address));
  }
  Task<absl::StatusOr<TcpPair>> MakePair(UnixListener& listener) {
    TcpPair pair;
    CO_ASSIGN_OR_RETURN(pair.client, co_await Connect(listener.path()));
    CO_ASSIGN_OR_RETURN(pair.server, co_await listener.Accept());
    co_return pair;
  }

  // A socket file whose owner has gone.
  void LeaveStaleFile() {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const SocketAddress address = *SocketAddress::Unix(path_);
    ASSERT_EQ(bind(fd, address.data(), address.size()), 0);
    ASSERT_EQ(listen(fd, 1), 0);
    close(fd);
  }

  Loop loop_{SystemWorld()};
  const std::string path_;
};

TEST_F(UnixListenerTest, BytesGoBothWaysByPathAndByAbstractName) {
  for (const std::string& path : {path_, absl::StrCat("@braid.", getpid())}) {
    const Status status = loop_.Run([&]() -> Task<Status> {
      CO_ASSIGN_OR_RETURN(UnixListener listener,
                          UnixListener::Listen(loop_, path));
      EXPECT_EQ(Exists(path), path == path_);
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await MakePair(listener));
      const std::string bytes = PatternBytes(1 << 20);
      co_return co_await WithScope([&](Scope& scope) -> Task<Status> {
        scope.Spawn(EchoAll(pair.server));
        scope.Spawn([&]() -> Task<Status> {
          CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(bytes));
          co_return co_await pair.client.ShutdownWrite();
        });
        CO_ASSIGN_OR_RETURN(const std::string echo,
                            co_await ReadAll(pair.client));
        EXPECT_TRUE(echo == bytes);
        co_return absl::OkStatus();
      });
    }());
    EXPECT_EQ(status, absl::OkStatus());
    EXPECT_FALSE(Exists(path));
  }
}

TEST_F(UnixListenerTest, APathThatIsTooLongIsRefusedByName) {
  const Status status =
      UnixListener::Listen(loop_, "/tmp/" + std::string(103, 'x')).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_NE(status.message().find("xxx"), std::string::npos) << status;
  EXPECT_FALSE(UnixListener::Listen(loop_, "").ok());
  const Status folder =
      UnixListener::Listen(loop_, "/nonexistent/x.sock").status();
  EXPECT_EQ(ErrnoOf(folder), ENOENT);
  EXPECT_EQ(SubjectOf(folder), "/nonexistent/x.sock");
}

TEST_F(UnixListenerTest, AStaleFileIsReplacedUnlessThatIsNotWanted) {
  LeaveStaleFile();
  EXPECT_EQ(ErrnoOf(Listen({.replace_stale = false}).status()), EADDRINUSE);
  const auto listener = Listen();
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_TRUE(loop_.Run(Connect(path_)).ok());
}

TEST_F(UnixListenerTest, ALivingListenerAndOtherFilesStay) {
  {
    const auto first = Listen();
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(ErrnoOf(Listen().status()), EADDRINUSE);
    EXPECT_TRUE(loop_.Run(Connect(path_)).ok());
  }
  EXPECT_FALSE(Exists(path_));
  std::ofstream(path_) << "important";
  EXPECT_EQ(ErrnoOf(Listen().status()), EADDRINUSE);
  EXPECT_TRUE(Exists(path_));
}

TEST_F(UnixListenerTest, AFileThatHasBecomeAnothersIsNotRemoved) {
  std::optional<UnixListener> second;
  {
    auto first = Listen();
    ASSERT_TRUE(first.ok()) << first.status();
    ASSERT_EQ(unlink(path_.c_str()), 0);
    auto made = Listen();
    ASSERT_TRUE(made.ok()) << made.status();
    second = *std::move(made);
  }
  EXPECT_TRUE(Exists(path_));
  EXPECT_EQ(loop_.Run(second->Close()).size(), 0u);
  EXPECT_FALSE(Exists(path_));
}

TEST_F(UnixListenerTest, TheModeSaysWhoMayConnect) {
  const auto listener = Listen({.mode = 0600});
  ASSERT_TRUE(listener.ok()) << listener.status();
  struct stat status;
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(UnixListenerTest, APeerThatVanishesIsTheEndOrAReset) {
  const Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(UnixListener listener, Listen());
    {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await MakePair(listener));
      CO_RETURN_IF_ERROR(co_await pair.client.Close());
      CO_ASSIGN_OR_RETURN(const Lease end, co_await pair.server.Read());
      EXPECT_TRUE(end.empty());
      EXPECT_EQ(ErrnoOf(co_await pair.server.WriteAll("x")), EPIPE);
    }
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await MakePair(listener));
    CO_RETURN_IF_ERROR(co_await pair.server.WriteAll("nobody reads this"));
    CO_RETURN_IF_ERROR(co_await pair.client.Close());
    EXPECT_EQ(ErrnoOf((co_await pair.server.Read()).status()), ECONNRESET);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(UnixListenerTest, ConnectingToNobodyIsRefused) {
  EXPECT_EQ(ErrnoOf(loop_.Run(Connect(path_)).status()), ENOENT);
  LeaveStaleFile();
  const Status refused = loop_.Run(Connect(path_)).status();
  EXPECT_EQ(ErrnoOf(refused), ECONNREFUSED);
  EXPECT_EQ(SubjectOf(refused), path_);
}

TEST_F(UnixListenerTest, EveryWaitCanBeCancelled) {
  const Status status = loop_.Run([&]() -> Task<Status> {
    CO_ASSIGN_OR_RETURN(UnixListener listener, Listen({.backlog = 0}));
    const auto accept = [&]() -> Task<absl::StatusOr<TcpStream>> {
      co_return co_await listener.Accept();
    };
    CO_ASSIGN_OR_RETURN(TcpStream first, co_await Connect(path_));
    // The backlog is full: this one waits.
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        (co_await Timeout(absl::Milliseconds(1), Connect(path_))).status()));
    CO_ASSIGN_OR_RETURN(TcpStream server, co_await listener.Accept());
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        (co_await Timeout(absl::ZeroDuration(), accept())).status()));
    const auto read = [&]() -> Task<absl::StatusOr<Lease>> {
      co_return co_await server.Read();
    };
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        (co_await Timeout(absl::ZeroDuration(), read())).status()));
    const std::string much(8 << 20, 'x');
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        co_await Timeout(absl::Milliseconds(1), server.WriteAll(much))));
    // What was cancelled has lost nothing that came.
    CO_RETURN_IF_ERROR(co_await first.WriteAll("y"));
    CO_ASSIGN_OR_RETURN(const Lease lease, co_await server.Read());
    EXPECT_EQ(lease.text(), "y");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

}  // namespace
}  // namespace braid
