#ifndef BRAID_JSBIND_WEB_CLONE_OPS_H_
#define BRAID_JSBIND_WEB_CLONE_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/clone": what structuredClone() cannot find out in JavaScript.
//
//   describeView(view)           what a typed array or DataView is but for its
//                                buffer, as bytes; throws if it is out of
//                                bounds
//   viewOf(description, buffer)  a view like the described one
//   sharedBufferOver(buffer)     another SharedArrayBuffer for the same memory
//   isWasmModule(value)
//   copyWasmModule(module)       another object for the same compiled code
void DefineCloneOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_CLONE_OPS_H_
