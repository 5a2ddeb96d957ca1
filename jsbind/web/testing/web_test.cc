// Runs the tests of the web API that are written in JavaScript.

#include <gtest/gtest.h>

#include "jsbind/web/testing/js_cases.h"
#include "jsbind/web/testing/test_modules.h"
#include "jsbind/web/web_extension.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  braid::RegisterJsCases("jsbind/web/testing",
                         {&braid::WebExtension(), &braid::TestModules()});
  return RUN_ALL_TESTS();
}
