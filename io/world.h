#ifndef BRAID_IO_WORLD_H_
#define BRAID_IO_WORLD_H_

#include <memory>
#include <random>

#include "absl/status/statusor.h"
#include "async/clock.h"
#include "io/driver/driver.h"
#include "io/driver/uring_driver.h"

namespace braid {

// Everything a loop takes from outside: time, randomness and whoever executes
// its operations. Nothing above reads a clock, a random device or a ring of
// its own, so a run is a function of its World.
struct World {
  std::unique_ptr<Clock> clock;
  // Uses `clock`; declared after it to end first.
  std::unique_ptr<Driver> driver;
  std::mt19937_64 random;

  // The machine's clock and io_uring, randomness seeded by the kernel.
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
  // UringDriver::Create.
  static absl::StatusOr<World> System(const UringOptions& options = {});
};

}  // namespace braid

#endif  // BRAID_IO_WORLD_H_
