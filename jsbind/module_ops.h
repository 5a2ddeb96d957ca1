#ifndef BRAID_JSBIND_MODULE_OPS_H_
#define BRAID_JSBIND_MODULE_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/modules": what CommonJS, which is JavaScript, stands on. Paths
// are absolute. What fails throws Node's errors.
//
//   compile(source, path)       the function around a CommonJS file
//   isModule(source)            whether it is rather an ES module
//   fileKind(path)              0: nothing, 1: a file, 2: a folder
//   realPath(path)
//   readSource(path)            its text, without a byte order mark
//   packageAt(folder)           {folder, name, main, type, hasExports}, or
//                               undefined without a package.json
//   packageOf(path)             the same of the package that a file is in
//   resolveExports(folder, subpath, path)
//                               what "exports" of the package make of "./x"
//   resolveImports(name, path)  what "#name" means there
//   publicName(name)            "node:fs" of "fs", or undefined
//   builtinModules              their names: ["fs", ...]
//   requireBuiltin(name)        what require() gives for a module of the program
//   requireModule(path)         and for an ES module
//   builtinSource(url)
void DefineModuleOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_OPS_H_
