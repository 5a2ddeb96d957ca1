#ifndef BRAID_IO_WORLD_H_
#define BRAID_IO_WORLD_H_

#include <memory>
#include <random>

#include "absl/status/statusor.h"
#include "async/clock.h"
#include "io/driver/driver.h"
#include "io/driver/uring_driver.h"

namespace braid {

// Who executes a loop's operations on the machine.
enum class IoBackend {
  // io_uring. Where that is refused (a seccomp profile, the sysctl
  // kernel.io_uring_disabled, a kernel without it), epoll, with one warning
  // that says why. The environment's BRAID_IO decides instead if it is set, to
  // `uring` or `epoll`.
  kAutomatic,
  kUring,
  kEpoll,
};

// The driver of World::System(), with a clock of the caller's.
absl::StatusOr<std::unique_ptr<Driver>> SystemDriver(
    Clock& clock, const UringOptions& options = {},
    IoBackend backend = IoBackend::kAutomatic);

// Everything a loop takes from outside: time, randomness and whoever executes
// its operations. Nothing above reads a clock, a random device or a ring of
// its own, so a run is a function of its World.
struct World {
  std::unique_ptr<Clock> clock;
  // Uses `clock`; declared after it to end first.
  std::unique_ptr<Driver> driver;
  std::mt19937_64 random;

  // The machine's clock and io_uring or epoll, randomness seeded by the kernel.
  //
  // Standard input, output and errors that the process was started without are
  // opened on /dev/null, as Node does it: else the ring or the first connection
  // would get that descriptor, and what prints would write into it.
  //
  // Raises the process's soft limit of open files to the hard one, as Node and
  // Go do: a service needs a descriptor for each connection, while the soft
  // limit is mostly 1,024, for the sake of programs that use select(2), which
  // this is not. Otherwise idle peers alone could take every descriptor and
  // make each File::Open() fail. Child processes inherit the limit. Errors: as
  // UringDriver::Create and EpollDriver::Create; InvalidArgumentError for a
  // BRAID_IO that is neither.
  static absl::StatusOr<World> System(
      const UringOptions& options = {},
      IoBackend backend = IoBackend::kAutomatic);
};

}  // namespace braid

#endif  // BRAID_IO_WORLD_H_
