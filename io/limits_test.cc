// What happens at the machine's limits.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "async/cancel_scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/file_system.h"
#include "io/signals.h"
#include "io/testing.h"

namespace braid {
namespace {

class LimitsTest : public ::testing::Test {
 protected:
  // Before the loop: an accept that is armed keeps the limit of its time.
  const DescriptorLimit few_{64};
  Loop loop_{SystemWorld()};
};

TEST_F(LimitsTest, AFullDescriptorTableIsAnErrorThatPasses) {
  TcpListener listener = ListenOnLoopback(loop_);
  const SocketAddress address = listener.address();
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpStream client,
                        co_await TcpStream::Connect(loop_, address));
    {
      const FullDescriptorTable full;
      for (int i = 0; i < 3; ++i) {
        const absl::StatusOr<TcpStream> stream = co_await listener.Accept();
        EXPECT_EQ(ErrnoOf(stream.status()), EMFILE);
      }
      const absl::StatusOr<TcpStream> second =
          co_await TcpStream::Connect(loop_, address);
      EXPECT_EQ(ErrnoOf(second.status()), EMFILE);
      EXPECT_EQ(SubjectOf(second.status()), address.text());
      const absl::StatusOr<File> file =
          co_await File::Open(loop_, "/dev/null", O_RDONLY);
      EXPECT_EQ(ErrnoOf(file.status()), EMFILE);
      EXPECT_EQ(SubjectOf(file.status()), "/dev/null");
      const absl::StatusOr<std::vector<DirectoryEntry>> entries =
          co_await ReadDirectory(loop_, "/tmp");
      EXPECT_EQ(ErrnoOf(entries.status()), EMFILE);
      EXPECT_EQ(ErrnoOf(Signals::Catch(loop_, {SIGUSR1}).status()), EMFILE);
      EXPECT_EQ(ErrnoOf(TcpListener::Listen(loop_, address).status()), EMFILE);
    }
    CO_ASSIGN_OR_RETURN(TcpStream server, co_await listener.Accept());
    CO_RETURN_IF_ERROR(co_await client.WriteAll("x"));
    CO_ASSIGN_OR_RETURN(Lease lease, co_await server.Read());
    EXPECT_EQ(lease.text(), "x");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LimitsTest, AMultishotAcceptThatRunsIntoTheLimitIsAnErrorThatPasses) {
  TcpListener listener = ListenOnLoopback(loop_);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    // Arms it, and shows that it works.
    CO_ASSIGN_OR_RETURN(TcpPair first, co_await ConnectPair(loop_, listener));
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    {
      const FullDescriptorTable full;
      EXPECT_EQ(
          connect(client, listener.address().data(), listener.address().size()),
          0);
      const absl::StatusOr<TcpStream> stream = co_await listener.Accept();
      EXPECT_EQ(ErrnoOf(stream.status()), EMFILE);
      // Over as well when nobody asks meanwhile.
      for (int i = 0; i < 10; ++i) CO_RETURN_IF_ERROR(co_await Yield());
    }
    const absl::StatusOr<TcpStream> stream = co_await listener.Accept();
    EXPECT_EQ(stream.status(), absl::OkStatus());
    close(client);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LimitsTest, AFullDeviceIsAnErrorWithItsPath) {
  const absl::Status status = loop_.Run(WriteFile(loop_, "/dev/full", "x"));
  EXPECT_EQ(ErrnoOf(status), ENOSPC);
  EXPECT_EQ(SyscallOf(status), "write");
  EXPECT_EQ(SubjectOf(status), "/dev/full");
}

TEST_F(LimitsTest, AFileAboveTheLimitIsRefusedBeforeItIsRead) {
  const std::string path = TestPath("sparse");
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop_, path, O_RDWR | O_CREAT));
    CO_RETURN_IF_ERROR(co_await file.Truncate(uint64_t{1} << 40));
    const absl::StatusOr<std::string> whole = co_await ReadFile(loop_, path);
    EXPECT_TRUE(absl::IsResourceExhausted(whole.status())) << whole.status();
    // Also where the size is not known before.
    const absl::StatusOr<std::string> endless =
        co_await ReadFile(loop_, "/dev/zero", 100'000);
    EXPECT_TRUE(absl::IsResourceExhausted(endless.status()));
    co_return co_await RemoveFile(loop_, path);
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(LimitsTest, MoreThanFourGibibytesAreNotCutToNothing) {
  // An entry has 32 bits for the length, so 4 GiB would be 0.
  constexpr size_t kBytes = size_t{4} << 30;
  void* memory = mmap(nullptr, kBytes, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const std::span<const uint8_t> bytes(static_cast<const uint8_t*>(memory),
                                       kBytes);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    CancelScope scope((co_await CurrentTask()).cancel_scope(),
                      CancelPropagation::kInherit);
    co_return co_await WithScope([&](Scope& readers) -> Task<absl::Status> {
      readers.Spawn([&]() -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
        EXPECT_FALSE(lease.empty());
        scope.Cancel();
        co_return absl::OkStatus();
      });
      auto write = [&]() -> Task<absl::StatusOr<size_t>> {
        co_return co_await pair.client.Write(bytes);
      };
      CO_ASSIGN_OR_RETURN(const size_t sent, co_await write().In(scope));
      EXPECT_GT(sent, 0u);
      EXPECT_LT(sent, kBytes);
      co_return absl::OkStatus();
    });
  }());
  EXPECT_EQ(status, absl::OkStatus());
  munmap(memory, kBytes);
}

}  // namespace
}  // namespace braid
