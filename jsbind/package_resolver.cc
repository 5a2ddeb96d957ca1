#include "jsbind/package_resolver.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "jsbind/module_files.h"
#include "jsbind/module_loader.h"
#include "jsbind/module_specifier.h"

namespace braid {
namespace {

constexpr std::string_view kNodeModules = "/node_modules";
// In the order in which require() tries them.
constexpr std::string_view kExtensions[] = {".js", ".json", ".node"};

bool IsArrayIndex(std::string_view key) {
  if (key.empty() || (key.size() > 1 && key[0] == '0')) return false;
  return key.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether a path leads out of its package, or into another below it: a segment
// ".", ".." or "node_modules", also percent-encoded.
bool HasInvalidSegment(std::string_view path) {
  for (std::string_view segment :
       absl::StrSplit(path, absl::ByAnyChar("/\\"))) {
    const std::string decoded = absl::AsciiStrToLower(PercentDecoded(segment));
    if (decoded == "." || decoded == ".." || decoded == "node_modules")
      return true;
  }
  return false;
}

// Whether pattern `b` is more special than `a`: the longer beginning wins, then
// the longer key.
bool IsBetterPattern(std::string_view a, std::string_view b) {
  const size_t base_a = a.empty() ? 0 : a.find('*') + 1;
  const size_t base_b = b.find('*') + 1;
  return base_a != base_b ? base_b > base_a : b.size() > a.size();
}

std::string Quoted(std::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// An object whose keys are conditions, not paths. Nullopt if it has both.
std::optional<bool> IsConditions(const PackageTarget& exports) {
  if (exports.kind != PackageTarget::Kind::kObject) {
    return exports.kind == PackageTarget::Kind::kString ||
           exports.kind == PackageTarget::Kind::kArray;
  }
  std::optional<bool> conditions;
  for (const auto& [key, target] : exports.fields) {
    const bool is_condition = !absl::StartsWith(key, ".");
    if (conditions.value_or(is_condition) != is_condition) return std::nullopt;
    conditions = is_condition;
  }
  return conditions.value_or(false);
}

struct PackageName {
  std::string_view name;
  std::string_view rest;  // Empty, or begins with a slash.
};

std::optional<PackageName> SplitName(std::string_view specifier) {
  size_t end = specifier.find('/');
  if (absl::StartsWith(specifier, "@")) {
    if (end == std::string_view::npos) return std::nullopt;
    end = specifier.find('/', end + 1);
  }
  const std::string_view name = specifier.substr(0, end);
  if (name.empty() || name[0] == '.' ||
      name.find_first_of("%\\") != std::string_view::npos) {
    return std::nullopt;
  }
  return PackageName{name, specifier.substr(name.size())};
}

}  // namespace

std::optional<std::string> FindAsFile(std::string_view path) {
  if (FileKindOf(path) == FileKind::kFile) return std::string(path);
  for (const std::string_view extension : kExtensions) {
    std::string candidate = absl::StrCat(path, extension);
    if (FileKindOf(candidate) == FileKind::kFile) return candidate;
  }
  return std::nullopt;
}

std::optional<std::string> FindIndex(std::string_view folder) {
  for (const std::string_view extension : kExtensions) {
    std::string candidate = absl::StrCat(folder, "/index", extension);
    if (FileKindOf(candidate) == FileKind::kFile) return candidate;
  }
  return std::nullopt;
}

std::optional<std::string> FindMain(const PackageConfig* package,
                                    std::string_view folder) {
  if (package != nullptr && !package->main.empty()) {
    const std::string main = absl::StrCat(folder, "/", package->main);
    if (std::optional<std::string> found = FindAsFile(main)) return found;
    if (std::optional<std::string> found = FindIndex(main)) return found;
  }
  return FindIndex(folder);
}

std::optional<std::string> FindAsCommonJs(Js& js, PackageConfigs& packages,
                                          std::string_view path) {
  if (std::optional<std::string> file = FindAsFile(path)) return file;
  ResolveFailure ignored;  // Of its package.json: then it has no main.
  return FindMain(packages.Read(js, path, ignored).value_or(nullptr), path);
}

PackageResolver::PackageResolver(Js& js, ModuleLoader& loader, ResolveForm form,
                                 std::string base)
    : js_(js), loader_(loader), form_(form), base_(std::move(base)) {}

std::nullopt_t PackageResolver::Fail(std::string_view code, std::string message,
                                     bool is_type_error) {
  failure_ = {std::string(code), std::move(message), is_type_error};
  return std::nullopt;
}

std::string PackageResolver::ImportedFrom() const {
  return base_.empty() ? "" : absl::StrCat(" imported from ", base_);
}

std::nullopt_t PackageResolver::InvalidSpecifier(std::string_view specifier,
                                                 std::string_view reason) {
  return Fail("ERR_INVALID_MODULE_SPECIFIER",
              absl::StrCat("Invalid module \"", specifier, "\" ", reason,
                           ImportedFrom()),
              /*is_type_error=*/true);
}

std::nullopt_t PackageResolver::NotExported(const PackageConfig& package,
                                            std::string_view subpath) {
  return Fail("ERR_PACKAGE_PATH_NOT_EXPORTED",
              subpath == "."
                  ? absl::StrCat("No \"exports\" main defined in ",
                                 package.path(), ImportedFrom())
                  : absl::StrCat("Package subpath '", subpath,
                                 "' is not defined by \"exports\" in ",
                                 package.path(), ImportedFrom()));
}

PackageResolver::Found PackageResolver::InvalidTarget(
    const Use& use, const PackageTarget& target) {
  const std::string_view list = use.internal ? "imports" : "exports";
  const bool hint = target.kind == PackageTarget::Kind::kString &&
                    !use.internal && !target.text.empty() &&
                    !absl::StartsWith(target.text, "./");
  Fail(
      "ERR_INVALID_PACKAGE_TARGET",
      absl::StrCat("Invalid \"", list, "\" ", use.key == "." ? "main " : "",
                   "target ", Quoted(target.text), " defined ",
                   use.key == "." ? "" : absl::StrCat("for '", use.key, "' "),
                   "in the package config ", use.package.path(), ImportedFrom(),
                   hint ? "; targets must start with \"./\"" : ""));
  return {Found::Kind::kFailed, {}};
}

bool PackageResolver::HasCondition(std::string_view name) const {
  return name == "default" || name == "node" || name == "braid" ||
         name == "module-sync" ||
         name == (form_ == ResolveForm::kImport ? "import" : "require");
}

std::optional<std::string> PackageResolver::ResolvePackage(
    std::string_view specifier) {
  if (std::optional<std::string> builtin = loader_.PublicName(specifier))
    return builtin;
  const std::optional<PackageName> parsed = SplitName(specifier);
  if (!parsed.has_value()) {
    return InvalidSpecifier(specifier, "is not a valid package name");
  }
  const std::string subpath = absl::StrCat(".", parsed->rest);
  const auto own = loader_.packages().ScopeOf(js_, base_, failure_);
  if (!own.has_value()) return std::nullopt;
  if (*own != nullptr && (*own)->exports.has_value() &&
      (*own)->name == parsed->name) {
    return ResolveExports(**own, subpath);
  }
  for (std::string_view above = base_; !above.empty();) {
    above = FolderOf(above);
    // Packages do not lie in node_modules/node_modules.
    if (absl::EndsWith(above, kNodeModules)) continue;
    const std::string folder =
        absl::StrCat(above, kNodeModules, "/", parsed->name);
    if (FileKindOf(folder) == FileKind::kFolder)
      return ResolveIn(folder, subpath);
  }
  return Fail(
      "ERR_MODULE_NOT_FOUND",
      absl::StrCat("Cannot find package '", parsed->name, "'", ImportedFrom()));
}

std::optional<std::string> PackageResolver::ResolveIn(
    std::string_view folder, std::string_view subpath) {
  const auto package = loader_.packages().Read(js_, folder, failure_);
  if (!package.has_value()) return std::nullopt;
  if (*package != nullptr && (*package)->exports.has_value())
    return ResolveExports(**package, subpath);
  if (subpath == ".") {
    if (const std::optional<std::string> main = FindMain(*package, folder))
      return FileUrlOf(*main);
    return Fail(
        "ERR_MODULE_NOT_FOUND",
        absl::StrCat("Cannot find package '", folder, "/'", ImportedFrom()));
  }
  const absl::StatusOr<std::string> url =
      ResolveUrl(subpath, FileUrlOf(absl::StrCat(folder, "/")));
  if (!url.ok()) return InvalidSpecifier(subpath, "makes no valid URL");
  return *url;
}

std::optional<PackageResolver::Use> PackageResolver::Match(
    const PackageConfig& package, const PackageTarget& table,
    std::string_view name, bool internal) {
  if (!absl::StrContains(name, '*') && !absl::EndsWith(name, "/")) {
    for (const auto& [key, target] : table.fields) {
      if (key == name) return Use{package, key, "", false, internal};
    }
  }
  std::string_view best;
  std::string_view best_match;
  for (const auto& [key, target] : table.fields) {
    const size_t star = key.find('*');
    if (star == std::string::npos || key.rfind('*') != star) continue;
    const std::string_view begin = std::string_view(key).substr(0, star);
    const std::string_view end = std::string_view(key).substr(star + 1);
    if (!absl::StartsWith(name, begin) || name.size() < key.size() ||
        !absl::EndsWith(name, end) || !IsBetterPattern(best, key)) {
      continue;
    }
    best = key;
    best_match = name.substr(star, name.size() - end.size() - star);
  }
  if (best.empty()) return std::nullopt;
  return Use{package, best, best_match, true, internal};
}

std::optional<std::string> PackageResolver::ResolveExports(
    const PackageConfig& package, std::string_view subpath) {
  const PackageTarget& exports = *package.exports;
  const std::optional<bool> is_conditions = IsConditions(exports);
  if (!is_conditions.has_value()) {
    return Fail(
        "ERR_INVALID_PACKAGE_CONFIG",
        absl::StrCat(
            "Invalid package config ", package.path(),
            base_.empty() ? "" : absl::StrCat(" while importing ", base_),
            ". \"exports\" cannot contain some keys starting with '.' and some "
            "not. The exports object must either be an object of package "
            "subpath keys or an object of main entry condition name keys "
            "only."));
  }
  Found found;
  if (*is_conditions) {
    if (subpath != ".") return NotExported(package, subpath);
    found = ResolveTarget(exports, {package, ".", "", false, false});
  } else {
    const std::optional<Use> use = Match(package, exports, subpath, false);
    if (!use.has_value()) return NotExported(package, subpath);
    found = ResolveTarget(*exports.Find(use->key), *use);
  }
  if (found.kind == Found::Kind::kUrl) return std::move(found.url);
  if (found.kind == Found::Kind::kFailed) return std::nullopt;
  return NotExported(package, subpath);
}

std::optional<std::string> PackageResolver::ResolveImports(
    std::string_view name) {
  if (name == "#" || absl::StartsWith(name, "#/") ||
      absl::EndsWith(name, "/")) {
    return InvalidSpecifier(name,
                            "is not a valid internal imports specifier name");
  }
  const auto package = loader_.packages().ScopeOf(js_, base_, failure_);
  if (!package.has_value()) return std::nullopt;
  if (*package != nullptr && (*package)->imports.has_value()) {
    const PackageTarget& imports = *(*package)->imports;
    if (const std::optional<Use> use = Match(**package, imports, name, true)) {
      Found found = ResolveTarget(*imports.Find(use->key), *use);
      if (found.kind == Found::Kind::kUrl) return std::move(found.url);
      if (found.kind == Found::Kind::kFailed) return std::nullopt;
    }
  }
  return Fail(
      "ERR_PACKAGE_IMPORT_NOT_DEFINED",
      absl::StrCat("Package import specifier \"", name, "\" is not defined",
                   *package == nullptr
                       ? ""
                       : absl::StrCat(" in package ", (*package)->path()),
                   ImportedFrom()),
      /*is_type_error=*/true);
}

PackageResolver::Found PackageResolver::ResolveTarget(
    const PackageTarget& target, const Use& use) {
  switch (target.kind) {
    case PackageTarget::Kind::kString:
      return ResolveTargetString(target, use);
    case PackageTarget::Kind::kNull:
      return {Found::Kind::kNull, {}};
    case PackageTarget::Kind::kOther:
      return InvalidTarget(use, target);
    case PackageTarget::Kind::kArray: {
      // The first that is usable; an invalid one may have a fallback.
      Found last = {
          target.fields.empty() ? Found::Kind::kNull : Found::Kind::kUndefined,
          {}};
      for (const auto& [key, item] : target.fields) {
        Found found = ResolveTarget(item, use);
        if (found.kind == Found::Kind::kUrl ||
            (found.kind == Found::Kind::kFailed &&
             failure_.code != "ERR_INVALID_PACKAGE_TARGET")) {
          return found;
        }
        if (found.kind != Found::Kind::kUndefined) last = std::move(found);
      }
      return last;
    }
    case PackageTarget::Kind::kObject:
      break;
  }
  for (const auto& [key, item] : target.fields) {
    if (!IsArrayIndex(key)) continue;
    Fail("ERR_INVALID_PACKAGE_CONFIG",
         absl::StrCat(
             "Invalid package config ", use.package.path(),
             base_.empty() ? "" : absl::StrCat(" while importing ", base_),
             ". \"exports\" cannot contain numeric property keys."));
    return {Found::Kind::kFailed, {}};
  }
  for (const auto& [key, item] : target.fields) {
    if (!HasCondition(key)) continue;
    Found found = ResolveTarget(item, use);
    if (found.kind != Found::Kind::kUndefined) return found;
  }
  return {Found::Kind::kUndefined, {}};
}

PackageResolver::Found PackageResolver::ResolveTargetString(
    const PackageTarget& target, const Use& use) {
  const std::string_view text = target.text;
  if (!absl::StartsWith(text, "./")) {
    const bool is_package = use.internal && !absl::StartsWith(text, "../") &&
                            !absl::StartsWith(text, "/");
    if (!is_package || text.empty()) return InvalidTarget(use, target);
    // A built-in module may be written as a URL: "node:fs".
    if (std::optional<std::string> builtin = loader_.PublicName(text))
      return {Found::Kind::kUrl, *std::move(builtin)};
    if (!SchemeOf(text).empty()) return InvalidTarget(use, target);
    PackageResolver inner(js_, loader_, form_, use.package.path());
    std::optional<std::string> url = inner.ResolvePackage(
        use.pattern ? absl::StrReplaceAll(text, {{"*", use.match}})
                    : std::string(text));
    if (url.has_value()) return {Found::Kind::kUrl, *std::move(url)};
    failure_ = inner.failure();
    return {Found::Kind::kFailed, {}};
  }
  if (HasInvalidSegment(text.substr(2))) return InvalidTarget(use, target);
  const std::string folder = FileUrlOf(absl::StrCat(use.package.folder, "/"));
  const absl::StatusOr<std::string> url = ResolveUrl(text, folder);
  if (!url.ok() || !absl::StartsWith(*url, folder))
    return InvalidTarget(use, target);
  if (!use.pattern) return {Found::Kind::kUrl, *url};
  if (HasInvalidSegment(use.match)) {
    InvalidSpecifier(
        absl::StrReplaceAll(use.key, {{"*", use.match}}),
        absl::StrCat("request is not a valid match in pattern \"", use.key,
                     "\" for the \"", use.internal ? "imports" : "exports",
                     "\" resolution of ", use.package.path()));
    return {Found::Kind::kFailed, {}};
  }
  const absl::StatusOr<std::string> filled =
      ResolveUrl(absl::StrReplaceAll(*url, {{"*", use.match}}), folder);
  if (!filled.ok()) return InvalidTarget(use, target);
  return {Found::Kind::kUrl, *filled};
}

}  // namespace braid
