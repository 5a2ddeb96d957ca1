#ifndef BRAID_IO_HTTP_CHARS_H_
#define BRAID_IO_HTTP_CHARS_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace braid {

// The character classes of HTTP (RFC 9110, section 5.6). Bytes, not text:
// nothing here depends on a locale.

namespace internal {

constexpr std::array<bool, 256> MakeTable(std::string_view punctuation) {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (char c : punctuation) table[static_cast<unsigned char>(c)] = true;
  return table;
}

inline constexpr std::array<bool, 256> kTokenTable =
    MakeTable("!#$%&'*+-.^_`|~");
inline constexpr std::array<bool, 256> kHostTable =
    MakeTable("-._~!$&'()*+,;=:%[]");

}  // namespace internal

inline constexpr std::string_view kLineBreak = "\r\n";

// Whether `c` may stand in a method or a header's name.
constexpr bool IsTokenChar(char c) {
  return internal::kTokenTable[static_cast<unsigned char>(c)];
}

// Whether `c` may stand in the value of Host: what a host and a port are made
// of.
constexpr bool IsHostChar(char c) {
  return internal::kHostTable[static_cast<unsigned char>(c)];
}

// Whether `c` may stand in a header's value: visible, a space, a tab, or
// above ASCII. So no line break and no NUL.
constexpr bool IsValueChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The position of the first character that is not of the class, or npos.
inline size_t FindNonToken(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsTokenChar(text[i])) return i;
  }
  return std::string_view::npos;
}

inline size_t FindNonValue(std::string_view text) {
  size_t i = 0;
  // Eight bytes at a time: is one below 0x20, or is one 0x7f? A borrow can
  // flag a byte too many, never one too few, and the loop below decides.
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighBits = 0x8080808080808080;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    const uint64_t below_space = (word - kOnes * 0x20) & ~word;
    const uint64_t del = word ^ (kOnes * 0x7f);
    if (((below_space | ((del - kOnes) & ~del)) & kHighBits) != 0) break;
  }
  for (; i < text.size(); ++i) {
    if (!IsValueChar(text[i])) return i;
  }
  return std::string_view::npos;
}

// Without the spaces and tabs at the end.
inline std::string_view StripTrailingSpace(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

}  // namespace braid

#endif  // BRAID_IO_HTTP_CHARS_H_
