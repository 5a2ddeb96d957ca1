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
//   chown(path, user, group), lchown(path, user, group)
//   utimes(path, atime, mtime), lutimes(path, atime, mtime)
//                                     times in seconds since 1970
//   statfs(path)                      7 numbers: type, bsize, blocks, bfree,
//                                     bavail, files, ffree
//   File.open(path, flags, mode)      with read(bytes, position), write(bytes,
//                                     position), both giving a count and taking
//                                     the position -1 for the file's own;
//                                     readAll(), writeAll(bytes, position),
//                                     stat(), truncate(size), sync(),
//                                     syncData(), chmod(mode), chown(user, group),
//                                     utimes(atime, mtime), close(), fd
//   constants                         of <fcntl.h>, <unistd.h> and <sys/stat.h>
void DefineFsOps(ModuleDef& module);

// "internal:ops/fs_calls": the same functions of paths for callbacks
// (ModuleDef::SuspendingFunction), and on descriptors open(path, flags, mode),
// close(fd), read(fd, bytes, position), write(fd, bytes, position),
// writeAll(fd, bytes, position), readv(fd, list, position), writev(fd, list,
// position), readFileOf(fd), fstat(fd), ftruncate(fd, size), fsync(fd),
// fdatasync(fd), fchmod(fd, mode), fchown(fd, user, group), futimes(fd, atime,
// mtime).
void DefineFsCalls(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_OPS_H_
