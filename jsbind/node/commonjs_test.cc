// CommonJS: require() and what it finds, modules that import each other across
// the two kinds, node:module, programs.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "jsbind/node/node_extension.h"
#include "jsbind/testing/js_test.h"
#include "jsbind/web/web_extension.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class CommonJsTest : public JsTest {
 public:
  CommonJsTest() : JsTest({&WebExtension(), &NodeExtension()}) {
    WriteFile("package.json", "{}");
  }

  // Runs a program and gives its log, with the test's folder as DIR.
  std::string Log(std::string_view code, const std::string& name = "main.js") {
    WriteFile(name, code);
    return absl::StrReplaceAll(RunFile(name), {{folder(), "DIR"}});
  }
};

TEST_F(CommonJsTest, WhatAModuleSees) {
  EXPECT_EQ(Log("#!/usr/bin/env braid\n"
                "log(__filename, __dirname, this === exports,"
                "    exports === module.exports, arguments.length);"
                "log(require.main === module, process.mainModule === module,"
                "    module.id, module.filename, module.loaded, module.parent);"
                "log(module.paths[0], require.resolve.paths('x')[0],"
                "    require.resolve.paths('fs/promises'));"
                "undeclared = 1; log(undeclared);"
                "process.on('exit', () => log(module.loaded));"),
            "DIR/main.js DIR true true 5\n"
            "true true . DIR/main.js false null\n"
            "DIR/node_modules DIR/node_modules null\n"
            "1\ntrue\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(CommonJsTest, FindsFilesFoldersAndPackages) {
  WriteFile("a.js", "module.exports = 'a.js'");
  WriteFile("b.json", "\xEF\xBB\xBF{\"b\": 1}");
  WriteFile("c/index.js", "module.exports = 'c/index.js'");
  WriteFile("d/package.json", R"({"main": "lib"})");
  WriteFile("d/lib.js", "module.exports = 'd/lib.js'");
  WriteFile("e.js", "module.exports = 'e.js'");
  WriteFile("e/index.js", "module.exports = 'e/index.js'");
  WriteFile("f.x", "module.exports = 'f.x'");
  WriteFile("node_modules/p/index.js", "module.exports = require('./more')");
  WriteFile("node_modules/p/more.js", "module.exports = 'p/more.js'");
  EXPECT_EQ(
      Log("for (const name of ['./a', './a.js', __dirname + '/a', './c',"
          "    './d', './e', './e/', './f.x', 'p', 'p/more', '.'])"
          "  log(name === '.' ? typeof require(name) : require(name));"
          "log(require('./b').b, require('./b') === require('./b.json'));",
          "index.js"),
      "a.js\na.js\na.js\nc/index.js\nd/lib.js\ne.js\ne/index.js\nf.x\n"
      "p/more.js\np/more.js\nobject\n1 true\n");
}

TEST_F(CommonJsTest, ConditionsOfRequire) {
  WriteFile("node_modules/p/package.json", R"({"exports": {
      ".": {"import": "./i.mjs", "require": "./r.cjs"},
      "./sub/*": "./lib/*.js", "./gone": "./gone.js"}})");
  WriteFile("node_modules/p/r.cjs", "module.exports = 'require'");
  WriteFile("node_modules/p/i.mjs", "export default 'import'");
  WriteFile("node_modules/p/lib/a.js", "module.exports = 'sub/a'");
  EXPECT_EQ(Log("log(require('p'), require('p/sub/a'));"
                "import('p').then((m) => log(m.default));"
                "for (const name of ['p/lib/a.js', 'p/gone'])"
                "  try { require(name) } catch (e) { log(e.code, e.message) }"),
            "require sub/a\n"
            "ERR_PACKAGE_PATH_NOT_EXPORTED Package subpath './lib/a.js' is not "
            "defined by \"exports\" in DIR/node_modules/p/package.json\n"
            "MODULE_NOT_FOUND Cannot find module 'DIR/node_modules/p/gone.js'\n"
            "import\n");
}

TEST_F(CommonJsTest, ImportsAndSelfReference) {
  WriteFile("package.json", R"({"name": "me", "exports": {".": "./own.js"},
      "imports": {"#a": {"require": "./a.js"}, "#path": "path"}})");
  WriteFile("own.js", "module.exports = 'own'");
  WriteFile("a.js", "module.exports = 'a'");
  EXPECT_EQ(Log("log(require('me'), require('#a'), require('#path').sep);"
                "try { require('#b') } catch (e) { log(e.code) }"),
            "own a /\nERR_PACKAGE_IMPORT_NOT_DEFINED\n");
}

TEST_F(CommonJsTest, MissingOnesNameTheRequireStack) {
  WriteFile("a.js", "require('./nope')");
  WriteFile("d/package.json", R"({"main": "gone"})");
  EXPECT_EQ(
      Log("try { require('./a') } catch (e) { log(e.code, e.message);"
          "  log(e.requireStack.length) }"
          "try { require('./d') } catch (e) { log(e.code, e.message) }"
          "for (const bad of ['', 5])"
          "  try { require(bad) } catch (e) { log(e.name, e.code) }"
          "try { require('node:nope') } catch (e) { log(e.code, e.message) }"
          "try { require('internal:runtime') } catch (e) { log(e.code) }"),
      "MODULE_NOT_FOUND Cannot find module './nope'\n"
      "Require stack:\n- DIR/a.js\n- DIR/main.js\n2\n"
      "MODULE_NOT_FOUND Cannot find module 'DIR/d/gone'. Please verify that "
      "the package.json has a valid \"main\" entry\n"
      "TypeError ERR_INVALID_ARG_VALUE\nTypeError ERR_INVALID_ARG_TYPE\n"
      "ERR_UNKNOWN_BUILTIN_MODULE No such built-in module: node:nope\n"
      "MODULE_NOT_FOUND\n");
}

TEST_F(CommonJsTest, CyclesSeeWhatIsDone) {
  WriteFile("a.js",
            "exports.done = false; log('b done', require('./b').done);"
            "exports.done = true;");
  WriteFile("b.js",
            "exports.done = false; log('a done', require('./a').done);"
            "exports.done = true;");
  EXPECT_EQ(Log("log(require('./a').done, require('./b').done)"),
            "a done false\nb done true\ntrue true\n");
}

TEST_F(CommonJsTest, OneThatThrowsIsForgotten) {
  WriteFile("a.js",
            "globalThis.n = (globalThis.n ?? 0) + 1;"
            "if (n === 1) throw new Error('first'); exports.n = n;");
  EXPECT_EQ(Log("try { require('./a') } catch (e) { log(e.message) }"
                "log(Object.keys(require.cache).length,"
                "    module.children.length, require('./a').n);"),
            "first\n1 0 2\n");
}

TEST_F(CommonJsTest, CacheAndExtensionsCanBeChanged) {
  WriteFile("a.js", "exports.a = {}");
  WriteFile("t.txt", "text");
  EXPECT_EQ(
      Log("const first = require('./a');"
          "delete require.cache[require.resolve('./a')];"
          "log(first === require('./a'));"
          "require.cache[require.resolve('./a')].exports = 'replaced';"
          "log(require('./a'));"
          "require.extensions['.txt'] = (m, file) => { m.exports = file; };"
          "log(require('./t'));"
          "const Module = require('module'); const load = Module._load;"
          "Module._load = (request, ...rest) =>"
          "  request === 'virtual' ? 'mocked' : load(request, ...rest);"
          "log(require('virtual'));"),
      "false\nreplaced\nDIR/t.txt\nmocked\n");
}

TEST_F(CommonJsTest, BuiltInModules) {
  EXPECT_EQ(Log("log(require('path') === require('node:path'),"
                "    typeof require('fs/promises').readFile,"
                "    typeof require('events'), require('process') === process);"
                "const { builtinModules, isBuiltin } = require('module');"
                "log(builtinModules.includes('path'), isBuiltin('node:path'),"
                "    isBuiltin('path'), isBuiltin('nope'));"),
            "true function function true\ntrue true true false\n");
}

TEST_F(CommonJsTest, CreateRequireAndResolvePaths) {
  WriteFile("lib/a.js", "module.exports = 'lib/a'");
  WriteFile("lib/node_modules/p/index.js", "module.exports = 'p'");
  EXPECT_EQ(
      Log("import { createRequire, findPackageJSON } from 'node:module';"
          "const r = createRequire(new URL('./lib/x.js', import.meta.url));"
          "log(r('./a'), r('p'), r.resolve('p'));"
          "log(createRequire(import.meta.dirname + '/lib/')('./a'));"
          "log(r.resolve('./lib/a', { paths: [import.meta.dirname] }));"
          "log(findPackageJSON(import.meta.url));"
          "try { createRequire('relative') } catch (e) { log(e.code) }"),
      "lib/a p DIR/lib/node_modules/p/index.js\nlib/a\nDIR/lib/a.js\n"
      "DIR/package.json\nERR_INVALID_ARG_VALUE\n");
}

// Across the two kinds. -------------------------------------------------------

TEST_F(CommonJsTest, ModulesImportNames) {
  WriteFile("a.cjs",
            "exports.one = 1; exports['with-dash'] = 2;"
            "Object.defineProperty(exports, 'thrower',"
            "  { enumerable: true, get() { throw new Error('no'); } });"
            "module.exports.three = 3; if (0) exports.never = 1;");
  WriteFile("b.cjs", "module.exports = { ...require('./a.cjs'), own: 4 };");
  WriteFile("c.cjs", "module.exports = require('./d');");
  WriteFile("d.js",
            "exports.__esModule = true; exports.default = 'inner';"
            "exports.d = 5;");
  EXPECT_EQ(Log("import a, { one, three, 'with-dash' as dash } from './a.cjs';"
                "import * as all from './a.cjs';"
                "import { d, default as c } from './c.cjs';"
                "log(one, three, dash, a.one, all.never, all['module.exports'] "
                "=== a);"
                "log(d, c.default, (await import('./d.js')).default === c);",
                "main.mjs"),
            "1 3 2 1 undefined true\n5 inner true\n");
}

TEST_F(CommonJsTest, AMissingNameIsExplained) {
  WriteFile("a.cjs", "module.exports = compute(); function compute() {}");
  Log("import { name } from './a.cjs';", "main.mjs");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(
      stderr_text(),
      StartsWith("file://DIR/main.mjs:1\nimport { name } from './a.cjs';\n"));
  EXPECT_THAT(stderr_text(),
              HasSubstr("Named export 'name' not found. The requested module "
                        "'./a.cjs' is a CommonJS module"));
}

TEST_F(CommonJsTest, RequireGivesEsModules) {
  WriteFile("a.mjs",
            "export const a = 1; export default 'd';"
            "export { b } from './b.mjs';");
  WriteFile("b.mjs", "log('evaluated'); export const b = 2;");
  WriteFile("c.mjs", "export { x as 'module.exports' }; const x = 'whole';");
  WriteFile("detected.js", "export const found = 'by syntax';");
  EXPECT_EQ(
      Log("const a = require('./a.mjs');"
          "log(a.a, a.b, a.default, a.__esModule, require('./a.mjs') === a);"
          "log(Object.keys(require('./b.mjs')).join(), require('./c.mjs'));"
          "log(require('./detected').found);"
          "import('./b.mjs').then((m) => log(m === require('./b.mjs')));"),
      "evaluated\n1 2 d true true\nb whole\nby syntax\ntrue\n");
}

TEST_F(CommonJsTest, RequireRefusesWhatCannotBeDoneAtOnce) {
  WriteFile("awaits.mjs", "await 0; export const x = 1;");
  WriteFile("imports.mjs", "export * from './awaits.mjs';");
  WriteFile("throws.mjs", "throw new Error('thrown');");
  EXPECT_EQ(Log("for (const name of ['awaits', 'imports', 'throws', 'throws'])"
                "  try { require(`./${name}.mjs`) }"
                "  catch (e) { log(e.code, e.message.split(':')[0]) }"
                "import('./awaits.mjs').then((m) => log(m.x));"),
            "ERR_REQUIRE_ASYNC_MODULE require() cannot be used on an ES module "
            "with a top-level await, nor on one that imports such a module; "
            "use import() instead\n"
            "ERR_REQUIRE_ASYNC_MODULE require() cannot be used on an ES module "
            "with a top-level await, nor on one that imports such a module; "
            "use import() instead\n"
            "undefined thrown\nundefined thrown\n1\n");
  EXPECT_EQ(exit_code(), 0);
  EXPECT_EQ(stderr_text(), "");
}

TEST_F(CommonJsTest, RequireInACycleOfImports) {
  WriteFile("a.cjs",
            "try { require('./main.mjs') } catch (e) { log(e.code) }"
            "try { require('./other.mjs') } catch (e) { log(e.code) }");
  WriteFile("other.mjs", "import './main.mjs'; export const x = 1;");
  EXPECT_EQ(Log("import './a.cjs'; log('main');", "main.mjs"),
            "ERR_REQUIRE_CYCLE_MODULE\nERR_REQUIRE_CYCLE_MODULE\nmain\n");
}

TEST_F(CommonJsTest, RequireWhileAnImportIsBeingRead) {
  WriteFile("a.mjs", "import './b.mjs'; import './c.mjs'; log('a');");
  WriteFile("b.mjs", "log('b');");
  WriteFile("c.mjs", "import './b.mjs'; log('c');");
  // The import waits for its files when the require() reads them.
  EXPECT_EQ(Log("const loading = import('./a.mjs').then(() => log('loaded'));"
                "require('./c.mjs'); log('required');"),
            "b\nc\nrequired\na\nloaded\n");
}

// Programs. -------------------------------------------------------------------

TEST_F(CommonJsTest, OrderOfAProgramsTopLevel) {
  EXPECT_EQ(Log("setTimeout(() => log('timeout'), 0);"
                "Promise.resolve().then(() => log('microtask'));"
                "process.nextTick(() => log('tick')); log('sync');"),
            "sync\ntick\nmicrotask\ntimeout\n");
}

TEST_F(CommonJsTest, ErrorsShowTheirPlace) {
  WriteFile("thrower.js", "// one\n\n  throw new TypeError('boom');\n");
  Log("require('./thrower');");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(),
              StartsWith("DIR/thrower.js:3\n  throw new TypeError('boom');\n"
                         "  ^\n\nTypeError: boom\n"
                         "    at Object.<anonymous> (DIR/thrower.js:3:9)\n"));
  EXPECT_THAT(stderr_text(), HasSubstr("(DIR/main.js:1:1)"));
}

TEST_F(CommonJsTest, SyntaxErrorsShowTheirPlace) {
  WriteFile("bad.js", "let a;\nlet b = ;\n");
  Log("require('./bad');");
  EXPECT_THAT(stderr_text(), StartsWith("DIR/bad.js:2\nlet b = ;\n        ^\n\n"
                                        "SyntaxError: Unexpected token ';'\n"));
}

TEST_F(CommonJsTest, BadJsonIsNamed) {
  WriteFile("bad.json", "{\"a\":");
  EXPECT_EQ(Log("try { require('./bad.json') } catch (e) "
                "{ log(e.name, e.message) }"),
            "SyntaxError DIR/bad.json: Unexpected end of JSON input\n");
}

TEST_F(CommonJsTest, MainMayBeNamedAsRequireWould) {
  WriteFile("app/package.json", R"({"main": "start"})");
  WriteFile("app/start.js", "log(__filename.slice(-9), require.main.id)");
  EXPECT_EQ(RunFile("app"), "/start.js .\n");
}

TEST_F(CommonJsTest, AStallInAnImportedModuleIsShown) {
  WriteFile("stalls.mjs", "const a = 1;\n  await new Promise(() => {});");
  Log("import './stalls.mjs'; log('never');", "main.mjs");
  EXPECT_EQ(exit_code(), 13);
  EXPECT_EQ(stderr_text(),
            "Warning: Detected unsettled top-level await at "
            "file://DIR/stalls.mjs:2\n"
            "  await new Promise(() => {});\n  ^\n\n");
}

TEST_F(CommonJsTest, ModulesThatWaitForEachOtherStall) {
  WriteFile("a.mjs", "await import('./main.mjs'); log('never');");
  Log("await import('./a.mjs');", "main.mjs");
  EXPECT_EQ(exit_code(), 13);
  EXPECT_THAT(stderr_text(), HasSubstr("await import('./a.mjs')"));
}

TEST_F(CommonJsTest, AProgramMayComeFromAPipe) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  constexpr std::string_view kProgram = "log('piped', typeof require)";
  ASSERT_EQ(write(ends[1], kProgram.data(), kProgram.size()),
            static_cast<ssize_t>(kProgram.size()));
  close(ends[1]);
  std::filesystem::create_symlink(absl::StrCat("/proc/self/fd/", ends[0]),
                                  absl::StrCat(folder(), "/piped"));
  EXPECT_EQ(RunFile("piped"), "piped function\n");
  EXPECT_EQ(exit_code(), 0);
  close(ends[0]);
}

TEST_F(CommonJsTest, CodeThatAProgramCompilesIsNotBuiltIn) {
  EXPECT_EQ(
      Log("const { Module } = require('module');"
          "for (const name of ['internal:x', 'node:x', 'foo:bar'])"
          "  new Module(name)._compile("
          "      'import(\"internal:ops/modules\").then("
          "           () => log(\"inside\"), (e) => log(e.code))', name);"),
      "ERR_UNKNOWN_BUILTIN_MODULE\nERR_UNKNOWN_BUILTIN_MODULE\n"
      "ERR_UNKNOWN_BUILTIN_MODULE\n");
}

TEST_F(CommonJsTest, NamesThatNoFileHas) {
  WriteFile("x.js", "module.exports = 'x'");
  WriteFile("node_modules/p/package.json", "{}");
  EXPECT_EQ(Log("for (const name of ['./x.js\\0.png', 'x'.repeat(300)])"
                "  try { log(require(name)) } catch (e) { log(e.code) }"),
            "MODULE_NOT_FOUND\nMODULE_NOT_FOUND\n");
}

TEST_F(CommonJsTest, AHookMayLoadTheModuleWhoseNamesAreLookedFor) {
  WriteFile("a.cjs", "exports.a = 1; module.exports = require('./b.cjs')");
  WriteFile("b.cjs", "exports.b = 2");
  WriteFile("other.mjs", "import './a.cjs'; await 0");
  EXPECT_EQ(Log("const { Module } = require('module');"
                "const { _resolveFilename } = Module;"
                "let asked = false;"
                "Module._resolveFilename = function (...args) {"
                "  if (!asked) {"
                "    asked = true;"
                "    try { require('./other.mjs') } catch {}"
                "  }"
                "  return _resolveFilename.apply(this, args);"
                "};"
                "import('./a.cjs').then(({ b }) => log(b))"
                "  .then(() => import('./other.mjs')).then(() => log('end'));"),
            "2\nend\n");
}

TEST_F(CommonJsTest, CreateRequireTakesNoUrlThatIsNoPath) {
  EXPECT_EQ(Log("const { createRequire } = require('module');"
                "for (const url of ['file://host/a.js', 'file:///a%2Fb.js'])"
                "  try { createRequire(url) } catch (e) { log(e.code) }"),
            "ERR_INVALID_FILE_URL_HOST\nERR_INVALID_FILE_URL_PATH\n");
}

// A runtime without Node's modules.
class WithoutCommonJsTest : public JsTest {
 public:
  WithoutCommonJsTest() : JsTest({&WebExtension()}) {}
};

TEST_F(WithoutCommonJsTest, AllJavaScriptIsEsModules) {
  WriteFile("x.cjs", "export default 'x.cjs'");
  WriteFile("p/package.json", R"({"type": "commonjs"})");
  WriteFile("p/x.js", "export default 'p/x.js'");
  EXPECT_EQ(Run("import a from './x.cjs'; import b from './p/x.js'; log(a, b)"),
            "x.cjs p/x.js\n");
}

TEST_F(WithoutCommonJsTest, JsonIsNoProgram) {
  WriteFile("x.json", "{}");
  RunFile("x.json");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(), HasSubstr("ERR_UNKNOWN_FILE_EXTENSION"));
}

}  // namespace
}  // namespace braid
