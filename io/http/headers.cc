#include "io/http/headers.h"

#include <cstring>

#include "absl/log/check.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "io/http/chars.h"

namespace braid {
namespace {

constexpr std::string_view kSeparator = ": ";
constexpr size_t kWireOverhead = kSeparator.size() + kLineBreak.size();

std::string_view StripSpace(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  return StripTrailingSpace(text);
}

absl::Status CheckName(std::string_view name) {
  if (name.empty())
    return absl::InvalidArgumentError("a header without a name");
  const size_t bad = FindNonToken(name);
  if (bad == std::string_view::npos) [[likely]]
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "invalid character 0x%02x at position %d of the header name \"%s\"",
      static_cast<unsigned char>(name[bad]), bad, absl::CEscape(name)));
}

absl::Status CheckValue(std::string_view name, std::string_view value) {
  const size_t bad = FindNonValue(value);
  if (bad == std::string_view::npos) [[likely]]
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "invalid character 0x%02x at position %d of the value of header \"%s\"",
      static_cast<unsigned char>(value[bad]), bad, name));
}

}  // namespace

HttpField FieldOf(std::string_view name) {
  const auto is = [&](std::string_view field) {
    return absl::EqualsIgnoreCase(name, field);
  };
  switch (name.size()) {
    case 4:
      if (is("host")) return HttpField::kHost;
      if (is("date")) return HttpField::kDate;
      break;
    case 6:
      if (is("expect")) return HttpField::kExpect;
      break;
    case 10:
      if (is("connection")) return HttpField::kConnection;
      break;
    case 14:
      if (is("content-length")) return HttpField::kContentLength;
      break;
    case 17:
      if (is("transfer-encoding")) return HttpField::kTransferEncoding;
      break;
    default:
      break;
  }
  return HttpField::kOther;
}

bool HttpHeaders::Matches(const Entry& entry, HttpField field,
                          std::string_view name) const {
  if (entry.field != field) return false;
  return field != HttpField::kOther ||
         absl::EqualsIgnoreCase(Text(entry.name_offset, entry.name_size), name);
}

std::optional<std::string_view> HttpHeaders::Get(std::string_view name) const {
  const HttpField field = FieldOf(name);
  if (!Has(field)) return std::nullopt;
  for (const Entry& entry : entries_) {
    if (Matches(entry, field, name))
      return Text(entry.value_offset, entry.value_size);
  }
  return std::nullopt;
}

std::optional<std::string_view> HttpHeaders::Get(HttpField field) const {
  DCHECK(field != HttpField::kOther);
  if (!Has(field)) return std::nullopt;
  for (const Entry& entry : entries_) {
    if (entry.field == field) return Text(entry.value_offset, entry.value_size);
  }
  return std::nullopt;
}

std::optional<std::string> HttpHeaders::GetCombined(
    std::string_view name) const {
  const HttpField field = FieldOf(name);
  std::optional<std::string> combined;
  for (const Entry& entry : entries_) {
    if (!Matches(entry, field, name)) continue;
    const std::string_view value = Text(entry.value_offset, entry.value_size);
    if (combined.has_value()) {
      absl::StrAppend(&*combined, ", ", value);
    } else {
      combined.emplace(value);
    }
  }
  return combined;
}

absl::Status HttpHeaders::Append(std::string_view name,
                                 std::string_view value) {
  value = StripSpace(value);
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  if (absl::Status status = CheckValue(name, value); !status.ok())
    return status;
  AppendChecked(name, value, FieldOf(name));
  return absl::OkStatus();
}

absl::Status HttpHeaders::Set(std::string_view name, std::string_view value) {
  value = StripSpace(value);
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  if (absl::Status status = CheckValue(name, value); !status.ok())
    return status;
  const HttpField field = FieldOf(name);
  if (Has(field)) Delete(name, field);
  AppendChecked(name, value, field);
  return absl::OkStatus();
}

void HttpHeaders::AppendChecked(std::string_view name, std::string_view value,
                                HttpField field) {
  const size_t offset = text_.size();
  const size_t bytes = name.size() + value.size() + kWireOverhead;
  text_.append(name).append(kSeparator).append(value).append(kLineBreak);
  const size_t value_offset = offset + name.size() + kSeparator.size();
  entries_.push_back({static_cast<uint32_t>(offset),
                      static_cast<uint32_t>(name.size()),
                      static_cast<uint32_t>(value_offset),
                      static_cast<uint32_t>(value.size()), field});
  wire_bytes_ += bytes;
  present_ |= Bit(field);
}

size_t HttpHeaders::Delete(std::string_view name) {
  return Delete(name, FieldOf(name));
}

size_t HttpHeaders::Delete(std::string_view name, HttpField field) {
  const size_t removed = std::erase_if(entries_, [&](const Entry& entry) {
    if (!Matches(entry, field, name)) return false;
    wire_bytes_ -= entry.name_size + entry.value_size + kWireOverhead;
    return true;
  });
  if (removed == 0) return 0;
  text_is_wire_ = false;
  if (field != HttpField::kOther) present_ &= ~Bit(field);
  // Replacing a header over and over must not let the text grow for ever.
  constexpr size_t kWasteMin = 1024;
  if (text_.size() > 2 * wire_bytes_ + kWasteMin) Compact();
  return removed;
}

void HttpHeaders::Compact() {
  std::string text;
  text.reserve(wire_bytes_);
  for (Entry& entry : entries_) {
    const std::string_view name = Text(entry.name_offset, entry.name_size);
    const std::string_view value = Text(entry.value_offset, entry.value_size);
    entry.name_offset = static_cast<uint32_t>(text.size());
    entry.value_offset =
        static_cast<uint32_t>(text.size() + name.size() + kSeparator.size());
    text.append(name).append(kSeparator).append(value).append(kLineBreak);
  }
  text_ = std::move(text);
  text_is_wire_ = true;
}

void HttpHeaders::Clear() {
  text_.clear();
  entries_.clear();
  wire_bytes_ = 0;
  present_ = 0;
  text_is_wire_ = true;
}

void HttpHeaders::ReleaseMemory() {
  DCHECK(empty());
  std::string().swap(text_);
  std::vector<Entry>().swap(entries_);
}

char* HttpHeaders::WriteTo(char* out) const {
  const auto write = [&out](std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    out += text.size();
  };
  if (text_is_wire_) {
    DCHECK_EQ(text_.size(), wire_bytes_);
    write(text_);
    return out;
  }
  for (Header header : *this) {
    write(header.name);
    write(kSeparator);
    write(header.value);
    write(kLineBreak);
  }
  return out;
}

std::string_view HttpHeaders::ParsedValue(HttpField field,
                                          std::string_view text) const {
  DCHECK(Has(field));
  size_t i = 0;
  while (entries_[i].field != field) ++i;
  return text.substr(entries_[i].value_offset, entries_[i].value_size);
}

void HttpHeaders::AddParsed(size_t name_offset, size_t name_size,
                            size_t value_offset, size_t value_size,
                            HttpField field) {
  entries_.push_back({static_cast<uint32_t>(name_offset),
                      static_cast<uint32_t>(name_size),
                      static_cast<uint32_t>(value_offset),
                      static_cast<uint32_t>(value_size), field});
  wire_bytes_ += name_size + value_size + kWireOverhead;
  present_ |= Bit(field);
  // The head also has a request line and its own spacing.
  text_is_wire_ = false;
}

}  // namespace braid
