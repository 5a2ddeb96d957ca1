// What V8 asks the module loader: the module behind an import statement, the
// exports of C++ and data modules, import(), import.meta.

#include "jsbind/module_callbacks.h"

#include <v8-container.h>
#include <v8-external.h>
#include <v8-function.h>
#include <v8-isolate.h>
#include <v8-object.h>

#include <string>
#include <utility>

#include "jsbind/bridge_call.h"
#include "jsbind/import_attributes.h"
#include "jsbind/js_error.h"
#include "jsbind/module_def.h"
#include "jsbind/module_loader.h"
#include "jsbind/module_specifier.h"
#include "jsbind/runtime.h"
#include "jsbind/working_directory.h"

namespace braid {

v8::MaybeLocal<v8::Value> ModuleLoader::Callbacks::ResolvedPromise(Js& js) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(js.context()).ToLocal(&resolver) ||
      resolver->Resolve(js.context(), js.Undefined()).IsNothing()) {
    return {};
  }
  return resolver->GetPromise();
}

// Takes a loaded module to the microtask that evaluates it.
template <>
struct Convert<ModuleRecord*> {
  static v8::Local<v8::Value> ToJs(Js& js, ModuleRecord* record) {
    return v8::External::New(js.isolate(), record);
  }
};

v8::MaybeLocal<v8::Module> ModuleLoader::Callbacks::OnResolve(
    v8::Local<v8::Context>, v8::Local<v8::String> specifier,
    v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer) {
  Js js(v8::Isolate::GetCurrent());
  const std::string type =
      ReadImportAttributes(js, attributes, ImportForm::kStatement).type;
  const ModuleRecord* importer = js.runtime().loader().RecordOf(referrer);
  const auto found =
      importer->imports.find(RequestKey(ToUtf8(js.isolate(), specifier), type));
  CHECK(found != importer->imports.end())
      << "V8 links a module that was not loaded";
  return found->second->module.Get(js.isolate());
}

v8::MaybeLocal<v8::Value> ModuleLoader::Callbacks::OnEvaluateSynthetic(
    v8::Local<v8::Context>, v8::Local<v8::Module> module) {
  Js js(v8::Isolate::GetCurrent());
  ModuleRecord& record = *js.runtime().loader().RecordOf(module);
  auto set = [&](v8::Local<v8::String> name, v8::Local<v8::Value> value) {
    return module->SetSyntheticModuleExport(js.isolate(), name, value).IsJust();
  };
  if (record.kind == ModuleRecord::Kind::kCommonJs)
    return EvaluateCommonJs(js, record, module);
  if (record.native == nullptr) {
    if (!set(js.Name("default"), record.value.Get(js.isolate()))) return {};
    record.value.Reset();
    return ResolvedPromise(js);
  }
  v8::Local<v8::Object> all = v8::Object::New(js.isolate());
  for (ModuleDef::Export& exported : record.native->exports()) {
    v8::Local<v8::String> name = js.Name(exported.name);
    v8::Local<v8::Value> value = exported.make(js);
    if (value.IsEmpty() || !set(name, value)) return {};
    if (all->CreateDataProperty(js.context(), name, value).IsNothing())
      return {};
  }
  if (!set(js.Name("default"), all)) return {};
  return ResolvedPromise(js);
}

namespace {

Task<absl::StatusOr<ModuleRecord*>> LoadForImport(Runtime& runtime,
                                                  ModuleRequest request) {
  co_return co_await runtime.loader().Load(std::move(request));
}

// When the evaluation has ended: the namespace, which came along.
void GiveNamespace(const v8::FunctionCallbackInfo<v8::Value>& info) {
  info.GetReturnValue().Set(info.Data());
}

// import() continues, in a microtask, with a module that was loaded.
void EvaluateLoaded(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Js js(info.GetIsolate());
  auto& record =
      *static_cast<ModuleRecord*>(info[0].As<v8::External>()->Value());
  v8::Local<v8::Promise> evaluated;
  if (!js.runtime().loader().Evaluate(js, record).ToLocal(&evaluated)) return;
  v8::Local<v8::Value> name_space =
      record.module.Get(js.isolate())->GetModuleNamespace();
  v8::Local<v8::Function> give;
  v8::Local<v8::Promise> result;
  if (v8::Function::New(js.context(), &GiveNamespace, name_space, 0,
                        v8::ConstructorBehavior::kThrow)
          .ToLocal(&give) &&
      evaluated->Then(js.context(), give).ToLocal(&result)) {
    info.GetReturnValue().Set(result);
  }
}

}  // namespace

v8::MaybeLocal<v8::Promise> ModuleLoader::Callbacks::OnDynamicImport(
    v8::Local<v8::Context>, v8::Local<v8::Data>,
    v8::Local<v8::Value> resource_name, v8::Local<v8::String> specifier,
    v8::Local<v8::FixedArray> attributes) {
  Js js(v8::Isolate::GetCurrent());
  ModuleRequest request;
  request.specifier = ToUtf8(js.isolate(), specifier);
  if (resource_name->IsString()) {
    request.referrer = ToUtf8(js.isolate(), resource_name.As<v8::String>());
  }
  // Code that is no module, a script, imports from the working directory.
  // A CommonJS file is called by its path.
  if (request.referrer.starts_with('/'))
    request.referrer = FileUrlOf(request.referrer);
  // Code that a program compiles may be called by any name, such as a built-in
  // module's, and is none.
  else if (!js.runtime().loader().records_.contains(
               RequestKey(request.referrer, "")))
    request.referrer = FileUrlOf(AbsolutePath(""));
  ImportAttributes read =
      ReadImportAttributes(js, attributes, ImportForm::kCall);
  if (read.unknown.has_value()) {
    return SettledPromise(
        js, {TypeErrorWithCode(js, UnknownAttribute(*read.unknown),
                               kUnknownAttributeCode),
             /*rejected=*/true});
  }
  request.type = std::move(read.type);
  v8::Local<v8::Promise> loaded;
  v8::Local<v8::Function> evaluate;
  if (!PromiseFor(js, LoadForImport(js.runtime(), std::move(request)))
           .ToLocal(&loaded) ||
      !v8::Function::New(js.context(), &EvaluateLoaded, {}, 1,
                         v8::ConstructorBehavior::kThrow)
           .ToLocal(&evaluate)) {
    return {};
  }
  return loaded->Then(js.context(), evaluate);
}

void ModuleLoader::Callbacks::OnImportMeta(v8::Local<v8::Context> context,
                                           v8::Local<v8::Module> module,
                                           v8::Local<v8::Object> meta) {
  Js js(v8::Isolate::GetCurrent());
  ModuleLoader& loader = js.runtime().loader();
  const ModuleRecord& record = *loader.RecordOf(module);
  auto set = [&](std::string_view name, v8::Local<v8::Value> value) {
    meta->CreateDataProperty(context, js.Name(name), value).Check();
  };
  if (!record.path.empty()) {
    const size_t slash = record.path.rfind('/');
    set("dirname", js.String(slash == 0 ? "/" : record.path.substr(0, slash)));
    set("filename", js.String(record.path));
  }
  set("main", v8::Boolean::New(js.isolate(), &record == loader.main_));
  v8::Local<v8::String> url = js.String(record.url);
  set("url", url);
  v8::Local<v8::Function> resolve;
  if (v8::Function::New(context, &OnMetaResolve, url, 1,
                        v8::ConstructorBehavior::kThrow)
          .ToLocal(&resolve)) {
    resolve->SetName(js.Name("resolve"));
    set("resolve", resolve);
  }
}

void ModuleLoader::Callbacks::OnMetaResolve(
    const v8::FunctionCallbackInfo<v8::Value>& info) {
  Js js(info.GetIsolate());
  if (!info[0]->IsString()) {
    js.Expected("a string", info[0]);
    return js.ThrowFailure("import.meta.resolve(): argument 1");
  }
  ModuleLoader& loader = js.runtime().loader();
  const std::string specifier = ToUtf8(js.isolate(), info[0].As<v8::String>());
  // A built-in module's name for programs, not where its source lies.
  std::optional<std::string> url = loader.PublicName(specifier);
  if (!url.has_value()) {
    url = loader.Resolve(js, specifier,
                         ToUtf8(js.isolate(), info.Data().As<v8::String>()),
                         /*must_exist=*/false);
  }
  if (url.has_value()) info.GetReturnValue().Set(js.String(*url));
}

void ModuleLoader::Install(v8::Isolate* isolate) {
  isolate->SetHostImportModuleDynamicallyCallback(&Callbacks::OnDynamicImport);
  isolate->SetHostInitializeImportMetaObjectCallback(&Callbacks::OnImportMeta);
}

}  // namespace braid
