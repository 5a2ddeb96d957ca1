// From a module's source, or its declaration in C++, to V8's module.

#include <v8-exception.h>
#include <v8-json.h>
#include <v8-object.h>

#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "jsbind/js_error.h"
#include "jsbind/module_callbacks.h"
#include "jsbind/module_def.h"
#include "jsbind/module_loader.h"
#include "jsbind/source_errors.h"

namespace braid {
namespace {

std::string_view WithoutBom(std::string_view source) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  return absl::StartsWith(source, kBom) ? source.substr(kBom.size()) : source;
}

}  // namespace

bool ModuleLoader::Compile(Js& js, ModuleRecord& record,
                           std::string_view source) {
  switch (record.kind) {
    case ModuleRecord::Kind::kNative:
      CompileNative(js, record);
      return true;
    case ModuleRecord::Kind::kJson:
    case ModuleRecord::Kind::kText:
      return CompileData(js, record, WithoutBom(source));
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
  v8::Local<v8::Value> value = js.String(source);
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
            record.path, ": ",
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
