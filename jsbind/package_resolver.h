#ifndef BRAID_JSBIND_PACKAGE_RESOLVER_H_
#define BRAID_JSBIND_PACKAGE_RESOLVER_H_

#include <optional>
#include <string>
#include <string_view>

#include "jsbind/js.h"
#include "jsbind/package_config.h"

namespace braid {

class ModuleLoader;

// Who asks decides about the conditions that count in "exports" and "imports":
// "import" or "require", besides "node", "braid", "module-sync" and "default".
// "node-addons" does not: there are none here.
enum class ResolveForm : unsigned char { kImport, kRequire };

// Names of packages and in packages, by the algorithms of Node's documentation
// ("Modules: ECMAScript modules", Resolution Algorithm Specification):
// PACKAGE_RESOLVE, PACKAGE_EXPORTS_RESOLVE, PACKAGE_IMPORTS_RESOLVE.
//
// Gives the URL of a file, of which nobody has looked whether it is there, or
// the name of a built-in module. Nullopt: then failure() says why.
// Lifetime: on the stack, for one specifier.
class PackageResolver {
 public:
  // `base` is the path of the file that asks; errors name it.
  PackageResolver(Js& js, ModuleLoader& loader, ResolveForm form,
                  std::string base);

  // "lodash", "@scope/name/file.js": up through node_modules, or the package's
  // own name.
  std::optional<std::string> ResolvePackage(std::string_view specifier);
  // "#name": of the package that `base` belongs to.
  std::optional<std::string> ResolveImports(std::string_view name);
  // "." or "./path" in `package`. REQUIRES: it has exports.
  std::optional<std::string> ResolveExports(const PackageConfig& package,
                                            std::string_view subpath);

  const ResolveFailure& failure() const { return failure_; }

 private:
  // What a target leads to. Undefined goes on with the next condition; null
  // closes the way.
  struct Found {
    enum class Kind : unsigned char { kUrl, kUndefined, kNull, kFailed };
    Kind kind = Kind::kUndefined;
    std::string url;
  };
  // One use of a target: which key of which package, and what stands for "*".
  struct Use {
    const PackageConfig& package;
    std::string_view key;
    std::string_view match;
    bool pattern;
    bool internal;  // Of "imports".
  };

  std::nullopt_t Fail(std::string_view code, std::string message,
                      bool is_type_error = false);
  std::nullopt_t InvalidSpecifier(std::string_view specifier,
                                  std::string_view reason);
  std::nullopt_t NotExported(const PackageConfig& package,
                             std::string_view subpath);
  Found InvalidTarget(const Use& use, const PackageTarget& target);
  std::string ImportedFrom() const;

  bool HasCondition(std::string_view name) const;
  // The best key of `fields` for `name`: itself, or the pattern with the
  // longest beginning. Nullopt if none matches.
  static std::optional<Use> Match(const PackageConfig& package,
                                  const PackageTarget& table,
                                  std::string_view name, bool internal);
  Found ResolveTarget(const PackageTarget& target, const Use& use);
  Found ResolveTargetString(const PackageTarget& target, const Use& use);
  std::optional<std::string> ResolveIn(std::string_view folder,
                                       std::string_view subpath);

  Js& js_;
  ModuleLoader& loader_;
  const ResolveForm form_;
  const std::string base_;
  ResolveFailure failure_;
};

// What require() looks for, in Node's order: `path` itself or with one of the
// extensions .js, .json, .node; ...
std::optional<std::string> FindAsFile(std::string_view path);
// ... the index of a folder; ...
std::optional<std::string> FindIndex(std::string_view folder);
// ... the "main" of a package, or its index; `package` may be null; ...
std::optional<std::string> FindMain(const PackageConfig* package,
                                    std::string_view folder);
// ... and all of that for a path. Nullopt if there is nothing.
std::optional<std::string> FindAsCommonJs(Js& js, PackageConfigs& packages,
                                          std::string_view path);

}  // namespace braid

#endif  // BRAID_JSBIND_PACKAGE_RESOLVER_H_
