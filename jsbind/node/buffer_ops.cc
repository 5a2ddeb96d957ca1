#include "jsbind/node/buffer_ops.h"

#include <simdutf.h>
#include <v8-array-buffer.h>
#include <v8-primitive.h>
#include <v8-typed-array.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "jsbind/js_error.h"
#include "jsbind/node/string_encodings.h"

namespace braid {
namespace {

// The bytes of a view where they lie, whatever memory that is: Node's Buffer
// may be shared, or resizable. Valid until JS runs on.
struct ViewBytes {
  std::span<uint8_t> bytes;
};

}  // namespace

template <>
struct Convert<ViewBytes> {
  static std::optional<ViewBytes> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (value->IsArrayBuffer()) {
      v8::Local<v8::ArrayBuffer> buffer = value.As<v8::ArrayBuffer>();
      return ViewBytes{
          {static_cast<uint8_t*>(buffer->Data()), buffer->ByteLength()}};
    }
    if (value->IsSharedArrayBuffer()) {
      v8::Local<v8::SharedArrayBuffer> buffer =
          value.As<v8::SharedArrayBuffer>();
      return ViewBytes{
          {static_cast<uint8_t*>(buffer->Data()), buffer->ByteLength()}};
    }
    if (!value->IsArrayBufferView())
      return js.Expected("a typed array or a DataView", value);
    v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
    uint8_t* data = static_cast<uint8_t*>(view->Buffer()->Data());
    return ViewBytes{{data == nullptr ? nullptr : data + view->ByteOffset(),
                      view->ByteLength()}};
  }
};

template <>
struct Convert<StringEncoding> {
  static std::optional<StringEncoding> FromJs(Js& js,
                                              v8::Local<v8::Value> value) {
    const std::optional<int32_t> number = Convert<int32_t>::FromJs(js, value);
    if (!number.has_value()) return std::nullopt;
    return static_cast<StringEncoding>(*number);
  }
};

namespace {

// A place that JS names, from 0 to `max`; NaN is 0.
size_t PlaceIn(double place, size_t max) {
  if (!(place > 0)) return 0;
  return place < static_cast<double>(max) ? static_cast<size_t>(place) : max;
}

// What of the bytes lies in a range that JS names. Scripts can change every
// length that built-in JS looks at, and take bytes away while it looks at other
// arguments, so the real size decides here.
std::span<uint8_t> Part(std::span<uint8_t> bytes, double start, double end) {
  const size_t from = PlaceIn(start, bytes.size());
  const size_t to = PlaceIn(end, bytes.size());
  return bytes.subspan(from, to > from ? to - from : 0);
}

v8::Local<v8::Value> NewArrayBuffer(Js& js, size_t size) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (size <= v8::TypedArray::kMaxByteLength &&
      v8::ArrayBuffer::MaybeNew(
          js.isolate(), size,
          v8::BackingStoreInitializationMode::kUninitialized)
          .ToLocal(&buffer)) {
    return buffer;
  }
  ThrowError(js, v8::Exception::RangeError(
                     js.String("Array buffer allocation failed")));
  return {};
}

v8::Local<v8::Value> Allocate(Js& js, double size) {
  return NewArrayBuffer(js, PlaceIn(size, SIZE_MAX));
}

double ByteLength(Js& js, v8::Local<v8::Value> string) {
  return static_cast<double>(
      string.As<v8::String>()->Utf8LengthV2(js.isolate()));
}

v8::Local<v8::Value> Encode(Js& js, v8::Local<v8::Value> value,
                            StringEncoding encoding) {
  v8::Local<v8::String> string = value.As<v8::String>();
  const size_t size_max = EncodedSizeMax(js.isolate(), string, encoding);
  v8::Local<v8::Value> made = NewArrayBuffer(js, size_max);
  if (made.IsEmpty()) return {};
  uint8_t* data = static_cast<uint8_t*>(made.As<v8::ArrayBuffer>()->Data());
  const size_t size =
      EncodeString(js.isolate(), string, encoding, {data, size_max});
  if (size == size_max) return made;
  // Text that was no Base64 or hex to its end.
  v8::Local<v8::Value> exact = NewArrayBuffer(js, size);
  if (exact.IsEmpty()) return {};
  if (size > 0) std::memcpy(exact.As<v8::ArrayBuffer>()->Data(), data, size);
  return exact;
}

double Write(Js& js, ViewBytes target, v8::Local<v8::Value> string,
             StringEncoding encoding, double offset, double room) {
  return static_cast<double>(
      EncodeString(js.isolate(), string.As<v8::String>(), encoding,
                   Part(target.bytes, offset, offset + room)));
}

v8::Local<v8::Value> Decode(Js& js, ViewBytes source, StringEncoding encoding,
                            double start, double end) {
  return DecodeString(js, Part(source.bytes, start, end), encoding);
}

// What a StringDecoder holds back: the bytes, and behind them their number.
constexpr size_t kDecoderHeld = 4;
constexpr size_t kDecoderStateSize = kDecoderHeld + 1;
static_assert(kIncompleteMax <= kDecoderHeld);

v8::Local<v8::Value> DecodePart(Js& js, ViewBytes source,
                                StringEncoding encoding, ViewBytes state,
                                bool is_last) {
  std::span<const uint8_t> bytes = source.bytes;
  // Scripts can get at the state, too.
  if (state.bytes.size() < kDecoderStateSize)
    return DecodeString(js, bytes, encoding);
  uint8_t& held = state.bytes[kDecoderHeld];
  held = std::min<uint8_t>(held, kDecoderHeld);
  std::string joined;
  if (held > 0) {
    joined.reserve(held + bytes.size());
    joined.append(reinterpret_cast<const char*>(state.bytes.data()), held);
    joined.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    bytes = {reinterpret_cast<const uint8_t*>(joined.data()), joined.size()};
  }
  size_t incomplete = is_last ? 0 : IncompleteSize(bytes, encoding);
  // The first half of a pair of UTF-16 that waited goes on waiting.
  if (incomplete == 1 && held == 2 && bytes.size() == 3 &&
      encoding == StringEncoding::kUtf16le)
    incomplete = 3;
  const std::span<const uint8_t> rest = bytes.last(incomplete);
  std::ranges::copy(rest, state.bytes.begin());
  held = static_cast<uint8_t>(incomplete);
  return DecodeString(js, bytes.first(bytes.size() - incomplete), encoding);
}

void Copy(ViewBytes source, ViewBytes target, double target_start,
          double source_start, double count) {
  const std::span<const uint8_t> from =
      Part(source.bytes, source_start, source_start + count);
  const std::span<uint8_t> to =
      Part(target.bytes, target_start, target_start + count);
  const size_t size = std::min(from.size(), to.size());
  if (size > 0) std::memmove(to.data(), from.data(), size);
}

int32_t Compare(ViewBytes a, ViewBytes b) {
  const size_t common = std::min(a.bytes.size(), b.bytes.size());
  const int order =
      common == 0 ? 0 : std::memcmp(a.bytes.data(), b.bytes.data(), common);
  if (order != 0) return order < 0 ? -1 : 1;
  if (a.bytes.size() == b.bytes.size()) return 0;
  return a.bytes.size() < b.bytes.size() ? -1 : 1;
}

void Fill(ViewBytes target, ViewBytes pattern, double start, double end) {
  const std::span<uint8_t> bytes = Part(target.bytes, start, end);
  size_t filled = std::min(pattern.bytes.size(), bytes.size());
  if (filled == 0) return;
  // The pattern may lie in what is filled.
  std::memmove(bytes.data(), pattern.bytes.data(), filled);
  while (filled < bytes.size()) {
    const size_t more = std::min(filled, bytes.size() - filled);
    std::memcpy(bytes.data() + filled, bytes.data(), more);
    filled += more;
  }
}

double IndexOf(ViewBytes haystack, ViewBytes needle, double from,
               bool is_forward, int32_t unit_size) {
  const std::string_view text(
      reinterpret_cast<const char*>(haystack.bytes.data()),
      haystack.bytes.size());
  const std::string_view wanted(
      reinterpret_cast<const char*>(needle.bytes.data()), needle.bytes.size());
  const size_t unit = static_cast<size_t>(unit_size);
  size_t at = PlaceIn(from, text.size());
  for (;;) {
    if (is_forward) {
      // Two-way search: linear, whatever the needle is, for units of a byte.
      const void* found = at > text.size() || wanted.size() > text.size() - at
                              ? nullptr
                              : memmem(text.data() + at, text.size() - at,
                                       wanted.data(), wanted.size());
      if (found == nullptr) return -1;
      at = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    } else {
      at = text.rfind(wanted, at);
      if (at == std::string_view::npos) return -1;
    }
    if (at % unit == 0) return static_cast<double>(at);
    if (is_forward) {
      ++at;
    } else {
      --at;  // An odd place is above 0.
    }
  }
}

template <typename Unit>
void SwapUnits(std::span<uint8_t> bytes) {
  for (size_t at = 0; at + sizeof(Unit) <= bytes.size(); at += sizeof(Unit)) {
    Unit unit;
    std::memcpy(&unit, bytes.data() + at, sizeof(Unit));
    if constexpr (sizeof(Unit) == 2) {
      unit = __builtin_bswap16(unit);
    } else if constexpr (sizeof(Unit) == 4) {
      unit = __builtin_bswap32(unit);
    } else {
      unit = __builtin_bswap64(unit);
    }
    std::memcpy(bytes.data() + at, &unit, sizeof(Unit));
  }
}

void Swap(ViewBytes target, int32_t unit_size) {
  switch (unit_size) {
    case 2:
      return SwapUnits<uint16_t>(target.bytes);
    case 4:
      return SwapUnits<uint32_t>(target.bytes);
    default:
      return SwapUnits<uint64_t>(target.bytes);
  }
}

bool IsAscii(ViewBytes source) {
  return simdutf::validate_ascii(
      reinterpret_cast<const char*>(source.bytes.data()), source.bytes.size());
}

bool IsUtf8(ViewBytes source) {
  return simdutf::validate_utf8(
      reinterpret_cast<const char*>(source.bytes.data()), source.bytes.size());
}

}  // namespace

void DefineBufferOps(ModuleDef& module) {
  module.Function<&Allocate>("allocate")
      .Function<&ByteLength>("byteLength")
      .Function<&Encode>("encode")
      .Function<&Write>("write")
      .Function<&Decode>("decode")
      .Function<&DecodePart>("decodePart")
      .Function<&Copy>("copy")
      .Function<&Compare>("compare")
      .Function<&Fill>("fill")
      .Function<&IndexOf>("indexOf")
      .Function<&Swap>("swap")
      .Function<&IsAscii>("isAscii")
      .Function<&IsUtf8>("isUtf8")
      .Constant("decoderStateSize", static_cast<double>(kDecoderStateSize))
      .Constant("stringLengthMax", static_cast<double>(v8::String::kMaxLength))
      .Constant("byteLengthMax",
                static_cast<double>(v8::TypedArray::kMaxByteLength));
}

}  // namespace braid
