#include "io/world.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "absl/log/log.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/driver/epoll_driver.h"

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

absl::StatusOr<IoBackend> BackendOfEnvironment() {
  const char* name = getenv("BRAID_IO");
  if (name == nullptr || *name == '\0') return IoBackend::kAutomatic;
  const std::string_view text = name;
  if (text == "uring") return IoBackend::kUring;
  if (text == "epoll") return IoBackend::kEpoll;
  return absl::InvalidArgumentError(absl::StrCat(
      "the environment's BRAID_IO is '", text, "', not 'uring' or 'epoll'"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Driver>> SystemDriver(
    Clock& clock, const UringOptions& options, IoBackend backend) {
  if (backend == IoBackend::kAutomatic) {
    ASSIGN_OR_RETURN(backend, BackendOfEnvironment());
  }
  if (backend != IoBackend::kEpoll) {
    absl::StatusOr<std::unique_ptr<UringDriver>> driver =
        UringDriver::Create(clock, options);
    if (driver.ok()) return std::unique_ptr<Driver>(*std::move(driver));
    if (backend == IoBackend::kUring || !IsRefusal(driver.status()))
      return driver.status();
    LOG_FIRST_N(WARNING, 1)
        << driver.status().message()
        << ". Going on with epoll, which is slower (BRAID_IO=epoll in the "
           "environment asks for it without this warning)";
  }
  ASSIGN_OR_RETURN(std::unique_ptr<EpollDriver> driver,
                   EpollDriver::Create(clock, options));
  return std::unique_ptr<Driver>(std::move(driver));
}

absl::StatusOr<World> World::System(const UringOptions& options,
                                    IoBackend backend) {
  OpenStandardDescriptors();
  RaiseOpenFilesLimit();
  World world;
  world.clock = std::make_unique<SystemClock>();
  ASSIGN_OR_RETURN(world.driver, SystemDriver(*world.clock, options, backend));
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  world.random.seed(seed);
  return world;
}

}  // namespace braid
