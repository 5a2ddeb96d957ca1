#ifndef BRAID_EXAMPLES_QUICKSTART_LOG_FORMAT_H_
#define BRAID_EXAMPLES_QUICKSTART_LOG_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace braid::quickstart {

// One change of the store: a value for a key, or the key's removal.
struct Change {
  std::string key;
  std::optional<std::string> value;
};

// The log is a sequence of frames, one for each batch of changes that was
// synced together (numbers are little-endian):
//
//   magic "BKV1" | length of payload: u32 | crc32c of payload: u32 | payload
//
// and the payload is a sequence of changes:
//
//   key length: u32 | value length + 1: u32, or 0 for a removal | key | value
//
// A batch is one frame, and no frame is written before the one in front of it
// is synced. So after a crash at most the last frame is damaged, and nobody
// was told that its changes are stored.
inline constexpr size_t kFrameHeaderBytes = 12;

// Appends a change to a payload.
void AppendChange(std::string& payload, const Change& change);

// The frame's header for a payload.
std::string FrameHeader(std::string_view payload);

struct LogContents {
  std::vector<Change> changes;  // In the order in which they were made.
  uint64_t valid_bytes;         // Where the log's undamaged part ends.
};

// Reads a log. A damaged end, as a crash leaves it, is left out:
// `valid_bytes` tells where to cut it off. Errors: DataLossError with the
// offset when undamaged frames follow a damaged one, which no crash explains.
absl::StatusOr<LogContents> ReadLog(std::string_view log);

}  // namespace braid::quickstart

#endif  // BRAID_EXAMPLES_QUICKSTART_LOG_FORMAT_H_
