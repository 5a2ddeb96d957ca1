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
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/mutex.h"
#include "async/task.h"
#include "jsbind/extension.h"
#include "jsbind/js.h"

namespace braid {

class ModuleDef;
class Runtime;

// One module of the graph. Lives as long as the runtime.
struct ModuleRecord {
  enum class Kind : unsigned char { kScript, kJson, kText, kNative };

  std::string url;   // What import.meta.url says.
  std::string path;  // Of a file; empty for built-in and C++ modules.
  Kind kind = Kind::kScript;
  bool builtin = false;  // May import "internal:".
  // All that it imports, directly or not, is compiled.
  bool loaded = false;
  ModuleDef* native = nullptr;
  v8::Global<v8::Module> module;  // Once compiled.
  v8::Global<v8::String> source;
  // What its import statements name, by RequestKey().
  absl::flat_hash_map<std::string, ModuleRecord*> imports;
  // The value of a JSON or text module.
  v8::Global<v8::Value> value;
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
//   "fs"                     the same as "node:fs", where that exists
//
// `with { type: "json" }` and `with { type: "text" }` import data; JSON needs
// the attribute. Files are read through the loop, so import() does not block.
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
  // The same for source that is at hand, as the module `url`, which is new.
  Task<absl::StatusOr<ModuleRecord*>> LoadSource(std::string url,
                                                 std::string source);
  // For modules of which no part is a file, without awaiting. Null with a JS
  // exception pending.
  ModuleRecord* LoadBuiltin(Js& js, std::string_view specifier);

  // Links and evaluates; gives the promise of the evaluation. Empty with a JS
  // exception pending if linking fails.
  v8::MaybeLocal<v8::Promise> Evaluate(Js& js, ModuleRecord& record);

  // The module whose import.meta.main is true.
  void set_main(const ModuleRecord* record) { main_ = record; }

  // The name under which programs import the built-in module that `specifier`
  // means: "node:path" for "path". Nullopt if it means something else.
  std::optional<std::string> PublicName(std::string_view specifier) const;
  // What `specifier` means in the module `referrer`: a URL, or nullopt with a
  // JS exception pending. Only built-in modules may name "internal:".
  std::optional<std::string> Resolve(Js& js, std::string_view specifier,
                                     std::string_view referrer);

 private:
  // What is left to do of a graph that is being loaded.
  struct Pending {
    ModuleRecord* record;
    ModuleRequest request;
  };
  using PendingList = std::vector<Pending>;

  // Loads what is on the list and all that it imports.
  Task<absl::Status> LoadPending(PendingList pending);
  // Compiles the module and puts what it imports on the list. `source` is
  // looked at for files alone. False with a JS exception pending.
  bool Process(Js& js, const Pending& item, std::string_view source,
               PendingList& pending);
  // The record that is meant, made if it is new. Null with a JS exception
  // pending.
  ModuleRecord* FindRecord(Js& js, const ModuleRequest& request);
  ModuleRecord* NewRecord(Js& js, std::string url,
                          const ModuleRequest& request);

  // See module_compile.cc. False with a JS exception pending.
  bool Compile(Js& js, ModuleRecord& record, std::string_view source);
  bool CompileScript(Js& js, ModuleRecord& record, std::string_view source);
  bool CompileData(Js& js, ModuleRecord& record, std::string_view source);
  void CompileNative(Js& js, ModuleRecord& record);
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
};

// Tells apart the requests of one module.
std::string RequestKey(std::string_view specifier, std::string_view type);

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_LOADER_H_
