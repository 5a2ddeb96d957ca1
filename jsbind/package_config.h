#ifndef BRAID_JSBIND_PACKAGE_CONFIG_H_
#define BRAID_JSBIND_PACKAGE_CONFIG_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "jsbind/js.h"

namespace braid {

// Why a specifier names no module, as Node says it.
struct ResolveFailure {
  std::string code;  // "ERR_..."
  std::string message;
  bool is_type_error = false;
};

struct PackageField;

// A value below "exports" or "imports" of a package.json.
struct PackageTarget {
  enum class Kind : unsigned char {
    kNull,
    kString,
    kArray,
    kObject,
    kOther,  // A number, a boolean: no target.
  };

  Kind kind = Kind::kNull;
  std::string text;  // Of a string; of kOther, what JavaScript prints.
  // Of an object, in the file's order; of an array, with empty keys.
  std::vector<PackageField> fields;

  const PackageTarget* Find(std::string_view key) const;
};

struct PackageField {
  std::string key;
  PackageTarget target;
};

// What a package.json says about modules. Fields of a wrong type count as
// missing, as in Node.
struct PackageConfig {
  std::string folder;  // Of the package; "" for the root folder.
  std::string name;
  std::string main;
  std::string type;  // "module", "commonjs", or empty.
  // Nullopt also for null.
  std::optional<PackageTarget> exports;
  std::optional<PackageTarget> imports;

  std::string path() const;  // Of the file.
};

// The package.json files that modules lie under. What was read once stays, as
// in Node; a file that is not there is looked for again the next time.
class PackageConfigs {
 public:
  // That of `folder`, or null if there is none. Nullopt if it is no valid JSON:
  // then `failure` says so (ERR_INVALID_PACKAGE_CONFIG).
  std::optional<const PackageConfig*> Read(Js& js, std::string_view folder,
                                           ResolveFailure& failure);
  // That of the package which the file `path` belongs to: of the nearest folder
  // upwards that has one, no further than the innermost node_modules.
  std::optional<const PackageConfig*> ScopeOf(Js& js, std::string_view path,
                                              ResolveFailure& failure);

 private:
  // By folder.
  absl::flat_hash_map<std::string, std::unique_ptr<PackageConfig>> configs_;
};

// The folder that `path` lies in; "" for the root.
std::string_view FolderOf(std::string_view path);

}  // namespace braid

#endif  // BRAID_JSBIND_PACKAGE_CONFIG_H_
