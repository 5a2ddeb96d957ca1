#include "jsbind/web/encoding_ops.h"

#include <simdutf.h>
#include <v8-array-buffer.h>
#include <v8-primitive.h>
#include <v8-typed-array.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jsbind/shared_array.h"

namespace braid {
namespace {

constexpr char16_t kReplacement = 0xfffd;

// What bytes 0x80 to 0x9f mean in windows-1252; the others mean themselves.
constexpr std::array<char16_t, 32> kWindows1252High = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

// The string, or an exception where it would be longer than V8 allows.
v8::Local<v8::Value> OrThrow(Js& js, v8::MaybeLocal<v8::String> string) {
  v8::Local<v8::String> result;
  if (!string.ToLocal(&result)) {
    js.isolate()->ThrowException(v8::Exception::RangeError(
        js.String("Cannot create a string longer than 0x1fffffe8 characters")));
    return {};
  }
  return result;
}

v8::Local<v8::Value> OneByteString(Js& js, const uint8_t* bytes, size_t size) {
  return OrThrow(js, v8::String::NewFromOneByte(
                         js.isolate(), bytes, v8::NewStringType::kNormal,
                         static_cast<int>(std::min<size_t>(size, INT_MAX))));
}

v8::Local<v8::Value> TwoByteString(Js& js, const char16_t* units, size_t size) {
  return OrThrow(js, v8::String::NewFromTwoByte(
                         js.isolate(), reinterpret_cast<const uint16_t*>(units),
                         v8::NewStringType::kNormal,
                         static_cast<int>(std::min<size_t>(size, INT_MAX))));
}

v8::Local<v8::Value> Encode(Js& js, v8::Local<v8::Value> value) {
  v8::Local<v8::String> string = value.As<v8::String>();
  const size_t size = string->Utf8LengthV2(js.isolate());
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(
           js.isolate(), size,
           v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    js.isolate()->ThrowException(
        v8::Exception::RangeError(js.String("Array buffer allocation failed")));
    return {};
  }
  string->WriteUtf8V2(js.isolate(), static_cast<char*>(buffer->Data()), size,
                      v8::String::WriteFlags::kReplaceInvalidUtf8);
  return v8::Uint8Array::New(buffer, 0, size);
}

v8::Local<v8::Value> DecodeUtf8(Js& js, std::span<const uint8_t> bytes,
                                bool fatal) {
  const char* data = reinterpret_cast<const char*>(bytes.data());
  if (simdutf::validate_ascii(data, bytes.size())) {
    return OneByteString(js, bytes.data(), bytes.size());
  }
  // Most text is valid: convert and find out.
  const size_t units = simdutf::utf16_length_from_utf8(data, bytes.size());
  const auto text = std::make_unique_for_overwrite<char16_t[]>(units);
  const simdutf::result result = simdutf::convert_utf8_to_utf16_with_errors(
      data, bytes.size(), text.get());
  if (result.error == simdutf::SUCCESS)
    return TwoByteString(js, text.get(), result.count);
  if (fatal) return js.Undefined();
  // V8 replaces as the standard wants: one U+FFFD for each maximal subpart.
  return OrThrow(
      js, v8::String::NewFromUtf8(
              js.isolate(), data, v8::NewStringType::kNormal,
              static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX))));
}

v8::Local<v8::Value> DecodeUtf16(Js& js, std::span<const uint8_t> bytes,
                                 bool is_big_endian, bool fatal) {
  const size_t units = bytes.size() / 2;
  const bool has_odd_byte = bytes.size() % 2 != 0;
  if (fatal && has_odd_byte) return js.Undefined();
  std::vector<char16_t> text(units + (has_odd_byte ? 1 : 0));
  for (size_t i = 0; i < units; ++i) {
    const uint8_t first = bytes[2 * i];
    const uint8_t second = bytes[2 * i + 1];
    text[i] = static_cast<char16_t>(is_big_endian ? first << 8 | second
                                                  : second << 8 | first);
  }
  if (has_odd_byte) text[units] = kReplacement;
  if (fatal && !simdutf::validate_utf16(text.data(), text.size()))
    return js.Undefined();
  if (!fatal)
    simdutf::to_well_formed_utf16(text.data(), text.size(), text.data());
  return TwoByteString(js, text.data(), text.size());
}

v8::Local<v8::Value> DecodeWindows1252(Js& js, std::span<const uint8_t> bytes) {
  const auto is_high = [](uint8_t byte) {
    return byte >= 0x80 && byte <= 0x9f;
  };
  if (std::ranges::none_of(bytes, is_high))
    return OneByteString(js, bytes.data(), bytes.size());
  std::vector<char16_t> text(bytes.size());
  std::ranges::transform(bytes, text.begin(), [&](uint8_t byte) -> char16_t {
    return is_high(byte) ? kWindows1252High[byte - 0x80] : byte;
  });
  return TwoByteString(js, text.data(), text.size());
}

}  // namespace

void DefineEncodingOps(ModuleDef& module) {
  // Where encodeInto() leaves its two numbers, instead of an object for each
  // call.
  auto counts = std::make_shared<SharedArray<uint32_t, 2>>();
  module.Function<&Encode>("encode")
      .Function("encodeInto",
                [counts](Js& js, v8::Local<v8::Value> value,
                         std::span<uint8_t> destination) {
                  v8::Local<v8::String> string = value.As<v8::String>();
                  size_t read = 0;
                  (*counts)[1] = static_cast<uint32_t>(string->WriteUtf8V2(
                      js.isolate(), reinterpret_cast<char*>(destination.data()),
                      destination.size(),
                      v8::String::WriteFlags::kReplaceInvalidUtf8, &read));
                  (*counts)[0] = static_cast<uint32_t>(read);
                })
      .Shared("encodeIntoResult", *counts)
      .Function<&DecodeUtf8>("decodeUtf8")
      .Function<&DecodeUtf16>("decodeUtf16")
      .Function<&DecodeWindows1252>("decodeWindows1252")
      .Function("decodeLatin1", [](Js& js, std::span<const uint8_t> bytes) {
        return OneByteString(js, bytes.data(), bytes.size());
      });
}

}  // namespace braid
