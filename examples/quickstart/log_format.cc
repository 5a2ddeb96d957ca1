#include "examples/quickstart/log_format.h"

#include "absl/crc/crc32c.h"
#include "absl/strings/str_cat.h"

namespace braid::quickstart {
namespace {

constexpr std::string_view kMagic = "BKV1";

void AppendU32(std::string& out, uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<char>(number >> shift));
}

uint32_t ReadU32(std::string_view in) {
  uint32_t number = 0;
  for (int i = 3; i >= 0; --i)
    number = number << 8 | static_cast<uint8_t>(in[i]);
  return number;
}

// The payload of the frame at the beginning of `log`, or nothing if there is
// no undamaged frame.
std::optional<std::string_view> FramePayload(std::string_view log) {
  if (log.size() < kFrameHeaderBytes || !log.starts_with(kMagic))
    return std::nullopt;
  const uint32_t length = ReadU32(log.substr(4));
  if (length > log.size() - kFrameHeaderBytes) return std::nullopt;
  const std::string_view payload = log.substr(kFrameHeaderBytes, length);
  const auto checksum = static_cast<uint32_t>(absl::ComputeCrc32c(payload));
  if (checksum != ReadU32(log.substr(8))) return std::nullopt;
  return payload;
}

// Takes the changes out of a payload; false if it is not made of changes.
bool ReadChanges(std::string_view payload, std::vector<Change>& changes) {
  while (!payload.empty()) {
    if (payload.size() < 8) return false;
    const uint64_t key_bytes = ReadU32(payload);
    const uint64_t value_bytes_plus_1 = ReadU32(payload.substr(4));
    const uint64_t value_bytes =
        value_bytes_plus_1 == 0 ? 0 : value_bytes_plus_1 - 1;
    payload.remove_prefix(8);
    if (key_bytes + value_bytes > payload.size()) return false;
    Change change{std::string(payload.substr(0, key_bytes)), std::nullopt};
    if (value_bytes_plus_1 > 0)
      change.value = payload.substr(key_bytes, value_bytes);
    payload.remove_prefix(key_bytes + value_bytes);
    changes.push_back(std::move(change));
  }
  return true;
}

}  // namespace

void AppendChange(std::string& payload, const Change& change) {
  AppendU32(payload, static_cast<uint32_t>(change.key.size()));
  AppendU32(payload, change.value.has_value()
                         ? static_cast<uint32_t>(change.value->size()) + 1
                         : 0);
  payload += change.key;
  if (change.value.has_value()) payload += *change.value;
}

std::string FrameHeader(std::string_view payload) {
  std::string header(kMagic);
  AppendU32(header, static_cast<uint32_t>(payload.size()));
  AppendU32(header, static_cast<uint32_t>(absl::ComputeCrc32c(payload)));
  return header;
}

absl::StatusOr<LogContents> ReadLog(std::string_view log) {
  LogContents contents{{}, 0};
  while (const std::optional<std::string_view> payload =
             FramePayload(log.substr(contents.valid_bytes))) {
    if (!ReadChanges(*payload, contents.changes)) {
      return absl::DataLossError(absl::StrCat(
          "the frame at byte ", contents.valid_bytes, " holds no changes"));
    }
    contents.valid_bytes += kFrameHeaderBytes + payload->size();
  }
  for (size_t at = log.find(kMagic, contents.valid_bytes + 1);
       at != std::string_view::npos; at = log.find(kMagic, at + 1)) {
    if (FramePayload(log.substr(at)).has_value()) {
      return absl::DataLossError(
          absl::StrCat("the log is damaged at byte ", contents.valid_bytes,
                       ", before undamaged data at byte ", at));
    }
  }
  return contents;
}

}  // namespace braid::quickstart
