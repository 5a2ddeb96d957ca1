#ifndef BRAID_JSBIND_NODE_FS_SYNC_OPS_H_
#define BRAID_JSBIND_NODE_FS_SYNC_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/fs_sync": the functions of "internal:ops/fs" (fs_ops.h) as
// system calls that are made at once, past the loop, for the ...Sync()
// functions of node:fs. Names, arguments, results and errors are the same;
// beside them
//
//   exists(path)
//   stat(path, must_exist), lstat(path, must_exist)
//                             undefined for what is not there and need not be
//   readFile(path), readText(path), readFileOf(fd), readTextOf(fd)
//   writeFile(path, flags, mode, data, flush), writeAll(fd, data, position)
//                             the data is text or bytes
//
// and on descriptors open(path, flags, mode), close(fd), read(fd, bytes,
// position), write(fd, bytes, position), readv(fd, list, position),
// writev(fd, list, position), fstat, ftruncate, fsync, fdatasync, fchmod,
// fchown, futimes.
void DefineFsSyncOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_SYNC_OPS_H_
