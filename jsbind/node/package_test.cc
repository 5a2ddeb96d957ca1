// Names of packages: node_modules, "exports", "imports", "type", symbolic
// links, and what is said when there is nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

class PackageTest : public JsTest {
 public:
  PackageTest() : JsTest({&WebExtension(), &NodeExtension()}) {}

  // The package `name` in the test's node_modules.
  void WritePackage(std::string_view name, std::string_view config) {
    WriteFile(absl::StrCat("node_modules/", name, "/package.json"), config);
  }
  void WriteIn(std::string_view name, std::string_view file,
               std::string_view source) {
    WriteFile(absl::StrCat("node_modules/", name, "/", file), source);
  }

  // For each specifier a line: the default export, or the error's code and
  // message with the test's folder as DIR.
  std::string Import(std::string_view specifiers) {
    const std::string log =
        Run(absl::StrCat("for (const name of [", specifiers,
                         "]) await import(name).then((m) => log(m.default),"
                         " (e) => log(e.name, e.code, e.message));"));
    return absl::StrReplaceAll(log, {{folder(), "DIR"}});
  }
};

TEST_F(PackageTest, MainIsFoundAsRequireWould) {
  WritePackage("file", R"({"main": "lib/m"})");
  WriteIn("file", "lib/m.js", "module.exports = 'lib/m.js'");
  WritePackage("folder", R"({"main": "./lib"})");
  WriteIn("folder", "lib/index.js", "module.exports = 'lib/index.js'");
  WriteIn("none", "index.js", "module.exports = 'index.js'");
  WritePackage("wrong", R"({"main": "gone.js"})");
  WriteIn("wrong", "index.js", "module.exports = 'index.js again'");
  WritePackage("@scope/name", R"({"type": "module"})");
  WriteIn("@scope/name", "index.js", "export default 'scoped'");
  WriteIn("@scope/name", "sub/x.js", "export default 'sub'");
  EXPECT_EQ(Import("'file', 'folder', 'none', 'wrong', '@scope/name', "
                   "'@scope/name/sub/x.js'"),
            "lib/m.js\nlib/index.js\nindex.js\nindex.js again\nscoped\nsub\n");
}

TEST_F(PackageTest, NearestNodeModulesWins) {
  WriteIn("near", "index.js", "module.exports = 'outer'");
  WriteIn("far", "index.js", "module.exports = 'far'");
  WriteFile("a/node_modules/near/index.js", "module.exports = 'inner'");
  WriteFile("a/b/m.js",
            "import near from 'near'; import far from 'far';"
            "export default `${near} ${far}`;");
  EXPECT_EQ(Import("'./a/b/m.js', 'near'"), "inner far\nouter\n");
}

TEST_F(PackageTest, ConditionsCountInTheFilesOrder) {
  WritePackage("order", R"({"exports": {".": {
      "browser": "./no.js", "import": "./i.mjs", "node": "./n.mjs"}}})");
  WriteIn("order", "i.mjs", "export default 'import'");
  WritePackage("node", R"({"exports": {"node": "./n.mjs",
      "import": "./no.js"}})");
  WriteIn("node", "n.mjs", "export default 'node'");
  WritePackage("nested", R"({"exports": {"node": {"deno": "./no.js"},
      "require": "./no.js", "default": "./d.mjs"}})");
  WriteIn("nested", "d.mjs", "export default 'default'");
  WritePackage("sync", R"({"exports": {"module-sync": "./s.mjs",
      "default": "./no.js"}})");
  WriteIn("sync", "s.mjs", "export default 'module-sync'");
  EXPECT_EQ(Import("'order', 'node', 'nested', 'sync'"),
            "import\nnode\ndefault\nmodule-sync\n");
}

TEST_F(PackageTest, PatternsAndNullTargets) {
  WritePackage("p", R"({"exports": {
      "./*": "./lib/*.mjs",
      "./deep/*.js": "./lib/deep/*.mjs",
      "./deep/secret*": null,
      "./twice/*": "./lib/*/*.mjs",
      "./array": ["not-a-target", "./lib/a.mjs"]}})");
  WriteIn("p", "lib/a.mjs", "export default 'a'");
  WriteIn("p", "lib/deep/b.mjs", "export default 'deep/b'");
  WriteIn("p", "lib/c/c.mjs", "export default 'c/c'");
  EXPECT_EQ(Import("'p/a', 'p/deep/b.js', 'p/twice/c', 'p/array', "
                   "'p/deep/secret.x', 'p/../a'"),
            "a\ndeep/b\nc/c\na\n"
            "Error ERR_PACKAGE_PATH_NOT_EXPORTED Package subpath "
            "'./deep/secret.x' is not defined by \"exports\" in "
            "DIR/node_modules/p/package.json imported from DIR/main.js\n"
            "TypeError ERR_INVALID_MODULE_SPECIFIER Invalid module \"./../a\" "
            "request is not a valid match in pattern \"./*\" for the "
            "\"exports\" resolution of DIR/node_modules/p/package.json "
            "imported from DIR/main.js\n");
}

TEST_F(PackageTest, TargetsStayInTheirPackage) {
  WritePackage("p", R"({"exports": {
      "./up": "./../x.js", "./encoded": "./a/%2e%2E/x.js",
      "./modules": "./node_modules/x.js", "./bare": "x.js", "./number": 5}})");
  const std::string begin = "Error ERR_INVALID_PACKAGE_TARGET Invalid ";
  const std::string end =
      " in the package config DIR/node_modules/p/package.json imported from "
      "DIR/main.js";
  EXPECT_EQ(
      Import("'p/up', 'p/encoded', 'p/modules', 'p/bare', 'p/number'"),
      absl::StrCat(
          begin, R"("exports" target "./../x.js" defined for './up')", end,
          "\n", begin,
          R"("exports" target "./a/%2e%2E/x.js" defined for './encoded')", end,
          "\n", begin,
          R"("exports" target "./node_modules/x.js" defined for './modules')",
          end, "\n", begin, R"("exports" target "x.js" defined for './bare')",
          end, R"(; targets must start with "./")", "\n", begin,
          R"("exports" target "5" defined for './number')", end, "\n"));
}

TEST_F(PackageTest, BadConfigsAreNamed) {
  WritePackage("json", "{bad");
  WritePackage("array", "[]");
  WritePackage("mixed", R"({"exports": {".": "./a.js", "import": "./b.js"}})");
  WritePackage("numeric", R"({"exports": {".": {"0": "./a.js"}}})");
  const std::string log = Import("'json', 'mixed', 'numeric'");
  EXPECT_THAT(log,
              HasSubstr("ERR_INVALID_PACKAGE_CONFIG Invalid package config "
                        "DIR/node_modules/json/package.json. SyntaxError: "
                        "Expected property name"));
  EXPECT_THAT(log,
              HasSubstr("DIR/node_modules/mixed/package.json while "
                        "importing DIR/main.js. \"exports\" cannot contain "
                        "some keys starting with '.' and some not."));
  EXPECT_THAT(log, HasSubstr("\"exports\" cannot contain numeric property "
                             "keys."));
}

TEST_F(PackageTest, MissingOnesAreNamed) {
  WritePackage("empty", "{}");
  WritePackage("closed", R"({"exports": {"./a": "./a.js"}})");
  EXPECT_EQ(Import("'nope', '@scope/nope/x', 'empty', 'closed', '@bad', "
                   "'%41', 'closed/a'"),
            "Error ERR_MODULE_NOT_FOUND Cannot find package 'nope' imported "
            "from DIR/main.js\n"
            "Error ERR_MODULE_NOT_FOUND Cannot find package '@scope/nope' "
            "imported from DIR/main.js\n"
            "Error ERR_MODULE_NOT_FOUND Cannot find package "
            "'DIR/node_modules/empty/' imported from DIR/main.js\n"
            "Error ERR_PACKAGE_PATH_NOT_EXPORTED No \"exports\" main defined "
            "in DIR/node_modules/closed/package.json imported from "
            "DIR/main.js\n"
            "TypeError ERR_INVALID_MODULE_SPECIFIER Invalid module \"@bad\" is "
            "not a valid package name imported from DIR/main.js\n"
            "TypeError ERR_INVALID_MODULE_SPECIFIER Invalid module \"%41\" is "
            "not a valid package name imported from DIR/main.js\n"
            "Error ERR_MODULE_NOT_FOUND Cannot find module "
            "'DIR/node_modules/closed/a.js' imported from DIR/main.js\n");
}

TEST_F(PackageTest, SaysWhatRequireWouldHaveFound) {
  WriteFile("lib/a.js", "");
  WriteFile("folder/index.js", "");
  WriteIn("p", "sub/x.js", "");
  EXPECT_EQ(Import("'./lib/a', './folder', 'p/sub/x', './nothing'"),
            "Error ERR_MODULE_NOT_FOUND Cannot find module 'DIR/lib/a' "
            "imported from DIR/main.js\nDid you mean to import "
            "\"./lib/a.js\"?\n"
            "Error ERR_UNSUPPORTED_DIR_IMPORT Directory import 'DIR/folder' is "
            "not supported resolving ES modules imported from DIR/main.js\n"
            "Did you mean to import \"./folder/index.js\"?\n"
            "Error ERR_MODULE_NOT_FOUND Cannot find module "
            "'DIR/node_modules/p/sub/x' imported from DIR/main.js\n"
            "Did you mean to import \"p/sub/x.js\"?\n"
            "Error ERR_MODULE_NOT_FOUND Cannot find module 'DIR/nothing' "
            "imported from DIR/main.js\n");
}

TEST_F(PackageTest, ImportsOfThePackage) {
  WriteFile("package.json", R"({"type": "module", "imports": {
      "#a": "./lib/a.js", "#dep": {"import": "dep", "require": "./no.js"},
      "#lib/*": "./lib/*.js", "#path": "node:path", "#off": null,
      "#out": "../x.js"}})");
  WriteFile("lib/a.js", "export default 'a'");
  WriteIn("dep", "index.js", "module.exports = 'dep'");
  EXPECT_EQ(Import("'#a', '#dep', '#lib/a'"), "a\ndep\na\n");
}

TEST_F(PackageTest, ImportsThatAreNotThere) {
  WriteFile("package.json",
            R"({"type": "module", "imports": {"#off": null, "#out": "../x"}})");
  EXPECT_EQ(Import("'#nope', '#off', '#', '#out'"),
            "TypeError ERR_PACKAGE_IMPORT_NOT_DEFINED Package import specifier "
            "\"#nope\" is not defined in package DIR/package.json imported "
            "from DIR/main.js\n"
            "TypeError ERR_PACKAGE_IMPORT_NOT_DEFINED Package import specifier "
            "\"#off\" is not defined in package DIR/package.json imported from "
            "DIR/main.js\n"
            "TypeError ERR_INVALID_MODULE_SPECIFIER Invalid module \"#\" is "
            "not a valid internal imports specifier name imported from "
            "DIR/main.js\n"
            "Error ERR_INVALID_PACKAGE_TARGET Invalid \"imports\" target "
            "\"../x\" defined for '#out' in the package config "
            "DIR/package.json imported from DIR/main.js\n");
}

TEST_F(PackageTest, APackageKnowsItsOwnName) {
  WriteFile("package.json", R"({"name": "me", "type": "module",
      "exports": {".": "./own.js", "./x": "./lib/x.js"}})");
  WriteFile("own.js", "export default 'own'");
  WriteFile("lib/x.js", "export default 'x'");
  EXPECT_EQ(Import("'me', 'me/x'"), "own\nx\n");
}

TEST_F(PackageTest, LinkedPackagesLieWhereTheyAre) {
  // As pnpm lays them: what a package depends on lies beside its real place.
  WriteFile("node_modules/.store/a@1/node_modules/a/index.js",
            "module.exports = 'a with ' + require('b')");
  WriteFile("node_modules/.store/a@1/node_modules/b/index.js",
            "module.exports = 'b'");
  std::filesystem::create_directory_symlink(
      ".store/a@1/node_modules/a", absl::StrCat(folder(), "/node_modules/a"));
  EXPECT_EQ(Import("'a', 'b'"),
            "a with b\nError ERR_MODULE_NOT_FOUND Cannot find package 'b' "
            "imported from DIR/main.js\n");
}

TEST_F(PackageTest, ALinkedFileIsOneModule) {
  WriteFile("real.js", "log('evaluated'); export default import.meta.filename");
  std::filesystem::create_symlink("real.js",
                                  absl::StrCat(folder(), "/link.js"));
  EXPECT_EQ(Import("'./real.js', './link.js', './link.js?query'"),
            "evaluated\nDIR/real.js\nDIR/real.js\nevaluated\nDIR/real.js\n");
}

TEST_F(PackageTest, WhatAFileIs) {
  WriteFile("package.json", "{}");
  WriteFile("detected.js", "export default 'module';");
  WriteFile("awaits.js", "await 1; var a = 'await'; import.meta.a = a;");
  WriteFile("argument.js", "log(await 'in a call', 1);");
  WriteFile("declares.js",
            "import { createRequire } from 'node:module';"
            "const require = createRequire(import.meta.url);"
            "export default typeof require;");
  WriteFile("plain.js", "module.exports = 'commonjs ' + (this === exports);");
  WriteFile("typed/package.json", R"({"type": "commonjs"})");
  WriteFile("typed/esm.js", "export default 1;");
  WriteFile("typed/m.mjs", "export default 'mjs';");
  WriteFile("c.cjs", "module.exports = 'cjs';");
  WriteFile("x.ts", "");
  WriteFile("x.node", "");
  const std::string log = Import(
      "'./detected.js', './awaits.js', './argument.js', './declares.js', "
      "'./plain.js', "
      "'./typed/m.mjs', './c.cjs', './typed/esm.js', './x.ts', './x.node'");
  EXPECT_EQ(log,
            "module\nundefined\nin a call 1\nundefined\nfunction\ncommonjs "
            "true\nmjs\ncjs\n"
            "SyntaxError undefined Unexpected token 'export'\n"
            "TypeError ERR_UNKNOWN_FILE_EXTENSION Unknown file extension "
            "\".ts\" for DIR/x.ts\n"
            "Error ERR_DLOPEN_FAILED Cannot load 'DIR/x.node': native addons "
            "of Node are not supported\n");
}

TEST_F(PackageTest, ImportMetaResolve) {
  WriteIn("p", "index.js", "");
  EXPECT_EQ(
      absl::StrReplaceAll(Run("log(import.meta.resolve('p'));"
                              "log(import.meta.resolve('./not/there.js'));"
                              "log(import.meta.resolve('path'));"
                              "try { import.meta.resolve('q') }"
                              "catch (e) { log(e.code) }"),
                          {{folder(), "DIR"}}),
      "file://DIR/node_modules/p/index.js\nfile://DIR/not/there.js\n"
      "node:path\nERR_MODULE_NOT_FOUND\n");
}

TEST_F(PackageTest, DataUrls) {
  WriteFile("a.js", "export default 'a'");
  EXPECT_EQ(
      Run(absl::StrCat(
          "import one from 'data:text/javascript,export%20default%201';"
          "import two from "
          "'data:text/javascript;base64,ZXhwb3J0IGRlZmF1bHQgMg==';"
          "import j from 'data:application/json,{\"a\":3}' with {type: 'json'};"
          "import file from 'data:text/javascript,export { default } from "
          "\"file://",
          folder(),
          "/a.js\"';"
          "log(one, two, j.a, file);"
          "for (const url of ['data:text/javascript,import \"./a.js\"',"
          " 'data:text/javascript,import \"pkg\"', 'data:text/html,x',"
          " 'data:application/json,{}', 'data:text/javascript;base64,?'])"
          "  await import(url).catch((e) => log(e.name, e.code));")),
      "1 2 3 a\n"
      "TypeError ERR_UNSUPPORTED_RESOLVE_REQUEST\n"
      "TypeError ERR_UNSUPPORTED_RESOLVE_REQUEST\n"
      "Error ERR_UNKNOWN_MODULE_FORMAT\n"
      "Error ERR_IMPORT_ATTRIBUTE_MISSING\n"
      "Error ERR_INVALID_URL\n");
}

TEST_F(PackageTest, BytesAreWhatTheFileHolds) {
  WriteFile("b.bin", std::string_view("\xEF\xBB\xBF\0\xFFx", 6));
  EXPECT_EQ(Run("import b from './b.bin' with {type: 'bytes'};"
                "log(b instanceof Uint8Array, b.join());"),
            "true 239,187,191,0,255,120\n");
}

TEST_F(PackageTest, ConfigsThatAreTooMuch) {
  WritePackage("deep",
               absl::StrCat(R"({"exports": )", std::string(100'000, '['),
                            std::string(100'000, ']'), "}"));
  WriteIn("deep", "index.js", "");
  WritePackage("big", "{}");
  std::filesystem::resize_file(
      absl::StrCat(folder(), "/node_modules/big/package.json"),
      uint64_t{1} << 40);
  WritePackage("loop", "{}");
  const std::string loop =
      absl::StrCat(folder(), "/node_modules/loop/package.json");
  std::filesystem::remove(loop);
  std::filesystem::create_symlink(loop, loop);
  WriteIn("loop", "index.js", "module.exports = 'loop'");
  EXPECT_EQ(
      Run("for (const name of ['deep', 'big', './node_modules/loop/index.js'])"
          "  await import(name).then((m) => log(m.default),"
          "                          (e) => log(e.code));"),
      "ERR_INVALID_PACKAGE_TARGET\nERR_INVALID_PACKAGE_CONFIG\nloop\n");
}

}  // namespace
}  // namespace braid
