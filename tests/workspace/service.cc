// An HTTP service on a port that it prints, until Ctrl-C.

#include <csignal>
#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/signals.h"
#include "io/tcp.h"

namespace shop {
namespace {

using braid::Task;

Task<absl::Status> Answer(braid::HttpRequest& request,
                          braid::HttpResponse& response) {
  co_return response.Reply(200, "text/plain",
                           absl::StrCat("Welcome to ", request.path(), "\n"));
}

Task<absl::Status> Serve(braid::Loop& loop) {
  CO_ASSIGN_OR_RETURN(braid::Signals signals,
                      braid::Signals::Catch(loop, {SIGINT, SIGTERM}));
  CO_ASSIGN_OR_RETURN(const braid::SocketAddress address,
                      braid::SocketAddress::Parse("127.0.0.1", 0));
  CO_ASSIGN_OR_RETURN(braid::TcpListener listener,
                      braid::TcpListener::Listen(loop, address));
  printf("http://%s/\n", listener.address().text().c_str());
  fflush(stdout);
  braid::HttpServer server(loop, {}, Answer);
  co_return co_await braid::WithScope(
      [&](braid::Scope& scope) -> Task<absl::Status> {
        scope.Spawn([&] { return server.Serve(std::move(listener)); });
        CO_RETURN_IF_ERROR((co_await signals.Next()).status());
        co_return co_await server.Drain(absl::Seconds(1));
      });
}

}  // namespace
}  // namespace shop

int main() {
  absl::StatusOr<braid::World> world = braid::World::System();
  if (!world.ok()) return 1;
  braid::Loop loop(*std::move(world));
  const absl::Status status = loop.Run(shop::Serve(loop));
  if (!status.ok()) fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
