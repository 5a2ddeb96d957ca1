#include "jsbind/node/node_extension.h"

#include "jsbind/node/fs_ops.h"
#include "jsbind/node/node_js.h"
#include "jsbind/node/process_ops.h"

namespace braid {
namespace {

constexpr Extension::PublicModule kPublicModules[] = {
    {"node:events", "jsbind/node/events.js"},
    {"node:fs/promises", "jsbind/node/fs_promises.js"},
    {"node:path", "jsbind/node/path.js"},
    {"node:path/posix", "jsbind/node/path.js"},
    {"node:process", "jsbind/node/process.js"},
};

constexpr Extension::NativeModule kNativeModules[] = {
    {"internal:ops/fs", &DefineFsOps},
    {"internal:ops/process", &DefineProcessOps},
};

}  // namespace

const Extension& NodeExtension() {
  static const Extension extension = {
      .files = embedded::node_js::kFiles,
      .public_modules = kPublicModules,
      .native_modules = kNativeModules,
      .bootstrap = "jsbind/node/bootstrap.js",
  };
  return extension;
}

}  // namespace braid
