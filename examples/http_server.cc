// The server of http_server.js in C++ alone; it links no V8:
// ./bazelw run //examples:http_server -- [--port=PORT]

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "ada.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/signals.h"
#include "io/tcp.h"

ABSL_FLAG(int, port, 0, "the port to serve on; 0 lets the system choose");

namespace {

using namespace braid;  // A program, not a library.

constexpr std::string_view kText = "text/plain;charset=UTF-8";
constexpr std::string_view kJson = "application/json";

// The sum of a list of numbers in JSON: [1, 2, 3].
Task<absl::Status> Sum(HttpRequest& request, HttpResponse& response) {
  CO_ASSIGN_OR_RETURN(const std::string body,
                      co_await request.body().ReadAll());
  double sum = 0;
  for (std::string_view text :
       absl::StrSplit(body, absl::ByAnyChar("[], \n"), absl::SkipEmpty())) {
    double number;
    if (!absl::SimpleAtod(text, &number)) {
      co_return response.Reply(400, kText,
                               absl::StrCat("'", text, "' is no number.\n"));
    }
    sum += number;
  }
  co_return response.Reply(200, kJson, absl::StrCat("{\"sum\":", sum, "}"));
}

Task<absl::Status> Answer(HttpRequest& request, HttpResponse& response) {
  const std::string route =
      absl::StrCat(request.method_name(), " ", request.path());
  if (route == "GET /") {
    co_return response.Reply(200, kText, "Hello, World!\n");
  }
  if (route == "GET /time") {
    co_return response.Reply(
        200, kJson,
        absl::StrCat("{\"now\":\"",
                     absl::FormatTime(absl::Now(), absl::UTCTimeZone()),
                     "\"}"));
  }
  if (route == "GET /greet") {
    const std::string_view name =
        ada::url_search_params(request.query()).get("name").value_or("you");
    co_return response.Reply(200, kText, absl::StrCat("Hello, ", name, "!\n"));
  }
  if (route == "POST /sum") co_return co_await Sum(request, response);
  co_return response.Reply(404, kText, "There is nothing here.\n");
}

// Serves until the first SIGINT or SIGTERM, then lets requests that run finish.
Task<absl::Status> Main(Loop& loop) {
  CO_ASSIGN_OR_RETURN(Signals signals, Signals::Catch(loop, {SIGINT, SIGTERM}));
  CO_ASSIGN_OR_RETURN(
      const SocketAddress address,
      SocketAddress::Parse("127.0.0.1", absl::GetFlag(FLAGS_port)));
  CO_ASSIGN_OR_RETURN(TcpListener listener, TcpListener::Listen(loop, address));
  HttpServer server(loop, {}, Answer);
  printf("Serving on http://%s/\n", listener.address().text().c_str());
  fflush(stdout);
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    scope.Spawn([&] { return server.Serve(std::move(listener)); });
    CO_RETURN_IF_ERROR((co_await signals.Next()).status());
    co_return co_await server.Drain(absl::Seconds(5));
  });
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("an HTTP server with routes");
  absl::ParseCommandLine(argc, argv);
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) {
    fprintf(stderr, "http_server: %s\n", world.status().ToString().c_str());
    return 1;
  }
  Loop loop(*std::move(world));
  const absl::Status status = loop.Run(Main(loop));
  if (!status.ok()) fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
