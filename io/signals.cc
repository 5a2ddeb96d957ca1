#include "io/signals.h"

#include <fcntl.h>
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

// Where the handler writes each signal's number: descriptor + 1, 0 for
// signals that nobody catches. Process-wide, as signal handlers are.
constinit std::array<std::atomic<int>, kSignalsMax> pipe_of_signal{};

void OnSignal(int number) {
  const int saved_errno = errno;
  const int fd = pipe_of_signal[static_cast<size_t>(number)].load(
                     std::memory_order_acquire) -
                 1;
  if (fd >= 0) {
    const auto byte = static_cast<unsigned char>(number);
    // A full pipe means that enough signals wait to be read.
    [[maybe_unused]] const ssize_t written = write(fd, &byte, 1);
  }
  errno = saved_errno;
}

}  // namespace

Signals::WriteEnd::~WriteEnd() {
  if (fd_ >= 0) close(fd_);
}

Signals::Caught::~Caught() {
  if (number == 0) return;
  sigaction(number, &former, nullptr);
  pipe_of_signal[static_cast<size_t>(number)].store(0,
                                                    std::memory_order_release);
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
    if (!pipe_of_signal[static_cast<size_t>(number)].compare_exchange_strong(
            free, ends[1] + 1)) {
      return absl::AlreadyExistsError(absl::StrCat(
          "signal ", number, " is caught elsewhere in this process"));
    }
    struct sigaction action{};
    action.sa_handler = &OnSignal;
    action.sa_flags = SA_RESTART;
    struct sigaction former{};
    if (sigaction(number, &action, &former) != 0) {
      pipe_of_signal[static_cast<size_t>(number)].store(0);
      return ErrnoStatus(errno, "sigaction", absl::StrCat("signal ", number));
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
  co_return number;
}

}  // namespace braid
