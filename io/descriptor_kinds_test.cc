// Reading and writing descriptors of every kind: what a driver has to know
// about each of them.

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

class DescriptorKindsTest : public ::testing::Test {
 protected:
  // What one read gives: its bytes, or its error.
  Task<std::string> ReadOnce(File& file, size_t size_max = 4096) {
    std::string bytes(size_max, '\0');
    const absl::StatusOr<size_t> count = co_await file.Read(
        {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    co_return count.ok() ? bytes.substr(0, *count)
                         : std::string(count.status().message());
  }
  std::string Read(File& file, size_t size_max = 4096) {
    return loop_.Run(ReadOnce(file, size_max));
  }
  absl::Status Write(File& file, std::string_view bytes) {
    return loop_.Run(file.WriteAll(bytes));
  }
  File Open(const std::string& path, int flags) {
    absl::StatusOr<File> file = loop_.Run(File::Open(loop_, path, flags));
    CHECK_OK(file);
    return *std::move(file);
  }
  // What poll(2) tells once it tells something.
  absl::Status Poll(int fd, short events) {
    return loop_.Run(PollTask(fd, events));
  }
  Task<absl::Status> PollTask(int fd, short events) {
    co_return co_await SimpleOperation(
        loop_, "poll", {}, [fd, events](io_uring_sqe* sqe) {
          io_uring_prep_poll_add(sqe, fd, static_cast<unsigned>(events));
        });
  }

  // Runs `wait` until it is in flight, does `then`, and gives its result.
  template <typename Then>
  std::string WaitAnd(Task<std::string> wait, Then then) {
    std::string result;
    CHECK_OK(loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([&]() -> Task<void> { result = co_await std::move(wait); });
      while (loop_.in_flight() == 0) CO_RETURN_IF_ERROR(co_await Yield());
      // Turns, not only steps of one: it is to wait in the kernel, or the
      // driver.
      const uint64_t handed_over = loop_.stats().turns + 3;
      while (loop_.stats().turns < handed_over)
        CO_RETURN_IF_ERROR(co_await Yield());
      EXPECT_EQ(loop_.in_flight(), 1u);
      then(scope);
      co_return absl::OkStatus();
    })));
    return result;
  }

  Loop loop_{SystemWorld()};
};

TEST_F(DescriptorKindsTest, DevicesThatNeverWait) {
  File null = Open("/dev/null", O_RDWR);
  EXPECT_EQ(Read(null), "");
  EXPECT_EQ(Write(null, PatternBytes(1 << 20)), absl::OkStatus());
  EXPECT_EQ(Poll(null.fd(), POLLIN | POLLOUT), absl::OkStatus());
  File zero = Open("/dev/zero", O_RDONLY);
  EXPECT_EQ(Read(zero, 3), std::string(3, '\0'));
  File full = Open("/dev/full", O_WRONLY);
  EXPECT_EQ(ErrnoOf(Write(full, "x")), ENOSPC);
}

TEST_F(DescriptorKindsTest, AFolderIsNotToBeRead) {
  File folder = Open("/", O_RDONLY | O_DIRECTORY);
  EXPECT_THAT(Read(folder), HasSubstr("directory"));
}

// epoll refuses them.
TEST_F(DescriptorKindsTest, AFileIsAlwaysReady) {
  File file = Open(TestPath("ready"), O_RDWR | O_CREAT | O_TRUNC);
  EXPECT_EQ(Poll(file.fd(), POLLIN | POLLOUT), absl::OkStatus());
  EXPECT_EQ(Read(file), "");
}

TEST_F(DescriptorKindsTest, AFileOfWhichAPartIsNotInMemoryIsReadWhole) {
  constexpr size_t kSize = 1 << 20;
  const std::string bytes = PatternBytes(kSize);
  File file = Open(TestPath("cold"), O_RDWR | O_CREAT | O_TRUNC);
  ASSERT_EQ(Write(file, bytes), absl::OkStatus());
  ASSERT_EQ(fsync(file.fd()), 0);
  const auto drop = [&](size_t offset, size_t size) {
    ASSERT_EQ(posix_fadvise(file.fd(), static_cast<off_t>(offset),
                            static_cast<off_t>(size), POSIX_FADV_DONTNEED),
              0);
  };
  drop(kSize / 2, 0);
  std::string read(kSize + 1, '\0');
  absl::StatusOr<size_t> count =
      loop_.Run([&]() -> Task<absl::StatusOr<size_t>> {
        co_return co_await file.Read(
            {reinterpret_cast<uint8_t*>(read.data()), read.size()}, 0);
      }());
  // One read: short only because the file ends.
  ASSERT_EQ(count.value(), kSize);
  EXPECT_EQ(std::string_view(read).substr(0, kSize), bytes);
  // At the current position, which reads move.
  drop(0, 0);
  ASSERT_EQ(lseek(file.fd(), 0, SEEK_SET), 0);
  EXPECT_EQ(Read(file, 10), bytes.substr(0, 10));
  EXPECT_EQ(Read(file, kSize), bytes.substr(10));
  EXPECT_EQ(Read(file), "");
}

TEST_F(DescriptorKindsTest, APipeGivesWhatItHas) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  File read_end(loop_, ends[0]), write_end(loop_, ends[1]);
  ASSERT_EQ(Write(write_end, "some"), absl::OkStatus());
  EXPECT_EQ(Read(read_end), "some");
  EXPECT_EQ(WaitAnd(ReadOnce(read_end),
                    [&](Scope&) { ASSERT_EQ(write(ends[1], "more", 4), 4); }),
            "more");
  EXPECT_EQ(WaitAnd(ReadOnce(read_end), [&](Scope&) { write_end = File(); }),
            "");
}

TEST_F(DescriptorKindsTest, APipeWhoseReaderLeavesEndsTheWrite) {
  signal(SIGPIPE, SIG_IGN);  // As the braid command does it.
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  File read_end(loop_, ends[0]), write_end(loop_, ends[1]);
  const std::string bytes = PatternBytes(1 << 20);
  const auto write_all = [&]() -> Task<std::string> {
    co_return (co_await write_end.WriteAll(bytes)).ToString();
  };
  EXPECT_THAT(WaitAnd(write_all(), [&](Scope&) { read_end = File(); }),
              HasSubstr("Broken pipe"));
}

TEST_F(DescriptorKindsTest, ATerminalGivesALineAtATime) {
  const int controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(controller, 0);
  ASSERT_EQ(grantpt(controller), 0);
  ASSERT_EQ(unlockpt(controller), 0);
  File keyboard(loop_, controller);
  File terminal = Open(ptsname(controller), O_RDWR | O_NOCTTY);
  EXPECT_EQ(WaitAnd(ReadOnce(terminal),
                    [&](Scope&) {
                      ASSERT_EQ(write(controller, "one\ntwo\nth", 10), 10);
                    }),
            "one\n");
  EXPECT_EQ(Read(terminal), "two\n");
  EXPECT_EQ(
      WaitAnd(ReadOnce(terminal),
              [&](Scope&) { ASSERT_EQ(write(controller, "ree\n", 4), 4); }),
      "three\n");
  ASSERT_EQ(Write(terminal, "output\n"), absl::OkStatus());
  EXPECT_THAT(Read(keyboard), HasSubstr("three"));  // The echo.
  // A terminal that is closed is at its end.
  EXPECT_THAT(WaitAnd(ReadOnce(terminal), [&](Scope&) { keyboard = File(); }),
              ::testing::AnyOf("", HasSubstr("Input/output error")));
}

TEST_F(DescriptorKindsTest, AWaitForATerminalIsCancelled) {
  const int controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(controller, 0);
  ASSERT_EQ(unlockpt(controller), 0);
  File keyboard(loop_, controller);
  File terminal = Open(ptsname(controller), O_RDWR | O_NOCTTY);
  EXPECT_EQ(WaitAnd(ReadOnce(terminal), [](Scope& scope) { scope.Cancel(); }),
            "");
  ASSERT_EQ(write(controller, "kept\n", 5), 5);
  EXPECT_EQ(Read(terminal), "kept\n");
}

// Two messages are never given as one, however much room there is.
TEST_F(DescriptorKindsTest, ADatagramSocketGivesOneMessageAtATime) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  File one(loop_, ends[0]), other(loop_, ends[1]);
  ASSERT_EQ(Write(one, "first"), absl::OkStatus());
  ASSERT_EQ(Write(one, "second"), absl::OkStatus());
  EXPECT_EQ(Read(other), "first");
  EXPECT_EQ(Read(other), "second");
}

TEST_F(DescriptorKindsTest, AnEventCounterIsWaitedFor) {
  const int fd = eventfd(0, EFD_CLOEXEC);
  ASSERT_GE(fd, 0);
  File events(loop_, fd);
  const std::string got = WaitAnd(ReadOnce(events), [&](Scope&) {
    const uint64_t three = 3;
    ASSERT_EQ(write(fd, &three, sizeof(three)), 8);
  });
  ASSERT_EQ(got.size(), 8u);
  EXPECT_EQ(got[0], 3);
}

TEST_F(DescriptorKindsTest, PollsAreToldOnceAndCancelled) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  File read_end(loop_, ends[0]), write_end(loop_, ends[1]);
  EXPECT_EQ(Poll(ends[1], POLLOUT), absl::OkStatus());
  const auto poll = [&]() -> Task<std::string> {
    co_return (co_await PollTask(ends[0], POLLIN)).ToString();
  };
  EXPECT_THAT(WaitAnd(poll(), [](Scope& scope) { scope.Cancel(); }),
              HasSubstr("CANCELLED"));
  EXPECT_EQ(
      WaitAnd(poll(), [&](Scope&) { ASSERT_EQ(write(ends[1], "x", 1), 1); }),
      "OK");
  // The byte is still there for whoever reads it.
  EXPECT_EQ(Read(read_end), "x");
}

// Nothing tells when there is room in the backlog of a Unix socket.
TEST_F(DescriptorKindsTest, AUnixConnectWaitsForRoomInTheBacklog) {
  // Short: such a path has at most 107 bytes, and a test's folder may have more.
  std::string folder = "/tmp/backlogXXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/socket";
  const SocketAddress address = SocketAddress::Unix(path).value();
  TcpListener listener =
      TcpListener::Listen(loop_, address, {.backlog = 0}).value();
  const auto connect = [&]() -> Task<absl::Status> {
    co_return (co_await TcpStream::Connect(loop_, address)).status();
  };
  // The first one fills it.
  ASSERT_EQ(loop_.Run(connect()), absl::OkStatus());
  const auto connect_as_text = [&]() -> Task<std::string> {
    co_return (co_await connect()).ToString();
  };
  EXPECT_THAT(WaitAnd(connect_as_text(), [](Scope& scope) { scope.Cancel(); }),
              HasSubstr("CANCELLED"));
  const absl::Status both =
      loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Spawn(connect());
        while (loop_.in_flight() == 0) CO_RETURN_IF_ERROR(co_await Yield());
        CO_RETURN_IF_ERROR((co_await listener.Accept()).status());
        co_return (co_await listener.Accept()).status();
      }));
  EXPECT_EQ(both, absl::OkStatus());
  unlink(path.c_str());
  rmdir(folder.c_str());
}

// Numbers that programs make up.
TEST_F(DescriptorKindsTest, NumbersThatAreNoDescriptorsAreErrors) {
  for (const int fd : {-1, -2, std::numeric_limits<int>::min(), 100'000,
                       std::numeric_limits<int>::max()}) {
    uint8_t byte = 0;
    const auto use = [&]() -> Task<void> {
      EXPECT_EQ(
          ErrnoOf((co_await ReadOperation(loop_, fd, {&byte, 1}, 0)).status()),
          EBADF);
      EXPECT_EQ(
          ErrnoOf((co_await WriteOperation(loop_, fd, {&byte, 1}, 0)).status()),
          EBADF);
      EXPECT_EQ(ErrnoOf(co_await PollTask(fd, POLLIN)), EBADF);
      EXPECT_EQ(ErrnoOf(co_await CloseDescriptor(loop_, fd)), EBADF);
    };
    loop_.Run(use());
  }
}

// What is no offset is an error, not the current position.
TEST_F(DescriptorKindsTest, OffsetsThatLieAreErrors) {
  File file = Open(TestPath("offsets"), O_RDWR | O_CREAT | O_TRUNC);
  ASSERT_EQ(Write(file, "0123456789"), absl::OkStatus());
  for (const uint64_t offset : {~uint64_t{1}, uint64_t{1} << 63}) {
    uint8_t byte = 0;
    const auto use = [&]() -> Task<void> {
      EXPECT_EQ(ErrnoOf((co_await file.Read({&byte, 1}, offset)).status()),
                EINVAL);
      EXPECT_EQ(ErrnoOf((co_await file.Write({&byte, 1}, offset)).status()),
                EINVAL);
    };
    loop_.Run(use());
  }
}

}  // namespace
}  // namespace braid
