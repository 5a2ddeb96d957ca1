// The reader of the quickstart's log.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "examples/quickstart/log_format.h"

using braid::quickstart::AppendChange;
using braid::quickstart::Change;
using braid::quickstart::FrameHeader;
using braid::quickstart::LogContents;
using braid::quickstart::ReadLog;

namespace {

bool Same(const Change& a, const Change& b) {
  return a.key == b.key && a.value == b.value;
}

// A log with these changes that is whole must give them back.
void CheckRoundTrip(const LogContents& contents) {
  std::string log;
  for (const Change& change : contents.changes) {
    std::string payload;
    AppendChange(payload, change);
    log += FrameHeader(payload) + payload;
  }
  const absl::StatusOr<LogContents> again = ReadLog(log);
  CHECK_OK(again);
  CHECK_EQ(again->valid_bytes, log.size());
  CHECK_EQ(again->changes.size(), contents.changes.size());
  for (size_t i = 0; i < contents.changes.size(); ++i)
    CHECK(Same(again->changes[i], contents.changes[i]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view log(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<LogContents> contents = ReadLog(log);
  if (!contents.ok()) return 0;
  CHECK_LE(contents->valid_bytes, size);
  // Cutting the damaged end off leaves the same log, and nothing damaged.
  const absl::StatusOr<LogContents> cut =
      ReadLog(log.substr(0, contents->valid_bytes));
  CHECK_OK(cut);
  CHECK_EQ(cut->valid_bytes, contents->valid_bytes);
  CHECK_EQ(cut->changes.size(), contents->changes.size());
  CheckRoundTrip(*contents);
  return 0;
}
