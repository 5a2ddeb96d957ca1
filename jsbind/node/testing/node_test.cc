// Runs the tests of Node's modules that are written in JavaScript.

#include <gtest/gtest.h>

#include "jsbind/node/node_extension.h"
#include "jsbind/web/testing/js_cases.h"
#include "jsbind/web/web_extension.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  braid::RegisterJsCases("jsbind/node/testing",
                         {&braid::WebExtension(), &braid::NodeExtension()});
  return RUN_ALL_TESTS();
}
