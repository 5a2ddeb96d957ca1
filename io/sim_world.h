#ifndef BRAID_IO_SIM_WORLD_H_
#define BRAID_IO_SIM_WORLD_H_

#include "io/driver/sim_driver.h"
#include "io/world.h"

namespace braid {

// A world of its own, in virtual time (io/driver/sim_driver.h): what runs in it
// is a function of options.seed alone.
//
//   Loop loop(SimulatedWorld(SimOptions::Hostile(seed)));
//   EXPECT_OK(loop.Run(Scenario(loop)));
World SimulatedWorld(const SimOptions& options);

}  // namespace braid

#endif  // BRAID_IO_SIM_WORLD_H_
