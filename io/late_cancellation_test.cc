// The moment between a completion and its handling, where cancelling is too
// late: what has succeeded has succeeded.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "async/cancel_scope.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/driver/fault_driver.h"
#include "io/file.h"
#include "io/testing.h"

namespace braid {
namespace {

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

}  // namespace
}  // namespace braid
