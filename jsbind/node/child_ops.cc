#include "jsbind/node/child_ops.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/process.h"
#include "io/world.h"
#include "jsbind/node/connection.h"

namespace braid {
namespace {

constexpr int32_t kNull = -1;
constexpr int32_t kPipe = -2;

struct SpawnOptions {
  std::string file;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::vector<int32_t> stdio;
  bool detached = false;
};
constexpr auto JsFields(const SpawnOptions*) {
  return std::tuple(RequiredField("file", &SpawnOptions::file),
                    RequiredField("args", &SpawnOptions::args),
                    RequiredField("env", &SpawnOptions::env),
                    Field("cwd", &SpawnOptions::cwd),
                    RequiredField("stdio", &SpawnOptions::stdio),
                    Field("detached", &SpawnOptions::detached));
}

ProcessOptions ToProcessOptions(SpawnOptions options) {
  ProcessOptions process = {.file = std::move(options.file),
                            .arguments = std::move(options.args),
                            .environment = std::move(options.env),
                            .working_directory = std::move(options.cwd),
                            .new_session = options.detached};
  for (const int32_t entry : options.stdio) {
    process.stdio.push_back(entry == kNull   ? ProcessStdio()
                            : entry == kPipe ? ProcessStdio::Pipe()
                                             : ProcessStdio::Inherit(entry));
  }
  return process;
}

// Programs of Node outlive their parent.
class Child {
 public:
  explicit Child(Process process) : process_(std::move(process)) {
    process_.Detach();
  }

  int32_t pid() const { return process_.pid(); }

  std::unique_ptr<Connection> TakePipe(uint32_t i) {
    return std::make_unique<Connection>(process_.TakePipe(i));
  }

  Task<absl::StatusOr<std::tuple<int32_t, int32_t>>> Wait() {
    CO_ASSIGN_OR_RETURN(const ProcessExit exit, co_await process_.Wait());
    co_return std::tuple(exit.code, exit.signal);
  }

  absl::Status Kill(int32_t signal) { return process_.Kill(signal); }

 private:
  Process process_;
};

absl::StatusOr<std::unique_ptr<Child>> Spawn(Loop& loop, SpawnOptions options) {
  ASSIGN_OR_RETURN(Process process,
                   Process::Spawn(loop, ToProcessOptions(std::move(options))));
  return std::make_unique<Child>(std::move(process));
}

struct RunOptions {
  JsBytes input;
  double timeout = 0;  // Ms; 0 for none.
  double max_buffer = std::numeric_limits<double>::infinity();
  int32_t kill_signal = SIGTERM;
};
constexpr auto JsFields(const RunOptions*) {
  return std::tuple(Field("input", &RunOptions::input),
                    Field("timeout", &RunOptions::timeout),
                    Field("maxBuffer", &RunOptions::max_buffer),
                    Field("killSignal", &RunOptions::kill_signal));
}

struct RunResult {
  int32_t pid = 0;
  int32_t code = 0;
  int32_t signal = 0;
  ByteString out;
  ByteString err;
  std::string exceeded;
};
constexpr auto JsFields(const RunResult*) {
  return std::tuple(
      Field("pid", &RunResult::pid), Field("code", &RunResult::code),
      Field("signal", &RunResult::signal), Field("stdout", &RunResult::out),
      Field("stderr", &RunResult::err),
      Field("exceeded", &RunResult::exceeded));
}

RunProcessOptions ToRunProcessOptions(const RunOptions& options) {
  // Far beyond what memory holds, and exact as a double.
  constexpr double kOutputMax = 1e15;
  return {.input = std::string(options.input.text()),
          .output_max = static_cast<size_t>(
              std::clamp(options.max_buffer, 0.0, kOutputMax)),
          .timeout = options.timeout > 0 ? absl::Milliseconds(options.timeout)
                                         : absl::InfiniteDuration(),
          .kill_signal = options.kill_signal};
}

const char* NameOf(ProcessOutput::Limit limit) {
  switch (limit) {
    case ProcessOutput::Limit::kTime:
      return "time";
    case ProcessOutput::Limit::kOutput:
      return "output";
    case ProcessOutput::Limit::kNone:
      break;
  }
  return "";
}

// On a loop of its own, while this one stands still with the JS that calls.
absl::StatusOr<RunResult> RunSync(SpawnOptions spawn,
                                  const RunOptions& options) {
  absl::StatusOr<ProcessOutput> output;
  std::thread([&] {
    absl::StatusOr<World> world = World::System();
    if (!world.ok()) {
      output = world.status();
      return;
    }
    Loop loop(*std::move(world));
    output = loop.Run(RunProcess(loop, ToProcessOptions(std::move(spawn)),
                                 ToRunProcessOptions(options)));
  }).join();
  if (!output.ok()) return output.status();
  return RunResult{.pid = output->pid,
                   .code = output->exit.code,
                   .signal = output->exit.signal,
                   .out = {std::move(output->standard_output)},
                   .err = {std::move(output->standard_error)},
                   .exceeded = NameOf(output->exceeded)};
}

}  // namespace

void DefineChildOps(ModuleDef& module) {
  module.Function<&Spawn>("spawn").Function<&RunSync>("runSync").Class<Child>(
      "Child", [](ClassDef<Child>& child) {
        child.Getter<&Child::pid>("pid")
            .Method<&Child::TakePipe>("takePipe")
            .AsyncMethod<&Child::Wait>("wait")
            .Method<&Child::Kill>("kill");
      });
}

}  // namespace braid
