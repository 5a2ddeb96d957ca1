#ifndef BRAID_IO_SIM_WORLD_H_
#define BRAID_IO_SIM_WORLD_H_

#include <memory>

#include "io/driver/sim_disk.h"
#include "io/driver/sim_driver.h"
#include "io/world.h"

namespace braid {

// A world of its own, in virtual time (io/driver/sim_driver.h): what runs in it
// is a function of options.seed alone.
//
//   Loop loop(SimulatedWorld(SimOptions::Hostile(seed)));
//   EXPECT_OK(loop.Run(Scenario(loop)));
//
// `disk` outlives the machine, for the next one to start from; null gives an
// empty one.
World SimulatedWorld(const SimOptions& options,
                     std::shared_ptr<SimDisk> disk = nullptr);

}  // namespace braid

#endif  // BRAID_IO_SIM_WORLD_H_
