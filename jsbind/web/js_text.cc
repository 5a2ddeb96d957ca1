#include "jsbind/web/js_text.h"

#include <simdutf.h>
#include <v8-primitive.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "jsbind/js_error.h"

namespace braid {
namespace {

// Lengths beyond V8's are refused by V8, if they fit its parameter.
int LengthForV8(size_t length) {
  return static_cast<int>(std::min<size_t>(length, INT_MAX));
}

void ThrowTooLong(Js& js) {
  js.isolate()->ThrowException(ErrorWithCode(
      js, "Cannot create a string longer than 0x1fffffe8 characters",
      "ERR_STRING_TOO_LONG"));
}

v8::Local<v8::Value> OrThrow(Js& js, v8::MaybeLocal<v8::String> string) {
  v8::Local<v8::String> result;
  if (string.ToLocal(&result)) return result;
  ThrowTooLong(js);
  return {};
}

enum class Invalid : bool { kReplace, kRefuse };

v8::Local<v8::Value> FromUtf8(Js& js, std::span<const uint8_t> bytes,
                              Invalid invalid) {
  const char* data = reinterpret_cast<const char*>(bytes.data());
  if (simdutf::validate_ascii(data, bytes.size()))
    return OneByteString(js, bytes);
  // Most text is valid: convert and find out.
  const size_t units = simdutf::utf16_length_from_utf8(data, bytes.size());
  if (!CheckStringLength(js, units)) return {};
  const auto text = std::make_unique_for_overwrite<char16_t[]>(units);
  const simdutf::result result = simdutf::convert_utf8_to_utf16_with_errors(
      data, bytes.size(), text.get());
  if (result.error == simdutf::SUCCESS)
    return TwoByteString(js, {text.get(), result.count});
  if (invalid == Invalid::kRefuse) return js.Undefined();
  return OrThrow(js, v8::String::NewFromUtf8(js.isolate(), data,
                                             v8::NewStringType::kNormal,
                                             LengthForV8(bytes.size())));
}

}  // namespace

bool CheckStringLength(Js& js, size_t length) {
  if (length <= v8::String::kMaxLength) return true;
  ThrowTooLong(js);
  return false;
}

v8::Local<v8::Value> OneByteString(Js& js, std::span<const uint8_t> bytes) {
  return OrThrow(js, v8::String::NewFromOneByte(js.isolate(), bytes.data(),
                                                v8::NewStringType::kNormal,
                                                LengthForV8(bytes.size())));
}

v8::Local<v8::Value> TwoByteString(Js& js, std::span<const char16_t> units) {
  return OrThrow(
      js, v8::String::NewFromTwoByte(
              js.isolate(), reinterpret_cast<const uint16_t*>(units.data()),
              v8::NewStringType::kNormal, LengthForV8(units.size())));
}

v8::Local<v8::Value> Utf8String(Js& js, std::span<const uint8_t> bytes) {
  return FromUtf8(js, bytes, Invalid::kReplace);
}

v8::Local<v8::Value> ValidUtf8String(Js& js, std::span<const uint8_t> bytes) {
  return FromUtf8(js, bytes, Invalid::kRefuse);
}

}  // namespace braid
