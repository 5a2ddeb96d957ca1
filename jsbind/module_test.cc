// ES modules: finding, linking, evaluating, and saying what went wrong.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "jsbind/module_def.h"
#include "jsbind/module_specifier.h"
#include "jsbind/testing/core_js.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

class ModuleTest : public JsTest {
 public:
  ModuleTest() : JsTest({&CoreJs()}) {}

  // The code imported by import(), reduced to "code: message".
  std::string ImportError(std::string_view specifier) {
    return Run(
        absl::StrCat("await import(", specifier,
                     ").then(() => log('no error'), "
                     "(e) => log(`${e.name} ${e.code}: ${e.message}`));"));
  }
};

TEST_F(ModuleTest, ImportsRelativeAbsoluteAndFileUrls) {
  WriteFile("lib/a.js", "export const a = 'a'; export { b } from '../b.js';");
  const std::string b =
      WriteFile("b.js", "export const b = 'b'; export default 'default';");
  EXPECT_EQ(
      Run(absl::StrCat("import { a, b } from './lib/a.js'; import again from '",
                       b, "'; import * as third from 'file://", b,
                       "'; log(a, b, again, third.b, third.default);")),
      "a b default b default\n");
}

TEST_F(ModuleTest, OneUrlIsOneModule) {
  WriteFile(
      "counter.js",
      "log('evaluated'); export let n = 0; export function up() { n++; }");
  WriteFile("a.js", "import { up } from './counter.js'; up();");
  EXPECT_EQ(
      Run(R"(import "./a.js"; import { n, up } from "./counter.js"; import "././counter.js";
                  up();
                  const again = await import("./counter.js");
                  log(n, again.n, (await import("./counter.js?other")).n);)"),
      "evaluated\nevaluated\n2 2 0\n");
}

TEST_F(ModuleTest, CyclesLinkAndFunctionsAreHoisted) {
  WriteFile("even.js",
            "import { odd } from './odd.js';"
            "export function even(n) { return n === 0 || odd(n - 1); }");
  WriteFile("odd.js",
            "import { even } from './even.js';"
            "export function odd(n) { return n !== 0 && even(n - 1); }");
  EXPECT_EQ(Run("import { even } from './even.js'; log(even(10), even(7));"),
            "true false\n");
}

TEST_F(ModuleTest, TopLevelAwaitHoldsImportersBack) {
  WriteFile("slow.js",
            "log('slow begins'); await new Promise((r) => setTimeout(r, 1));"
            "export const value = 1; log('slow ends');");
  WriteFile("fast.js", "log('fast');");
  EXPECT_EQ(Run("import { value } from './slow.js'; import './fast.js'; "
                "log('main', value);"),
            "slow begins\nfast\nslow ends\nmain 1\n");
}

TEST_F(ModuleTest, DynamicImportEvaluatesLater) {
  WriteFile("a.js", "log('a'); export const a = 1;");
  EXPECT_EQ(Run(R"(const promise = import("./a.js");
                  const builtin = import("braid:test-process");
                  log("sync");
                  log((await promise).a, typeof (await builtin).exit);)"),
            "sync\na\n1 function\n");
}

TEST_F(ModuleTest, ImportMeta) {
  const std::string path = WriteFile("a b/m.js", R"(
      log(import.meta.url.endsWith("/a%20b/m.js"), import.meta.filename, import.meta.dirname);
      log(import.meta.main, import.meta.resolve("../x.js").endsWith("/x.js"));
      log(Object.keys(import.meta).join());
      try { import.meta.resolve("nope"); } catch (e) { log(e.code); })");
  EXPECT_EQ(RunFile("a b/m.js"),
            absl::StrCat("true ", path, " ", folder(),
                         "/a b\ntrue true\n"
                         "dirname,filename,main,url,resolve\n"
                         "ERR_MODULE_NOT_FOUND\n"));
}

TEST_F(ModuleTest, ImportMetaResolveGivesWhatCanBeImported) {
  runtime().Module("native:m").Constant("c", 5);
  EXPECT_EQ(Run(R"(const { resolve } = import.meta;
                  for (const name of ["node:test-process", "test-process",
                                      "braid:test-process", "native:m"]) {
                    const resolved = resolve(name);
                    log(resolved, (await import(resolved)) === (await import(name)));
                  }
                  for (const name of ["internal:runtime", "internal:testing/process.js",
                                      "node:nope"]) {
                    try { log(resolve(name)); } catch (e) { log(e.code); }
                  })"),
            "node:test-process true\nnode:test-process true\n"
            "braid:test-process true\nnative:m true\n"
            "ERR_UNKNOWN_BUILTIN_MODULE\nERR_UNKNOWN_BUILTIN_MODULE\n"
            "ERR_UNKNOWN_BUILTIN_MODULE\n");
}

TEST_F(ModuleTest, DataModules) {
  WriteFile("d.json", "\xEF\xBB\xBF{\"a\": [1, 2]}");
  WriteFile("t.txt", "hé");
  EXPECT_EQ(Run(R"(import d from "./d.json" with { type: "json" };
                  import t from "./t.txt" with { type: "text" };
                  log(d.a.join(), t);
                  log((await import("./d.json", { with: { type: "json" } })).default === d);)"),
            "1,2 hé\ntrue\n");
}

TEST_F(ModuleTest, NativeModulesHaveADefaultExport) {
  runtime()
      .Module("native:m")
      .Function("f", [] { return 1; })
      .Constant("c", "text");
  EXPECT_EQ(Run("import m, { f, c } from 'native:m'; log(m.f === f, f(), c, "
                "Object.keys(m).join());"),
            "true 1 text f,c\n");
}

TEST_F(ModuleTest, NodeNamesNeedNoPrefix) {
  EXPECT_EQ(Run("import { exit } from 'test-process';"
                "import * as same from 'node:test-process'; log(exit === "
                "same.exit);"),
            "true\n");
}

TEST_F(ModuleTest, MissingFileNamesImporterAndStatement) {
  EXPECT_EQ(Run("// a comment\nimport { x } from './missing.js';\n"), "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_EQ(
      stderr_text(),
      "file://DIR/main.js:2\n"
      "import { x } from './missing.js';\n"
      "                  ^\n\n"
      "Error: Cannot find module 'DIR/missing.js' imported from DIR/main.js\n");
}

TEST_F(ModuleTest, MissingMainIsNamed) {
  EXPECT_EQ(RunFile("none.js"), "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_EQ(stderr_text(), "Error: Cannot find module 'DIR/none.js'\n");
}

TEST_F(ModuleTest, SyntaxErrorShowsTheLine) {
  WriteFile("bad.js", "let a = 1;\nlet b = ;\n");
  EXPECT_EQ(Run("import './bad.js';"), "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_EQ(stderr_text(),
            "file://DIR/bad.js:2\nlet b = ;\n        ^\n\nSyntaxError: "
            "Unexpected token ';'\n");
}

TEST_F(ModuleTest, MissingExportShowsTheStatement) {
  WriteFile("a.js", "export const one = 1;");
  EXPECT_EQ(Run("import { two } from './a.js';"), "");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_EQ(
      stderr_text(),
      "file://DIR/main.js:1\nimport { two } from './a.js';\n         ^^^\n\n"
      "SyntaxError: The requested module './a.js' does not provide an export "
      "named 'two'\n");
}

TEST_F(ModuleTest, BadJsonIsNamed) {
  WriteFile("bad.json", "{\"a\":");
  EXPECT_EQ(Run("import './bad.json' with { type: 'json' };"), "");
  EXPECT_EQ(stderr_text(),
            "SyntaxError: DIR/bad.json: Unexpected end of JSON input\n");
}

TEST_F(ModuleTest, FailedImportCanBeTriedAgain) {
  const std::string path =
      WriteFile("late.js", "import './later.js'; export const late = 1;");
  runtime().Module("native:write").Function("write", [this] {
    WriteFile("later.js", "");
  });
  EXPECT_EQ(Run(R"(import { write } from "native:write";
                  await import("./late.js").catch((e) => log(e.code));
                  write();
                  log((await import("./late.js")).late);)"),
            "ERR_MODULE_NOT_FOUND\n1\n");
}

TEST_F(ModuleTest, ErrorInOneModuleReachesEveryImporter) {
  WriteFile("throws.js", "throw new Error('at the top');");
  EXPECT_EQ(Run(R"(const first = await import("./throws.js").catch((e) => e);
                  const second = await import("./throws.js").catch((e) => e);
                  log(first.message, first === second);)"),
            "at the top true\n");
}

TEST_F(ModuleTest, InternalModulesAreClosedToPrograms) {
  EXPECT_EQ(
      ImportError("'internal:runtime'"),
      absl::StrCat("Error ERR_UNKNOWN_BUILTIN_MODULE: No such built-in module: "
                   "internal:runtime imported from ",
                   folder(), "/main.js\n"));
}

TEST_F(ModuleTest, UnknownBuiltin) {
  EXPECT_EQ(ImportError("'node:nope'"),
            absl::StrCat("Error ERR_UNKNOWN_BUILTIN_MODULE: No such built-in "
                         "module: node:nope "
                         "imported from ",
                         folder(), "/main.js\n"));
}

TEST_F(ModuleTest, BarePackage) {
  EXPECT_EQ(ImportError("'lodash'"),
            absl::StrCat("Error ERR_MODULE_NOT_FOUND: Cannot find package "
                         "'lodash' imported from ",
                         folder(), "/main.js\n"));
}

TEST_F(ModuleTest, Folder) {
  WriteFile("folder/x.js", "");
  EXPECT_EQ(ImportError("'./folder'"),
            absl::StrCat("Error ERR_UNSUPPORTED_DIR_IMPORT: Directory import '",
                         folder(),
                         "/folder' is not supported resolving ES modules "
                         "imported from ",
                         folder(), "/main.js\n"));
}

TEST_F(ModuleTest, HttpUrl) {
  EXPECT_EQ(ImportError("'https://example.com/x.js'"),
            absl::StrCat("Error ERR_UNSUPPORTED_ESM_URL_SCHEME: Cannot import "
                         "'https://example.com/x.js': modules come from file:, "
                         "data:, node:, braid: and "
                         "native: URLs; this one is imported from ",
                         folder(), "/main.js\n"));
}

TEST_F(ModuleTest, JsonNeedsItsAttribute) {
  WriteFile("d.json", "{}");
  EXPECT_EQ(
      ImportError("'./d.json'"),
      absl::StrCat(
          "Error ERR_IMPORT_ATTRIBUTE_MISSING: Module 'file://", folder(),
          "/d.json' needs an import attribute of 'type: json' imported from ",
          folder(), "/main.js\n"));
}

TEST_F(ModuleTest, UnknownAttributes) {
  WriteFile("a.js", "");
  EXPECT_EQ(
      Run(R"(await import("./a.js", { with: { color: "red" } }).catch((e) => log(e.message));
                  await import("./a.js", { with: { type: "css" } }).catch((e) => log(e.code));
                  await import("./a.js", { with: { type: "json" } }).catch((e) => log(e.code));)"),
      "Import attribute \"color\" is not supported\n"
      "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED\nERR_IMPORT_ATTRIBUTE_TYPE_"
      "INCOMPATIBLE\n");
}

TEST_F(ModuleTest, FileUrlWithAnEncodedSlash) {
  EXPECT_EQ(ImportError("'file:///a%2Fb.js'"),
            absl::StrCat(
                "Error ERR_INVALID_MODULE_SPECIFIER: Invalid module specifier "
                "'file:///a%2Fb.js': a file: URL must not have an encoded / or "
                "NUL in its "
                "path imported from ",
                folder(), "/main.js\n"));
}

TEST_F(ModuleTest, ClassicScriptsImportFromTheWorkingDirectory) {
  runtime().Module("native:m").Constant("c", 5);
  EXPECT_EQ(Eval("import('native:m').then((m) => log(m.c)); 'sync'"), "sync");
  EXPECT_EQ(TakeLog(), "5\n");
}

TEST(ModuleSpecifierTest, PathsAndUrls) {
  EXPECT_EQ(FileUrlOf("/a b/#?%.js"), "file:///a%20b/%23%3F%25.js");
  EXPECT_EQ(*PathOfFileUrl(FileUrlOf("/a b/#?%é.js")), "/a b/#?%é.js");
  EXPECT_EQ(*PathOfFileUrl("file:///a/../b.js?x#y"), "/b.js");
  EXPECT_FALSE(PathOfFileUrl("http://x/").ok());
  EXPECT_FALSE(PathOfFileUrl("file://host/x").ok());
  EXPECT_EQ(*ResolveUrl("../c.js", "file:///a/b/x.js"), "file:///a/c.js");
  EXPECT_EQ(*ResolveUrl("../web/u.js", "internal:node/fs.js"),
            "internal:web/u.js");
  EXPECT_FALSE(ResolveUrl("../../../u.js", "internal:node/fs.js").ok());
  EXPECT_EQ(SchemeOf("node:fs"), "node");
  EXPECT_EQ(SchemeOf("./a:b"), "");
  EXPECT_EQ(SchemeOf("fs"), "");
}

}  // namespace
}  // namespace braid
