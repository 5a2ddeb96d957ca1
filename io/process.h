#ifndef BRAID_IO_PROCESS_H_
#define BRAID_IO_PROCESS_H_

#include <csignal>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {

// What a child process gets as one of its descriptors.
struct ProcessStdio {
  enum class Kind {
    kNull,        // /dev/null
    kPipe,        // A stream to this process; see Process::TakePipe().
    kDescriptor,  // One of this process', which goes on to have it.
  };
  Kind kind = Kind::kNull;
  int descriptor = -1;  // For kDescriptor.

  static ProcessStdio Pipe() { return {.kind = Kind::kPipe}; }
  static ProcessStdio Inherit(int descriptor) {
    return {.kind = Kind::kDescriptor, .descriptor = descriptor};
  }
};

struct ProcessOptions {
  // The program: a path where it has a slash, else a name that is looked for
  // in the PATH of the child's environment.
  std::string file;
  // All of argv, the program's name first. Empty: `file` alone.
  std::vector<std::string> arguments;
  // "NAME=value" each; without it, this process' own.
  std::optional<std::vector<std::string>> environment;
  // Empty: this process'. A relative `file` with a slash begins there.
  std::string working_directory;
  // The child's descriptors from 0 on. It gets no others, whatever this process
  // has open. Empty: nothing to read, and this process' standard output and
  // error; for RunProcess(), three pipes.
  std::vector<ProcessStdio> stdio = {};
  // Leads a session of its own (setsid), so that no terminal's signals reach
  // it.
  bool new_session = false;
};

// How a process has ended.
struct ProcessExit {
  int code = 0;    // When it has exited.
  int signal = 0;  // When a signal has killed it, else 0.

  bool ok() const { return code == 0 && signal == 0; }
  friend bool operator==(const ProcessExit&, const ProcessExit&) = default;
};

// A child process.
//
//   CO_ASSIGN_OR_RETURN(
//       Process sort,
//       Process::Spawn(loop, {.file = "sort",
//                             .stdio = {ProcessStdio::Pipe(),
//                                       ProcessStdio::Inherit(1)}}));
//   TcpStream input = sort.TakePipe(0);
//   CO_RETURN_IF_ERROR(co_await input.WriteAll("b\na\n"));
//   CO_RETURN_IF_ERROR(co_await input.Close());
//   CO_ASSIGN_OR_RETURN(const ProcessExit exit, co_await sort.Wait());
//
// The child begins with no signal blocked or ignored. Pipes are pairs of
// connected Unix sockets, as Node's are: they work both ways, and a child that
// opens /dev/stdin by its name is refused (ENXIO).
//
// Ownership: a movable handle. Ending it kills the child (SIGKILL), unless it
// has been waited for or detached. Either way the child is reaped when it ends,
// so no zombie stays; a detached one that outlives the loop is left to whoever
// outlives the process. No task may be waiting then. Must end before the loop.
// Who reaps: this alone. A program that ignores SIGCHLD or waits for any child
// takes the result away: Wait() then gives ECHILD.
// Thread: the loop's. Needs a real machine.
class Process {
 public:
  // Starts the program; it runs when this returns (or has run). Blocks until
  // then, half a millisecond or so, in which the kernel makes the process.
  // Errors: ErrnoStatus(…, "spawn", file): ENOENT (no such program), EACCES (no
  // program, or not to be run), E2BIG (arguments and environment are too
  // large), EAGAIN (too many processes), EBADF (no such descriptor), EMFILE,
  // ENOMEM; the same of "chdir" with the folder. InvalidArgumentError for a
  // text with a byte 0 in it.
  static absl::StatusOr<Process> Spawn(Loop& loop,
                                       const ProcessOptions& options);

  Process(Process&&) noexcept = default;
  Process& operator=(Process&&) noexcept = default;

  // REQUIRES for what follows: not moved from.
  int pid() const;

  // This process' end of stdio[i], which the caller then owns. To be taken
  // once. REQUIRES: that is a pipe.
  TcpStream TakePipe(size_t i);

  // Waits for the end of the process, through the ring. Pipes may hold bytes
  // then that nobody has read, and a grandchild may still write to them. After
  // the end it gives the same again. One task at a time.
  // Cancellation: CancelledError; the child goes on, and Wait() may be called
  // again.
  Task<absl::StatusOr<ProcessExit>> Wait();
  // What Wait() has found; empty before.
  const std::optional<ProcessExit>& exit() const;

  // Sends a signal to this very process, never to another that has got its pid
  // since. Errors: ESRCH when it has been waited for, EINVAL (no such signal),
  // EPERM.
  absl::Status Kill(int signal);

  // Lets the child live on when this ends.
  void Detach();

 private:
  class Child;
  // Ends as the class comment says.
  struct Abandoner {
    void operator()(Child* child) const;
  };
  using Handle = std::unique_ptr<Child, Abandoner>;

  explicit Process(Handle child) : child_(std::move(child)) {}
  Child& child() const;

  Handle child_;
};

struct RunProcessOptions {
  std::string input;  // For a pipe at 0.
  // How many bytes the pipes at 1 and 2 may bring, each.
  size_t output_max = size_t{64} << 20;
  absl::Duration timeout = absl::InfiniteDuration();
  // What the program gets when either is exceeded.
  int kill_signal = SIGKILL;
};

// The end of a process and what it wrote until then.
struct ProcessOutput {
  enum class Limit { kNone, kTime, kOutput };

  ProcessExit exit;
  int pid = 0;
  std::string standard_output;
  std::string standard_error;
  Limit exceeded = Limit::kNone;  // Why the program was killed.
};

// Runs a program to its end, and gathers what it writes.
//
//   CO_ASSIGN_OR_RETURN(const ProcessOutput listing,
//                       co_await RunProcess(loop, {.file = "ls"}));
//
// Ends when the program has ended and its pipes have, so a grandchild that has
// them is waited for too; once a limit is exceeded, when the program has ended.
// A program that does not read its input is no error.
// Errors: Process::Spawn()'s. Cancellation: CancelledError, and the program is
// killed.
Task<absl::StatusOr<ProcessOutput>> RunProcess(Loop& loop,
                                               ProcessOptions process,
                                               RunProcessOptions options = {});

}  // namespace braid

#endif  // BRAID_IO_PROCESS_H_
