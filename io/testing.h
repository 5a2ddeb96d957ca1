#ifndef BRAID_IO_TESTING_H_
#define BRAID_IO_TESTING_H_

#include <sys/resource.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/task.h"
#include "io/driver/uring_driver.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {

// Helpers for tests of what stands on a loop.

// The machine's World; a test without one cannot go on.
World SystemWorld(const UringOptions& options = {});

// A listener on a free port of 127.0.0.1.
TcpListener ListenOnLoopback(Loop& loop);

// Both ends of a connection.
struct TcpPair {
  TcpStream client;
  TcpStream server;
};
Task<absl::StatusOr<TcpPair>> ConnectPair(Loop& loop, TcpListener& listener);
// The same with a listener of its own.
Task<absl::StatusOr<TcpPair>> ConnectPair(Loop& loop);

// Everything until the end of the stream.
Task<absl::StatusOr<std::string>> ReadAll(TcpStream& stream);

// Sends back what comes, until the end of the stream, and ends it too.
Task<absl::Status> EchoAll(TcpStream& stream);

// Makes closing the stream a reset.
void ResetOnClose(TcpStream& stream);

// `size` bytes in which no stretch repeats soon.
std::string PatternBytes(size_t size);

// How many descriptors this process has open.
int CountDescriptors();

// While it lives, this process has at most that many descriptors.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int limit);
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit();

 private:
  rlimit former_;
};

// Takes every descriptor that is left, until it ends.
class FullDescriptorTable {
 public:
  FullDescriptorTable();
  FullDescriptorTable(const FullDescriptorTable&) = delete;
  FullDescriptorTable& operator=(const FullDescriptorTable&) = delete;
  ~FullDescriptorTable();

  // Gives so many back.
  void Free(int count);

 private:
  std::vector<int> taken_;
};

// Gives the loop turns, without waiting in them, until `done()`.
template <typename Done>
void TurnUntil(Loop& loop, Done done) {
  while (!done()) loop.Turn(Driver::Wait::kNo);
}

// Gives the loop turns until no operation of it is in flight any more: closing
// sockets take one or two.
void TurnUntilNothingInFlight(Loop& loop);

// Awaits `task` and cancels it in the turn behind its first one, when the
// kernel has what it asked for.
template <typename T>
Task<T> CancelInNextTurn(Task<T> task) {
  std::optional<T> result;
  Scope scope(co_await CurrentTask());
  scope.Spawn(
      [&result](Task<T>& cancelled) -> Task<void> {
        result.emplace(co_await std::move(cancelled));
      },
      std::move(task));
  (co_await SleepFor(absl::ZeroDuration())).IgnoreError();
  scope.Cancel();
  (co_await scope.Join()).IgnoreError();
  co_return *std::move(result);
}

// A file or folder name in the test's own folder.
std::string TestPath(const std::string& name);

// Makes the kernel answer a system call (SYS_clone3) with `error` from now on,
// in this process and for good: call it in a child.
void ForbidSystemCall(int number, int error);

// Runs `body` in a child process and gives what it returned. For what changes
// the whole process (limits, filters of system calls).
std::string RunInChild(const std::function<std::string()>& body);

}  // namespace braid

#endif  // BRAID_IO_TESTING_H_
