#include "jsbind/web/testing/js_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

// One test() of a file.
class JsCase final : public JsTest {
 public:
  JsCase(std::vector<const Extension*> extensions, std::string file,
         std::string name)
      : JsTest(std::move(extensions)),
        file_(std::move(file)),
        name_(std::move(name)) {}

  void TestBody() override {
    Eval(absl::StrCat("globalThis.selectedTest = \"", name_, "\""));
    testing::internal::CaptureStderr();
    const int exit_code = loop().Run(runtime().RunMain(file_, {}));
    const std::string stderr_text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(TakeLog(), "passed\n") << stderr_text;
    EXPECT_EQ(exit_code, 0) << stderr_text;
  }

 private:
  const std::string file_;
  const std::string name_;
};

std::string ReadText(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

void RegisterJsCases(std::string_view folder,
                     std::vector<const Extension*> extensions) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().ends_with("_test.js"))
      files.push_back(entry.path());
  }
  CHECK(!files.empty()) << "no tests in " << folder;
  std::ranges::sort(files);
  const std::regex declaration("(?:^|\\n)test\\(\\s*\"([^\"]+)\"");
  for (const std::filesystem::path& path : files) {
    const std::string text = ReadText(path);
    const std::string suite = path.stem().string();
    // Bazel's links lead out of the sandbox, and modules are known by where
    // they really lie; the imports beside them have to be found there, too.
    const std::string file = std::filesystem::absolute(path).string();
    for (std::sregex_iterator found(text.begin(), text.end(), declaration), end;
         found != end; ++found) {
      const std::string name = (*found)[1];
      testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr,
                            file.c_str(), 0,
                            [extensions, file, name]() -> JsTest* {
                              return new JsCase(extensions, file, name);
                            });
    }
  }
}

}  // namespace braid
