#include "jsbind/web/stdio_ops.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"

namespace braid {
namespace {

void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      // A pipe or terminal that somebody made non-blocking: wait for room.
      pollfd waiting = {.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&waiting, 1, -1) < 0 && errno != EINTR) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

using Text = std::variant<std::string, JsBytes>;

void Write(int fd, const Text& text) {
  if (const auto* string = std::get_if<std::string>(&text))
    return WriteAll(fd, *string);
  WriteAll(fd, std::get<JsBytes>(text).text());
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
                  WriteAll(STDERR_FILENO,
                           absl::StrCat("(braid:", getpid(), ") ", text));
                })
      .Function<&HasColors>("hasColors")
      .Function("isTerminal", [](int32_t fd) { return isatty(fd) == 1; });
}

}  // namespace braid
