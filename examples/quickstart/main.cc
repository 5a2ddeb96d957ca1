// The quickstart: a C++ service that a script serves over HTTP. Both run on one
// thread, on one io_uring. See README.md.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "examples/quickstart/demonstration.h"
#include "examples/quickstart/store.h"
#include "io/file_system.h"
#include "io/loop.h"
#include "io/signals.h"
#include "jsbind/module_def.h"
#include "jsbind/node/node_extension.h"
#include "jsbind/runtime.h"
#include "jsbind/web/web_extension.h"

ABSL_FLAG(bool, once, false, "end after the demonstration");
ABSL_FLAG(int, port, 0, "the port to serve on; 0 lets the system choose");
ABSL_FLAG(std::string, data, "",
          "the folder of the store; a new one under /tmp if empty");

namespace braid::quickstart {
namespace {

constexpr const char* kScript = "examples/quickstart/service.js";

// What the script sees as "native:quickstart".
void BindStore(Runtime& runtime, Store& store, int& port, Event& listening) {
  runtime.Module("native:quickstart")
      .Class<Store>("Store",
                    [](ClassDef<Store>& c) {
                      c.Method<&Store::Get>("get")
                          .Method<&Store::Keys>("keys")
                          .AsyncMethod<&Store::Put>("put")
                          .AsyncMethod<&Store::Remove>("remove")
                          .Getter<&Store::size>("size");
                    })
      .Object("store", store)
      .Constant("port", absl::GetFlag(FLAGS_port))
      .Function("listening", [&port, &listening](int served) {
        port = served;
        listening.Set();
      });
}

// Shows the service off once the script serves, then waits for Ctrl-C.
Task<absl::Status> Present(Loop& loop, Signals& signals, const Store& store,
                           const int& port, Event& listening) {
  CO_RETURN_IF_ERROR(co_await listening.Wait());
  printf("Serving on http://127.0.0.1:%d/ (%zu keys in the store)\n", port,
         store.size());
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", port));
  CO_RETURN_IF_ERROR(co_await Demonstrate(loop, address, store));
  if (absl::GetFlag(FLAGS_once)) co_return absl::OkStatus();
  printf(
      "Now it is yours; Ctrl-C ends it. For example:\n\n"
      "  curl -i -X PUT -d 7 http://127.0.0.1:%d/stock/plums\n\n",
      port);
  fflush(stdout);
  co_return (co_await signals.Next()).status();
}

// Runs the script beside the presentation. Whichever ends first, the script
// (with an error) or the presentation, ends the other.
Task<absl::Status> ServeStore(Loop& loop, Signals& signals, Store& store) {
  RuntimeOptions options;
  options.extensions = {&WebExtension(), &NodeExtension()};
  CO_ASSIGN_OR_RETURN(const std::unique_ptr<Runtime> runtime,
                      Runtime::Create(loop, std::move(options)));
  int port = 0;
  Event listening;
  BindStore(*runtime, store, port, listening);
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    scope.Spawn([&]() -> Task<absl::Status> {
      const int code = co_await runtime->RunMain(kScript, {});
      if (scope.cancelled()) co_return absl::OkStatus();
      co_return absl::InternalError(
          absl::StrCat("the script ended with code ", code));
    });
    const absl::Status presented =
        co_await Present(loop, signals, store, port, listening);
    scope.Cancel();
    co_return presented;
  });
}

Task<absl::Status> Main(Loop& loop) {
  CO_ASSIGN_OR_RETURN(Signals signals, Signals::Catch(loop, {SIGINT, SIGTERM}));
  std::string folder = absl::GetFlag(FLAGS_data);
  if (folder.empty()) {
    CO_ASSIGN_OR_RETURN(folder, co_await MakeTemporaryDirectory(
                                    loop, "/tmp/braid-quickstart-"));
  }
  printf("The store is %s/store.log\n", folder.c_str());

  // Outlives the committer, which the scope runs.
  std::unique_ptr<Store> store;
  CO_RETURN_IF_ERROR(
      co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(
            store, co_await Store::Open(loop, scope, folder + "/store.log"));
        const absl::Status served = co_await ServeStore(loop, signals, *store);
        scope.Cancel();
        co_return served;
      }));
  printf("Done.\n");
  co_return absl::OkStatus();
}

int Run() {
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) {
    fprintf(stderr, "quickstart: %s\n",
            std::string(world.status().message()).c_str());
    return EXIT_FAILURE;
  }
  Loop loop(*std::move(world));
  const absl::Status status = loop.Run(Main(loop));
  if (status.ok()) return EXIT_SUCCESS;
  fprintf(stderr, "quickstart: %s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace braid::quickstart

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "a key-value store in C++, served over HTTP by a script");
  absl::ParseCommandLine(argc, argv);
  return braid::quickstart::Run();
}
