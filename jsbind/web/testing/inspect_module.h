#ifndef BRAID_JSBIND_WEB_TESTING_INSPECT_MODULE_H_
#define BRAID_JSBIND_WEB_TESTING_INSPECT_MODULE_H_

#include "jsbind/extension.h"

namespace braid {

// Lets tests import what programs reach only through console: "braid:inspect"
// and "braid:format". To be used beside WebExtension().
inline const Extension& InspectModule() {
  static constexpr Extension::PublicModule kModules[] = {
      {"braid:inspect", "jsbind/web/inspect.js"},
      {"braid:format", "jsbind/web/format.js"},
  };
  static const Extension extension = {.files = {},
                                      .public_modules = kModules,
                                      .native_modules = {},
                                      .bootstrap = {}};
  return extension;
}

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_TESTING_INSPECT_MODULE_H_
