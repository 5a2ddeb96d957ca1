#ifndef BRAID_JSBIND_NODE_FS_OPS_H_
#define BRAID_JSBIND_NODE_FS_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/fs": files and directories. Everything but `constants` is async
// and takes {signal} behind its arguments; errors carry errno, syscall and
// path. Paths are text.
//
//   readFile(path), readText(path)    the whole file as Uint8Array, as UTF-8
//   stat(path), lstat(path)           18 numbers: dev, mode, nlink, uid, gid,
//                                     rdev, blksize, ino, size, blocks, then
//                                     seconds and nanoseconds of atime, mtime,
//                                     ctime, birthtime
//   readDirectory(path)               [names, types], types as DT_REG, ...
//   makeDirectory(path, mode), makeDirectories(path, mode)
//                                     the latter with all that leads there;
//                                     gives the first that it made, or
//                                     undefined
//   makeTemporaryDirectory(prefix), removeFile, removeDirectory,
//   rename(from, to), copyFile(from, to, flags), symlink(target, path),
//   link(from, to), readlink, realpath, access(path, mode), chmod(path, mode)
//   utimes(path, atime, mtime)        times in seconds since 1970
//   File.open(path, flags, mode)      with read(bytes, position), write(bytes,
//                                     position), both giving a count and taking
//                                     the position -1 for the file's own;
//                                     readAll(), writeAll(bytes, position),
//                                     stat(), truncate(size), sync(),
//                                     syncData(), chmod(mode), utimes(atime,
//                                     mtime), close(), fd
//   constants                         of <fcntl.h>, <unistd.h> and <sys/stat.h>
void DefineFsOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_OPS_H_
