// shop FILE [ARGUMENTS]: runs a script that may import "shop:prices".

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "io/loop.h"
#include "jsbind/node/node_extension.h"
#include "jsbind/runtime.h"
#include "jsbind/web/web_extension.h"
#include "prices.h"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  absl::StatusOr<braid::World> world = braid::World::System();
  if (!world.ok()) {
    fprintf(stderr, "%s\n", std::string(world.status().message()).c_str());
    return 1;
  }
  braid::Loop loop(*std::move(world));
  braid::RuntimeOptions options;
  options.extensions = {&braid::WebExtension(), &braid::NodeExtension(),
                        &shop::PricesExtension()};
  auto runtime = braid::Runtime::Create(loop, std::move(options));
  if (!runtime.ok()) {
    fprintf(stderr, "%s\n", std::string(runtime.status().message()).c_str());
    return 1;
  }
  return loop.Run((*runtime)->RunMain(
      argv[1], std::vector<std::string>(argv + 2, argv + argc)));
}
