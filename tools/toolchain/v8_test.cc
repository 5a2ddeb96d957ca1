// Shows that a program of this toolchain can start V8 from the root's libnode,
// run a script, derive from V8's interfaces, and shut it down again.

#include <gtest/gtest.h>
#include <libplatform/libplatform.h>
#include <v8-inspector.h>
#include <v8.h>

#include <memory>
#include <string>

namespace braid {
namespace {

// With RTTI on, a class that derives from V8's needs their type information.
class QuietChannel final : public v8_inspector::V8Inspector::Channel {
 public:
  void sendResponse(int, std::unique_ptr<v8_inspector::StringBuffer>) override {
  }
  void sendNotification(std::unique_ptr<v8_inspector::StringBuffer>) override {}
  void flushProtocolNotifications() override {}
};

class NoObjects final : public v8::ValueSerializer::Delegate {
 public:
  void ThrowDataCloneError(v8::Local<v8::String>) override {}
};

TEST(V8Test, RunsAScriptThatUsesInternationalisation) {
  const std::unique_ptr<v8::Platform> platform =
      v8::platform::NewDefaultPlatform(1);
  v8::V8::InitializePlatform(platform.get());
  v8::V8::Initialize();
  const std::unique_ptr<v8::ArrayBuffer::Allocator> allocator(
      v8::ArrayBuffer::Allocator::NewDefaultAllocator());
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = allocator.get();
  v8::Isolate* isolate = v8::Isolate::New(params);
  {
    const v8::Isolate::Scope isolate_scope(isolate);
    const v8::HandleScope handle_scope(isolate);
    const v8::Local<v8::Context> context = v8::Context::New(isolate);
    const v8::Context::Scope context_scope(context);
    const v8::Local<v8::String> source = v8::String::NewFromUtf8Literal(
        isolate,
        "new Intl.NumberFormat('de').format([1000, 234].reduce((a, b) => a + "
        "b))");
    const v8::Local<v8::Value> result = v8::Script::Compile(context, source)
                                            .ToLocalChecked()
                                            ->Run(context)
                                            .ToLocalChecked();
    EXPECT_EQ(*v8::String::Utf8Value(isolate, result), std::string("1.234"));
    NoObjects delegate;
    v8::ValueSerializer serializer(isolate, &delegate);
    serializer.WriteHeader();
    EXPECT_TRUE(serializer.WriteValue(context, result).FromJust());
    const auto bytes = serializer.Release();
    delegate.FreeBufferMemory(bytes.first);
    QuietChannel channel;
    channel.flushProtocolNotifications();
  }
  isolate->Dispose();
  v8::V8::Dispose();
  v8::V8::DisposePlatform();
}

}  // namespace
}  // namespace braid
