#include "jsbind/web/clone_ops.h"

#include <v8-array-buffer.h>
#include <v8-typed-array.h>
#include <v8-value-serializer.h>
#include <v8-wasm.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "jsbind/js_error.h"

namespace braid {
namespace {

// A view's buffer is not written with it, but named by this number.
constexpr uint32_t kBufferId = 0;

// Throws what V8 has to say of a value that it cannot write.
class SerializerDelegate final : public v8::ValueSerializer::Delegate {
 public:
  explicit SerializerDelegate(v8::Isolate* isolate) : isolate_(isolate) {}

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    Js js(isolate_);
    v8::Local<v8::Value> arguments[] = {message, js.Name("DataCloneError")};
    v8::Local<v8::Value> error;
    if (js.runtime()
            .CallHook(js, Hook::kMakeDomException, 2, arguments)
            .ToLocal(&error)) {
      ThrowError(js, error);
    }
  }
  v8::Maybe<uint32_t> GetSharedArrayBufferId(
      v8::Isolate*, v8::Local<v8::SharedArrayBuffer>) override {
    return v8::Just(kBufferId);
  }

 private:
  v8::Isolate* const isolate_;
};

v8::Local<v8::Value> DescribeView(Js& js, v8::Local<v8::Value> value) {
  v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
  SerializerDelegate delegate(js.isolate());
  v8::ValueSerializer serializer(js.isolate(), &delegate);
  v8::Local<v8::ArrayBuffer> buffer = view->Buffer();
  // A shared buffer is asked of the delegate.
  if (!buffer.As<v8::Value>()->IsSharedArrayBuffer())
    serializer.TransferArrayBuffer(kBufferId, buffer);
  serializer.WriteHeader();
  if (serializer.WriteValue(js.context(), view).IsNothing()) return {};
  const auto [data, size] = serializer.Release();
  const std::unique_ptr<uint8_t, decltype(&std::free)> owner(data, &std::free);
  return CopyBytesToJs(js, std::span<const uint8_t>(data, size));
}

// Finds the buffer of the view that is read. V8 takes the others by transfer.
class DeserializerDelegate final : public v8::ValueDeserializer::Delegate {
 public:
  explicit DeserializerDelegate(v8::Local<v8::Value> buffer)
      : buffer_(buffer) {}

  v8::MaybeLocal<v8::SharedArrayBuffer> GetSharedArrayBufferFromId(
      v8::Isolate*, uint32_t) override {
    if (!buffer_->IsSharedArrayBuffer()) return {};
    return buffer_.As<v8::SharedArrayBuffer>();
  }

 private:
  const v8::Local<v8::Value> buffer_;
};

v8::Local<v8::Value> ViewOf(Js& js, std::span<const uint8_t> description,
                            v8::Local<v8::Value> buffer) {
  DeserializerDelegate delegate(buffer);
  v8::ValueDeserializer deserializer(js.isolate(), description.data(),
                                     description.size(), &delegate);
  if (buffer->IsArrayBuffer())
    deserializer.TransferArrayBuffer(kBufferId, buffer.As<v8::ArrayBuffer>());
  v8::Local<v8::Value> view;
  if (deserializer.ReadHeader(js.context()).IsNothing() ||
      !deserializer.ReadValue(js.context()).ToLocal(&view)) {
    return {};
  }
  return view;
}

v8::Local<v8::Value> SharedBufferOver(Js& js, v8::Local<v8::Value> buffer) {
  return v8::SharedArrayBuffer::New(
      js.isolate(), buffer.As<v8::SharedArrayBuffer>()->GetBackingStore());
}

bool IsWasmModule(v8::Local<v8::Value> value) {
  return value->IsWasmModuleObject();
}

v8::Local<v8::Value> CopyWasmModule(Js& js, v8::Local<v8::Value> value) {
  v8::Local<v8::WasmModuleObject> copy;
  if (!v8::WasmModuleObject::FromCompiledModule(
           js.isolate(), value.As<v8::WasmModuleObject>()->GetCompiledModule())
           .ToLocal(&copy)) {
    return {};
  }
  return copy;
}

}  // namespace

void DefineCloneOps(ModuleDef& module) {
  module.Function<&DescribeView>("describeView")
      .Function<&ViewOf>("viewOf")
      .Function<&SharedBufferOver>("sharedBufferOver")
      .Function<&IsWasmModule>("isWasmModule")
      .Function<&CopyWasmModule>("copyWasmModule");
}

}  // namespace braid
