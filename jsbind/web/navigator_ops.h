#ifndef BRAID_JSBIND_WEB_NAVIGATOR_OPS_H_
#define BRAID_JSBIND_WEB_NAVIGATOR_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/navigator": what `navigator` tells.
//
//   hardwareConcurrency()   CPUs that this process may run on
//   version()               Braid's
void DefineNavigatorOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_NAVIGATOR_OPS_H_
