#ifndef BRAID_JSBIND_NODE_FS_VALUES_H_
#define BRAID_JSBIND_NODE_FS_VALUES_H_

#include <sys/stat.h>
#include <v8-value.h>

#include <vector>

#include "absl/time/time.h"
#include "jsbind/js.h"

namespace braid {

// How values of the file system cross to JS; see fs_ops.h.

// The 18 numbers of a Stats object.
using StatNumbers = std::vector<double>;
StatNumbers ToStatNumbers(const struct statx& status);

// Seconds since 1970.
absl::Time FromSeconds(double seconds);

// `constants` of node:fs.
v8::Local<v8::Value> FsConstants(Js& js);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_FS_VALUES_H_
