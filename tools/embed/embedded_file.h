#ifndef BRAID_TOOLS_EMBED_EMBEDDED_FILE_H_
#define BRAID_TOOLS_EMBED_EMBEDDED_FILE_H_

#include <algorithm>
#include <span>
#include <string_view>

namespace braid {

// A file that was compiled into the program by embed_files (embed.bzl).
//
// Both views point at string literals: they are valid as long as the program
// runs, may be read from any thread, and a zero byte follows each.
struct EmbeddedFile {
  // The file's path from the workspace's root on, as in "jsbind/web/url.js".
  std::string_view name;
  // The file's bytes, unchanged.
  std::string_view contents;
};

// Finds a file by its whole name, in O(log n); nullptr if there is none.
// `files` must be sorted by name, as every generated table is.
inline const EmbeddedFile* FindEmbeddedFile(std::span<const EmbeddedFile> files,
                                            std::string_view name) {
  const auto found =
      std::ranges::lower_bound(files, name, {}, &EmbeddedFile::name);
  return found != files.end() && found->name == name ? &*found : nullptr;
}

}  // namespace braid

#endif  // BRAID_TOOLS_EMBED_EMBEDDED_FILE_H_
