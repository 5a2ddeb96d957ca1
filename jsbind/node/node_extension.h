#ifndef BRAID_JSBIND_NODE_NODE_EXTENSION_H_
#define BRAID_JSBIND_NODE_NODE_EXTENSION_H_

#include "jsbind/extension.h"

namespace braid {

// Node's modules that packages import most (node:events, node:fs/promises,
// node:path, node:process) and the global process. To be used behind
// WebExtension(), on which it stands:
//
//   RuntimeOptions options;
//   options.extensions = {&WebExtension(), &NodeExtension()};
const Extension& NodeExtension();

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_NODE_EXTENSION_H_
