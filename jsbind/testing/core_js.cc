#include "jsbind/testing/core_js.h"

#include "jsbind/core_js_files.h"

namespace braid {

const Extension& CoreJs() {
  static constexpr Extension::PublicModule kModules[] = {
      {"braid:test-process", "jsbind/testing/process.js"},
      {"node:test-process", "jsbind/testing/process.js"},
  };
  static const Extension kExtension = {embedded::core_js_files::kFiles,
                                       kModules,
                                       {},
                                       "jsbind/testing/bootstrap.js"};
  return kExtension;
}

}  // namespace braid
