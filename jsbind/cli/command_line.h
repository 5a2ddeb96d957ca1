#ifndef BRAID_JSBIND_CLI_COMMAND_LINE_H_
#define BRAID_JSBIND_CLI_COMMAND_LINE_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "io/driver/uring_driver.h"

namespace braid::cli {

enum class Action { kRun, kServe, kEval, kVersion, kHelp };

// What the `braid` command was asked to do.
struct CommandLine {
  Action action = Action::kRun;
  std::string file_or_code;            // For kRun, kServe and kEval.
  std::vector<std::string> arguments;  // The program's own.
  std::optional<int> port;             // For kServe.
  std::optional<std::string> host;     // For kServe.
  bool stats = false;
  UringOptions ring;
};

// Reads the words behind the command's name. Flags stand before the file (for
// `serve`, also behind it); the words behind the file are the program's.
// Errors: InvalidArgumentError with one line that says what is wrong.
absl::StatusOr<CommandLine> ParseCommandLine(
    std::span<const std::string_view> words);

// The text of --help. Fits a screen.
std::string_view HelpText();

}  // namespace braid::cli

#endif  // BRAID_JSBIND_CLI_COMMAND_LINE_H_
