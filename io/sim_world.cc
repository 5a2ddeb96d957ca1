#include "io/sim_world.h"

#include <memory>
#include <utility>

namespace braid {

World SimulatedWorld(const SimOptions& options) {
  World world;
  auto clock = std::make_unique<ManualClock>();
  world.driver = std::make_unique<SimDriver>(options, *clock);
  world.clock = std::move(clock);
  world.random.seed(options.seed);
  return world;
}

}  // namespace braid
