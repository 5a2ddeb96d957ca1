#include "jsbind/module_ops.h"

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "jsbind/commonjs.h"
#include "jsbind/js_error.h"
#include "jsbind/module_errors.h"
#include "jsbind/module_files.h"
#include "jsbind/module_loader.h"
#include "jsbind/module_specifier.h"
#include "jsbind/package_resolver.h"
#include "jsbind/runtime.h"

namespace braid {

// A package.json for JavaScript.
struct PackageView {
  std::string folder;
  std::string name;
  std::string main;
  std::string type;
  bool has_exports = false;
};
constexpr auto JsFields(const PackageView*) {
  return std::tuple(
      Field("folder", &PackageView::folder), Field("name", &PackageView::name),
      Field("main", &PackageView::main), Field("type", &PackageView::type),
      Field("hasExports", &PackageView::has_exports));
}

namespace {

void Throw(Js& js, const ResolveFailure& failure) {
  ThrowResolveFailure(js, ModuleRequest(), failure);
}

v8::Local<v8::Value> OrUndefined(Js& js, const std::optional<std::string>& s) {
  return s.has_value() ? js.String(*s).As<v8::Value>() : js.Undefined();
}

v8::Local<v8::Value> Compile(Js& js, v8::Local<v8::Value> source,
                             v8::Local<v8::Value> path) {
  v8::Local<v8::Function> function;
  if (!source->IsString() || !path->IsString()) {
    Throw(js, {"ERR_INVALID_ARG_TYPE", "compile() takes two strings", true});
    return {};
  }
  if (!CompileCommonJs(js, source.As<v8::String>(), path.As<v8::String>())
           .ToLocal(&function)) {
    return {};
  }
  return function;
}

int FileKindNumber(const std::string& path) {
  switch (FileKindOf(path)) {
    case FileKind::kNone:
      return 0;
    case FileKind::kFile:
      return 1;
    case FileKind::kFolder:
      return 2;
  }
  return 0;
}

v8::Local<v8::Value> ReadSource(Js& js, const std::string& path) {
  const absl::StatusOr<std::string> source = ReadFileNow(path);
  if (source.ok()) return js.String(WithoutBom(*source));
  ThrowError(js, ErrorFromStatus(js, source.status()));
  return {};
}

v8::Local<v8::Value> ViewOf(Js& js,
                            const std::optional<const PackageConfig*>& found,
                            const ResolveFailure& failure) {
  if (!found.has_value()) {
    Throw(js, failure);
    return {};
  }
  if (*found == nullptr) return js.Undefined();
  const PackageConfig& config = **found;
  return ResultToJs(js, PackageView{config.folder, config.name, config.main,
                                    config.type, config.exports.has_value()});
}

v8::Local<v8::Value> PackageAt(Js& js, const std::string& folder) {
  ResolveFailure failure;
  const auto found = js.runtime().loader().packages().Read(
      js, folder == "/" ? "" : folder, failure);
  return ViewOf(js, found, failure);
}

v8::Local<v8::Value> PackageOf(Js& js, const std::string& path) {
  ResolveFailure failure;
  const auto found =
      js.runtime().loader().packages().ScopeOf(js, path, failure);
  return ViewOf(js, found, failure);
}

// A file that a package named must be there; it is called by its real path.
v8::Local<v8::Value> FileOf(Js& js, const PackageResolver& resolver,
                            const std::optional<std::string>& url) {
  if (!url.has_value()) {
    Throw(js, resolver.failure());
    return {};
  }
  if (SchemeOf(*url) != "file") return js.String(*url);
  const absl::StatusOr<std::string> path = PathOfFileUrl(*url);
  if (!path.ok()) {
    Throw(js, {"ERR_INVALID_MODULE_SPECIFIER",
               absl::StrCat("Invalid module \"", *url,
                            "\": ", path.status().message()),
               /*is_type_error=*/true});
    return {};
  }
  if (FileKindOf(*path) == FileKind::kFile) return js.String(RealPathOf(*path));
  Throw(js,
        {"MODULE_NOT_FOUND", absl::StrCat("Cannot find module '", *path, "'")});
  return {};
}

v8::Local<v8::Value> ResolveExports(Js& js, const std::string& folder,
                                    const std::string& subpath,
                                    const std::string& path) {
  ModuleLoader& loader = js.runtime().loader();
  ResolveFailure failure;
  const auto package = loader.packages().Read(js, folder, failure);
  if (!package.has_value() || *package == nullptr ||
      !(*package)->exports.has_value()) {
    Throw(js, failure);
    return {};
  }
  PackageResolver resolver(js, loader, ResolveForm::kRequire, path);
  return FileOf(js, resolver, resolver.ResolveExports(**package, subpath));
}

v8::Local<v8::Value> ResolveImports(Js& js, const std::string& name,
                                    const std::string& path) {
  PackageResolver resolver(js, js.runtime().loader(), ResolveForm::kRequire,
                           path);
  return FileOf(js, resolver, resolver.ResolveImports(name));
}

v8::Local<v8::Value> PublicName(Js& js, const std::string& name) {
  return OrUndefined(js, js.runtime().loader().PublicName(name));
}

v8::Local<v8::Value> BuiltinModules(Js& js) {
  std::vector<std::string> names;
  for (const std::string& name : js.runtime().loader().PublicNames()) {
    if (name.starts_with(kNodePrefix))
      names.push_back(name.substr(kNodePrefix.size()));
  }
  return ResultToJs(js, names);
}

v8::Local<v8::Value> RequireBuiltin(Js& js, const std::string& name) {
  ModuleLoader& loader = js.runtime().loader();
  ModuleRequest request;
  request.specifier = name;
  ModuleRecord* record = loader.LoadNow(js, request);
  v8::Local<v8::Object> exports;
  if (record == nullptr || !loader.EvaluateNow(js, *record).ToLocal(&exports))
    return {};
  v8::Local<v8::String> key = js.Name("default");
  v8::Local<v8::Value> value;
  if (!exports->HasOwnProperty(js.context(), key).FromMaybe(false))
    return exports;
  if (!exports->Get(js.context(), key).ToLocal(&value)) return {};
  return value;
}

v8::Local<v8::Value> RequireModule(Js& js, const std::string& path) {
  v8::Local<v8::Value> value;
  if (!js.runtime().loader().Require(js, path).ToLocal(&value)) return {};
  return value;
}

v8::Local<v8::Value> BuiltinSource(Js& js, const std::string& url) {
  const std::string_view* source = js.runtime().loader().BuiltinSource(url);
  return source == nullptr ? js.Undefined()
                           : js.String(*source).As<v8::Value>();
}

}  // namespace

void DefineModuleOps(ModuleDef& module) {
  module.Function<&Compile>("compile")
      .Function("isModule",
                [](Js& js, const std::string& source) {
                  return LooksLikeModule(js, source);
                })
      .Function<&FileKindNumber>("fileKind")
      .Function("realPath",
                [](const std::string& path) { return RealPathOf(path); })
      .Function<&ReadSource>("readSource")
      .Function<&PackageAt>("packageAt")
      .Function<&PackageOf>("packageOf")
      .Function<&ResolveExports>("resolveExports")
      .Function<&ResolveImports>("resolveImports")
      .Function<&PublicName>("publicName")
      .Value("builtinModules", &BuiltinModules)
      .Function<&RequireBuiltin>("requireBuiltin")
      .Function<&RequireModule>("requireModule")
      .Function<&BuiltinSource>("builtinSource");
}

}  // namespace braid
