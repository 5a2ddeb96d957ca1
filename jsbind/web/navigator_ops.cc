#include "jsbind/web/navigator_ops.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>

#include "jsbind/version.h"

namespace braid {

void DefineNavigatorOps(ModuleDef& module) {
  module
      .Function(
          "hardwareConcurrency",
          [] { return std::max(std::thread::hardware_concurrency(), 1U); })
      .Function("version", [] { return std::string(kBraidVersion); });
}

}  // namespace braid
