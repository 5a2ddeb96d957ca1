#ifndef BRAID_JSBIND_NODE_FS_FILE_H_
#define BRAID_JSBIND_NODE_FS_FILE_H_

#include "io/file.h"
#include "jsbind/module_def.h"

namespace braid {

// The class File of "internal:ops/fs", which fs_ops.h describes.
void DefineFsFile(ClassDef<File>& file);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_FILE_H_
