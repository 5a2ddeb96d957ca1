#include "io/signals.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/errno_status.h"

namespace braid {
namespace {

constexpr int kSignalsMax = 65;

// What the handler knows of a signal.
struct CatchEntry {
  // Where it writes the signal's number: the descriptor + 1, 0 for nowhere.
  std::atomic<int> pipe{0};
  // Whether the number is in the pipe already: so the pipe never fills.
  std::atomic<bool> queued{false};
};

// Process-wide, as signal handlers are.
constinit std::array<CatchEntry, kSignalsMax> catch_table{};
// Handlers that run now, on any thread. A pipe that was taken out of the table
// may be closed when none does.
constinit std::atomic<int> handlers_running{0};
static_assert(std::atomic<int>::is_always_lock_free,
              "a signal handler must not wait for a lock");

CatchEntry& EntryOf(int number) {
  return catch_table[static_cast<size_t>(number)];
}

void OnSignal(int number) {
  const int saved_errno = errno;
  ++handlers_running;
  CatchEntry& entry = EntryOf(number);
  const int fd = entry.pipe.load() - 1;
  if (fd >= 0 && !entry.queued.exchange(true)) {
    const auto byte = static_cast<unsigned char>(number);
    [[maybe_unused]] const ssize_t written = write(fd, &byte, 1);
  }
  --handlers_running;
  errno = saved_errno;
}

// Ends the handler's use of the pipe.
void Forget(int number) {
  EntryOf(number).pipe.store(0);
  // A handler that interrupts this very loop runs to its end within it.
  while (handlers_running.load() > 0) sched_yield();
  EntryOf(number).queued.store(false);
}

}  // namespace

Signals::WriteEnd::~WriteEnd() {
  if (fd_ >= 0) close(fd_);
}

Signals::Caught::~Caught() {
  if (number == 0) return;
  sigaction(number, &former, nullptr);
  Forget(number);
}

Signals::~Signals() = default;

absl::StatusOr<Signals> Signals::Catch(Loop& loop,
                                       std::initializer_list<int> numbers) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe2");
  fcntl(ends[1], F_SETFL, O_NONBLOCK);  // A handler must not wait.
  Signals signals(File(loop, ends[0]), ends[1]);
  signals.caught_.reserve(numbers.size());
  for (int number : numbers) {
    if (number <= 0 || number >= kSignalsMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(number, " is not a signal's number"));
    }
    int free = 0;
    if (!EntryOf(number).pipe.compare_exchange_strong(free, ends[1] + 1)) {
      return absl::AlreadyExistsError(absl::StrCat(
          "signal ", number, " is caught elsewhere in this process"));
    }
    struct sigaction action{};
    action.sa_handler = &OnSignal;
    action.sa_flags = SA_RESTART;
    struct sigaction former{};
    if (sigaction(number, &action, &former) != 0) {
      const int error = errno;
      Forget(number);
      return ErrnoStatus(error, "sigaction", absl::StrCat("signal ", number));
    }
    signals.caught_.emplace_back(number, former);
  }
  return signals;
}

Task<absl::StatusOr<int>> Signals::Next() {
  unsigned char number = 0;
  CO_ASSIGN_OR_RETURN(const size_t count,
                      co_await read_end_.Read({&number, 1}));
  if (count == 0) co_return absl::InternalError("the signal pipe was closed");
  // Before the caller looks what the signal is about: what comes from now on
  // is another one.
  EntryOf(number).queued.store(false);
  co_return number;
}

}  // namespace braid
