#ifndef BRAID_JSBIND_MODULE_LOADER_H_
#define BRAID_JSBIND_MODULE_LOADER_H_

#include <v8-callbacks.h>
#include <v8-persistent-handle.h>
#include <v8-script.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/mutex.h"
#include "async/task.h"
#include "jsbind/extension.h"
#include "jsbind/js.h"
#include "jsbind/package_config.h"

namespace braid {

class ModuleDef;
class Runtime;

// One module of the graph. Lives as long as the runtime.
struct ModuleRecord {
  enum class Kind : unsigned char {
    kScript,    // An ES module.
    kDetect,    // An ES module or CommonJS: its syntax tells.
    kCommonJs,  // A file that require() loads.
    kJson,
    kText,
    kBytes,
    kNative,  // A ModuleDef.
  };

  std::string url;   // What import.meta.url says.
  std::string path;  // Of a file; empty for built-in and C++ modules.
  Kind kind = Kind::kScript;
  bool builtin = false;  // May import "internal:".
  // All that it imports, directly or not, is compiled.
  bool complete = false;
  ModuleDef* native = nullptr;
  v8::Global<v8::Module> module;  // Once compiled.
  v8::Global<v8::String> source;
  // What its import statements name, by RequestKey().
  absl::flat_hash_map<std::string, ModuleRecord*> imports;
  // The value of a JSON, text or bytes module.
  v8::Global<v8::Value> value;
  std::string data;  // The source of a data: URL, or of a CommonJS program.
  // Of CommonJS: what import statements may name besides "default".
  std::vector<std::string> export_names;
};

// What an import statement or import() names.
struct ModuleRequest {
  std::string specifier;
  std::string type;      // Of the attribute; empty without one.
  std::string referrer;  // URL of the importing module; empty for the main one.
  // The statement, for the report of an error; null for import().
  const ModuleRecord* importer = nullptr;
  int offset = 0;
};

// The graph of ES modules of a runtime: finds, reads, compiles, links and
// evaluates them. One URL is one module.
//
//   ./x.js ../x.js /x.js     relative to the importing module
//   file:///x.js             a file
//   native: braid: node: internal:
//                            modules of the program (Runtime::Module,
//                            Extension)
//   data:text/javascript,... source in the specifier; it can import URLs only
//   "fs"                     the same as "node:fs", where that exists
//   "name" "@scope/name/x"   a package in node_modules (package_resolver.h)
//   "#name"                  "imports" of the package.json above the module
//
// Symbolic links are followed, as in Node: a file is one module however it is
// reached. What a file is, its name tells: .mjs, .cjs, .json; for .js the
// "type" of the package.json above it, and without one its syntax.
//
// `with { type: "json" }`, "text" and "bytes" import data; JSON needs the
// attribute. Files are read through the loop, so import() does not block; only
// finding them does, for the few system calls that it takes. require() reads
// them at once.
//
// Errors are JS values that say what was wanted and who wanted it, with Node's
// codes (ERR_MODULE_NOT_FOUND, ...), and with the place of the import statement
// for the report (source_errors.h). A module that failed to load is tried again
// by the next import.
// Thread: the loop's.
class ModuleLoader {
 public:
  explicit ModuleLoader(Runtime& runtime);
  ~ModuleLoader();
  ModuleLoader(const ModuleLoader&) = delete;
  ModuleLoader& operator=(const ModuleLoader&) = delete;

  // Sets the isolate's callbacks for import() and import.meta.
  static void Install(v8::Isolate* isolate);

  void AddExtension(const Extension& extension);
  ModuleDef& Declare(std::string specifier);

  // Loads the module and all that it imports; nothing is evaluated. Errors: a
  // status that carries the JS error; CancelledError.
  Task<absl::StatusOr<ModuleRecord*>> Load(ModuleRequest request);
  // The program in the file `path`, which is found as require() would: an ES
  // module, or a record that RunCommonJs() runs.
  Task<absl::StatusOr<ModuleRecord*>> LoadMain(std::string path);
  // The same for `code`, as the module `url`, which is new.
  Task<absl::StatusOr<ModuleRecord*>> LoadCode(std::string url,
                                               std::string code);
  // False with a JS exception pending.
  bool RunCommonJs(Js& js, const ModuleRecord& main);
  // The same as Load() at once: files are read by blocking. Null with a JS
  // exception pending.
  ModuleRecord* LoadNow(Js& js, const ModuleRequest& request);
  // For built-in modules, as one of them.
  ModuleRecord* LoadBuiltin(Js& js, std::string_view specifier);
  // Evaluates a module that was loaded, which must not await at its top level,
  // and gives its namespace. Empty with a JS exception pending:
  // ERR_REQUIRE_ASYNC_MODULE, ERR_REQUIRE_CYCLE_MODULE, or what it threw.
  v8::MaybeLocal<v8::Object> EvaluateNow(Js& js, ModuleRecord& record);
  // What require() gives for the ES module in the file `path`.
  v8::MaybeLocal<v8::Value> Require(Js& js, const std::string& path);

  // Links and evaluates; gives the promise of the evaluation. Empty with a JS
  // exception pending if linking fails.
  v8::MaybeLocal<v8::Promise> Evaluate(Js& js, ModuleRecord& record);

  // The module whose import.meta.main is true.
  void set_main(const ModuleRecord* record) { main_ = record; }

  // The name under which programs import the built-in module that `specifier`
  // means: "node:path" for "path". Nullopt if it means something else.
  std::optional<std::string> PublicName(std::string_view specifier) const;
  // What `specifier` means in the module `referrer`: a URL, or nullopt with a
  // JS exception pending. Only built-in modules may name "internal:". Whether
  // the file is there is checked if `must_exist`.
  std::optional<std::string> Resolve(Js& js, std::string_view specifier,
                                     std::string_view referrer,
                                     bool must_exist = true);
  // The names of the modules that programs may import.
  std::vector<std::string> PublicNames() const;
  // The source of a built-in file, or null.
  const std::string_view* BuiltinSource(std::string_view url) const;
  PackageConfigs& packages() { return packages_; }

 private:
  // What is left to do of a graph that is being loaded.
  struct Pending {
    ModuleRecord* record;
    ModuleRequest request;
  };
  struct Walk {
    std::vector<Pending> pending;
    absl::flat_hash_set<ModuleRecord*> visited;

    // The next record that is new to the walk, if any.
    std::optional<Pending> Next();
    // The whole graph was visited.
    void Complete();
  };

  // Loads what is pending and all that it imports.
  Task<absl::Status> LoadPending(Walk walk);
  // Compiles the module and puts what it imports on the list. `source` is
  // looked at for files alone. False with a JS exception pending.
  bool Process(Js& js, const Pending& item, std::string_view source,
               Walk& walk);

  // See module_find.cc. ------------------------------------------------------

  // The record that is meant, made if it is new. Null with a JS exception
  // pending.
  ModuleRecord* FindRecord(Js& js, const ModuleRequest& request);
  ModuleRecord* NewRecord(Js& js, std::string url,
                          const ModuleRequest& request);
  // Sets what the record is by its URL and the request's attribute. False with
  // a JS exception pending.
  bool SetKind(Js& js, ModuleRecord& record, const ModuleRequest& request);
  // What a file is by its name and its package. Nullopt with an exception
  // pending, as for an extension that means nothing, unless `any_name`.
  std::optional<ModuleRecord::Kind> KindOfFile(Js& js, std::string_view path,
                                               const ModuleRequest& request,
                                               bool any_name = false);
  // Follows symbolic links. Nullopt with a JS exception pending if there is no
  // file, unless that is all right.
  std::optional<std::string> Finalize(Js& js, const ModuleRequest& request,
                                      const std::string& url,
                                      bool must_exist = true);

  // See module_commonjs.cc. --------------------------------------------------

  // Calls a function of the extension's CommonJS, which is loaded when it is
  // first needed. Empty with a JS exception pending.
  v8::MaybeLocal<v8::Value> CallCommonJs(Js& js, std::string_view name,
                                         int argc, v8::Local<v8::Value>* argv);
  bool IsModule(std::string_view source);
  bool IsBusy(Js& js, ModuleRecord& root);

  // Loads source that is at hand, as the new module `url`.
  Task<absl::StatusOr<ModuleRecord*>> LoadSource(std::string url,
                                                 std::string path,
                                                 std::string source);
  // What to say instead of `message`, which V8 says of an import statement in
  // the module `importer`: Node's hint where CommonJS lacks a name.
  std::optional<std::string> ExplainMissingExport(std::string_view importer,
                                                  std::string_view message);
  // Links what was loaded. False with a JS exception pending.
  bool Link(Js& js, ModuleRecord& record);

  // See module_compile.cc. False with a JS exception pending.
  bool Compile(Js& js, ModuleRecord& record, std::string_view source);
  bool CompileScript(Js& js, ModuleRecord& record, std::string_view source);
  bool CompileData(Js& js, ModuleRecord& record, std::string_view source);
  void CompileNative(Js& js, ModuleRecord& record);
  bool CompileCommonJs(Js& js, ModuleRecord& record, std::string_view source);
  void Register(Js& js, ModuleRecord& record, v8::Local<v8::Module> module);
  ModuleRecord* RecordOf(v8::Local<v8::Module> module);
  ModuleDef* FindNative(std::string_view specifier);

  // Callbacks of V8: see module_callbacks.cc.
  struct Callbacks;

  Runtime& runtime_;
  // One graph is loaded at a time, so that a module is never half there.
  Mutex loading_;
  const ModuleRecord* main_ = nullptr;
  // By type and URL.
  absl::flat_hash_map<std::string, std::unique_ptr<ModuleRecord>> records_;
  // By V8's identity hash; few share one.
  absl::flat_hash_map<int, std::vector<ModuleRecord*>> by_hash_;
  absl::flat_hash_map<std::string, std::unique_ptr<ModuleDef>> natives_;
  absl::flat_hash_map<std::string, void (*)(ModuleDef&)> native_defines_;
  // By URL.
  absl::flat_hash_map<std::string, std::string_view> builtin_sources_;
  // Specifier to URL.
  absl::flat_hash_map<std::string, std::string> public_modules_;
  PackageConfigs packages_;
  // The built-in file that is CommonJS; empty without one.
  std::string commonjs_;
  // A program that is CommonJS and so no part of the graph.
  std::unique_ptr<ModuleRecord> main_commonjs_;
};

// Tells apart the requests of one module.
std::string RequestKey(std::string_view specifier, std::string_view type);

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_LOADER_H_
