#include <v8-array-buffer.h>
#include <v8-primitive.h>
#include <v8-typed-array.h>

#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "jsbind/convert_bytes.h"
#include "jsbind/convert_number.h"
#include "jsbind/convert_string.h"

namespace braid {

std::nullopt_t internal::NotAnInteger(Js& js, v8::Local<v8::Value> value,
                                      int64_t min, uint64_t max) {
  bool out_of_range = value->IsBigInt();
  if (value->IsNumber()) {
    const double number = value.As<v8::Number>()->Value();
    out_of_range = std::isfinite(number) && std::trunc(number) == number;
  }
  if (!out_of_range) return js.Expected("an integer", value);
  return js.Expected(absl::StrCat("an integer from ", min, " to ", max), value,
                     Js::Mismatch::kRange);
}

std::optional<Latin1> Convert<Latin1>::FromJs(Js& js,
                                              v8::Local<v8::Value> value) {
  if (!value->IsString()) return js.Expected("a string", value);
  v8::Local<v8::String> string = value.As<v8::String>();
  if (!string->ContainsOnlyOneByte()) {
    return js.Expected("a string of characters up to U+00FF", value);
  }
  Latin1 latin1;
  latin1.bytes.resize(static_cast<size_t>(string->Length()));
  string->WriteOneByteV2(js.isolate(), 0,
                         static_cast<uint32_t>(latin1.bytes.size()),
                         reinterpret_cast<uint8_t*>(latin1.bytes.data()));
  return latin1;
}

v8::Local<v8::Value> Convert<Latin1>::ToJs(Js& js, const Latin1& value) {
  v8::Local<v8::String> string;
  if (!v8::String::NewFromOneByte(
           js.isolate(), reinterpret_cast<const uint8_t*>(value.bytes.data()),
           v8::NewStringType::kNormal, static_cast<int>(value.bytes.size()))
           .ToLocal(&string)) {
    return {};
  }
  return string;
}

namespace {

// Where bytes lie: a part of an ArrayBuffer.
struct BufferPart {
  v8::Local<v8::ArrayBuffer> buffer;
  size_t offset;
  size_t size;
};

std::optional<BufferPart> FindBytes(Js& js, v8::Local<v8::Value> value) {
  std::optional<BufferPart> part;
  if (value->IsArrayBufferView()) {
    v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
    part = {view->Buffer(), view->ByteOffset(), view->ByteLength()};
  } else if (value->IsArrayBuffer()) {
    v8::Local<v8::ArrayBuffer> buffer = value.As<v8::ArrayBuffer>();
    part = {buffer, 0, buffer->ByteLength()};
  }
  if (!part.has_value() || part->buffer->IsSharedArrayBuffer())
    return js.Expected("an ArrayBuffer, a typed array or a DataView", value);
  if (part->buffer->IsResizableByUserJavaScript())
    return js.Expected("bytes of an ArrayBuffer that is not resizable", value);
  return part;
}

}  // namespace

std::optional<JsBytes> Convert<JsBytes>::FromJs(Js& js,
                                                v8::Local<v8::Value> value) {
  const std::optional<BufferPart> part = FindBytes(js, value);
  if (!part.has_value()) return std::nullopt;
  return JsBytes(part->buffer->GetBackingStore(), part->offset, part->size);
}

std::optional<std::span<uint8_t>> BytesInPlace(Js& js,
                                               v8::Local<v8::Value> value) {
  const std::optional<BufferPart> part = FindBytes(js, value);
  if (!part.has_value()) return std::nullopt;
  return std::span<uint8_t>(
      static_cast<uint8_t*>(part->buffer->Data()) + part->offset, part->size);
}

v8::Local<v8::Value> BytesToJs(Js& js, std::span<uint8_t> bytes,
                               std::shared_ptr<void> owner) {
  // The deleter's pointer argument carries the owner, boxed.
  auto box = std::make_unique<std::shared_ptr<void>>(std::move(owner));
  std::unique_ptr<v8::BackingStore> store = v8::ArrayBuffer::NewBackingStore(
      bytes.data(), bytes.size(),
      [](void*, size_t, void* boxed) {
        delete static_cast<std::shared_ptr<void>*>(boxed);
      },
      box.release());
  v8::Local<v8::ArrayBuffer> buffer =
      v8::ArrayBuffer::New(js.isolate(), std::move(store));
  return v8::Uint8Array::New(buffer, 0, bytes.size());
}

v8::Local<v8::Value> CopyBytesToJs(Js& js, std::span<const uint8_t> bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(
           js.isolate(), bytes.size(),
           v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    js.isolate()->ThrowException(v8::Exception::RangeError(
        js.String(absl::StrCat("an ArrayBuffer of ", bytes.size(),
                               " bytes cannot be allocated"))));
    return {};
  }
  if (!bytes.empty()) std::memcpy(buffer->Data(), bytes.data(), bytes.size());
  return v8::Uint8Array::New(buffer, 0, bytes.size());
}

std::optional<std::vector<uint8_t>> Convert<std::vector<uint8_t>>::FromJs(
    Js& js, v8::Local<v8::Value> value) {
  const std::optional<std::span<uint8_t>> bytes = BytesInPlace(js, value);
  if (!bytes.has_value()) return std::nullopt;
  return std::vector<uint8_t>(bytes->begin(), bytes->end());
}

namespace {

// Below this, a copy into V8's own memory costs less than foreign memory.
constexpr size_t kCopyMax = 256;

}  // namespace

v8::Local<v8::Value> Convert<std::vector<uint8_t>>::ToJs(
    Js& js, std::vector<uint8_t> value) {
  if (value.size() <= kCopyMax) return CopyBytesToJs(js, value);
  auto owner = std::make_shared<std::vector<uint8_t>>(std::move(value));
  const std::span<uint8_t> bytes(*owner);
  return BytesToJs(js, bytes, std::move(owner));
}

v8::Local<v8::Value> Convert<ByteString>::ToJs(Js& js, ByteString value) {
  auto owner = std::make_shared<std::string>(std::move(value.bytes));
  const std::span<uint8_t> bytes(reinterpret_cast<uint8_t*>(owner->data()),
                                 owner->size());
  if (bytes.size() <= kCopyMax) return CopyBytesToJs(js, bytes);
  return BytesToJs(js, bytes, std::move(owner));
}

}  // namespace braid
