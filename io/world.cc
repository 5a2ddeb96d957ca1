#include "io/world.h"

#include <utility>

#include "async/status_macros.h"

namespace braid {

absl::StatusOr<World> World::System(const UringOptions& options) {
  World world;
  world.clock = std::make_unique<SystemClock>();
  ASSIGN_OR_RETURN(world.driver, UringDriver::Create(*world.clock, options));
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  world.random.seed(seed);
  return world;
}

}  // namespace braid
