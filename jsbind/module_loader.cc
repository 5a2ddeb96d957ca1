#include "jsbind/module_loader.h"

#include <v8-exception.h>
#include <v8-object.h>

#include <utility>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/file.h"
#include "jsbind/import_attributes.h"
#include "jsbind/js_error.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_callbacks.h"
#include "jsbind/module_def.h"
#include "jsbind/module_errors.h"
#include "jsbind/module_specifier.h"
#include "jsbind/runtime.h"
#include "jsbind/source_errors.h"

namespace braid {
namespace {

constexpr std::string_view kEmbeddedPrefix = "jsbind/";
constexpr std::string_view kNodePrefix = "node:";
// Who asks for a built-in module that no module imports.
constexpr std::string_view kBuiltinReferrer = "internal:";
// A source file of more than this is no source file.
constexpr uint64_t kSourceBytesMax = uint64_t{256} << 20;

std::string EmbeddedUrl(std::string_view file) {
  CHECK(absl::StartsWith(file, kEmbeddedPrefix))
      << "built-in JS lies below jsbind/, not " << file;
  return absl::StrCat("internal:", file.substr(kEmbeddedPrefix.size()));
}

std::string RecordKey(std::string_view url, std::string_view type) {
  return absl::StrCat(type, "|", url);
}

bool IsProgramScheme(std::string_view scheme) {
  return scheme == "native" || scheme == "braid" || scheme == "node" ||
         scheme == "internal";
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

std::optional<std::string> ModuleLoader::PublicName(
    std::string_view specifier) const {
  if (public_modules_.contains(specifier)) return std::string(specifier);
  std::string as_node = absl::StrCat(kNodePrefix, specifier);
  if (public_modules_.contains(as_node)) return as_node;
  return std::nullopt;
}

std::optional<std::string> ModuleLoader::Resolve(Js& js,
                                                 std::string_view specifier,
                                                 std::string_view referrer) {
  if (const std::optional<std::string> name = PublicName(specifier)) {
    return public_modules_.find(*name)->second;
  }
  ModuleRequest request;
  request.specifier = specifier;
  request.referrer = referrer;
  const std::string_view scheme = SchemeOf(specifier);
  if (IsProgramScheme(scheme)) {
    const bool closed =
        scheme == "internal" && !IsProgramScheme(SchemeOf(referrer));
    if (!closed && (FindNative(specifier) != nullptr ||
                    builtin_sources_.contains(specifier))) {
      return std::string(specifier);
    }
    ThrowModuleError(js, request,
                     absl::StrCat("No such built-in module: ", specifier),
                     "ERR_UNKNOWN_BUILTIN_MODULE");
    return std::nullopt;
  }
  if (IsPathSpecifier(specifier) || scheme == "file") {
    absl::StatusOr<std::string> url = ResolveUrl(specifier, referrer);
    if (url.ok()) return *std::move(url);
    ThrowModuleError(js, request,
                     absl::StrCat("Invalid module specifier '", specifier,
                                  "': ", url.status().message()),
                     "ERR_INVALID_MODULE_SPECIFIER");
    return std::nullopt;
  }
  if (!scheme.empty()) {
    ThrowModuleError(
        js, request,
        absl::StrCat(
            "Cannot import '", specifier,
            "': modules come from file:, node:, braid: and native: URLs;"
            " this one is"),
        "ERR_UNSUPPORTED_ESM_URL_SCHEME");
    return std::nullopt;
  }
  ThrowModuleError(
      js, request,
      absl::StrCat("Cannot find package '", specifier,
                   "' (the path of a file begins with ./, ../ or /)"),
      "ERR_MODULE_NOT_FOUND");
  return std::nullopt;
}

ModuleRecord* ModuleLoader::FindRecord(Js& js, const ModuleRequest& request) {
  v8::TryCatch try_catch(js.isolate());
  std::optional<std::string> url =
      Resolve(js, request.specifier, request.referrer);
  if (!url.has_value()) {
    SetPlace(js, try_catch.Exception(), PlaceOfImport(js, request));
    try_catch.ReThrow();
    return nullptr;
  }
  const auto found = records_.find(RecordKey(*url, request.type));
  if (found != records_.end()) return found->second.get();
  ModuleRecord* record = NewRecord(js, *std::move(url), request);
  if (record == nullptr) try_catch.ReThrow();
  return record;
}

ModuleRecord* ModuleLoader::NewRecord(Js& js, std::string url,
                                      const ModuleRequest& request) {
  auto record = std::make_unique<ModuleRecord>();
  record->builtin = IsProgramScheme(SchemeOf(url));
  if (!record->builtin) {
    absl::StatusOr<std::string> path = PathOfFileUrl(url);
    if (!path.ok()) {
      ThrowModuleError(
          js, request,
          absl::StrCat("Invalid module specifier '", request.specifier,
                       "': ", path.status().message()),
          "ERR_INVALID_MODULE_SPECIFIER");
      return nullptr;
    }
    record->path = *std::move(path);
  } else if (!builtin_sources_.contains(url)) {
    record->native = FindNative(url);
    record->kind = ModuleRecord::Kind::kNative;
    // A file of the built-in JS that is not there.
    if (record->native == nullptr) {
      ThrowModuleError(js, request,
                       absl::StrCat("No such built-in module: ", url),
                       "ERR_UNKNOWN_BUILTIN_MODULE");
      return nullptr;
    }
  }
  const bool is_json_file = absl::EndsWith(record->path, ".json");
  if (request.type == "json" || request.type == "text") {
    if (record->builtin || (request.type == "json" && !is_json_file &&
                            absl::EndsWith(record->path, ".js"))) {
      ThrowModuleError(js, request,
                       absl::StrCat("Module '", url, "' is not of type \"",
                                    request.type, "\""),
                       "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE");
      return nullptr;
    }
    record->kind = request.type == "json" ? ModuleRecord::Kind::kJson
                                          : ModuleRecord::Kind::kText;
  } else if (!request.type.empty()) {
    ThrowModuleError(
        js, request,
        absl::StrCat("Import attribute type \"", request.type,
                     "\" is not supported (\"json\" and \"text\" are)"),
        "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED");
    return nullptr;
  } else if (is_json_file) {
    ThrowModuleError(
        js, request,
        absl::StrCat("Module '", url,
                     "' needs an import attribute of 'type: json'"),
        "ERR_IMPORT_ATTRIBUTE_MISSING");
    return nullptr;
  }
  record->url = url;
  ModuleRecord* const added = record.get();
  records_.emplace(RecordKey(url, request.type), std::move(record));
  return added;
}

Task<absl::StatusOr<ModuleRecord*>> ModuleLoader::Load(ModuleRequest request) {
  CO_ASSIGN_OR_RETURN(const Mutex::Lock lock, co_await loading_.Acquire());
  PendingList pending;
  ModuleRecord* record;
  {
    JsTurn js(runtime_);
    v8::TryCatch try_catch(js.isolate());
    record = FindRecord(js, request);
    if (record == nullptr) co_return StatusFromCaught(js, try_catch);
  }
  pending.push_back({record, std::move(request)});
  CO_RETURN_IF_ERROR(co_await LoadPending(std::move(pending)));
  co_return record;
}

Task<absl::StatusOr<ModuleRecord*>> ModuleLoader::LoadSource(
    std::string url, std::string source) {
  CO_ASSIGN_OR_RETURN(const Mutex::Lock lock, co_await loading_.Acquire());
  auto owned = std::make_unique<ModuleRecord>();
  ModuleRecord* const record = owned.get();
  record->url = url;
  CHECK(records_.emplace(RecordKey(url, ""), std::move(owned)).second)
      << "there is a module " << url << " already";
  PendingList pending;
  {
    JsTurn js(runtime_);
    v8::TryCatch try_catch(js.isolate());
    if (!Process(js, {record, {}}, source, pending))
      co_return StatusFromCaught(js, try_catch);
  }
  if (absl::Status status = co_await LoadPending(std::move(pending));
      !status.ok()) {
    record->loaded = false;
    co_return status;
  }
  co_return record;
}

Task<absl::Status> ModuleLoader::LoadPending(PendingList pending) {
  std::vector<ModuleRecord*> visited;
  absl::Status status;
  while (!pending.empty() && status.ok()) {
    const Pending item = std::move(pending.back());
    pending.pop_back();
    if (item.record->loaded) continue;
    absl::StatusOr<std::string> source = std::string();
    if (!item.record->path.empty() && item.record->module.IsEmpty()) {
      source = co_await ReadFile(runtime_.loop(), item.record->path,
                                 kSourceBytesMax);
      if (absl::IsCancelled(source.status())) {
        status = source.status();
        break;
      }
    }
    if (runtime_.exiting()) {
      status = absl::CancelledError("the program has ended");
      break;
    }
    JsTurn js(runtime_);
    v8::TryCatch try_catch(js.isolate());
    visited.push_back(item.record);
    bool done = false;
    if (!source.ok()) {
      ThrowReadError(js, item.request, *item.record, source.status());
    } else {
      done = Process(js, item, *source, pending);
    }
    if (!done) status = StatusFromCaught(js, try_catch);
  }
  if (!status.ok()) {
    for (ModuleRecord* record : visited) record->loaded = false;
  }
  co_return status;
}

ModuleRecord* ModuleLoader::LoadBuiltin(Js& js, std::string_view specifier) {
  ModuleRequest request;
  request.specifier = specifier;
  request.referrer = kBuiltinReferrer;
  ModuleRecord* record = FindRecord(js, request);
  if (record == nullptr) return nullptr;
  PendingList pending = {{record, request}};
  while (!pending.empty()) {
    const Pending item = std::move(pending.back());
    pending.pop_back();
    if (item.record->loaded) continue;
    CHECK(item.record->path.empty())
        << "built-in JS imports the file " << item.record->path;
    if (!Process(js, item, {}, pending)) return nullptr;
  }
  return record;
}

bool ModuleLoader::Process(Js& js, const Pending& item, std::string_view source,
                           PendingList& pending) {
  ModuleRecord& record = *item.record;
  if (record.module.IsEmpty() && !Compile(js, record, source)) return false;
  // From here on: imports in a circle find it done.
  record.loaded = true;
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
    const std::string key = RequestKey(request.specifier, request.type);
    if (const auto known = record.imports.find(key);
        known != record.imports.end()) {
      if (!known->second->loaded)
        pending.push_back({known->second, std::move(request)});
      continue;
    }
    ModuleRecord* target = FindRecord(js, request);
    if (target == nullptr) return false;
    record.imports.emplace(key, target);
    if (!target->loaded) pending.push_back({target, std::move(request)});
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

v8::MaybeLocal<v8::Promise> ModuleLoader::Evaluate(Js& js,
                                                   ModuleRecord& record) {
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::Module> module = record.module.Get(js.isolate());
  if (module->InstantiateModule(js.context(), &Callbacks::OnResolve)
          .IsNothing()) {
    // "does not provide an export named ...": the message knows the statement.
    if (!try_catch.HasTerminated()) {
      SetPlace(js, try_catch.Exception(), FormatPlace(js, try_catch.Message()));
    }
    try_catch.ReThrow();
    return {};
  }
  v8::Local<v8::Value> promise;
  if (!module->Evaluate(js.context()).ToLocal(&promise)) {
    try_catch.ReThrow();
    return {};
  }
  return promise.As<v8::Promise>();
}

}  // namespace braid
