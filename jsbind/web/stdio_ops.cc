#include "jsbind/web/stdio_ops.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "jsbind/blocking_write.h"

namespace braid {
namespace {

using Text = std::variant<std::string, JsBytes>;

void Write(int fd, const Text& text) {
  if (const auto* string = std::get_if<std::string>(&text)) {
    BlockingWrite(fd, *string);
  } else {
    BlockingWrite(fd, std::get<JsBytes>(text).text());
  }
}

bool HasColors(int32_t fd) {
  const auto variable = [](const char* name) -> std::string_view {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
  };
  if (std::getenv("FORCE_COLOR") != nullptr)
    return variable("FORCE_COLOR") != "0";
  if (!variable("NO_COLOR").empty() || variable("TERM") == "dumb") return false;
  return isatty(fd) == 1;
}

}  // namespace

void DefineStdioOps(ModuleDef& module) {
  module
      .Function("writeStdout",
                [](const Text& text) { Write(STDOUT_FILENO, text); })
      .Function("writeStderr",
                [](const Text& text) { Write(STDERR_FILENO, text); })
      .Function("writeWarning",
                [](std::string_view text) {
                  BlockingWrite(STDERR_FILENO,
                                absl::StrCat("(braid:", getpid(), ") ", text));
                })
      .Function<&HasColors>("hasColors")
      .Function("isTerminal", [](int32_t fd) { return isatty(fd) == 1; });
}

}  // namespace braid
