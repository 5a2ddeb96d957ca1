#include "io/world.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>

#include "async/status_macros.h"

namespace braid {
namespace {

// A process that may not is served with what it has.
void RaiseOpenFilesLimit() {
  rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// open(2) takes the lowest descriptor that is free.
void OpenStandardDescriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", O_RDWR);
  }
}

}  // namespace

absl::StatusOr<World> World::System(const UringOptions& options) {
  OpenStandardDescriptors();
  RaiseOpenFilesLimit();
  World world;
  world.clock = std::make_unique<SystemClock>();
  ASSIGN_OR_RETURN(world.driver, UringDriver::Create(*world.clock, options));
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  world.random.seed(seed);
  return world;
}

}  // namespace braid
