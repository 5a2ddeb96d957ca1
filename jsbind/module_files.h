#ifndef BRAID_JSBIND_MODULE_FILES_H_
#define BRAID_JSBIND_MODULE_FILES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace braid {

// What the search for modules asks the file system. These block, as require()
// must: each is a few system calls on names and small files.
// Thread: any.

enum class FileKind : unsigned char { kNone, kFile, kFolder };

// A source file of more than this is no source file.
inline constexpr uint64_t kSourceBytesMax = uint64_t{256} << 20;

// What is at `path`, symbolic links followed. Anything that is no folder is a
// file: programs come from pipes too.
FileKind FileKindOf(std::string_view path);

// `path` with all symbolic links followed; `path` itself if that fails.
std::string RealPathOf(std::string_view path);

// The bytes of a file, at most kSourceBytesMax. Errors: the errno, with "open"
// or "read" and the path.
absl::StatusOr<std::string> ReadFileNow(std::string_view path);

// `source` without the byte order mark at its beginning.
std::string_view WithoutBom(std::string_view source);

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_FILES_H_
