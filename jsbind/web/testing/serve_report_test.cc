// What a server writes to stderr of handlers that fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "absl/strings/str_cat.h"
#include "jsbind/testing/js_test.h"
#include "jsbind/web/testing/test_modules.h"
#include "jsbind/web/web_extension.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ServeReportTest : public JsTest {
 public:
  ServeReportTest() : JsTest({&WebExtension(), &TestModules()}) {}

  // Serves one request whose peer goes at once, by a handler that ends as
  // `body` says once it has heard of it.
  void ServeAbandoned(std::string_view body) {
    EXPECT_EQ(Run(absl::StrCat(R"(
      import { serve } from "braid:http";
      import { request } from "braid:testing";
      const { promise: ended, resolve: end } = Promise.withResolvers();
      const server = serve({ port: 0, hostname: "127.0.0.1" }, async (req) => {
        await new Promise((resolve) => req.signal.addEventListener("abort", resolve));
        setImmediate(end);
        )",
                               body, R"(
      });
      await request(server.port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", { closeAtOnce: true });
      await ended;
      await server.shutdown();
      log("ended");
    )")),
              "ended\n");
  }
};

TEST_F(ServeReportTest, ErrorAfterThePeerHasGoneIsReported) {
  ServeAbandoned("throw new Error('boom');");
  EXPECT_THAT(stderr_text(), HasSubstr("Error: boom\n    at "));
}

TEST_F(ServeReportTest, WrongAnswerAfterThePeerHasGoneIsReported) {
  ServeAbandoned("return 5;");
  EXPECT_THAT(stderr_text(), HasSubstr("must return a Response"));
}

TEST_F(ServeReportTest, RequestsOwnAbortIsNoError) {
  ServeAbandoned("req.signal.throwIfAborted();");
  EXPECT_THAT(stderr_text(), IsEmpty());
}

}  // namespace
}  // namespace braid
