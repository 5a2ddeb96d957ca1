// From a module's source, or its declaration in C++, to V8's module.

#include <v8-exception.h>
#include <v8-json.h>
#include <v8-object.h>
#include <v8-typed-array.h>

#include <cstring>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "jsbind/commonjs.h"
#include "jsbind/js_error.h"
#include "jsbind/module_callbacks.h"
#include "jsbind/module_def.h"
#include "jsbind/module_files.h"
#include "jsbind/module_loader.h"
#include "jsbind/module_specifier.h"
#include "jsbind/source_errors.h"

namespace braid {
namespace {

v8::Local<v8::Value> BytesOf(Js& js, std::string_view bytes) {
  v8::Local<v8::ArrayBuffer> buffer =
      v8::ArrayBuffer::New(js.isolate(), bytes.size());
  if (!bytes.empty()) memcpy(buffer->Data(), bytes.data(), bytes.size());
  return v8::Uint8Array::New(buffer, 0, bytes.size());
}

}  // namespace

bool ModuleLoader::Compile(Js& js, ModuleRecord& record,
                           std::string_view source) {
  if (SchemeOf(record.url) == "data") source = record.data;
  switch (record.kind) {
    case ModuleRecord::Kind::kNative:
      CompileNative(js, record);
      return true;
    case ModuleRecord::Kind::kJson:
    case ModuleRecord::Kind::kText:
      return CompileData(js, record, WithoutBom(source));
    case ModuleRecord::Kind::kBytes:
      return CompileData(js, record, source);
    case ModuleRecord::Kind::kDetect:
      if (commonjs_.empty() || LooksLikeModule(js, WithoutBom(source))) {
        return CompileScript(js, record, WithoutBom(source));
      }
      return CompileCommonJs(js, record, WithoutBom(source));
    case ModuleRecord::Kind::kCommonJs:
      return CompileCommonJs(js, record, WithoutBom(source));
    case ModuleRecord::Kind::kScript:
      if (const auto builtin = builtin_sources_.find(record.url);
          builtin != builtin_sources_.end()) {
        return CompileScript(js, record, builtin->second);
      }
      return CompileScript(js, record, WithoutBom(source));
  }
  return false;
}

bool ModuleLoader::CompileScript(Js& js, ModuleRecord& record,
                                 std::string_view source) {
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::String> text = js.String(source);
  if (text.IsEmpty()) {
    try_catch.ReThrow();
    return false;
  }
  record.source.Reset(js.isolate(), text);
  v8::ScriptOrigin origin(js.String(record.url), 0, 0, false, -1, {}, false,
                          false,
                          /*is_module=*/true);
  v8::ScriptCompiler::Source compiled(text, origin);
  v8::Local<v8::Module> module;
  if (!v8::ScriptCompiler::CompileModule(js.isolate(), &compiled)
           .ToLocal(&module)) {
    SetPlace(js, try_catch.Exception(), FormatPlace(js, try_catch.Message()));
    try_catch.ReThrow();
    return false;
  }
  Register(js, record, module);
  return true;
}

bool ModuleLoader::CompileData(Js& js, ModuleRecord& record,
                               std::string_view source) {
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::Value> value = record.kind == ModuleRecord::Kind::kBytes
                                   ? BytesOf(js, source)
                                   : js.String(source).As<v8::Value>();
  if (value.IsEmpty()) {
    try_catch.ReThrow();
    return false;
  }
  if (record.kind == ModuleRecord::Kind::kJson &&
      !v8::JSON::Parse(js.context(), value.As<v8::String>()).ToLocal(&value)) {
    v8::Local<v8::Value> text = js.Undefined();
    if (try_catch.Exception()->IsNativeError()) {
      (void)try_catch.Exception()
          .As<v8::Object>()
          ->Get(js.context(), js.Name("message"))
          .ToLocal(&text);
    }
    v8::Local<v8::Value> error =
        v8::Exception::SyntaxError(js.String(absl::StrCat(
            record.path.empty() ? record.url : record.path, ": ",
            text->IsString() ? ToUtf8(js.isolate(), text.As<v8::String>())
                             : "")));
    try_catch.Reset();
    ThrowError(js, error);
    try_catch.ReThrow();
    return false;
  }
  record.value.Reset(js.isolate(), value);
  v8::Local<v8::String> names[] = {js.Name("default")};
  Register(js, record,
           v8::Module::CreateSyntheticModule(
               js.isolate(), js.String(record.url),
               v8::MemorySpan<const v8::Local<v8::String>>(names, 1),
               &Callbacks::OnEvaluateSynthetic));
  return true;
}

void ModuleLoader::CompileNative(Js& js, ModuleRecord& record) {
  v8::LocalVector<v8::String> names(js.isolate());
  for (const ModuleDef::Export& exported : record.native->exports()) {
    names.push_back(js.Name(exported.name));
  }
  names.push_back(js.Name("default"));
  Register(js, record,
           v8::Module::CreateSyntheticModule(
               js.isolate(), js.String(record.url),
               v8::MemorySpan<const v8::Local<v8::String>>(names.data(),
                                                           names.size()),
               &Callbacks::OnEvaluateSynthetic));
}

}  // namespace braid
