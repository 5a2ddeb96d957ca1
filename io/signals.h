#ifndef BRAID_IO_SIGNALS_H_
#define BRAID_IO_SIGNALS_H_

#include <csignal>
#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/file.h"
#include "io/loop.h"

namespace braid {

// Signals as something to await.
//
//   CO_ASSIGN_OR_RETURN(Signals signals,
//                       Signals::Catch(loop, {SIGINT, SIGTERM}));
//   CO_ASSIGN_OR_RETURN(int signal, co_await signals.Next());
//
// As long as the object exists the signals do not have their default effect;
// afterwards they have the effect they had before. A signal that comes again
// before it was read counts once, as the kernel does with pending signals, so
// none is ever crowded out by others. Different signals are given in the order
// in which they came.
//
// A handler that writes to a pipe is used, not signalfd: that would need the
// signals blocked in every thread, those of V8 and of other libraries too, and
// in child processes. A signal has one handler in a process, so one object
// catches it at a time; the table behind it is the process's own. System calls
// that a signal interrupts are restarted (SA_RESTART).
//
// Ownership: a movable handle; must end before the loop. Thread: the loop's;
// the signals may come on any thread.
class Signals {
 public:
  // Errors: AlreadyExistsError when a signal is caught elsewhere in the
  // process, InvalidArgumentError for what is no signal's number, EINVAL for
  // signals that cannot be caught (SIGKILL), EMFILE when no descriptor is left.
  static absl::StatusOr<Signals> Catch(Loop& loop,
                                       std::initializer_list<int> signals);

  Signals(Signals&&) = default;
  Signals& operator=(Signals&&) = delete;
  ~Signals();

  // Waits for the next signal and gives its number. At most one task waits at
  // a time. Cancellation: CancelledError; no signal is lost.
  Task<absl::StatusOr<int>> Next();

 private:
  // Gives a signal its former effect back.
  struct Caught {
    Caught(int number, const struct sigaction& former)
        : number(number), former(former) {}
    Caught(Caught&& other) noexcept
        : number(std::exchange(other.number, 0)), former(other.former) {}
    Caught& operator=(Caught&&) = delete;
    ~Caught();
    int number;
    struct sigaction former;
  };
  class WriteEnd {
   public:
    explicit WriteEnd(int fd) : fd_(fd) {}
    WriteEnd(WriteEnd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    ~WriteEnd();

   private:
    int fd_;
  };

  Signals(File read_end, int write_end)
      : read_end_(std::move(read_end)), write_end_(write_end) {}

  // In this order: the handlers go first, then what they write to.
  File read_end_;
  WriteEnd write_end_;
  std::vector<Caught> caught_;
};

}  // namespace braid

#endif  // BRAID_IO_SIGNALS_H_
