#ifndef BRAID_JSBIND_CONVERT_BYTES_H_
#define BRAID_JSBIND_CONVERT_BYTES_H_

#include <v8-array-buffer.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "jsbind/convert.h"

namespace braid {

// The bytes of an ArrayBuffer, a typed array or a DataView, pinned: the memory
// stays as long as this exists, also when JS drops or transfers the buffer. So
// an operation that the kernel fills may hold one across awaits. JS can change
// the bytes meanwhile. Refused, as Web IDL has it: a SharedArrayBuffer, and a
// resizable ArrayBuffer, whose memory JS could take away.
//
// As the parameter of an async function, std::span<uint8_t> and
// std::span<const uint8_t> are pinned this way too, for as long as the call
// runs. Movable. Thread: may be destroyed on any.
class JsBytes {
 public:
  JsBytes() = default;
  JsBytes(std::shared_ptr<v8::BackingStore> store, size_t offset, size_t size)
      : store_(std::move(store)), offset_(offset), size_(size) {}

  uint8_t* data() const {
    return store_ == nullptr ? nullptr
                             : static_cast<uint8_t*>(store_->Data()) + offset_;
  }
  size_t size() const { return size_; }
  std::span<uint8_t> bytes() const { return {data(), size_}; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(data()), size_};
  }
  operator std::span<uint8_t>() const { return bytes(); }
  operator std::span<const uint8_t>() const { return bytes(); }
  operator std::span<const std::byte>() const { return std::as_bytes(bytes()); }

 private:
  std::shared_ptr<v8::BackingStore> store_;
  size_t offset_ = 0;
  size_t size_ = 0;
};

template <>
struct Convert<JsBytes> {
  static std::optional<JsBytes> FromJs(Js& js, v8::Local<v8::Value> value);
};

// For synchronous functions: the bytes where they lie, valid until JS runs on.
// The same buffers are refused.
std::optional<std::span<uint8_t>> BytesInPlace(Js& js,
                                               v8::Local<v8::Value> value);

// A new Uint8Array over memory that `owner` keeps; not copied. `owner` is
// destroyed by the garbage collector, on any thread.
v8::Local<v8::Value> BytesToJs(Js& js, std::span<uint8_t> bytes,
                               std::shared_ptr<void> owner);
// A new Uint8Array with a copy.
v8::Local<v8::Value> CopyBytesToJs(Js& js, std::span<const uint8_t> bytes);

// Results: a Uint8Array over the vector's own memory.
template <>
struct Convert<std::vector<uint8_t>> {
  static std::optional<std::vector<uint8_t>> FromJs(Js& js,
                                                    v8::Local<v8::Value> value);
  static v8::Local<v8::Value> ToJs(Js& js, std::vector<uint8_t> value);
};

// A string whose bytes become a Uint8Array instead of text, without a copy.
struct ByteString {
  std::string bytes;
};
template <>
struct Convert<ByteString> {
  static v8::Local<v8::Value> ToJs(Js& js, ByteString value);
};

}  // namespace braid

#endif  // BRAID_JSBIND_CONVERT_BYTES_H_
