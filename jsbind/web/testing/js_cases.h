#ifndef BRAID_JSBIND_WEB_TESTING_JS_CASES_H_
#define BRAID_JSBIND_WEB_TESTING_JS_CASES_H_

#include <string_view>
#include <vector>

#include "jsbind/extension.h"

namespace braid {

// Registers every `test("name", ...)` of the JavaScript files in `folder` whose
// names end with "_test.js" as a test of GoogleTest: suite "url_test", test
// "name". To be called before RUN_ALL_TESTS(). Each runs in a runtime of its
// own, with `extensions`; the file that it is in is imported as the program.
//
// `folder` is a path in the workspace, whose files are in the test's data.
void RegisterJsCases(std::string_view folder,
                     std::vector<const Extension*> extensions);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_TESTING_JS_CASES_H_
