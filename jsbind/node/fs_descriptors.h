#ifndef BRAID_JSBIND_NODE_FS_DESCRIPTORS_H_
#define BRAID_JSBIND_NODE_FS_DESCRIPTORS_H_

#include "jsbind/module_def.h"

namespace braid {

// The part of "internal:ops/fs_calls" that works on descriptors, which scripts
// hold as numbers and close themselves; fs_ops.h lists it.
void DefineDescriptorCalls(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_DESCRIPTORS_H_
