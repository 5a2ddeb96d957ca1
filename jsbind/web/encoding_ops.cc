#include "jsbind/web/encoding_ops.h"

#include <simdutf.h>
#include <v8-array-buffer.h>
#include <v8-primitive.h>
#include <v8-typed-array.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jsbind/shared_array.h"
#include "jsbind/web/js_text.h"

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
  return fatal ? ValidUtf8String(js, bytes) : Utf8String(js, bytes);
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
  return TwoByteString(js, text);
}

v8::Local<v8::Value> DecodeWindows1252(Js& js, std::span<const uint8_t> bytes) {
  const auto is_high = [](uint8_t byte) {
    return byte >= 0x80 && byte <= 0x9f;
  };
  if (std::ranges::none_of(bytes, is_high)) return OneByteString(js, bytes);
  std::vector<char16_t> text(bytes.size());
  std::ranges::transform(bytes, text.begin(), [&](uint8_t byte) -> char16_t {
    return is_high(byte) ? kWindows1252High[byte - 0x80] : byte;
  });
  return TwoByteString(js, text);
}

// https://infra.spec.whatwg.org/#forgiving-base64-decode, whose result's bytes
// are characters; undefined where that fails.
v8::Local<v8::Value> Atob(Js& js, v8::Local<v8::Value> value) {
  std::unique_ptr<char[]> decoded;
  simdutf::result result;
  {
    const v8::String::ValueView text(js.isolate(), value.As<v8::String>());
    const auto decode = [&](const auto* units) {
      decoded = std::make_unique_for_overwrite<char[]>(
          simdutf::maximal_binary_length_from_base64(units, text.length()));
      result = simdutf::base64_to_binary(units, text.length(), decoded.get());
    };
    if (text.is_one_byte()) {
      decode(reinterpret_cast<const char*>(text.data8()));
    } else {
      decode(reinterpret_cast<const char16_t*>(text.data16()));
    }
  }
  if (result.error != simdutf::SUCCESS) return js.Undefined();
  return OneByteString(
      js, {reinterpret_cast<const uint8_t*>(decoded.get()), result.count});
}

// Base64 of a string whose characters are bytes; undefined if one is none.
v8::Local<v8::Value> Btoa(Js& js, v8::Local<v8::Value> value) {
  v8::Local<v8::String> string = value.As<v8::String>();
  if (!string->ContainsOnlyOneByte()) return js.Undefined();
  const size_t length = static_cast<size_t>(string->Length());
  std::vector<uint8_t> bytes(length);
  string->WriteOneByteV2(js.isolate(), 0, string->Length(), bytes.data());
  const auto encoded = std::make_unique_for_overwrite<char[]>(
      simdutf::base64_length_from_binary(length));
  const size_t size = simdutf::binary_to_base64(
      reinterpret_cast<const char*>(bytes.data()), length, encoded.get());
  return OneByteString(js,
                       {reinterpret_cast<const uint8_t*>(encoded.get()), size});
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
      .Function<&Atob>("atob")
      .Function<&Btoa>("btoa")
      .Function("decodeLatin1", [](Js& js, std::span<const uint8_t> bytes) {
        return OneByteString(js, bytes);
      });
}

}  // namespace braid
