#ifndef BRAID_JSBIND_NODE_FS_COPY_H_
#define BRAID_JSBIND_NODE_FS_COPY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "async/task.h"
#include "io/loop.h"

namespace braid {

// Flags of CopyFile(), with Node's values.
inline constexpr int kCopyExclusive = 1;   // The target must not be there.
inline constexpr int kCopyClone = 2;       // Shares the blocks if it can be.
inline constexpr int kCopyForceClone = 4;  // Shares them, or fails.

// Copies a file with its mode, inside the kernel where that can do it; what is
// at `to` is replaced. Errors: what open(2), copy_file_range(2) and ioctl(2)
// give, with the subject "from -> to"; EISDIR for a directory.
// Cancellation: as Blocking(); the copy goes on.
absl::Status CopyFileNow(const std::string& from, const std::string& to,
                         int32_t flags);
// The same on a thread of the pool.
Task<absl::Status> CopyFile(Loop& loop, std::string from, std::string to,
                            int32_t flags);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_COPY_H_
