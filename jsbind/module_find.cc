// From a specifier to the record of the module that it means.

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "jsbind/module_data_url.h"
#include "jsbind/module_errors.h"
#include "jsbind/module_files.h"
#include "jsbind/module_loader.h"
#include "jsbind/module_specifier.h"
#include "jsbind/package_resolver.h"
#include "jsbind/source_errors.h"

namespace braid {
namespace {

// The path behind `referrer`, which is a file: URL or empty.
std::string PathOfReferrer(std::string_view referrer) {
  return PathOfFileUrl(referrer).value_or("");
}

// What require() would have found, as one would write it in the import.
std::string DidYouMean(Js& js, PackageConfigs& packages, std::string_view path,
                       const ModuleRequest& request) {
  const std::optional<std::string> found = FindAsCommonJs(js, packages, path);
  if (!found.has_value()) return {};
  std::string text;
  if (IsPathSpecifier(request.specifier)) {
    text = std::filesystem::path(*found)
               .lexically_relative(absl::StrCat(
                   FolderOf(PathOfReferrer(request.referrer)), "/"))
               .string();
    if (!absl::StartsWith(text, "../")) text = absl::StrCat("./", text);
  } else if (SchemeOf(request.specifier).empty() &&
             !absl::StartsWith(request.specifier, "#")) {
    // A file in a package.
    text = absl::StrCat(request.specifier, found->substr(path.size()));
  } else {
    text = FileUrlOf(*found);
  }
  return absl::StrCat("\nDid you mean to import \"", text, "\"?");
}

}  // namespace

std::optional<std::string> ModuleLoader::PublicName(
    std::string_view specifier) const {
  if (public_modules_.contains(specifier)) return std::string(specifier);
  std::string as_node = absl::StrCat(kNodePrefix, specifier);
  if (public_modules_.contains(as_node)) return as_node;
  return std::nullopt;
}

std::optional<std::string> ModuleLoader::Resolve(Js& js,
                                                 std::string_view specifier,
                                                 std::string_view referrer,
                                                 bool must_exist) {
  if (const std::optional<std::string> name = PublicName(specifier)) {
    return public_modules_.find(*name)->second;
  }
  ModuleRequest request;
  request.specifier = specifier;
  request.referrer = referrer;
  const std::string_view scheme = SchemeOf(specifier);
  const std::string_view from = SchemeOf(referrer);
  if (IsProgramScheme(scheme)) {
    const bool closed = scheme == "internal" && !IsProgramScheme(from);
    if (!closed && (FindNative(specifier) != nullptr ||
                    builtin_sources_.contains(specifier))) {
      return std::string(specifier);
    }
    ThrowModuleError(js, request,
                     absl::StrCat("No such built-in module: ", specifier),
                     "ERR_UNKNOWN_BUILTIN_MODULE");
    return std::nullopt;
  }
  if (scheme == "data") return std::string(specifier);
  const bool is_path = IsPathSpecifier(specifier);
  if (!scheme.empty() && scheme != "file") {
    ThrowModuleError(
        js, request,
        absl::StrCat("Cannot import '", specifier,
                     "': modules come from file:, data:, node:, braid: and "
                     "native: URLs; this one is"),
        "ERR_UNSUPPORTED_ESM_URL_SCHEME");
    return std::nullopt;
  }
  if (from == "data" && scheme.empty()) {
    ThrowResolveFailure(
        js, request,
        {"ERR_UNSUPPORTED_RESOLVE_REQUEST",
         absl::StrCat("Failed to resolve module specifier \"", specifier,
                      "\" from \"", referrer,
                      "\": Invalid relative URL or base scheme is not "
                      "hierarchical."),
         /*is_type_error=*/true});
    return std::nullopt;
  }
  std::optional<std::string> url;
  if (is_path || scheme == "file") {
    absl::StatusOr<std::string> resolved = ResolveUrl(specifier, referrer);
    if (!resolved.ok()) {
      ThrowModuleError(js, request,
                       absl::StrCat("Invalid module specifier '", specifier,
                                    "': ", resolved.status().message()),
                       "ERR_INVALID_MODULE_SPECIFIER");
      return std::nullopt;
    }
    url = *std::move(resolved);
    if (IsProgramScheme(from)) return url;
  } else {
    PackageResolver resolver(js, *this, ResolveForm::kImport,
                             PathOfReferrer(referrer));
    url = absl::StartsWith(specifier, "#") ? resolver.ResolveImports(specifier)
                                           : resolver.ResolvePackage(specifier);
    if (!url.has_value()) {
      ThrowResolveFailure(js, request, resolver.failure());
      return std::nullopt;
    }
    if (const auto builtin = public_modules_.find(*url);
        builtin != public_modules_.end()) {
      return builtin->second;
    }
  }
  return Finalize(js, request, *url, must_exist);
}

std::optional<std::string> ModuleLoader::Finalize(Js& js,
                                                  const ModuleRequest& request,
                                                  const std::string& url,
                                                  bool must_exist) {
  absl::StatusOr<std::string> path = PathOfFileUrl(url);
  const size_t rest = std::min(url.find_first_of("?#"), url.size());
  if (path.ok() && absl::StrContainsIgnoreCase(url.substr(0, rest), "%5c")) {
    path = absl::InvalidArgumentError(
        "a file: URL must not have an encoded \\ in its path");
  }
  if (!path.ok()) {
    ThrowModuleError(
        js, request,
        absl::StrCat("Invalid module specifier '", request.specifier,
                     "': ", path.status().message()),
        "ERR_INVALID_MODULE_SPECIFIER");
    return std::nullopt;
  }
  const FileKind kind = FileKindOf(*path);
  if (!must_exist && kind != FileKind::kFile) return url;
  switch (kind) {
    case FileKind::kFile:
      break;
    case FileKind::kFolder:
      ThrowModuleError(js, request,
                       absl::StrCat("Directory import '", *path,
                                    "' is not supported resolving ES modules"),
                       "ERR_UNSUPPORTED_DIR_IMPORT",
                       DidYouMean(js, packages_, *path, request));
      return std::nullopt;
    case FileKind::kNone:
      ThrowModuleError(
          js, request, absl::StrCat("Cannot find module '", *path, "'"),
          "ERR_MODULE_NOT_FOUND", DidYouMean(js, packages_, *path, request));
      return std::nullopt;
  }
  const std::string real = RealPathOf(*path);
  if (real == *path) return url;
  return absl::StrCat(FileUrlOf(real), url.substr(rest));
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
  const auto found = records_.find(RequestKey(*url, request.type));
  if (found != records_.end()) return found->second.get();
  ModuleRecord* record = NewRecord(js, *std::move(url), request);
  if (record == nullptr) try_catch.ReThrow();
  return record;
}

ModuleRecord* ModuleLoader::NewRecord(Js& js, std::string url,
                                      const ModuleRequest& request) {
  auto record = std::make_unique<ModuleRecord>();
  record->url = std::move(url);
  if (!SetKind(js, *record, request)) return nullptr;
  ModuleRecord* const added = record.get();
  records_.emplace(RequestKey(added->url, request.type), std::move(record));
  return added;
}

bool ModuleLoader::SetKind(Js& js, ModuleRecord& record,
                           const ModuleRequest& request) {
  using Kind = ModuleRecord::Kind;
  const std::string_view scheme = SchemeOf(record.url);
  record.builtin = IsProgramScheme(scheme);
  std::optional<Kind> kind = Kind::kScript;
  bool may_be_json = !record.builtin;
  if (record.builtin) {
    if (!builtin_sources_.contains(record.url)) {
      record.native = FindNative(record.url);
      kind = Kind::kNative;
      // A file of the built-in JS that is not there.
      if (record.native == nullptr) {
        ThrowModuleError(js, request,
                         absl::StrCat("No such built-in module: ", record.url),
                         "ERR_UNKNOWN_BUILTIN_MODULE");
        return false;
      }
    }
  } else if (scheme == "data") {
    absl::StatusOr<DataUrl> data = ParseDataUrl(record.url);
    if (!data.ok()) {
      ThrowModuleError(js, request,
                       absl::StrCat("Invalid URL '", record.url,
                                    "': ", data.status().message()),
                       "ERR_INVALID_URL");
      return false;
    }
    record.data = std::move(data->body);
    if (data->media_type == "application/json") {
      kind = Kind::kJson;
    } else if (data->media_type != "text/javascript" &&
               request.type != "text" && request.type != "bytes") {
      ThrowModuleError(js, request,
                       absl::StrCat("Unknown module format: ", data->media_type,
                                    " for URL ", record.url),
                       "ERR_UNKNOWN_MODULE_FORMAT");
      return false;
    }
    may_be_json = kind == Kind::kJson;
  } else {
    record.path = PathOfFileUrl(record.url).value_or("");
    // Of what is data by its attribute, the name says nothing.
    if (request.type.empty())
      kind = KindOfFile(js, record.path, request);
    else if (absl::EndsWith(record.path, ".js"))
      may_be_json = false;
  }
  if (!kind.has_value()) return false;
  if (request.type == "json" || request.type == "text" ||
      request.type == "bytes") {
    if (record.builtin || (request.type == "json" && !may_be_json)) {
      ThrowModuleError(js, request,
                       absl::StrCat("Module '", record.url,
                                    "' is not of type \"", request.type, "\""),
                       "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE");
      return false;
    }
    kind = request.type == "json"   ? Kind::kJson
           : request.type == "text" ? Kind::kText
                                    : Kind::kBytes;
  } else if (!request.type.empty()) {
    ThrowModuleError(
        js, request,
        absl::StrCat("Import attribute type \"", request.type,
                     "\" is not supported (\"json\", \"text\" and \"bytes\" "
                     "are)"),
        "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED");
    return false;
  } else if (kind == Kind::kJson) {
    ThrowModuleError(
        js, request,
        absl::StrCat("Module '", record.url,
                     "' needs an import attribute of 'type: json'"),
        "ERR_IMPORT_ATTRIBUTE_MISSING");
    return false;
  }
  record.kind = *kind;
  return true;
}

std::optional<ModuleRecord::Kind> ModuleLoader::KindOfFile(
    Js& js, std::string_view path, const ModuleRequest& request,
    bool any_name) {
  using Kind = ModuleRecord::Kind;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const size_t dot = name.rfind('.');
  const std::string_view extension = dot == std::string_view::npos || dot == 0
                                         ? std::string_view()
                                         : name.substr(dot);
  if (extension == ".mjs") return Kind::kScript;
  const Kind commonjs = commonjs_.empty() ? Kind::kScript : Kind::kCommonJs;
  if (extension == ".cjs") return commonjs;
  if (extension == ".json") return Kind::kJson;
  ResolveFailure failure;
  if (extension.empty() || extension == ".js") {
    const auto package = packages_.ScopeOf(js, path, failure);
    if (package.has_value()) {
      if (*package == nullptr || (*package)->type.empty()) return Kind::kDetect;
      return (*package)->type == "module" ? Kind::kScript : commonjs;
    }
  } else if (extension == ".node") {
    failure = {"ERR_DLOPEN_FAILED",
               absl::StrCat("Cannot load '", path,
                            "': native addons of Node are not supported")};
  } else if (any_name) {
    return Kind::kDetect;
  } else {
    failure = {
        "ERR_UNKNOWN_FILE_EXTENSION",
        absl::StrCat("Unknown file extension \"", extension, "\" for ", path),
        /*is_type_error=*/true};
  }
  ThrowResolveFailure(js, request, failure);
  return std::nullopt;
}

}  // namespace braid
