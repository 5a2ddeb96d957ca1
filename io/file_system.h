#ifndef BRAID_IO_FILE_SYSTEM_H_
#define BRAID_IO_FILE_SYSTEM_H_

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "io/driver/path_calls.h"
#include "io/loop.h"

namespace braid {

// Operations on paths. Those for which the kernel has a ring operation go
// through the ring, the rest to the thread pool.
//
// Errors: statuses with errno, the system call and the path ("unlink a.txt: No
// such file or directory"); calls with two paths name "from -> to".
// Paths are copied into the task. Cancellation: as AwaitableOperation and
// Blocking have it; an operation may have happened although it reports
// CancelledError. Thread: the loop's.

enum class Symlinks { kFollow, kDoNotFollow };

Task<absl::StatusOr<struct statx>> StatPath(
    Loop& loop, std::string path, Symlinks symlinks = Symlinks::kFollow);
Task<absl::Status> MakeDirectory(Loop& loop, std::string path,
                                 mode_t mode = 0777);
Task<absl::Status> RemoveFile(Loop& loop, std::string path);
Task<absl::Status> RemoveDirectory(Loop& loop, std::string path);
Task<absl::Status> Rename(Loop& loop, std::string from, std::string to);
Task<absl::Status> MakeSymlink(Loop& loop, std::string target,
                               std::string path);
Task<absl::Status> MakeHardLink(Loop& loop, std::string from, std::string to);

// What is in a directory, without "." and "..", in the file system's order.
Task<absl::StatusOr<std::vector<DirectoryEntry>>> ReadDirectory(
    Loop& loop, std::string path);

Task<absl::StatusOr<std::string>> ReadSymlink(Loop& loop, std::string path);
// The absolute path without symbolic links.
Task<absl::StatusOr<std::string>> RealPath(Loop& loop, std::string path);
// `mode` as for access(2): F_OK, R_OK | W_OK, …
Task<absl::Status> CheckAccess(Loop& loop, std::string path, int mode);
Task<absl::Status> ChangeMode(Loop& loop, std::string path, mode_t mode);
Task<absl::Status> TruncatePath(Loop& loop, std::string path, uint64_t size);
Task<absl::Status> SetFileTimes(Loop& loop, std::string path, absl::Time access,
                                absl::Time modification);
// Makes a directory with a new name: `prefix` and six random characters.
Task<absl::StatusOr<std::string>> MakeTemporaryDirectory(Loop& loop,
                                                         std::string prefix);

}  // namespace braid

#endif  // BRAID_IO_FILE_SYSTEM_H_
