#include "jsbind/node/string_encodings.h"

#include <simdutf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "jsbind/web/js_text.h"

namespace braid {
namespace {

using ValueView = v8::String::ValueView;

// Calls `function` with the string's units, of one byte or of two. It must not
// allocate on V8's heap.
template <typename F>
auto WithUnits(const ValueView& view, F function) {
  return view.is_one_byte() ? function(std::span(view.data8(), view.length()))
                            : function(std::span(view.data16(), view.length()));
}

size_t WriteUtf8(v8::Isolate* isolate, v8::Local<v8::String> string,
                 std::span<uint8_t> room) {
  char* const out = reinterpret_cast<char*>(room.data());
  {
    const ValueView view(isolate, string);
    if (view.is_one_byte()) {
      return simdutf::convert_latin1_to_utf8_safe(
          reinterpret_cast<const char*>(view.data8()), view.length(), out,
          room.size());
    }
    // With room for whatever it is, no character needs to be looked at twice.
    if (view.length() <= room.size() / 3) {
      const simdutf::result result = simdutf::convert_utf16_to_utf8_with_errors(
          reinterpret_cast<const char16_t*>(view.data16()), view.length(), out);
      if (result.error == simdutf::SUCCESS) return result.count;
    }
  }
  return string->WriteUtf8V2(isolate, out, room.size(),
                             v8::String::WriteFlags::kReplaceInvalidUtf8);
}

size_t WriteUtf16le(const ValueView& view, std::span<uint8_t> room) {
  const size_t units = std::min<size_t>(view.length(), room.size() / 2);
  WithUnits(view, [&](auto characters) {
    for (size_t i = 0; i < units; ++i) {
      room[2 * i] = static_cast<uint8_t>(characters[i]);
      room[2 * i + 1] = static_cast<uint8_t>(characters[i] >> 8);
    }
  });
  return 2 * units;
}

size_t WriteLatin1(const ValueView& view, std::span<uint8_t> room) {
  const size_t count = std::min<size_t>(view.length(), room.size());
  WithUnits(view, [&](auto characters) {
    for (size_t i = 0; i < count; ++i)
      room[i] = static_cast<uint8_t>(characters[i]);
  });
  return count;
}

// 0 to 15, or a negative number.
int HexDigit(unsigned unit) {
  if (unit >= '0' && unit <= '9') return static_cast<int>(unit - '0');
  const unsigned lower = unit | 0x20;
  if (lower >= 'a' && lower <= 'f') return static_cast<int>(lower - 'a' + 10);
  return -1;
}

// Up to the first pair that is no number.
size_t WriteHex(const ValueView& view, std::span<uint8_t> room) {
  const size_t pairs = std::min<size_t>(view.length() / 2, room.size());
  return WithUnits(view, [&](auto characters) {
    for (size_t i = 0; i < pairs; ++i) {
      const int high = HexDigit(characters[2 * i]);
      const int low = HexDigit(characters[2 * i + 1]);
      if ((high | low) < 0) return i;
      room[i] = static_cast<uint8_t>(high << 4 | low);
    }
    return pairs;
  });
}

// Takes both alphabets, skips what is in neither, ends at padding.
size_t WriteBase64(const ValueView& view, std::span<uint8_t> room) {
  return WithUnits(view, [&](auto characters) {
    using Unit = std::conditional_t<sizeof(characters[0]) == 1, char, char16_t>;
    const Unit* units = reinterpret_cast<const Unit*>(characters.data());
    const auto decode = [&](uint8_t* out) {
      return simdutf::base64_to_binary_details(
                 units, characters.size(), reinterpret_cast<char*>(out),
                 simdutf::base64_default_or_url_accept_garbage)
          .output_count;
    };
    const size_t size_max =
        simdutf::maximal_binary_length_from_base64(units, characters.size());
    if (size_max <= room.size()) return decode(room.data());
    const auto decoded = std::make_unique_for_overwrite<uint8_t[]>(size_max);
    const size_t count = std::min(decode(decoded.get()), room.size());
    if (count > 0) std::memcpy(room.data(), decoded.get(), count);
    return count;
  });
}

v8::Local<v8::Value> Utf16leString(Js& js, std::span<const uint8_t> bytes) {
  // A copy, since a Buffer may begin at an odd address.
  const size_t units = bytes.size() / 2;
  if (!CheckStringLength(js, units)) return {};
  const auto text = std::make_unique_for_overwrite<char16_t[]>(units);
  if (units > 0) std::memcpy(text.get(), bytes.data(), 2 * units);
  return TwoByteString(js, {text.get(), units});
}

// A one-byte string of `size` characters that `write(uint8_t*)` writes.
template <typename F>
v8::Local<v8::Value> MadeString(Js& js, size_t size, F write) {
  if (!CheckStringLength(js, size)) return {};
  std::array<uint8_t, 512> small;
  std::unique_ptr<uint8_t[]> large;
  uint8_t* text = small.data();
  if (size > small.size()) {
    large = std::make_unique_for_overwrite<uint8_t[]>(size);
    text = large.get();
  }
  write(text);
  return OneByteString(js, {text, size});
}

v8::Local<v8::Value> AsciiString(Js& js, std::span<const uint8_t> bytes) {
  return MadeString(js, bytes.size(), [&](uint8_t* text) {
    std::ranges::transform(bytes, text, [](uint8_t byte) {
      return static_cast<uint8_t>(byte & 0x7f);
    });
  });
}

v8::Local<v8::Value> Base64String(Js& js, std::span<const uint8_t> bytes,
                                  simdutf::base64_options options) {
  const size_t size = simdutf::base64_length_from_binary(bytes.size(), options);
  return MadeString(js, size, [&](uint8_t* text) {
    simdutf::binary_to_base64(reinterpret_cast<const char*>(bytes.data()),
                              bytes.size(), reinterpret_cast<char*>(text),
                              options);
  });
}

v8::Local<v8::Value> HexString(Js& js, std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  return MadeString(js, 2 * bytes.size(), [&](uint8_t* text) {
    for (const uint8_t byte : bytes) {
      *text++ = static_cast<uint8_t>(kDigits[byte >> 4]);
      *text++ = static_cast<uint8_t>(kDigits[byte & 15]);
    }
  });
}

// Whether `second` may follow the first byte of a longer character: what the
// Encoding Standard calls the lower and upper boundary.
bool MayFollow(uint8_t first, uint8_t second) {
  switch (first) {
    case 0xe0:
      return second >= 0xa0 && second <= 0xbf;
    case 0xed:
      return second >= 0x80 && second <= 0x9f;
    case 0xf0:
      return second >= 0x90 && second <= 0xbf;
    case 0xf4:
      return second >= 0x80 && second <= 0x8f;
    default:
      return second >= 0x80 && second <= 0xbf;
  }
}

size_t IncompleteUtf8(std::span<const uint8_t> bytes) {
  // Back over continuation bytes to a first byte that wants more of them.
  for (size_t count = 1; count <= std::min<size_t>(3, bytes.size()); ++count) {
    const uint8_t first = bytes[bytes.size() - count];
    if (first < 0x80) return 0;
    if (first < 0xc0) continue;
    const size_t length = first < 0xc2   ? 0
                          : first < 0xe0 ? 2
                          : first < 0xf0 ? 3
                          : first < 0xf5 ? 4
                                         : 0;
    if (length <= count) return 0;
    if (count > 1 && !MayFollow(first, bytes[bytes.size() - count + 1]))
      return 0;
    return count;
  }
  return 0;
}

}  // namespace

size_t EncodedSizeMax(v8::Isolate* isolate, v8::Local<v8::String> string,
                      StringEncoding encoding) {
  const size_t length = static_cast<size_t>(string->Length());
  switch (encoding) {
    case StringEncoding::kUtf8:
      return string->Utf8LengthV2(isolate);
    case StringEncoding::kUtf16le:
      return 2 * length;
    case StringEncoding::kLatin1:
    case StringEncoding::kAscii:
      return length;
    case StringEncoding::kBase64:
    case StringEncoding::kBase64Url:
      return length / 4 * 3 + 3;
    case StringEncoding::kHex:
      return length / 2;
  }
  return 0;
}

size_t EncodeString(v8::Isolate* isolate, v8::Local<v8::String> string,
                    StringEncoding encoding, std::span<uint8_t> room) {
  if (encoding == StringEncoding::kUtf8)
    return WriteUtf8(isolate, string, room);
  const ValueView view(isolate, string);
  switch (encoding) {
    case StringEncoding::kUtf8:
      break;  // Above.
    case StringEncoding::kUtf16le:
      return WriteUtf16le(view, room);
    case StringEncoding::kLatin1:
    case StringEncoding::kAscii:
      return WriteLatin1(view, room);
    case StringEncoding::kBase64:
    case StringEncoding::kBase64Url:
      return WriteBase64(view, room);
    case StringEncoding::kHex:
      return WriteHex(view, room);
  }
  return 0;
}

v8::Local<v8::Value> DecodeString(Js& js, std::span<const uint8_t> bytes,
                                  StringEncoding encoding) {
  switch (encoding) {
    case StringEncoding::kUtf8:
      return Utf8String(js, bytes);
    case StringEncoding::kUtf16le:
      return Utf16leString(js, bytes);
    case StringEncoding::kLatin1:
      return OneByteString(js, bytes);
    case StringEncoding::kAscii:
      return AsciiString(js, bytes);
    case StringEncoding::kBase64:
      return Base64String(js, bytes, simdutf::base64_default);
    case StringEncoding::kBase64Url:
      return Base64String(js, bytes, simdutf::base64_url);
    case StringEncoding::kHex:
      return HexString(js, bytes);
  }
  return js.Undefined();
}

size_t IncompleteSize(std::span<const uint8_t> bytes, StringEncoding encoding) {
  switch (encoding) {
    case StringEncoding::kUtf8:
      return IncompleteUtf8(bytes);
    case StringEncoding::kUtf16le: {
      if (bytes.size() % 2 != 0) return 1;
      const bool ends_high = !bytes.empty() && (bytes.back() & 0xfc) == 0xd8;
      return ends_high ? 2 : 0;
    }
    case StringEncoding::kBase64:
    case StringEncoding::kBase64Url:
      return bytes.size() % 3;
    case StringEncoding::kLatin1:
    case StringEncoding::kAscii:
    case StringEncoding::kHex:
      return 0;
  }
  return 0;
}

}  // namespace braid
