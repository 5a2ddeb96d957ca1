#include "io/sim_world.h"

#include <memory>
#include <utility>

namespace braid {

World SimulatedWorld(const SimOptions& options, std::shared_ptr<SimDisk> disk) {
  if (disk == nullptr) disk = std::make_shared<SimDisk>();
  World world;
  auto clock = std::make_unique<ManualClock>();
  world.driver = std::make_unique<SimDriver>(options, *clock, std::move(disk));
  world.clock = std::move(clock);
  world.random.seed(options.seed);
  return world;
}

}  // namespace braid
