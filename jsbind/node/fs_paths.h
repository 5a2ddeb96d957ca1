#ifndef BRAID_JSBIND_NODE_FS_PATHS_H_
#define BRAID_JSBIND_NODE_FS_PATHS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace braid {

// System calls on paths that are more than one, or that no ring has an
// operation for: made at once. They block, so a loop's thread makes them for
// the ...Sync() functions of node:fs alone, and a thread of the pool for the
// others.
//
// Errors: as io/file_system.h. Thread: any.

// Makes a directory and all that leads there. Gives the first that it made.
absl::StatusOr<std::optional<std::string>> MakeDirectoriesNow(
    const std::string& path, mode_t mode);

// Whom a file belongs to; -1 leaves one as it is.
absl::Status ChangeOwnerNow(const std::string& path, uid_t user, gid_t group);
// The same of a symbolic link.
absl::Status ChangeLinkOwnerNow(const std::string& path, uid_t user,
                                gid_t group);

// Sets the times of a file, or of the symbolic link itself; in seconds since
// 1970.
absl::Status SetTimesNow(const std::string& path, double access,
                         double modification);
absl::Status SetLinkTimesNow(const std::string& path, double access,
                             double modification);

// The names in a directory and what they are (DT_REG, ...), without "." and
// "..".
using DirectoryNames =
    std::tuple<std::vector<std::string>, std::vector<int32_t>>;
absl::StatusOr<DirectoryNames> ReadDirectoryNow(const std::string& path);

// The seven numbers of statfs(2): type, block size, blocks, free blocks, those
// for everybody, files, free files.
absl::StatusOr<std::vector<double>> StatFileSystemNow(const std::string& path);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_PATHS_H_
