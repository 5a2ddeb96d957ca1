// Where ES modules and CommonJS meet: import of what require() loads, require()
// of ES modules, and programs that are CommonJS.

#include <v8-container.h>
#include <v8-exception.h>
#include <v8-function.h>
#include <v8-object.h>

#include <string>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "async/status_macros.h"
#include "io/file.h"
#include "jsbind/commonjs.h"
#include "jsbind/js_error.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_callbacks.h"
#include "jsbind/module_errors.h"
#include "jsbind/module_files.h"
#include "jsbind/module_loader.h"
#include "jsbind/module_specifier.h"
#include "jsbind/package_resolver.h"
#include "jsbind/runtime.h"

namespace braid {
namespace {

// Under these names the whole of module.exports is exported.
constexpr std::string_view kDefault = "default";
constexpr std::string_view kModuleExports = "module.exports";

// What require() gives of an ES module that has a default export.
constexpr std::string_view kFacadeUrl = "braid:required/";
constexpr std::string_view kFacadeSource =
    "export * from 'original';"
    "export { default } from 'original';"
    "export const __esModule = true;";

}  // namespace

v8::MaybeLocal<v8::Value> ModuleLoader::CallCommonJs(
    Js& js, std::string_view name, int argc, v8::Local<v8::Value>* argv) {
  CHECK(!commonjs_.empty()) << "no extension brings CommonJS";
  ModuleRecord* record = LoadBuiltin(js, commonjs_);
  v8::Local<v8::Object> exports;
  v8::Local<v8::Value> function;
  if (record == nullptr || !EvaluateNow(js, *record).ToLocal(&exports) ||
      !exports->Get(js.context(), js.Name(name)).ToLocal(&function)) {
    return {};
  }
  CHECK(function->IsFunction()) << commonjs_ << " has no " << name;
  return function.As<v8::Function>()->Call(js.context(), js.Undefined(), argc,
                                           argv);
}

bool ModuleLoader::CompileCommonJs(Js& js, ModuleRecord& record,
                                   std::string_view source) {
  v8::Local<v8::Value> arguments[] = {js.String(record.path),
                                      js.String(source)};
  v8::Local<v8::Value> found;
  if (arguments[1].IsEmpty() ||
      !CallCommonJs(js, "exportNames", 2, arguments).ToLocal(&found)) {
    return false;
  }
  // Finding names calls functions that programs replace, and those may load it.
  if (!record.module.IsEmpty()) return true;
  v8::LocalVector<v8::String> names(js.isolate());
  names.push_back(js.Name(kDefault));
  names.push_back(js.Name(kModuleExports));
  auto list = found.As<v8::Array>();
  record.export_names.clear();
  for (uint32_t i = 0; i < list->Length(); ++i) {
    v8::Local<v8::Value> name;
    if (!list->Get(js.context(), i).ToLocal(&name)) return false;
    std::string text = ToUtf8(js.isolate(), name.As<v8::String>());
    if (text == kDefault || text == kModuleExports) continue;
    record.export_names.push_back(std::move(text));
    names.push_back(name.As<v8::String>());
  }
  record.kind = ModuleRecord::Kind::kCommonJs;
  Register(js, record,
           v8::Module::CreateSyntheticModule(
               js.isolate(), js.String(record.url),
               v8::MemorySpan<const v8::Local<v8::String>>(names.data(),
                                                           names.size()),
               &Callbacks::OnEvaluateSynthetic));
  return true;
}

std::optional<std::string> ModuleLoader::ExplainMissingExport(
    std::string_view importer, std::string_view message) {
  // "The requested module './x.cjs' does not provide an export named 'y'"
  constexpr std::string_view kBegin = "The requested module '";
  constexpr std::string_view kMiddle = "' does not provide an export named '";
  const size_t begin = message.find(kBegin);
  const size_t middle = message.find(kMiddle);
  const auto found = records_.find(RequestKey(importer, ""));
  if (begin == std::string_view::npos || middle == std::string_view::npos ||
      found == records_.end()) {
    return std::nullopt;
  }
  const size_t specifier_at = begin + kBegin.size();
  const std::string_view specifier =
      message.substr(specifier_at, middle - specifier_at);
  std::string_view name = message.substr(middle + kMiddle.size());
  absl::ConsumeSuffix(&name, "'");
  const auto imported = found->second->imports.find(RequestKey(specifier, ""));
  if (imported == found->second->imports.end() ||
      imported->second->kind != ModuleRecord::Kind::kCommonJs) {
    return std::nullopt;
  }
  return absl::StrCat(
      "Named export '", name, "' not found. The requested module '", specifier,
      "' is a CommonJS module, which may not support all module.exports as "
      "named exports.\nCommonJS modules can always be imported via the default "
      "export, for example using:\n\nimport pkg from '",
      specifier, "';\nconst {", name, "} = pkg;\n");
}

v8::MaybeLocal<v8::Value> ModuleLoader::Callbacks::EvaluateCommonJs(
    Js& js, ModuleRecord& record, v8::Local<v8::Module> module) {
  v8::Local<v8::Value> path = js.String(record.path);
  v8::Local<v8::Value> exports;
  if (!js.runtime()
           .loader()
           .CallCommonJs(js, "importFile", 1, &path)
           .ToLocal(&exports)) {
    return {};
  }
  auto set = [&](std::string_view name, v8::Local<v8::Value> value) {
    return module
        ->SetSyntheticModuleExport(js.isolate(), js.String(name), value)
        .IsJust();
  };
  if (!set(kDefault, exports) || !set(kModuleExports, exports)) return {};
  if (!exports->IsObject()) return ResolvedPromise(js);
  auto object = exports.As<v8::Object>();
  for (const std::string& name : record.export_names) {
    // A getter of the program that throws leaves its name undefined.
    v8::TryCatch try_catch(js.isolate());
    v8::Local<v8::String> key = js.String(name);
    v8::Local<v8::Value> value;
    if (!object->HasOwnProperty(js.context(), key).FromMaybe(false) ||
        !object->Get(js.context(), key).ToLocal(&value)) {
      if (try_catch.HasTerminated()) return {};
      continue;
    }
    if (!set(name, value)) return {};
  }
  return ResolvedPromise(js);
}

// require() of ES modules. ----------------------------------------------------

// The modules below one that cannot be evaluated twice at a time.
bool ModuleLoader::IsBusy(Js& js, ModuleRecord& root) {
  std::vector<ModuleRecord*> pending = {&root};
  absl::flat_hash_set<ModuleRecord*> seen = {&root};
  while (!pending.empty()) {
    ModuleRecord& record = *pending.back();
    pending.pop_back();
    const v8::Module::Status status =
        record.module.Get(js.isolate())->GetStatus();
    if (status == v8::Module::kInstantiating ||
        status == v8::Module::kEvaluating) {
      return true;
    }
    if (status >= v8::Module::kEvaluated) continue;
    for (const auto& [key, imported] : record.imports) {
      if (seen.insert(imported).second) pending.push_back(imported);
    }
  }
  return false;
}

v8::MaybeLocal<v8::Object> ModuleLoader::EvaluateNow(Js& js,
                                                     ModuleRecord& record) {
  v8::Local<v8::Module> module = record.module.Get(js.isolate());
  const auto refuse = [&](std::string_view why, std::string_view code) {
    ThrowError(js,
               ErrorWithCode(js, absl::StrCat(why, ": ", record.url), code));
  };
  if (module->GetStatus() < v8::Module::kEvaluated && IsBusy(js, record)) {
    refuse(
        "Cannot require() an ES module that is being evaluated, as in a cycle",
        "ERR_REQUIRE_CYCLE_MODULE");
    return {};
  }
  if (module->GetStatus() == v8::Module::kErrored) {
    ThrowError(js, module->GetException());
    return {};
  }
  if (!Link(js, record)) return {};
  if (module->IsGraphAsync()) {
    refuse(
        "require() cannot be used on an ES module with a top-level await, nor "
        "on one that imports such a module; use import() instead",
        "ERR_REQUIRE_ASYNC_MODULE");
    return {};
  }
  v8::Local<v8::Value> evaluated;
  if (!module->Evaluate(js.context()).ToLocal(&evaluated)) return {};
  auto promise = evaluated.As<v8::Promise>();
  if (promise->State() == v8::Promise::kRejected) {
    // The caller of require() handles it.
    promise->MarkAsHandled();
    ThrowError(js, promise->Result());
    return {};
  }
  return module->GetModuleNamespace().As<v8::Object>();
}

v8::MaybeLocal<v8::Value> ModuleLoader::Require(Js& js,
                                                const std::string& path) {
  ModuleRequest request;
  request.specifier = FileUrlOf(path);
  ModuleRecord* record = LoadNow(js, request);
  v8::Local<v8::Object> exports;
  if (record == nullptr || !EvaluateNow(js, *record).ToLocal(&exports))
    return {};
  const auto has = [&](std::string_view name) {
    return exports->HasOwnProperty(js.context(), js.String(name))
        .FromMaybe(false);
  };
  if (has(kModuleExports))
    return exports->Get(js.context(), js.String(kModuleExports));
  if (!has(kDefault) || has("__esModule")) return exports;
  // What transpiled code takes for an ES module says so.
  std::string url = absl::StrCat(kFacadeUrl, record->url);
  const std::string key = RequestKey(url, "");
  ModuleRecord* made = nullptr;
  if (const auto found = records_.find(key); found != records_.end()) {
    made = found->second.get();
  } else {
    auto owned = std::make_unique<ModuleRecord>();
    made = owned.get();
    made->url = std::move(url);
    made->imports[RequestKey("original", "")] = record;
    // Not kept if it fails, as near the end of the stack.
    if (!CompileScript(js, *made, kFacadeSource)) return {};
    made->complete = true;
    records_.emplace(key, std::move(owned));
  }
  v8::Local<v8::Object> with_mark;
  if (!EvaluateNow(js, *made).ToLocal(&with_mark)) return {};
  return with_mark;
}

// Programs. -------------------------------------------------------------------

bool ModuleLoader::IsModule(std::string_view source) {
  if (commonjs_.empty()) return true;
  JsTurn js(runtime_);
  return LooksLikeModule(js, WithoutBom(source));
}

Task<absl::StatusOr<ModuleRecord*>> ModuleLoader::LoadMain(std::string path) {
  std::string url;
  ModuleRecord::Kind kind;
  {
    JsTurn js(runtime_);
    v8::TryCatch try_catch(js.isolate());
    ModuleRequest request;
    request.specifier =
        FileUrlOf(FindAsCommonJs(js, packages_, path).value_or(path));
    std::optional<std::string> found = Finalize(js, request, request.specifier);
    if (!found.has_value()) co_return StatusFromCaught(js, try_catch);
    url = *std::move(found);
    path = PathOfFileUrl(url).value_or("");
    const std::optional<ModuleRecord::Kind> known =
        KindOfFile(js, path, request, /*any_name=*/true);
    if (!known.has_value()) co_return StatusFromCaught(js, try_catch);
    kind = *known;
    if (kind == ModuleRecord::Kind::kJson && commonjs_.empty()) {
      ThrowResolveFailure(
          js, request,
          {"ERR_UNKNOWN_FILE_EXTENSION",
           absl::StrCat("Unknown file extension \".json\" for ", path),
           /*is_type_error=*/true});
      co_return StatusFromCaught(js, try_catch);
    }
  }
  std::string source;
  if (kind == ModuleRecord::Kind::kDetect ||
      kind == ModuleRecord::Kind::kScript) {
    CO_ASSIGN_OR_RETURN(
        source, co_await ReadFile(runtime_.loop(), path, kSourceBytesMax));
    if (kind == ModuleRecord::Kind::kScript || IsModule(source)) {
      co_return co_await LoadSource(std::move(url), std::move(path),
                                    std::move(source));
    }
  }
  main_commonjs_ = std::make_unique<ModuleRecord>();
  main_commonjs_->kind = ModuleRecord::Kind::kCommonJs;
  main_commonjs_->path = std::move(path);
  // A pipe gives it once. Empty if it was not read.
  main_commonjs_->data = std::move(source);
  co_return main_commonjs_.get();
}

Task<absl::StatusOr<ModuleRecord*>> ModuleLoader::LoadCode(std::string url,
                                                           std::string code) {
  if (IsModule(code))
    co_return co_await LoadSource(std::move(url), "", std::move(code));
  main_commonjs_ = std::make_unique<ModuleRecord>();
  main_commonjs_->kind = ModuleRecord::Kind::kCommonJs;
  main_commonjs_->data = std::move(code);
  co_return main_commonjs_.get();
}

bool ModuleLoader::RunCommonJs(Js& js, const ModuleRecord& main) {
  const bool is_file = !main.path.empty();
  v8::Local<v8::String> text = js.String(WithoutBom(main.data));
  if (text.IsEmpty()) return false;
  v8::Local<v8::Value> arguments[] = {text, js.String(main.path)};
  return !CallCommonJs(js, is_file ? "runFile" : "runCode", 2, arguments)
              .IsEmpty();
}

}  // namespace braid
