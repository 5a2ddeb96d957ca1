// The `braid` command.

#include <v8.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/base/log_severity.h"
#include "absl/log/globals.h"
#include "absl/log/initialize.h"
#include "absl/strings/str_cat.h"
#include "io/loop.h"
#include "jsbind/cli/command_line.h"
#include "jsbind/module_specifier.h"
#include "jsbind/node/node_extension.h"
#include "jsbind/runtime.h"
#include "jsbind/version.h"
#include "jsbind/web/web_extension.h"
#include "jsbind/working_directory.h"

namespace braid::cli {
namespace {

constexpr int kWrongUse = 2;

// Prints one line about what keeps the command from its work.
int Complain(const absl::Status& status, int exit_code) {
  fprintf(stderr, "braid: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

int PrintVersion() {
  printf("braid %s, V8 %s\n", std::string(kBraidVersion).c_str(),
         v8::V8::GetVersion());
  const absl::StatusOr<World> world = World::System();
  printf("%s\n", world.ok() ? world->driver->Describe().c_str()
                            : std::string(world.status().message()).c_str());
  return EXIT_SUCCESS;
}

// The program that serves a module: as a script of one's own would.
std::string ServeProgram(const CommandLine& command) {
  std::string options;
  if (command.port.has_value()) {
    absl::StrAppend(&options, "port: ", *command.port, ", ");
  }
  if (command.host.has_value()) {
    // Anything but an address is refused before it gets here.
    absl::StrAppend(&options, "hostname: \"", *command.host, "\"");
  }
  return absl::StrCat(
      "import { serveModule } from 'braid:http';\n"
      "const server = serveModule(await import(\"",
      FileUrlOf(AbsolutePath(command.file_or_code)), "\"), { ", options,
      " });\n"
      "console.log(`Serving on ${server.url}`);\n"
      "for (const signal of ['SIGINT', 'SIGTERM']) {\n"
      "  process.once(signal, () => server.shutdown());\n"
      "}\n");
}

int RunProgram(Loop& loop, const CommandLine& command,
               const std::string& exec_path) {
  RuntimeOptions options;
  options.extensions = {&WebExtension(), &NodeExtension()};
  options.exec_path = exec_path;
  absl::StatusOr<std::unique_ptr<Runtime>> runtime =
      Runtime::Create(loop, std::move(options));
  if (!runtime.ok()) return Complain(runtime.status(), EXIT_FAILURE);
  switch (command.action) {
    case Action::kServe:
      return loop.Run(
          (*runtime)->RunCode(ServeProgram(command), command.arguments));
    case Action::kEval:
      return loop.Run(
          (*runtime)->RunCode(command.file_or_code, command.arguments));
    default:
      return loop.Run(
          (*runtime)->RunMain(command.file_or_code, command.arguments));
  }
}

// `bazel run` starts programs in a folder of its own and tells where its caller
// was; files are named from there. Programs that this one starts are not told.
void EnterCallersFolder() {
  const char* folder = getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr) return;
  std::error_code ignored;  // A folder that has gone: stay where we are.
  std::filesystem::current_path(folder, ignored);
  unsetenv("BUILD_WORKING_DIRECTORY");
}

int Main(int argc, char** argv) {
  EnterCallersFolder();
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const absl::StatusOr<CommandLine> command = ParseCommandLine(words);
  if (!command.ok()) return Complain(command.status(), kWrongUse);
  if (command->action == Action::kHelp) {
    fputs(std::string(HelpText()).c_str(), stdout);
    return EXIT_SUCCESS;
  }
  if (command->action == Action::kVersion) return PrintVersion();

  absl::StatusOr<World> world = World::System(command->ring);
  if (!world.ok()) return Complain(world.status(), EXIT_FAILURE);
  Loop loop(*std::move(world));
  const int exit_code = RunProgram(loop, *command, argv[0]);
  if (command->stats) fputs(loop.FormatStats().c_str(), stderr);
  return exit_code;
}

}  // namespace
}  // namespace braid::cli

int main(int argc, char** argv) {
  // The library's messages are for people, like the program's own.
  absl::SetStderrThreshold(absl::LogSeverityAtLeast::kWarning);
  absl::InitializeLog();
  return braid::cli::Main(argc, argv);
}
