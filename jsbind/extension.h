#ifndef BRAID_JSBIND_EXTENSION_H_
#define BRAID_JSBIND_EXTENSION_H_

#include <span>
#include <string_view>

#include "tools/embed/embedded_file.h"

namespace braid {

class ModuleDef;

// A set of built-in modules that a runtime is made with: JavaScript that was
// compiled into the program, and the C++ operations that it stands on.
//
// Every file of `files` is an ES module; "jsbind/web/url.js" has the URL
// "internal:web/url.js", an embedder's own "app/prices.js" has
// "internal:extensions/app/prices.js". Files import each other by relative paths, and C++
// modules by their specifiers; "internal:" can be imported by built-in files
// alone. All views must stay valid as long as the program runs.
struct Extension {
  // A name under which programs import a file.
  struct PublicModule {
    std::string_view specifier;  // "node:path"
    std::string_view file;       // "jsbind/node/path.js"
  };
  // A module in C++, declared when it is first imported.
  struct NativeModule {
    std::string_view specifier;  // "internal:ops/url"
    void (*define)(ModuleDef&);
  };

  std::span<const EmbeddedFile> files;
  std::span<const PublicModule> public_modules;
  std::span<const NativeModule> native_modules;
  // A file that is evaluated before any program: it installs globals. May be
  // empty.
  std::string_view bootstrap;
  // A file that brings CommonJS, loaded when the first such module is met. May
  // be empty: then all JavaScript is ES modules. It exports
  //   exportNames(path, source): the names that module.exports will have
  //   importFile(path): its module.exports, run if it has not been
  //   runFile(source, path), runCode(source): a program; the source of a file
  //     is empty if nobody has read it
  std::string_view commonjs;
};

}  // namespace braid

#endif  // BRAID_JSBIND_EXTENSION_H_
