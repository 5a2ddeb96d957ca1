#include "jsbind/web/inspect_ops.h"

#include <v8-container.h>
#include <v8-date.h>
#include <v8-external.h>
#include <v8-function.h>
#include <v8-promise.h>
#include <v8-proxy.h>
#include <v8-value.h>

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace braid {
namespace {

struct KindTest {
  const char* name;
  bool (v8::Value::*is)() const;
};

// A kind's number is its place here, from 1 on; 0 is Other. The frequent ones
// come first: kindOf() asks in this order.
constexpr auto kKinds = std::to_array<KindTest>({
    {"Array", &v8::Value::IsArray},
    {"Error", &v8::Value::IsNativeError},
    {"Date", &v8::Value::IsDate},
    {"Map", &v8::Value::IsMap},
    {"Set", &v8::Value::IsSet},
    {"TypedArray", &v8::Value::IsTypedArray},
    {"Promise", &v8::Value::IsPromise},
    {"RegExp", &v8::Value::IsRegExp},
    {"ArrayBuffer", &v8::Value::IsArrayBuffer},
    {"SharedArrayBuffer", &v8::Value::IsSharedArrayBuffer},
    {"DataView", &v8::Value::IsDataView},
    {"MapIterator", &v8::Value::IsMapIterator},
    {"SetIterator", &v8::Value::IsSetIterator},
    {"WeakMap", &v8::Value::IsWeakMap},
    {"WeakSet", &v8::Value::IsWeakSet},
    {"Arguments", &v8::Value::IsArgumentsObject},
    {"ModuleNamespace", &v8::Value::IsModuleNamespaceObject},
    {"NumberObject", &v8::Value::IsNumberObject},
    {"StringObject", &v8::Value::IsStringObject},
    {"BooleanObject", &v8::Value::IsBooleanObject},
    {"BigIntObject", &v8::Value::IsBigIntObject},
    {"SymbolObject", &v8::Value::IsSymbolObject},
    {"External", &v8::Value::IsExternal},
});
constexpr int kFunction = static_cast<int>(kKinds.size()) + 1;
constexpr int kAsyncFunction = kFunction + 1;
constexpr int kGeneratorFunction = kFunction + 2;
constexpr int kAsyncGeneratorFunction = kFunction + 3;

int32_t KindOf(v8::Local<v8::Value> value) {
  if (value->IsFunction()) {
    const bool is_async = value->IsAsyncFunction();
    if (value->IsGeneratorFunction())
      return is_async ? kAsyncGeneratorFunction : kGeneratorFunction;
    return is_async ? kAsyncFunction : kFunction;
  }
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (((*value)->*kKinds[i].is)()) return static_cast<int32_t>(i) + 1;
  }
  return 0;
}

v8::Local<v8::Value> KindNumbers(Js& js) {
  v8::Local<v8::Object> kinds = v8::Object::New(js.isolate());
  const auto set = [&](const char* name, int number) {
    kinds
        ->Set(js.context(), js.Name(name),
              v8::Integer::New(js.isolate(), number))
        .Check();
  };
  for (size_t i = 0; i < kKinds.size(); ++i)
    set(kKinds[i].name, static_cast<int>(i) + 1);
  set("Function", kFunction);
  set("AsyncFunction", kAsyncFunction);
  set("GeneratorFunction", kGeneratorFunction);
  set("AsyncGeneratorFunction", kAsyncGeneratorFunction);
  return kinds;
}

v8::Local<v8::Value> Pair(Js& js, v8::Local<v8::Value> first,
                          v8::Local<v8::Value> second) {
  v8::Local<v8::Value> items[] = {first, second};
  return v8::Array::New(js.isolate(), items, 2);
}

v8::Local<v8::Value> ConstructorName(v8::Local<v8::Object> object) {
  return object->GetConstructorName();
}

v8::Local<v8::Value> ProxyDetails(Js& js, v8::Local<v8::Value> value) {
  if (!value->IsProxy()) return js.Undefined();
  v8::Local<v8::Proxy> proxy = value.As<v8::Proxy>();
  return Pair(js, proxy->GetTarget(), proxy->GetHandler());
}

v8::Local<v8::Value> PromiseDetails(Js& js, v8::Local<v8::Value> value) {
  if (!value->IsPromise()) return js.Undefined();
  v8::Local<v8::Promise> promise = value.As<v8::Promise>();
  const v8::Promise::PromiseState state = promise->State();
  return Pair(
      js, v8::Integer::New(js.isolate(), state),
      state == v8::Promise::kPending ? js.Undefined() : promise->Result());
}

v8::Local<v8::Value> PreviewEntries(Js& js, v8::Local<v8::Object> object) {
  bool is_key_value = false;
  v8::Local<v8::Array> entries;
  if (!object->PreviewEntries(&is_key_value).ToLocal(&entries))
    entries = v8::Array::New(js.isolate());
  return Pair(js, entries, v8::Boolean::New(js.isolate(), is_key_value));
}

v8::Local<v8::Value> OwnNonIndexKeys(Js& js, v8::Local<v8::Object> object,
                                     bool all) {
  v8::Local<v8::Array> keys;
  const v8::PropertyFilter filter = all ? v8::PropertyFilter::ALL_PROPERTIES
                                        : v8::PropertyFilter::ONLY_ENUMERABLE;
  if (!object
           ->GetPropertyNames(js.context(), v8::KeyCollectionMode::kOwnOnly,
                              filter, v8::IndexFilter::kSkipIndices)
           .ToLocal(&keys)) {
    return {};
  }
  return keys;
}

std::string ExternalAddress(v8::Local<v8::Value> value) {
  if (!value->IsExternal()) return {};
  return absl::StrCat(absl::Hex(
      reinterpret_cast<uintptr_t>(value.As<v8::External>()->Value())));
}

}  // namespace

void DefineInspectOps(ModuleDef& module) {
  module.Function<&KindOf>("kindOf")
      .Value("Kind", &KindNumbers)
      .Function<&ConstructorName>("constructorName")
      .Function<&ProxyDetails>("proxyDetails")
      .Function<&PromiseDetails>("promiseDetails")
      .Function<&PreviewEntries>("previewEntries")
      .Function<&OwnNonIndexKeys>("ownNonIndexKeys")
      .Function<&ExternalAddress>("externalAddress")
      .Function("isGeneratorObject", [](v8::Local<v8::Value> value) {
        return value->IsGeneratorObject();
      });
}

}  // namespace braid
