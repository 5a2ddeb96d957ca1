#include "jsbind/module_loader.h"

#include <v8-exception.h>

#include <algorithm>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "async/status_macros.h"
#include "io/file.h"
#include "jsbind/import_attributes.h"
#include "jsbind/js_error.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_callbacks.h"
#include "jsbind/module_def.h"
#include "jsbind/module_errors.h"
#include "jsbind/module_files.h"
#include "jsbind/module_specifier.h"
#include "jsbind/runtime.h"
#include "jsbind/source_errors.h"

namespace braid {
namespace {

constexpr std::string_view kEmbeddedPrefix = "jsbind/";
constexpr std::string_view kPackagePrefix = "../root/nodejs/";
// Who asks for a built-in module that no module imports.
constexpr std::string_view kBuiltinReferrer = "internal:";
std::string EmbeddedUrl(std::string_view file) {
  // JavaScript of others, which comes from the root.
  if (absl::ConsumePrefix(&file, kPackagePrefix))
    return absl::StrCat("internal:packages/", file);
  if (absl::ConsumePrefix(&file, kEmbeddedPrefix))
    return absl::StrCat("internal:", file);
  // An embedder's own.
  return absl::StrCat("internal:extensions/", file);
}

}  // namespace

std::string RequestKey(std::string_view specifier, std::string_view type) {
  return absl::StrCat(type, "|", specifier);
}

ModuleLoader::ModuleLoader(Runtime& runtime) : runtime_(runtime) {}
ModuleLoader::~ModuleLoader() = default;

void ModuleLoader::AddExtension(const Extension& extension) {
  for (const EmbeddedFile& file : extension.files) {
    builtin_sources_.emplace(EmbeddedUrl(file.name), file.contents);
  }
  for (const Extension::PublicModule& module : extension.public_modules) {
    public_modules_.emplace(module.specifier, EmbeddedUrl(module.file));
  }
  for (const Extension::NativeModule& module : extension.native_modules) {
    native_defines_.emplace(module.specifier, module.define);
  }
  if (!extension.commonjs.empty()) commonjs_ = EmbeddedUrl(extension.commonjs);
}

ModuleDef& ModuleLoader::Declare(std::string specifier) {
  CHECK(IsProgramScheme(SchemeOf(specifier)))
      << "a module in C++ is called native:, braid:, node: or internal:, not "
      << specifier;
  std::unique_ptr<ModuleDef>& module = natives_[specifier];
  if (module == nullptr)
    module = std::make_unique<ModuleDef>(runtime_, std::move(specifier));
  return *module;
}

ModuleDef* ModuleLoader::FindNative(std::string_view specifier) {
  if (const auto found = natives_.find(specifier); found != natives_.end()) {
    return found->second.get();
  }
  const auto define = native_defines_.find(specifier);
  if (define == native_defines_.end()) return nullptr;
  ModuleDef& module = Declare(std::string(specifier));
  define->second(module);
  return &module;
}

const std::string_view* ModuleLoader::BuiltinSource(
    std::string_view url) const {
  const auto found = builtin_sources_.find(url);
  return found == builtin_sources_.end() ? nullptr : &found->second;
}

std::vector<std::string> ModuleLoader::PublicNames() const {
  std::vector<std::string> names;
  names.reserve(public_modules_.size());
  for (const auto& [name, url] : public_modules_) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

std::optional<ModuleLoader::Pending> ModuleLoader::Walk::Next() {
  while (!pending.empty()) {
    Pending item = std::move(pending.back());
    pending.pop_back();
    if (!item.record->complete && visited.insert(item.record).second)
      return item;
  }
  return std::nullopt;
}

void ModuleLoader::Walk::Complete() {
  for (ModuleRecord* record : visited) record->complete = true;
}

Task<absl::StatusOr<ModuleRecord*>> ModuleLoader::Load(ModuleRequest request) {
  CO_ASSIGN_OR_RETURN(const Mutex::Lock lock, co_await loading_.Acquire());
  Walk walk;
  ModuleRecord* record;
  {
    JsTurn js(runtime_);
    v8::TryCatch try_catch(js.isolate());
    record = FindRecord(js, request);
    if (record == nullptr) co_return StatusFromCaught(js, try_catch);
  }
  walk.pending.push_back({record, std::move(request)});
  CO_RETURN_IF_ERROR(co_await LoadPending(std::move(walk)));
  co_return record;
}

Task<absl::StatusOr<ModuleRecord*>> ModuleLoader::LoadSource(
    std::string url, std::string path, std::string source) {
  CO_ASSIGN_OR_RETURN(const Mutex::Lock lock, co_await loading_.Acquire());
  auto owned = std::make_unique<ModuleRecord>();
  ModuleRecord* const record = owned.get();
  record->url = url;
  record->path = std::move(path);
  CHECK(records_.emplace(RequestKey(url, ""), std::move(owned)).second)
      << "there is a module " << url << " already";
  Walk walk;
  {
    JsTurn js(runtime_);
    v8::TryCatch try_catch(js.isolate());
    if (!Process(js, {record, {}}, source, walk))
      co_return StatusFromCaught(js, try_catch);
  }
  CO_RETURN_IF_ERROR(co_await LoadPending(std::move(walk)));
  co_return record;
}

Task<absl::Status> ModuleLoader::LoadPending(Walk walk) {
  while (const std::optional<Pending> item = walk.Next()) {
    ModuleRecord& record = *item->record;
    absl::StatusOr<std::string> source = std::string();
    if (!record.path.empty() && record.module.IsEmpty()) {
      source = co_await ReadFile(runtime_.loop(), record.path, kSourceBytesMax);
      if (absl::IsCancelled(source.status())) co_return source.status();
    }
    if (runtime_.exiting())
      co_return absl::CancelledError("the program has ended");
    JsTurn js(runtime_);
    v8::TryCatch try_catch(js.isolate());
    bool done = false;
    if (!source.ok()) {
      ThrowReadError(js, item->request, record, source.status());
    } else {
      done = Process(js, *item, *source, walk);
    }
    if (!done) co_return StatusFromCaught(js, try_catch);
  }
  walk.Complete();
  co_return absl::OkStatus();
}

ModuleRecord* ModuleLoader::LoadNow(Js& js, const ModuleRequest& request) {
  ModuleRecord* record = FindRecord(js, request);
  if (record == nullptr) return nullptr;
  Walk walk;
  walk.pending.push_back({record, request});
  while (const std::optional<Pending> item = walk.Next()) {
    absl::StatusOr<std::string> source = std::string();
    if (!item->record->path.empty() && item->record->module.IsEmpty())
      source = ReadFileNow(item->record->path);
    if (!source.ok()) {
      ThrowReadError(js, item->request, *item->record, source.status());
      return nullptr;
    }
    if (!Process(js, *item, *source, walk)) return nullptr;
  }
  walk.Complete();
  return record;
}

ModuleRecord* ModuleLoader::LoadBuiltin(Js& js, std::string_view specifier) {
  ModuleRequest request;
  request.specifier = specifier;
  request.referrer = kBuiltinReferrer;
  return LoadNow(js, request);
}

bool ModuleLoader::Process(Js& js, const Pending& item, std::string_view source,
                           Walk& walk) {
  ModuleRecord& record = *item.record;
  if (record.module.IsEmpty() && !Compile(js, record, source)) return false;
  v8::Local<v8::Module> module = record.module.Get(js.isolate());
  if (!module->IsSourceTextModule()) return true;
  v8::Local<v8::FixedArray> requests = module->GetModuleRequests();
  for (int i = 0; i < requests->Length(); ++i) {
    v8::Local<v8::ModuleRequest> statement =
        requests->Get(js.context(), i).As<v8::ModuleRequest>();
    ModuleRequest request;
    request.specifier = ToUtf8(js.isolate(), statement->GetSpecifier());
    request.referrer = record.url;
    request.importer = &record;
    request.offset = statement->GetSourceOffset();
    ImportAttributes attributes = ReadImportAttributes(
        js, statement->GetImportAttributes(), ImportForm::kStatement);
    if (attributes.unknown.has_value()) {
      ThrowModuleError(js, request, UnknownAttribute(*attributes.unknown),
                       kUnknownAttributeCode);
      return false;
    }
    request.type = std::move(attributes.type);
    ModuleRecord*& target =
        record.imports[RequestKey(request.specifier, request.type)];
    if (target == nullptr) target = FindRecord(js, request);
    if (target == nullptr) return false;
    if (!target->complete) walk.pending.push_back({target, std::move(request)});
  }
  return true;
}

void ModuleLoader::Register(Js& js, ModuleRecord& record,
                            v8::Local<v8::Module> module) {
  record.module.Reset(js.isolate(), module);
  by_hash_[module->GetIdentityHash()].push_back(&record);
}

ModuleRecord* ModuleLoader::RecordOf(v8::Local<v8::Module> module) {
  const auto found = by_hash_.find(module->GetIdentityHash());
  if (found == by_hash_.end()) return nullptr;
  for (ModuleRecord* record : found->second) {
    if (record->module == module) return record;
  }
  return nullptr;
}

bool ModuleLoader::Link(Js& js, ModuleRecord& record) {
  v8::TryCatch try_catch(js.isolate());
  if (record.module.Get(js.isolate())
          ->InstantiateModule(js.context(), &Callbacks::OnResolve)
          .IsJust()) {
    return true;
  }
  // "does not provide an export named ...": the message knows the statement.
  if (!try_catch.HasTerminated() && !try_catch.Message().IsEmpty()) {
    v8::Local<v8::Message> message = try_catch.Message();
    v8::Local<v8::Value> error = try_catch.Exception();
    if (message->GetScriptResourceName()->IsString()) {
      const std::optional<std::string> text = ExplainMissingExport(
          ToUtf8(js.isolate(),
                 message->GetScriptResourceName().As<v8::String>()),
          ToUtf8(js.isolate(), message->Get()));
      if (text.has_value()) {
        error = v8::Exception::SyntaxError(js.String(*text));
        try_catch.Reset();
        ThrowError(js, error);
      }
    }
    SetPlace(js, error, FormatPlace(js, message));
  }
  try_catch.ReThrow();
  return false;
}

v8::MaybeLocal<v8::Promise> ModuleLoader::Evaluate(Js& js,
                                                   ModuleRecord& record) {
  v8::Local<v8::Value> promise;
  if (!Link(js, record) || !record.module.Get(js.isolate())
                                ->Evaluate(js.context())
                                .ToLocal(&promise)) {
    return {};
  }
  return promise.As<v8::Promise>();
}

}  // namespace braid
