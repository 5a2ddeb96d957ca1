// A program that runs no script does not load V8: it links none of it, so it
// pays neither the start-up time nor the memory.

#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "io/file.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/signals.h"
#include "io/tcp.h"

namespace braid {
namespace {

TEST(NoV8Test, AServiceWithoutAScriptMapsNoV8) {
  Loop loop(*World::System());
  HttpServer server(
      loop, {}, [](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
        co_return response.Reply(200, "text/plain", "Hello, World!");
      });
  std::ifstream maps("/proc/self/maps");
  ASSERT_TRUE(maps.is_open());
  size_t libraries = 0;
  for (std::string line; std::getline(maps, line);) {
    EXPECT_EQ(line.find("libnode"), std::string::npos) << line;
    EXPECT_EQ(line.find("libv8"), std::string::npos) << line;
    libraries += line.find(".so") != std::string::npos ? 1 : 0;
  }
  // The C library at least: the lines are what is expected.
  EXPECT_GT(libraries, 0u);
}

}  // namespace
}  // namespace braid
