#include <map>
#include <memory>
#include <optional>
#include <string>

#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/loop.h"
#include "jsbind/module_def.h"
#include "jsbind/node/node_extension.h"
#include "jsbind/runtime.h"
#include "jsbind/web/web_extension.h"

using namespace braid;

class Store {
 public:
  std::optional<std::string> Get(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }
  Task<absl::Status> Put(std::string key, std::string value) {
    if (key.empty()) co_return absl::InvalidArgumentError("a key is missing");
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(1)));  // Say, I/O.
    values_[key] = std::move(value);
    co_return absl::OkStatus();
  }

 private:
  std::map<std::string, std::string> values_;
};

int main() {
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) return 1;
  Loop loop(*std::move(world));
  Store store;  // Outlives the runtime, which refers to it.
  RuntimeOptions options;
  options.extensions = {&WebExtension(), &NodeExtension()};
  std::unique_ptr<Runtime> runtime = *Runtime::Create(loop, options);
  runtime->Module("native:store")
      .Class<Store>(
          "Store",
          [](ClassDef<Store>& c) {
            c.Method<&Store::Get>("get").AsyncMethod<&Store::Put>("put");
          })
      .Object("store", store);
  return loop.Run(runtime->RunMain("examples/scripted.js", {}));
}
