// What the kernel may answer and rarely does.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/driver/fault_driver.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/file_system.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

class FaultTest : public ::testing::Test {
 protected:
  FaultTest() : FaultTest(SystemWorld()) {}

  // The next `times` operations of this kind fail with `error`.
  void FailNext(uint8_t opcode, int error, int times = 1) {
    faults_.on_submission = [this, opcode, error,
                             left = times](io_uring_sqe& entry) mutable {
      if (entry.opcode != opcode || left == 0) return;
      --left;
      ++failed_;
      FaultDriver::Fail(entry, error);
    };
  }

 private:
  explicit FaultTest(World world)
      : faults_(FaultDriver::Intercept(world.driver)),
        loop_(std::move(world)) {}

 protected:
  FaultDriver& faults_;
  Loop loop_;
  int failed_ = 0;
};

TEST_F(FaultTest, AReceiveThatWasInterruptedGoesOn) {
  for (int error : {EINTR, EAGAIN, ECANCELED, ENOBUFS}) {
    failed_ = 0;
    absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
      FailNext(IORING_OP_RECV, error, 3);
      CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("x"));
      CO_ASSIGN_OR_RETURN(Lease lease, co_await pair.server.Read());
      EXPECT_EQ(lease.text(), "x");
      co_return absl::OkStatus();
    }());
    EXPECT_EQ(status, absl::OkStatus());
    EXPECT_EQ(failed_, 3) << error;
  }
}

TEST_F(FaultTest, AReceiveThatFailedFailsForGood) {
  for (int error : {ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENOMEM}) {
    absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
      FailNext(IORING_OP_RECV, error);
      for (int i = 0; i < 3; ++i) {
        const absl::StatusOr<Lease> lease = co_await pair.server.Read();
        EXPECT_EQ(ErrnoOf(lease.status()), error);
        EXPECT_EQ(SyscallOf(lease.status()), "recv");
      }
      co_return absl::OkStatus();
    }());
    EXPECT_EQ(status, absl::OkStatus());
  }
}

TEST_F(FaultTest, AcceptPassesOverConnectionsThatFailed) {
  TcpListener listener = ListenOnLoopback(loop_);
  for (int error : {ECONNABORTED, EPROTO, EPERM, EINTR, EAGAIN, ENETDOWN,
                    EHOSTUNREACH, ECANCELED}) {
    failed_ = 0;
    FailNext(IORING_OP_ACCEPT, error, 2);
    absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_, listener));
      co_return absl::OkStatus();
    }());
    EXPECT_EQ(status, absl::OkStatus());
    EXPECT_EQ(failed_, 2) << error;
    // The next round needs an accept that is not armed.
    listener = ListenOnLoopback(loop_);
  }
}

TEST_F(FaultTest, AcceptTellsWhatTheListenerLacksAndWorksAgain) {
  for (int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    TcpListener listener = ListenOnLoopback(loop_);
    FailNext(IORING_OP_ACCEPT, error, 2);
    absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(TcpStream client, co_await TcpStream::Connect(
                                                loop_, listener.address()));
      for (int i = 0; i < 2; ++i) {
        const absl::StatusOr<TcpStream> refused = co_await listener.Accept();
        EXPECT_EQ(ErrnoOf(refused.status()), error);
        EXPECT_EQ(SyscallOf(refused.status()), "accept");
      }
      CO_ASSIGN_OR_RETURN(TcpStream server, co_await listener.Accept());
      EXPECT_EQ(server.peer_address().text(), client.local_address().text());
      co_return absl::OkStatus();
    }());
    EXPECT_EQ(status, absl::OkStatus());
  }
}

TEST_F(FaultTest, ConnectNamesTheAddress) {
  TcpListener listener = ListenOnLoopback(loop_);
  const int descriptors = CountDescriptors();
  for (int error : {ETIMEDOUT, EHOSTUNREACH, EADDRNOTAVAIL}) {
    FailNext(IORING_OP_CONNECT, error);
    const absl::StatusOr<TcpStream> stream =
        loop_.Run(TcpStream::Connect(loop_, listener.address()));
    EXPECT_EQ(ErrnoOf(stream.status()), error);
    EXPECT_EQ(SubjectOf(stream.status()), listener.address().text());
  }
  loop_.Turn(Driver::Wait::kNo);
  EXPECT_EQ(CountDescriptors(), descriptors);
}

TEST_F(FaultTest, WhatIsSentInPiecesArrivesWhole) {
  const std::string bytes = PatternBytes(2'000);
  iovec cut;
  faults_.on_submission = [&](io_uring_sqe& entry) {
    if (entry.opcode == IORING_OP_SEND) {
      entry.len = std::min<uint32_t>(entry.len, 7);
    } else if (entry.opcode == IORING_OP_SENDMSG) {
      auto* message = reinterpret_cast<msghdr*>(entry.addr);
      cut = {message->msg_iov->iov_base,
             std::min<size_t>(message->msg_iov->iov_len, 7)};
      message->msg_iov = &cut;
      message->msg_iovlen = 1;
    }
  };
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(bytes));
    const std::string_view text = bytes;
    const std::array<std::string_view, 4> parts = {
        text.substr(0, 3), "", text.substr(3, 100), text.substr(103)};
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(parts));
    CO_RETURN_IF_ERROR(co_await pair.client.ShutdownWrite());
    CO_ASSIGN_OR_RETURN(std::string all, co_await ReadAll(pair.server));
    EXPECT_TRUE(all == bytes + bytes) << all.size();
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(FaultTest, SendReportsWhatTheKernelSays) {
  for (int error : {ENOBUFS, ENOMEM, EPIPE, ECONNRESET}) {
    absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
      CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
      FailNext(IORING_OP_SEND, error);
      co_return co_await pair.client.WriteAll("x");
    }());
    EXPECT_EQ(ErrnoOf(status), error);
    EXPECT_EQ(SyscallOf(status), "send");
  }
}

TEST_F(FaultTest, ASendThatWasInterruptedGoesOn) {
  const std::array<std::string_view, 2> parts = {"b", "c"};
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop_));
    FailNext(IORING_OP_SEND, EINTR, 3);
    CO_ASSIGN_OR_RETURN(const size_t sent, co_await pair.client.Write({}));
    EXPECT_EQ(sent, 0u);
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll("a"));
    FailNext(IORING_OP_SENDMSG, EINTR, 3);
    CO_RETURN_IF_ERROR(co_await pair.client.WriteAll(parts));
    CO_RETURN_IF_ERROR(co_await pair.client.ShutdownWrite());
    CO_ASSIGN_OR_RETURN(std::string all, co_await ReadAll(pair.server));
    EXPECT_EQ(all, "abc");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(failed_, 6);
}

TEST_F(FaultTest, FilesGoOnWhereTheyWereInterrupted) {
  const std::string path = TestPath("interrupted");
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    FailNext(IORING_OP_WRITE, EINTR, 2);
    CO_RETURN_IF_ERROR(co_await WriteFile(loop_, path, "whole"));
    FailNext(IORING_OP_READ, EINTR, 2);
    CO_ASSIGN_OR_RETURN(std::string whole, co_await ReadFile(loop_, path));
    EXPECT_EQ(whole, "whole");
    CO_ASSIGN_OR_RETURN(File file, co_await File::Open(loop_, path, O_RDONLY));
    std::array<uint8_t, 8> buffer;
    FailNext(IORING_OP_READ, EINTR, 2);
    CO_ASSIGN_OR_RETURN(const size_t count, co_await file.ReadFull(buffer, 0));
    EXPECT_EQ(count, 5u);
    co_return co_await RemoveFile(loop_, path);
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(failed_, 6);
}

TEST_F(FaultTest, FilesAreWrittenAndReadInPieces) {
  faults_.on_submission = [](io_uring_sqe& entry) {
    if (entry.opcode == IORING_OP_WRITE || entry.opcode == IORING_OP_READ) {
      entry.len = std::min<uint32_t>(entry.len, 1'000);
    }
  };
  const std::string bytes = PatternBytes(20'500);
  const std::string path = TestPath("pieces");
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await WriteFile(loop_, path, bytes));
    CO_ASSIGN_OR_RETURN(std::string whole, co_await ReadFile(loop_, path));
    EXPECT_TRUE(whole == bytes);
    CO_ASSIGN_OR_RETURN(File file, co_await File::Open(loop_, path, O_RDONLY));
    std::vector<uint8_t> buffer(bytes.size() + 1);
    CO_ASSIGN_OR_RETURN(const size_t count, co_await file.ReadFull(buffer, 0));
    EXPECT_EQ(count, bytes.size());
    co_return co_await RemoveFile(loop_, path);
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(FaultTest, ADeviceThatTakesNothingIsAnError) {
  faults_.on_submission = [](io_uring_sqe& entry) {
    if (entry.opcode == IORING_OP_WRITE) FaultDriver::End(entry, 0);
  };
  const absl::Status status =
      loop_.Run(WriteFile(loop_, TestPath("nothing"), "x"));
  EXPECT_EQ(ErrnoOf(status), EIO);
  EXPECT_EQ(SyscallOf(status), "write");
}

TEST_F(FaultTest, AFailedSyncAndAFailedCloseAreReported) {
  const std::string path = TestPath("synced");
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop_, path, O_RDWR | O_CREAT));
    FailNext(IORING_OP_FSYNC, EIO, 2);
    const absl::Status sync = co_await file.Sync();
    EXPECT_EQ(ErrnoOf(sync), EIO);
    EXPECT_THAT(std::string(sync.message()), HasSubstr("fsync"));
    EXPECT_EQ(ErrnoOf(co_await file.SyncData()), EIO);
    const int fd = file.fd();
    FailNext(IORING_OP_CLOSE, ENOSPC);
    const absl::Status closed = co_await file.Close();
    EXPECT_EQ(ErrnoOf(closed), ENOSPC);
    close(fd);  // The injected failure left it open.
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(FaultTest, ReadFileAndWriteFileNameThePath) {
  const std::string path = TestPath("named");
  ASSERT_EQ(loop_.Run(WriteFile(loop_, path, "x")), absl::OkStatus());
  FailNext(IORING_OP_READ, EIO);
  const absl::StatusOr<std::string> read = loop_.Run(ReadFile(loop_, path));
  EXPECT_EQ(ErrnoOf(read.status()), EIO);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("read " + path));
  FailNext(IORING_OP_WRITE, ENOSPC);
  const absl::Status written = loop_.Run(WriteFile(loop_, path, "x"));
  EXPECT_EQ(ErrnoOf(written), ENOSPC);
  EXPECT_THAT(std::string(written.message()), HasSubstr("write " + path));
}

TEST_F(FaultTest, AnInterruptedOperationOfACancelledTaskIsCancelled) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop_, "/dev/zero", O_RDONLY));
    std::array<uint8_t, 1> byte;
    FailNext(IORING_OP_READ, EINTR);
    const absl::StatusOr<size_t> alone = co_await file.Read(byte);
    EXPECT_EQ(ErrnoOf(alone.status()), EINTR);

    Scope scope(co_await CurrentTask());
    absl::Status cancelled;
    scope.Spawn([&]() -> Task<void> {
      cancelled = (co_await file.Read(byte)).status();
    });
    FailNext(IORING_OP_READ, EINTR);
    faults_.on_completions = [&] { scope.Cancel(); };
    CO_RETURN_IF_ERROR(co_await scope.Join());
    faults_.on_completions = nullptr;
    EXPECT_TRUE(absl::IsCancelled(cancelled)) << cancelled;
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(FaultTest, ACloseThatWasCancelledHappensAllTheSame) {
  const int descriptors = CountDescriptors();
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop_, "/dev/null", O_RDONLY));
    FailNext(IORING_OP_CLOSE, ECANCELED);
    co_return absl::OkStatus();  // The handle's end closes.
  }());
  EXPECT_EQ(status, absl::OkStatus());
  while (failed_ == 0) loop_.Turn(Driver::Wait::kNo);
  loop_.Turn(Driver::Wait::kNo);
  EXPECT_EQ(CountDescriptors(), descriptors);
}

// Puts more entries into a queue of four than it holds.
void SubmitMoreThanFit(Loop& loop) {
  for (int i = 0; i < 6; ++i) {
    io_uring_sqe* const sqe = loop.NextSqe();
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, 0);
  }
}

TEST(FullQueueTest, AKernelThatTakesNothingForAWhileIsAskedAgain) {
  World world = SystemWorld({.submission_entries = 4});
  FaultDriver& faults = FaultDriver::Intercept(world.driver);
  Loop loop(std::move(world));
  int refused = 0;
  faults.takes_submissions = [&] { return ++refused > 1'500; };
  SubmitMoreThanFit(loop);
  EXPECT_EQ(refused, 1'501);
  TurnUntil(loop, [&] { return loop.driver().stats().completions >= 6; });
}

// Time that flies.
class LeapingClock final : public Clock {
 public:
  MonotonicNanos Now() override { return now_ += 1'000'000'000; }
  absl::Time WallNow() override { return absl::UnixEpoch(); }

 private:
  MonotonicNanos now_ = 0;
};

TEST(FullQueueDeathTest, AKernelThatNeverTakesAnythingEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        World world;
        world.clock = std::make_unique<LeapingClock>();
        world.driver =
            *UringDriver::Create(*world.clock, {.submission_entries = 4});
        FaultDriver& faults = FaultDriver::Intercept(world.driver);
        Loop loop(std::move(world));
        faults.takes_submissions = [] { return false; };
        SubmitMoreThanFit(loop);
      },
      "no submissions for 10 s");
}

}  // namespace
}  // namespace braid
