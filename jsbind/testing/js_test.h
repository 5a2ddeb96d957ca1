#ifndef BRAID_JSBIND_TESTING_JS_TEST_H_
#define BRAID_JSBIND_TESTING_JS_TEST_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/loop.h"
#include "jsbind/extension.h"
#include "jsbind/runtime.h"

namespace braid {

// A test that runs JavaScript: a loop on the machine's ring and a runtime with
// the given built-in modules, both made for each test.
//
//   class UrlTest : public JsTest {
//    public:
//     UrlTest() : JsTest({&WebExtension()}) {}
//   };
//   TEST_F(UrlTest, Parses) {
//     EXPECT_EQ(Eval("new URL('http://x/y').pathname"), "/y");
//     EXPECT_EQ(Run("log(await fetchSomething());"), "done\n");
//     EXPECT_EQ(exit_code(), 0);
//   }
//
// Scripts have a global function log(...values), which collects a line.
class JsTest : public testing::Test {
 public:
  explicit JsTest(std::vector<const Extension*> extensions = {},
                  std::string v8_flags = "");
  ~JsTest() override;

  Loop& loop() { return *loop_; }
  // Made at first use; declare native modules here before Run().
  Runtime& runtime();

  // The value of a classic script as text; "throws: TypeError: ..." if it
  // throws. Microtasks run before it returns, the loop does not.
  std::string Eval(std::string_view code);

  // Runs `code` as a program, an ES module in the temporary folder, to its end;
  // gives what it logged. Once in a test.
  std::string Run(std::string_view code);
  // The same for a file that WriteFile() wrote.
  std::string RunFile(const std::string& name,
                      std::vector<std::string> args = {});
  // The folder's package.json makes every .js file an ES module.
  // Writes a file into the test's temporary folder; gives its path.
  std::string WriteFile(const std::string& name, std::string_view contents);
  const std::string& folder() const { return folder_; }

  // Of the last Run. stderr_text has the test's folder replaced by "DIR".
  int exit_code() const { return *exit_code_; }
  const std::string& stderr_text() const { return stderr_; }

  // What was logged since the last call.
  std::string TakeLog() { return std::exchange(log_, {}); }

 private:
  const std::vector<const Extension*> extensions_;
  const std::string v8_flags_;
  std::string folder_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Runtime> runtime_;
  std::string log_;
  std::optional<int> exit_code_;
  std::string stderr_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_TESTING_JS_TEST_H_
